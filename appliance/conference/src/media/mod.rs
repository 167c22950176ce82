//! The link to the switchboard: requests that are answered, events that are heard, a connection that comes back.

mod link;

pub use link::{Media, MediaNews, MediaRequestError};
pub use tabellion_media_protocol::{
    ChosenCodec, CodecFailure, CodecTrial, TrialOutcome, VideoCodecs, control::LoadState,
};
