use super::{Actor, Command};
use crate::{
    leg::{LegPorts, RoomSystem, StoredLeg},
    media::MediaRequestError,
};
use tabellion_domain::{
    Role, SeatId,
    admission::{Channel, Identity, LiveMeeting, Screen, Stage},
};
use tabellion_media_protocol::{
    LegConfig,
    control::{MediaError, Request},
};
use tabellion_sip::{Caller, EndCause, IncomingCall, Leg, LegEvent, LocalMedia, sdp};
use tabellion_store::{NewStoredSeat, StoreError};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tracing::{error, info, warn};

/// A call that we made the offer for.
pub(crate) struct LateCall {
    call: IncomingCall,
    ports: LegPorts,
    config: LegConfig,
}

impl Actor {
    /// A room system dials the meeting's number (PERM-07, SCHED-11).
    pub(super) async fn call(&mut self, call: IncomingCall) {
        if let Err(cause) = self.accept_call(call).await {
            info!(room = self.room.0, code = cause.code, "a call was refused");
        }
    }

    async fn accept_call(&mut self, mut call: IncomingCall) -> Result<(), EndCause> {
        if !self.facts.is_open(self.shared.clock.now()) {
            return refuse(&mut call.leg, EndCause::not_found()).await;
        }
        let Some((audio, video)) = self.shared.ports.take().zip(self.shared.ports.take()) else {
            warn!("no ports are left for another room system");
            return refuse(&mut call.leg, EndCause::no_capacity()).await;
        };
        let ports = LegPorts { audio, video };
        let local = local_media(&self.shared, &ports);
        let Some(offer) = call.offer.as_deref() else {
            self.late_offer(call, ports, local);
            return Ok(());
        };
        let agreed = match sdp::negotiate(offer, &local) {
            Ok(agreed) => agreed,
            Err(refusal) => {
                info!(room = self.room.0, %refusal, "a room system's offer cannot be answered");
                return refuse(&mut call.leg, EndCause::not_acceptable(&refusal)).await;
            }
        };
        self.seat_room_system(call, ports, agreed.config, Some(agreed.answer)).await
    }

    /// The caller leaves the offer to us (RFC 3261 §13.2.1): it goes into the answer, and theirs comes with the ACK.
    /// Waited for elsewhere: a caller that never sends it holds up nobody in the meeting.
    fn late_offer(&self, mut call: IncomingCall, ports: LegPorts, local: LocalMedia) {
        let own = self.own.clone();
        tokio::spawn(async move {
            let offer = sdp::offer(&local);
            if call.leg.answer(offer.clone()).await.is_err() {
                return;
            }
            // Dropping the events, at the call's end or without an answer, ends the call.
            while let Some(event) = call.events.recv().await {
                let LegEvent::Answered { sdp } = event else { continue };
                match sdp::accept_answer(&offer, &sdp, &local) {
                    Ok(config) => {
                        let late = LateCall { call, ports, config };
                        // The meeting may be over, and the call with it.
                        let _ = own.send(Command::LateCall(Box::new(late))).await;
                    }
                    Err(refusal) => call.leg.end(EndCause::not_acceptable(&refusal)).await,
                }
                return;
            }
        });
    }

    /// A call whose answer came with the ACK.
    pub(super) async fn late_call(&mut self, late: LateCall) {
        if !self.facts.is_open(self.shared.clock.now()) {
            late.call.leg.end(EndCause::not_found()).await;
            return;
        }
        if let Err(cause) = self.seat_room_system(late.call, late.ports, late.config, None).await {
            info!(room = self.room.0, code = cause.code, "a call was refused");
        }
    }

    async fn seat_room_system(
        &mut self,
        mut call: IncomingCall,
        ports: LegPorts,
        config: LegConfig,
        answer: Option<String>,
    ) -> Result<(), EndCause> {
        let name = crate::names::caller(&call.caller);
        let source = crate::names::source(&call.caller, call.source);
        let now = self.shared.clock.now();
        let pause =
            self.shared.attempts.of(self.facts.id, source.clone(), now, |attempts| attempts.pause(now));
        let stored = self.room_system_seat(&call.caller, name.clone(), now);
        let (seat, effects) = match self.take_in(stored, pause.is_some()).await {
            Ok(taken_in) => taken_in,
            Err(error) => {
                error!(room = self.room.0, %error, "a room system's seat cannot be stored");
                return refuse(&mut call.leg, EndCause::media_failed()).await;
            }
        };
        let view = crate::texts::view(Screen::Waiting, &self.shared.config.office, &self.facts.name);
        let system = RoomSystem {
            leg: call.leg,
            name,
            source,
            config,
            view,
            opened: false,
            opening: 0,
            answer,
            ports,
        };
        self.room_systems.insert(seat, system);
        self.carry_out(effects).await;
        self.open_leg(seat);
        self.hear(seat, call.events);
        Ok(())
    }

    fn room_system_seat(&self, caller: &Caller, name: String, at: OffsetDateTime) -> NewStoredSeat {
        let device = caller.device.clone();
        NewStoredSeat {
            meeting: self.facts.id,
            name,
            role: Role::Guest,
            channel: Channel::RoomSystem,
            identity: if device.is_some() { Identity::RegisteredDevice } else { Identity::Declared },
            user: None,
            device,
            link: None,
            token_hash: None,
            stage: Stage::Code,
            at,
        }
    }

    /// Turns the call's events into commands of this actor.
    pub(super) fn hear(&self, seat: SeatId, mut events: mpsc::Receiver<LegEvent>) {
        let own = self.own.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if own.send(Command::Leg { seat, event }).await.is_err() {
                    break;
                }
            }
        });
    }

    pub(super) async fn leg_opened(
        &mut self,
        seat: SeatId,
        opening: u64,
        result: Result<(), MediaRequestError>,
    ) {
        let Some(system) = self.room_systems.get(&seat) else {
            // It hung up meanwhile, and its end may have come before its opening.
            return self.close_media(seat).await;
        };
        if system.opening != opening {
            return;
        }
        if let Err(error) = result {
            warn!(seat = seat.0, %error, "the media engine cannot carry a room system");
            let cause = match error {
                MediaRequestError::Refused(MediaError::Overloaded) => EndCause::no_capacity(),
                _ => EndCause::media_failed(),
            };
            return self.end_call(seat, cause).await;
        }
        let Some(system) = self.room_systems.get_mut(&seat) else { return };
        system.opened = true;
        if let Some(answer) = system.answer.take()
            && let Err(error) = system.leg.answer(answer).await
        {
            info!(seat = seat.0, %error, "a call was gone before it was answered");
            return self.end_call(seat, EndCause::finished()).await;
        }
        // The picture may have changed while the studio was starting.
        self.show_again(seat).await;
        self.store_leg(seat).await;
    }

    pub(super) async fn show_again(&mut self, seat: SeatId) {
        let Some(system) = self.room_systems.get(&seat) else { return };
        let request = Request::ShowLeg { seat: crate::leg::media_seat(seat), view: system.view.clone() };
        if let Err(error) = self.shared.media.tell(request).await {
            warn!(seat = seat.0, %error, "a room system's picture could not be shown");
        }
    }

    pub(super) async fn leg_event(&mut self, seat: SeatId, event: LegEvent) {
        match event {
            LegEvent::Digit(digit) => self.digit(seat, digit).await,
            // A view that is set begins with a key frame.
            LegEvent::KeyFrame => self.show_again(seat).await,
            LegEvent::Offer { sdp, reply } => self.offered_again(seat, &sdp, reply).await,
            LegEvent::Answered { .. } => {}
            LegEvent::Ended { reason } => {
                info!(seat = seat.0, reason, "a room system hung up");
                self.call_is_gone(seat).await;
            }
        }
    }

    pub(super) async fn digit(&mut self, seat: SeatId, digit: char) {
        let Some(system) = self.room_systems.get(&seat) else { return };
        let (now, source, meeting) = (self.shared.clock.now(), system.source.clone(), self.facts.id);
        let mut looked = self.shared.attempts.look(meeting, source);
        let decide =
            |live: &mut LiveMeeting| Ok::<_, StoreError>(live.digit(seat, digit, &mut looked.attempts, now));
        match self.change(decide).await {
            Ok(()) => self.shared.attempts.keep(looked, now),
            // The key counts as not pressed: the user presses it again.
            Err(error) => {
                error!(seat = seat.0, %error, "what a room system dialled could not be stored");
            }
        }
    }

    pub(super) async fn store_leg(&mut self, seat: SeatId) {
        let Some(system) = self.room_systems.get(&seat) else { return };
        let Some(dialog) = system.leg.record().await else { return };
        let stored = StoredLeg {
            dialog,
            source: system.source.clone(),
            config: system.config.clone(),
            audio_port: system.ports.audio.rtp,
            video_port: system.ports.video.rtp,
        };
        let json = match serde_json::to_string(&stored) {
            Ok(json) => json,
            Err(error) => {
                error!(seat = seat.0, %error, "a call's state has no JSON form");
                return;
            }
        };
        if let Err(error) = self.shared.store.update_seat_dialog(seat, Some(json)).await {
            error!(seat = seat.0, %error, "a call's state cannot be stored: a restart would lose it");
        }
    }
}

pub(super) fn local_media(shared: &crate::conference::Shared, ports: &LegPorts) -> LocalMedia {
    LocalMedia::new(shared.config.media_address, ports.audio.rtp, ports.video.rtp, shared.config.leg_kbps)
}

async fn refuse(leg: &mut Leg, cause: EndCause) -> Result<(), EndCause> {
    leg.end(cause.clone()).await;
    Err(cause)
}
