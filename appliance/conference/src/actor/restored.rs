use super::Actor;
use crate::leg::{LegPorts, RoomSystem, StoredLeg, hang_up};
use tabellion_domain::admission::{Screen, Stage};
use tabellion_sip::EndCause;
use tabellion_store::StoredSeat;
use tracing::warn;

impl Actor {
    /// A call that a former run of this process left: its dialog goes on, its media never stopped.
    pub(super) async fn take_up_room_system(&mut self, stored: &StoredSeat) {
        let taken_up = match StoredLeg::of(stored) {
            Some(leg) => self.restore_leg(stored, leg).await,
            None => false,
        };
        if !taken_up {
            warn!(seat = stored.id.0, "a room system's call could not be taken up again and is over");
            self.call_is_gone(stored.id).await;
        }
    }

    async fn restore_leg(&mut self, stored: &StoredSeat, leg: StoredLeg) -> bool {
        let Some(sip) = self.shared.sip.get() else { return false };
        let (audio, video) = (leg.audio_port, leg.video_port);
        let ports = self.shared.ports.take_this(audio).zip(self.shared.ports.take_this(video));
        let Some((audio, video)) = ports else {
            hang_up(sip, leg.dialog, EndCause::media_failed()).await;
            return false;
        };
        let ports = LegPorts { audio, video };
        let Ok((handle, events)) = sip.restore(leg.dialog).await else { return false };
        let screen = match stored.stage {
            Stage::Code => Screen::EnterCode { wrong: 0 },
            Stage::Inside => Screen::Meeting,
            _ => Screen::Waiting,
        };
        let view = crate::texts::view(screen, &self.shared.config.office, &self.facts.name);
        let system = RoomSystem {
            leg: handle,
            name: stored.name.clone(),
            source: leg.source,
            config: leg.config,
            view,
            opened: true,
            opening: 0,
            answer: None,
            ports,
        };
        self.room_systems.insert(stored.id, system);
        self.hear(stored.id, events);
        true
    }
}
