use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id!(
    /// One meeting or call as the media engine knows it. Control gives the meeting's key in its database, so that
    /// the number means the same before and after a restart.
    RoomId,
    u64
);
id!(
    /// One participant's place in a room, browser or room system. Given by control from its database; never reused.
    SeatId,
    u64
);
id!(
    /// One encoded stream that can be subscribed to. Given by the switchboard, unique in its lifetime.
    TrackId,
    u32
);
