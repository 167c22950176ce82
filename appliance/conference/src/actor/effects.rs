use super::Actor;
use crate::{messages::SeatEvent, texts, views};
use tabellion_domain::{
    AuditEvent, MeetingId, SeatId,
    admission::{Effect, LiveMeeting, NewSeat, Screen, Seat, Stage},
};
use tabellion_media_protocol::control::Request;
use tabellion_sip::EndCause;
use tabellion_store::{NewStoredSeat, SeatChanges, StoreError};
use tracing::{error, warn};

impl Actor {
    /// Changes the meeting: decided on a copy, committed, and only then true and told. Where it cannot be stored, the
    /// meeting is as it was, and the same may be tried again.
    ///
    /// # Errors
    /// What `decide` says; the store's.
    pub(super) async fn change<E: From<StoreError>>(
        &mut self,
        decide: impl FnOnce(&mut LiveMeeting) -> Result<Vec<Effect>, E>,
    ) -> Result<(), E> {
        let mut live = self.live.clone();
        let effects = decide(&mut live)?;
        let mut changes = written(self.facts.id, &effects);
        changes.media = switched(&self.live, &live);
        self.shared.store.change_seats(changes, self.shared.clock.now()).await?;
        self.live = live;
        self.carry_out(effects).await;
        Ok(())
    }

    /// A new seat, stored with where it stands. What is to be [carried out](Self::carry_out) for it.
    pub(super) async fn take_in(
        &mut self,
        new: NewStoredSeat,
        paused: bool,
    ) -> Result<(SeatId, Vec<Effect>), StoreError> {
        let (mut live, meeting, seat) = (self.live.clone(), self.facts.id, new.clone());
        let decide = move |id| {
            let (name, at) = (seat.name, seat.at);
            let (role, channel, identity) = (seat.role, seat.channel, seat.identity);
            let seat = NewSeat { id, name, role, channel, identity };
            let effects = if paused { live.request_in_pause(seat, at) } else { live.request(seat, at) };
            (written(meeting, &effects), (live, effects))
        };
        let (seat, (live, effects)) = self.shared.store.insert_seat_with(new, decide).await?;
        self.live = live;
        Ok((seat, effects))
    }

    /// Tells what was committed, in order.
    pub(super) async fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Stage(seat, stage) => self.tell_stage(seat, stage),
                Effect::Participants => self.tell_participants(),
                Effect::Queue => self.tell_queue(),
                Effect::Show(seat, screen) => self.show(seat, screen).await,
                Effect::HangUp(seat) => self.hang_up(seat).await,
                Effect::CloseMedia(seat) => self.close_media(seat).await,
                Effect::Journal(_) => {}
            }
        }
    }

    fn tell_stage(&mut self, seat: SeatId, stage: Stage) {
        let Some(attachment) = self.attachments.get_mut(&seat) else { return };
        attachment.event(SeatEvent::Stage { stage: views::stage(stage) });
        // Whoever may see who is inside from now on is shown it (WAIT-04).
        if matches!(stage, Stage::Accepted | Stage::Inside) {
            attachment.event(SeatEvent::Participants { participants: views::participants(&self.live) });
            if let Some(seat) = self.speaker {
                attachment.event(SeatEvent::Speaker { seat: views::seat_number(seat) });
            }
        }
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
        let view = texts::view(screen, &self.shared.config.office, &self.facts.name);
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
            self.forget_call(seat).await;
        }
    }

    /// A call is over: its state goes, which holds the media's keys. Not with the seat's end, which comes before: a
    /// process that is killed in between must find the call, to end it.
    pub(super) async fn forget_call(&self, seat: SeatId) {
        if let Err(error) = self.shared.store.update_seat_dialog(seat, None).await {
            error!(seat = seat.0, %error, "a call that is over cannot be forgotten before the next start");
        }
    }

    pub(super) async fn close_media(&mut self, seat: SeatId) {
        self.slots.remove(&seat);
        self.encodings.remove(&seat);
        self.interrupted.remove(&seat);
        let request = Request::Leave { seat: crate::leg::media_seat(seat) };
        if let Err(error) = self.shared.media.tell(request).await {
            // A switchboard that comes back is asked what it has, and told to end what nobody knows.
            warn!(seat = seat.0, %error, "a seat's media could not be ended now");
        }
    }
}

/// What of a change's effects must be stored.
fn written(meeting: MeetingId, effects: &[Effect]) -> SeatChanges {
    let mut changes = SeatChanges::default();
    for effect in effects {
        match effect {
            Effect::Stage(seat, stage) => changes.stages.push((*seat, *stage)),
            Effect::Journal(entry) if !meeting.is_rehearsal() => {
                changes.journal.push(AuditEvent::Meeting { meeting, entry: entry.clone() })
            }
            _ => {}
        }
    }
    changes
}

/// Whose microphone or camera is switched otherwise than before.
fn switched(before: &LiveMeeting, after: &LiveMeeting) -> Vec<(SeatId, bool, bool)> {
    let same = |seat: &&Seat| {
        before
            .seat(seat.id)
            .is_none_or(|former| (former.microphone, former.camera) == (seat.microphone, seat.camera))
    };
    after.seats().filter(|seat| !same(seat)).map(|seat| (seat.id, seat.microphone, seat.camera)).collect()
}
