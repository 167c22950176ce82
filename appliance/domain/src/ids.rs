use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_ids! {
    /// A user of the espace client: the store's row number, from 1 up, never given twice.
    UserId;
    /// A meeting: the store's row number, never given twice. Permanent ones count from 1 up, scheduled ones from
    /// [`MeetingId::FIRST_SCHEDULED`] up, so that no two have the same.
    MeetingId;
    /// Somebody who is invited to a scheduled meeting: the store's row number, from 1 up, never given twice.
    ParticipantId;
    /// A participant's place in a meeting: the store's row number, from 1 up, never given twice.
    SeatId;
    /// A room system: the store's row number, from 1 up, never given twice.
    DeviceId;
}

/// Rehearsals since the process has started; more than any has.
const MOST_REHEARSALS: i64 = 1 << 32;

impl MeetingId {
    /// The first scheduled meeting's: 2⁴⁰, which JavaScript counts exactly. The store's migration begins there.
    pub const FIRST_SCHEDULED: Self = Self(1 << 40);

    /// Whether this is a scheduled meeting's.
    #[must_use]
    pub const fn is_scheduled(self) -> bool {
        self.0 >= Self::FIRST_SCHEDULED.0 && !self.is_rehearsal()
    }

    /// The meeting of a rehearsal, which is in no table: it counts down from the last number that the store could ever give.
    #[must_use]
    pub const fn of_rehearsal(number: u32) -> Self {
        Self(i64::MAX - number as i64)
    }

    /// Whether this is a rehearsal's.
    #[must_use]
    pub const fn is_rehearsal(self) -> bool {
        self.0 > i64::MAX - MOST_REHEARSALS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_meetings_are_told_apart_by_their_numbers() {
        assert!(
            MeetingId::of_rehearsal(0).is_rehearsal() && MeetingId::of_rehearsal(u32::MAX).is_rehearsal()
        );
        assert_ne!(MeetingId::of_rehearsal(0), MeetingId::of_rehearsal(1));
        assert!(!MeetingId(1).is_rehearsal() && !MeetingId(1 << 52).is_rehearsal());
        assert!(!MeetingId(1).is_scheduled() && !MeetingId::of_rehearsal(0).is_scheduled());
        assert!(MeetingId::FIRST_SCHEDULED.is_scheduled() && MeetingId(1 << 52).is_scheduled());
    }
}
