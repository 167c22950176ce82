use super::FrameBox;
use std::sync::{Arc, Mutex};
use tabellion_media_protocol::SeatId;

/// Somebody to be shown.
#[derive(Clone, Debug)]
pub struct Participant {
    /// Who.
    pub seat: SeatId,
    /// Drawn over the picture.
    pub name: Arc<str>,
    /// The pictures; none is a tile with the name.
    pub pictures: Vec<Arc<FrameBox<gstreamer::Sample>>>,
    /// What it shows to all.
    pub slides: Vec<Arc<FrameBox<gstreamer::Sample>>>,
}

/// Everybody that is in the meeting, shared by all screens and replaced as a whole.
#[derive(Default, Debug)]
pub struct Stage {
    participants: Mutex<Arc<Vec<Participant>>>,
}

impl Stage {
    /// Replaces everybody.
    pub fn set(&self, participants: Vec<Participant>) {
        *self.participants.lock().expect("only replaced and copied under this lock") = Arc::new(participants);
    }

    /// Everybody.
    #[must_use]
    pub fn participants(&self) -> Arc<Vec<Participant>> {
        Arc::clone(&self.participants.lock().expect("only replaced and copied under this lock"))
    }
}
