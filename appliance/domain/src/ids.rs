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
