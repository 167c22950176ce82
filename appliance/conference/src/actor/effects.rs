use super::Actor;
use crate::{messages::SeatEvent, texts, views};
use tabellion_domain::{
    AuditEvent, SeatId,
    admission::{Effect, JournalEntry, Screen, Stage},
};
use tabellion_media_protocol::control::Request;
use tabellion_sip::EndCause;
use tabellion_store::StoreError;
use tracing::{error, warn};

impl Actor {
    /// Carries effects out, in order. What must be stored is committed before anyone is told.
    ///
    /// # Errors
    /// Stops at the first thing that cannot be stored; nobody was told of it.
    pub(super) async fn apply(&mut self, effects: Vec<Effect>) -> Result<(), StoreError> {
        for effect in effects {
            match effect {
                Effect::Stage(seat, stage) => self.stage_changed(seat, stage).await?,
                Effect::Participants => self.tell_participants(),
                Effect::Queue => self.tell_queue(),
                Effect::Show(seat, screen) => self.show(seat, screen).await,
                Effect::HangUp(seat) => self.hang_up(seat).await,
                Effect::CloseMedia(seat) => self.close_media(seat).await,
                Effect::Journal(entry) => self.journal(entry).await?,
            }
        }
        Ok(())
    }

    /// Where nobody waits for the outcome.
    pub(super) async fn apply_logged(&mut self, effects: Vec<Effect>) {
        if let Err(error) = self.apply(effects).await {
            error!(room = self.room.0, %error, "a meeting's change could not be stored");
        }
    }

    async fn stage_changed(&mut self, seat: SeatId, stage: Stage) -> Result<(), StoreError> {
        self.shared.store.update_seat_stage(seat, stage, self.shared.clock.now()).await?;
        if let Some(attachment) = self.attachments.get_mut(&seat) {
            attachment.event(SeatEvent::Stage { stage: views::stage(stage) });
            // Whoever may see who is inside from now on is shown it (WAIT-04).
            if matches!(stage, Stage::Accepted | Stage::Inside) {
                attachment.event(SeatEvent::Participants { participants: views::participants(&self.live) });
            }
        }
        Ok(())
    }

    fn tell_participants(&mut self) {
        let participants = views::participants(&self.live);
        for seat in self.live.seats().filter(|seat| seat.sees_participants()) {
            if let Some(attachment) = self.attachments.get_mut(&seat.id) {
                attachment.event(SeatEvent::Participants { participants: participants.clone() });
            }
        }
    }

    fn tell_queue(&mut self) {
        let queue = views::queue(&self.live);
        let organizers = self
            .live
            .seats()
            .filter(|seat| seat.role == tabellion_domain::Role::Organizer && seat.stage.is_open());
        for seat in organizers {
            if let Some(attachment) = self.attachments.get_mut(&seat.id) {
                attachment.event(SeatEvent::Queue { queue: queue.clone() });
            }
        }
    }

    async fn show(&mut self, seat: SeatId, screen: Screen) {
        let view = texts::view(screen, &self.shared.config.office, &self.facts.description);
        let Some(system) = self.room_systems.get_mut(&seat) else { return };
        system.view = view.clone();
        if system.opened {
            let request = Request::ShowLeg { seat: crate::leg::media_seat(seat), view };
            if let Err(error) = self.shared.media.tell(request).await {
                warn!(seat = seat.0, %error, "a room system's picture could not be changed");
            }
        }
    }

    async fn hang_up(&mut self, seat: SeatId) {
        if let Some(system) = self.room_systems.get_mut(&seat) {
            system.leg.end(EndCause::finished()).await;
        }
    }

    pub(super) async fn close_media(&mut self, seat: SeatId) {
        self.slots.remove(&seat);
        let request = Request::Leave { seat: crate::leg::media_seat(seat) };
        if let Err(error) = self.shared.media.tell(request).await {
            // A switchboard that comes back is asked what it has, and told to end what nobody knows.
            warn!(seat = seat.0, %error, "a seat's media could not be ended now");
        }
    }

    async fn journal(&mut self, entry: JournalEntry) -> Result<(), StoreError> {
        let event = AuditEvent::Meeting { meeting: self.facts.id, entry };
        self.shared.store.append_audit(event, self.shared.clock.now()).await
    }
}
