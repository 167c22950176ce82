use super::FrameBox;
use std::sync::{Arc, Mutex, MutexGuard};
use tabellion_media_protocol::SeatId;

/// Somebody to be shown.
#[derive(Clone, Debug)]
pub struct Participant {
    /// Who.
    pub seat: SeatId,
    /// Drawn over the picture.
    pub name: Arc<str>,
    /// Whether its sound is switched off.
    pub muted: bool,
    /// The pictures; none is a tile with the name.
    pub pictures: Vec<Arc<FrameBox<gstreamer::Sample>>>,
    /// What it shows to all.
    pub slides: Vec<Arc<FrameBox<gstreamer::Sample>>>,
}

/// Everybody that is in the meeting, shared by all feeds; each part is replaced as a whole.
#[derive(Default, Debug)]
pub struct Stage {
    state: Mutex<State>,
}

#[derive(Clone, Default, Debug)]
struct State {
    participants: Arc<Vec<Participant>>,
    speakers: Arc<Vec<SeatId>>,
}

impl Stage {
    /// Replaces everybody.
    pub fn set(&self, participants: Vec<Participant>) {
        self.lock().participants = Arc::new(participants);
    }

    /// Replaces who spoke, the latest first.
    pub fn set_speakers(&self, seats: Vec<SeatId>) {
        self.lock().speakers = Arc::new(seats);
    }

    /// Everybody.
    #[must_use]
    pub fn participants(&self) -> Arc<Vec<Participant>> {
        Arc::clone(&self.lock().participants)
    }

    /// Who spoke, the latest first.
    #[must_use]
    pub fn speakers(&self) -> Arc<Vec<SeatId>> {
        Arc::clone(&self.lock().speakers)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("only replaced and copied under this lock")
    }
}
