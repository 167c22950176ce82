use super::Actor;
use crate::{leg::domain_seat, messages::SeatEvent, views};
use std::collections::HashMap;
use tabellion_domain::{
    SeatId,
    admission::{Channel, Stage},
};
use tabellion_media_protocol::control::{Encoding, Event, SeatState, Slot, Snapshot};
use tabellion_sip::EndCause;
use tracing::{info, warn};

/// A room system that has sent nothing for this long is gone: its network, or its power.
const SILENCE_SECONDS: u32 = 30;

impl Actor {
    /// A switchboard is there, the one of before or a new one: what it lacks is opened again, or its page is told.
    pub(super) async fn media_up(&mut self, snapshot: &Snapshot) {
        let carried: HashMap<SeatId, &SeatState> = snapshot
            .seats
            .iter()
            .filter(|state| state.room == self.room)
            .map(|state| (domain_seat(state.seat), state))
            .collect();
        let inside: Vec<_> = self
            .live
            .seats()
            .filter(|seat| seat.stage == Stage::Inside && seat.channel == Channel::Browser)
            .map(|seat| seat.id)
            .collect();
        for seat in inside {
            match carried.get(&seat) {
                Some(state) => {
                    self.slots_changed(seat, state.slots.clone());
                    self.encodings_changed(seat, state.encodings.clone());
                    self.gap_as_it_is(seat, state.connected).await;
                }
                None => self.media_lost(seat).await,
            }
        }
        if let Some((_, seat)) = snapshot.speakers.iter().find(|(room, _)| *room == self.room) {
            self.speaker_changed(domain_seat(*seat));
        }
        // Not carried, or not as it should be: a change of the call failed as the switchboard went away.
        let missing: Vec<_> = self
            .room_systems
            .iter()
            .filter(|(seat, system)| !system.opened || !carried.contains_key(seat))
            .map(|(seat, _)| *seat)
            .collect();
        for seat in missing {
            self.open_leg(seat);
        }
        // What this meeting does not know left while control was away.
        let strangers: Vec<_> =
            carried.keys().copied().filter(|seat| self.live.seat(*seat).is_none()).collect();
        for seat in strangers {
            self.close_media(seat).await;
        }
    }

    pub(super) async fn media_event(&mut self, event: Event) {
        match event {
            Event::Slots { seat, slots } => self.slots_changed(domain_seat(seat), slots),
            Event::Encodings { seat, encodings } => self.encodings_changed(domain_seat(seat), encodings),
            Event::Speaker { seat, .. } => self.speaker_changed(domain_seat(seat)),
            Event::Digit { seat, digit } => self.digit(domain_seat(seat), digit).await,
            Event::KeyFrameByInfo { seat } => {
                if let Some(system) = self.room_systems.get(&domain_seat(seat)) {
                    let asked = system.leg.info_fast_update().await;
                    if let Err(error) = asked {
                        info!(seat = seat.0, %error, "a room system could not be asked for a key frame");
                    }
                }
            }
            Event::LegFailed { seat, reason } => {
                warn!(seat = seat.0, reason, "a room system's media failed");
                self.end_call(domain_seat(seat), EndCause::media_failed()).await;
            }
            Event::LegSilent { seat, seconds } if seconds >= SILENCE_SECONDS => {
                info!(seat = seat.0, seconds, "a room system is not heard of any more");
                self.end_call(domain_seat(seat), EndCause::finished()).await;
            }
            // The page notices by itself, and asks for an ICE restart.
            Event::Disconnected { seat, reason } => {
                info!(seat = seat.0, reason, "a browser's media is interrupted");
                self.gap_begins(domain_seat(seat)).await;
            }
            Event::Connected { seat } => self.gap_ends(domain_seat(seat)).await,
            Event::StudioReplaced { room, reason } => warn!(room = room.0, reason, "a studio was replaced"),
            Event::LegSilent { .. } => {}
        }
    }

    fn slots_changed(&mut self, seat: SeatId, slots: Vec<Slot>) {
        let Some(attachment) = self.attachments.get_mut(&seat) else {
            self.slots.insert(seat, slots);
            return;
        };
        if self.slots.get(&seat) != Some(&slots) {
            attachment.event(SeatEvent::Slots { slots: views::slots(&slots) });
            self.slots.insert(seat, slots);
        }
    }

    fn encodings_changed(&mut self, seat: SeatId, encodings: Vec<Encoding>) {
        let told = views::encodings(&encodings);
        let before = self.encodings.insert(seat, encodings);
        if let Some(attachment) = self.attachments.get_mut(&seat)
            && before.map(|before| views::encodings(&before)).unwrap_or_default() != told
        {
            attachment.event(SeatEvent::Encodings { encodings: told });
        }
    }

    fn speaker_changed(&mut self, seat: SeatId) {
        if self.speaker.replace(seat) == Some(seat) {
            return;
        }
        for listener in self.live.seats().filter(|listener| listener.sees_participants()) {
            if let Some(attachment) = self.attachments.get_mut(&listener.id) {
                attachment.event(SeatEvent::Speaker { seat: views::seat_number(seat) });
            }
        }
    }

    async fn media_lost(&mut self, seat: SeatId) {
        self.gap_begins(seat).await;
        self.slots.remove(&seat);
        self.encodings.remove(&seat);
        if let Some(attachment) = self.attachments.get_mut(&seat) {
            attachment.event(SeatEvent::MediaLost {
                message: "La boîte a interrompu l’image et le son. Reconnexion en cours…".to_owned(),
            });
        }
    }

    /// Ends a call from our side, and its seat.
    pub(super) async fn end_call(&mut self, seat: SeatId, cause: EndCause) {
        if let Some(system) = self.room_systems.get_mut(&seat) {
            system.leg.end(cause).await;
        }
        self.call_is_gone(seat).await;
    }

    /// Asks the media engine to carry a leg; the outcome comes back as a command, so that a slow start of a studio
    /// holds up nobody else.
    pub(super) fn open_leg(&mut self, seat: SeatId) {
        let Some(system) = self.room_systems.get_mut(&seat) else { return };
        system.opened = false;
        system.opening += 1;
        let opening = system.opening;
        let request = system.open_request(self.room, seat);
        let (media, own) = (self.shared.media.clone(), self.own.clone());
        tokio::spawn(async move {
            let result = media.tell(request).await;
            // The meeting may be over.
            let _ = own.send(super::Command::LegOpened { seat, opening, result }).await;
        });
    }
}
