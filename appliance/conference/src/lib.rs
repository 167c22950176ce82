//! Live meetings. One actor per meeting owns its admission state, its seats' connections, its SIP legs and its share
//! of the media engine; everything that happens to a meeting is a message to its actor, so that nothing happens
//! twice or in between.
//!
//! The rules are [`tabellion_domain::admission`]'s; this crate carries out their effects: it commits to the store,
//! tells browsers over [`messages`], tells room systems by pictures, and asks the switchboard over [`media`].

pub mod messages;

mod actor;
mod attachment;
mod attempts;
mod conference;
mod doors;
mod entry;
mod error;
mod follow;
mod leg;
pub mod media;
mod names;
mod ports;
mod rehearsal;
mod take_up;
mod texts;
mod views;

pub use attachment::{LastSeen, SeatSession};
pub use conference::{Conference, ConferenceConfig};
pub use entry::{GuestForm, LinkInfo, LinkPerson};
pub use error::{AttachError, JoinError};
pub use ports::PortPool;
pub use rehearsal::{RehearsalError, RehearsalKeys};
