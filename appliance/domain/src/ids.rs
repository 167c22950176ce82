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
    /// A permanent meeting: the store's row number, from 1 up, never given twice.
    MeetingId;
    /// A participant's place in a meeting: the store's row number, from 1 up, never given twice.
    SeatId;
    /// A room system: the store's row number, from 1 up, never given twice.
    DeviceId;
}

/// Rehearsals since the process has started; more than any has.
const MOST_REHEARSALS: i64 = 1 << 32;

impl MeetingId {
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
    fn rehearsals_are_told_from_the_offices_meetings() {
        assert!(
            MeetingId::of_rehearsal(0).is_rehearsal() && MeetingId::of_rehearsal(u32::MAX).is_rehearsal()
        );
        assert_ne!(MeetingId::of_rehearsal(0), MeetingId::of_rehearsal(1));
        assert!(!MeetingId(1).is_rehearsal() && !MeetingId(1 << 52).is_rehearsal());
    }
}
