//! The studio: carries one room's SIP legs. It receives and decodes, composes pictures, mixes sound, encodes and
//! sends; one process a room, so that a codec that crashes takes one room's mix and nothing else.
//!
//! - [`rtp`], [`sound`] and [`picture`] hold the rules, without sockets and with time as a parameter.
//! - [`pipeline`], [`codecs`] and [`hardware`] are all that is known here of GStreamer's elements. Pipelines are small and never
//!   linked to one another: packets, frames and samples cross between them in boxes and rings that hold the
//!   latest only, so that a source that stalls or fails is a still tile or silence, and never a stalled mix.
//! - [`feed`] makes the pictures that are sent: one for all room systems that watch the same.
//! - [`direct`] is a browser's picture that goes on to a room system as it comes, in a direct call.
//! - [`leg`] is one SIP leg, [`source`] one browser track, [`room`] all of them.
//! - [`link`](mod@link) is the connection to the switchboard; the process ends when it closes.

pub mod codecs;
pub mod direct;
mod edge;
pub mod feed;
pub mod hardware;
pub mod leg;
pub mod link;
pub mod picture;
pub mod pipeline;
pub mod restarting;
pub mod room;
pub mod rtp;
mod signs;
pub mod sound;
pub mod source;
pub mod ticking;

pub use room::run;
