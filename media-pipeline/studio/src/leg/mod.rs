//! One SIP leg.

mod audio;
mod peer;
mod translation;
mod video;

pub use audio::AudioLine;
pub use video::VideoLine;

use crate::{hardware::Codecs, link::Link};
use std::{net::IpAddr, sync::Arc};
use tabellion_media_protocol::{SeatId, TrackId};

/// Packets and samples that may wait for an encoder: beyond that the latest count.
const WAITING: u32 = 5;

/// What a leg's lines need of the room.
#[derive(Clone)]
pub struct Around {
    /// Who.
    pub seat: SeatId,
    /// Address of the sockets.
    pub local: IpAddr,
    /// To the switchboard.
    pub link: Arc<Link>,
    /// What decodes.
    pub chosen: Arc<Codecs>,
    /// The line's number at the switchboard.
    pub track: TrackId,
    /// Told when the leg cannot be carried any more.
    pub broken: Arc<dyn Fn(String) + Send + Sync>,
}
