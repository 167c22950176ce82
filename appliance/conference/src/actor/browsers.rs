use super::{Actor, Command, Person};
use crate::{
    attachment::{Attachment, LastSeen, OUTBOX, SeatSession},
    error::{AttachError, JoinError},
    leg::media_seat,
    media::MediaRequestError,
    messages::{MeetingView, SeatCommand, SeatEvent, SeatReply, SeatRequest},
    views,
};
use tabellion_domain::{
    Role, SeatId, Source,
    admission::{AdmissionError, Channel, Stage},
};
use tabellion_media_protocol::control::{MediaError, Publish, Request};
use tabellion_store::{NewStoredSeat, StoreError};
use tokio::sync::mpsc;
use tracing::{error, warn};

/// Requests from one place that may wait at a time: a family's, another office's, a self-test's.
const WAITING_FROM_ONE: usize = 20;

/// Why a page's wish is not carried out.
enum Refusal {
    Admission(AdmissionError),
    Media(MediaRequestError),
    Store(StoreError),
    OutOfPlace,
}

impl From<AdmissionError> for Refusal {
    fn from(error: AdmissionError) -> Self {
        Self::Admission(error)
    }
}
impl From<MediaRequestError> for Refusal {
    fn from(error: MediaRequestError) -> Self {
        Self::Media(error)
    }
}
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Refusal {
    fn reply(&self) -> SeatReply {
        let (code, message) = match self {
            Self::Admission(AdmissionError::NotOrganizer) => {
                ("not_organizer", "Seul un organisateur de la réunion peut décider des demandes.")
            }
            Self::Admission(AdmissionError::NotWaiting) => (
                "no_such_seat",
                "Cette demande n’est plus en attente\u{a0}: elle a été retirée ou déjà traitée.",
            ),
            Self::Admission(AdmissionError::NotAccepted) => {
                ("not_accepted", "L’organisateur n’a pas encore accepté votre demande.")
            }
            Self::Media(MediaRequestError::Refused(MediaError::BadOffer { .. })) => (
                "bad_offer",
                "Votre navigateur et la boîte ne s’entendent pas sur l’image et le son. Rechargez la page, \
                 ou essayez avec un autre navigateur.",
            ),
            Self::Media(MediaRequestError::Refused(MediaError::BadLimit { .. })) => (
                "bad_request",
                "Cette limite de bande passante n’est pas possible\u{a0}: choisissez-en une entre 100\u{a0}kb/s et \
                 100\u{a0}Mb/s.",
            ),
            Self::Media(MediaRequestError::Refused(MediaError::Overloaded)) => (
                "box_overloaded",
                "La boîte est trop sollicitée pour accueillir un participant de plus. Réessayez dans quelques minutes.",
            ),
            Self::Media(_) => (
                "media_unavailable",
                "L’image et le son ne sont pas disponibles pour l’instant. Réessayez dans quelques secondes.",
            ),
            Self::Store(_) => (
                "internal",
                "La boîte n’a pas pu enregistrer cette action. Réessayez\u{a0}; si cela persiste, prévenez le support.",
            ),
            Self::OutOfPlace => ("bad_request", "Cette page a déjà pris place dans la réunion."),
        };
        SeatReply::Error { code: code.to_owned(), message: message.to_owned() }
    }
}

impl Actor {
    /// A seat for someone in a browser: stored, then asked for. The secret that takes it.
    pub(super) async fn new_browser(&mut self, person: Person) -> Result<String, JoinError> {
        if !self.facts.is_open(self.shared.clock.now()) {
            return Err(JoinError::Inactive);
        }
        if person.source.as_ref().is_some_and(|source| self.waiting_from(source) >= WAITING_FROM_ONE) {
            return Err(JoinError::TooManyRequests);
        }
        let (token, token_hash) = crate::entry::new_token(self.shared.entropy.as_ref());
        let now = self.shared.clock.now();
        let new = NewStoredSeat {
            meeting: self.facts.id,
            name: person.name,
            role: person.role,
            channel: Channel::Browser,
            identity: person.identity,
            user: person.user,
            device: None,
            link: person.link,
            token_hash: Some(token_hash),
            stage: Stage::Waiting,
            at: now,
        };
        let (seat, effects) = self.take_in(new, false).await?;
        self.requests.extend(person.source.map(|source| (seat, source)));
        self.carry_out(effects).await;
        Ok(token)
    }

    pub(super) fn attach(
        &mut self,
        seat: SeatId,
        seen: Option<LastSeen>,
    ) -> Result<SeatSession, AttachError> {
        let open = self.live.seat(seat).is_some_and(|seat| seat.stage.is_open());
        if !open {
            return Err(AttachError::UnknownSeat);
        }
        self.live.attached(seat);
        self.sessions += 1;
        let session = self.sessions;
        let (frames, receiver) = mpsc::channel(OUTBOX);
        let epoch = self.epoch;
        let attachment = self.attachments.entry(seat).or_insert_with(|| Attachment::new(epoch));
        let resumed = attachment.attach(session, seen, frames);
        if !resumed {
            let welcome = self.welcome(seat);
            if let (Some(attachment), Some(welcome)) = (self.attachments.get_mut(&seat), welcome) {
                attachment.event(welcome);
            }
        }
        Ok(SeatSession { seat, frames: receiver, session, meeting: self.own.clone() })
    }

    fn welcome(&self, id: SeatId) -> Option<SeatEvent> {
        let seat = self.live.seat(id)?;
        let organizer = seat.role == Role::Organizer;
        Some(SeatEvent::Welcome {
            epoch: self.epoch,
            me: views::me(seat),
            meeting: Box::new(self.meeting()),
            stage: views::stage(seat.stage),
            participants: if seat.sees_participants() { views::participants(&self.live) } else { Vec::new() },
            queue: if organizer { views::queue(&self.live) } else { Vec::new() },
            slots: self.slots.get(&id).map(|slots| views::slots(slots)).unwrap_or_default(),
            encodings: self.encodings.get(&id).map(|told| views::encodings(told)).unwrap_or_default(),
            speaker: self.speaker.filter(|_| seat.sees_participants()).map(views::seat_number),
        })
    }

    /// The meeting has another name (PERM-09): everybody sees it, those who wait as well.
    pub(super) fn tell_meeting(&mut self) {
        let meeting = self.meeting();
        for attachment in self.attachments.values_mut() {
            attachment.event(SeatEvent::Meeting { meeting: Box::new(meeting.clone()) });
        }
    }

    fn meeting(&self) -> MeetingView {
        MeetingView {
            name: self.facts.name.clone(),
            number: self.facts.number.to_string(),
            office: self.shared.config.office.clone(),
        }
    }

    fn waiting_from(&self, source: &Source) -> usize {
        let waits = |seat: &SeatId| self.live.seat(*seat).is_some_and(|seat| seat.stage == Stage::Waiting);
        self.requests.iter().filter(|(seat, from)| *from == source && waits(seat)).count()
    }

    pub(super) fn detached(&mut self, seat: SeatId, session: u64) {
        let Some(attachment) = self.attachments.get_mut(&seat) else { return };
        if attachment.is_current(session) {
            attachment.detach();
            self.live.detached(seat, self.shared.clock.now());
        }
    }

    pub(super) async fn request(&mut self, seat: SeatId, session: u64, request: SeatRequest) {
        if !self.attachments.get(&seat).is_some_and(|attachment| attachment.is_current(session)) {
            return;
        }
        let reply = match self.fulfil(seat, request.command).await {
            Ok(reply) => reply,
            Err(refusal) => {
                if let Refusal::Store(error) = &refusal {
                    error!(seat = seat.0, %error, "a wish could not be stored");
                }
                refusal.reply()
            }
        };
        if let Some(attachment) = self.attachments.get_mut(&seat) {
            attachment.reply(request.id, reply);
        }
    }

    async fn fulfil(&mut self, seat: SeatId, command: SeatCommand) -> Result<SeatReply, Refusal> {
        let now = self.shared.clock.now();
        match command {
            SeatCommand::Enter { offer, slides, microphone, camera, limit_kbps } => {
                self.enter(seat, (offer, slides), (microphone, camera), limit_kbps).await
            }
            SeatCommand::IceServers => Ok(SeatReply::IceServers { servers: self.ice_servers(seat)? }),
            SeatCommand::Renegotiate { offer, slides } => {
                let request = Request::RenegotiateBrowser { seat: media_seat(seat), offer, slides };
                Ok(SeatReply::Answer { answer: self.shared.media.ask_sdp(request).await? })
            }
            SeatCommand::MediaState { microphone, camera } => {
                self.change(|live| Ok::<_, Refusal>(live.media_state(seat, microphone, camera))).await?;
                if self.live.seat(seat).is_some_and(|seat| seat.stage == Stage::Inside) {
                    let request = Request::SetMuted { seat: media_seat(seat), muted: !microphone };
                    if let Err(error) = self.shared.media.tell(request).await {
                        // A switchboard that comes back is told with the page's next offer.
                        warn!(seat = seat.0, %error, "room systems are not shown whose microphone is off");
                    }
                }
                Ok(SeatReply::Done)
            }
            SeatCommand::ShowTiles { tiles } => {
                let request = Request::ShowTiles { seat: media_seat(seat), tiles: views::tiles(tiles) };
                self.shared.media.ask(request).await?;
                Ok(SeatReply::Done)
            }
            SeatCommand::LimitBandwidth { kbps } => {
                self.shared.media.tell(Request::LimitBandwidth { seat: media_seat(seat), kbps }).await?;
                Ok(SeatReply::Done)
            }
            SeatCommand::Decide { seat: over, decision } => {
                let over = SeatId(i64::try_from(over).unwrap_or(i64::MAX));
                let decision = views::decision(decision);
                self.change(|live| Ok::<_, Refusal>(live.decide(seat, over, decision, now)?)).await?;
                Ok(SeatReply::Done)
            }
            SeatCommand::Cancel | SeatCommand::Leave => {
                self.change(|live| Ok::<_, Refusal>(live.leave(seat, now))).await?;
                Ok(SeatReply::Done)
            }
            SeatCommand::Ping => Ok(SeatReply::Done),
            SeatCommand::Attach { .. } => Err(Refusal::OutOfPlace),
        }
    }

    /// «Rejoindre la réunion»: media first, so that a participant is shown as inside only where it can be seen.
    async fn enter(
        &mut self,
        id: SeatId,
        (offer, slides): (String, Vec<String>),
        (microphone, camera): (bool, bool),
        limit_kbps: Option<u32>,
    ) -> Result<SeatReply, Refusal> {
        let seat = self.live.seat(id).filter(|seat| seat.sees_participants());
        let seat = seat.ok_or(AdmissionError::NotAccepted)?;
        let publish = match seat.role {
            Role::Organizer | Role::Guest => Publish::ALL,
            Role::Spectator => Publish::NOTHING,
        };
        let request = Request::JoinBrowser {
            room: self.room,
            seat: media_seat(id),
            name: seat.name.clone(),
            offer,
            slides,
            publish,
            muted: !microphone,
            limit_kbps,
        };
        let was_inside = seat.stage == Stage::Inside;
        let answer = self.shared.media.ask_sdp(request).await?;
        let entered = self.change(|live| {
            let mut effects = live.media_state(id, microphone, camera);
            effects.extend(live.enter(id)?);
            Ok::<_, Refusal>(effects)
        });
        if let Err(refusal) = entered.await {
            // Nobody is seen who is not shown as inside.
            if !was_inside {
                self.close_media(id).await;
            }
            return Err(refusal);
        }
        Ok(SeatReply::Answer { answer })
    }
}

impl Command {
    /// The refusal that a caller of an actor that has just ended gets.
    pub(crate) fn refuse(self) {
        match self {
            Self::Seat { reply, .. } => {
                let _ = reply.send(Err(JoinError::Restarting));
            }
            Self::Attach { reply, .. } => {
                let _ = reply.send(Err(AttachError::Restarting));
            }
            _ => {}
        }
    }
}
