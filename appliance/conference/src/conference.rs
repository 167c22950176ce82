use crate::{
    actor::{Actor, Command, Person},
    attachment::{LastSeen, SeatSession},
    attempts::CodeAttempts,
    entry::token_hash,
    error::{AttachError, JoinError},
    media::{CodecFailure, LoadState, Media, MediaRequestError},
    messages::Stage,
    ports::PortPool,
    rehearsal::Rehearsals,
    views,
};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock},
};
use tabellion_domain::{
    Clock, Entropy, MeetingFacts, MeetingId, MeetingNumber, UserId, admission::EndReason,
    settings::TurnServer,
};
use tabellion_media_protocol::{
    RoomId,
    control::{Answer, Request},
};
use tabellion_sip::{Calls, EndCause, IncomingCall, Resolution, SipService};
use tabellion_store::{Store, StoreError, StoredSeat};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

/// Commands that may wait for an actor.
pub(crate) const INBOX: usize = 256;

/// What a conference is told at its start.
pub struct ConferenceConfig {
    /// The office's name, on room systems' pictures and in pages.
    pub office: String,
    /// The address that room systems send their media to.
    pub media_address: IpAddr,
    /// Largest rate sent to a room system's picture, in kb/s.
    pub leg_kbps: u32,
    /// Ports of room systems' media.
    pub ports: PortPool,
    /// Who relays for browsers that do not reach the box.
    pub turn: Option<TurnServer>,
}

/// What all actors share.
pub(crate) struct Shared {
    pub config: ConferenceConfig,
    pub store: Store,
    pub media: Media,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub ports: PortPool,
    /// Set once the SIP service runs; it needs the conference to start, and a restored call needs it.
    pub sip: OnceLock<SipService>,
    pub attempts: CodeAttempts,
    pub rehearsals: Rehearsals,
    actors: Mutex<HashMap<RoomId, mpsc::Sender<Command>>>,
}

/// All live meetings of the box. Cheap to clone.
#[derive(Clone)]
pub struct Conference {
    pub(crate) shared: Arc<Shared>,
}

/// A meeting's room in the media engine has the meeting's number in the store.
pub(crate) fn room_of(meeting: MeetingId) -> RoomId {
    RoomId(meeting.0.unsigned_abs())
}

impl Conference {
    /// Starts without any meeting. Call [`Self::take_up`] once SIP runs.
    #[must_use]
    pub fn new(
        config: ConferenceConfig,
        store: Store,
        media: Media,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let ports = config.ports.clone();
        let shared = Shared {
            config,
            store,
            media,
            clock,
            entropy,
            ports,
            sip: OnceLock::new(),
            attempts: CodeAttempts::default(),
            rehearsals: Rehearsals::default(),
            actors: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// How busy the media engine is.
    ///
    /// # Errors
    /// It does not answer, or not now.
    pub async fn media_load(&self) -> Result<LoadState, MediaRequestError> {
        match self.shared.media.ask(Request::Load).await? {
            Answer::Load(load) => Ok(load),
            _ => Err(MediaRequestError::Confused),
        }
    }

    /// Devices' codecs that have failed since the media engine was started.
    ///
    /// # Errors
    /// It does not answer, or not now.
    pub async fn codec_failures(&self) -> Result<Vec<CodecFailure>, MediaRequestError> {
        match self.shared.media.ask(Request::CodecFailures).await? {
            Answer::CodecFailures { failures } => Ok(failures),
            _ => Err(MediaRequestError::Confused),
        }
    }

    /// A page takes its seat, for the first time or again (`seen`: the last event that it saw).
    ///
    /// # Errors
    /// [`AttachError`].
    pub async fn attach(&self, token: &str, seen: Option<LastSeen>) -> Result<SeatSession, AttachError> {
        let token_hash = token_hash(token);
        let seat = self.open_seat(token_hash).await?;
        match self.attach_live(&seat, seen).await {
            // It ended between the two looks at it: the store knows how.
            Err(AttachError::UnknownSeat) => {
                self.open_seat(token_hash).await?;
                Err(AttachError::UnknownSeat)
            }
            outcome => outcome,
        }
    }

    async fn open_seat(&self, token_hash: [u8; 32]) -> Result<StoredSeat, AttachError> {
        let seat = self.shared.store.seat_by_token_hash(token_hash).await?.ok_or(AttachError::UnknownSeat)?;
        match views::stage(seat.stage) {
            Stage::Ended { reason } => Err(AttachError::Over(reason)),
            _ => Ok(seat),
        }
    }

    async fn attach_live(
        &self,
        seat: &StoredSeat,
        seen: Option<LastSeen>,
    ) -> Result<SeatSession, AttachError> {
        let actor = self.actors().get(&room_of(seat.meeting)).cloned().ok_or(AttachError::UnknownSeat)?;
        let (reply, session) = oneshot::channel();
        let sent = actor.send(Command::Attach { seat: seat.id, seen, reply }).await;
        sent.map_err(|_| AttachError::Restarting)?;
        session.await.map_err(|_| AttachError::Restarting)?
    }

    /// A meeting was edited, switched on or off, deleted (PERM-09, SCHED-13), or its day is over (SCHED-14).
    pub async fn meeting_changed(&self, meeting: MeetingId) {
        let actor = self.actors().get(&room_of(meeting)).cloned();
        if let Some(actor) = actor {
            // An actor that has just ended has nobody to tell.
            let _ = actor.send(Command::Changed).await;
        }
    }

    /// An account is deleted, or may not take part any more: its seats in all meetings end (USER-06).
    ///
    /// # Errors
    /// [`StoreError`]: the seats that are open cannot be found.
    pub async fn account_ended(&self, user: UserId) -> Result<(), StoreError> {
        self.withdraw(self.shared.store.open_seats_of(user).await?, EndReason::AccountEnded).await;
        Ok(())
    }

    /// Personal links were withdrawn: the seats taken by them end, in all meetings (SCHED-13).
    ///
    /// # Errors
    /// [`StoreError`]: the seats that are open cannot be found.
    pub async fn invitations_ended(&self) -> Result<(), StoreError> {
        self.withdraw(self.shared.store.uninvited_seats().await?, EndReason::Uninvited).await;
        Ok(())
    }

    async fn withdraw(&self, seats: Vec<StoredSeat>, reason: EndReason) {
        for seat in seats {
            let actor = self.actors().get(&room_of(seat.meeting)).cloned();
            if let Some(actor) = actor {
                // One that has just ended has no seats any more.
                let _ = actor.send(Command::Withdraw { seat: seat.id, reason }).await;
            }
        }
    }

    pub(crate) async fn seat(&self, facts: MeetingFacts, person: Person) -> Result<String, JoinError> {
        match self.ask_seat(facts.clone(), person.clone()).await {
            // It ended in this moment, because nobody had been there for a while.
            Err(JoinError::Restarting) => self.ask_seat(facts, person).await,
            outcome => outcome,
        }
    }

    async fn ask_seat(&self, facts: MeetingFacts, person: Person) -> Result<String, JoinError> {
        let (reply, token) = oneshot::channel();
        self.send(facts, Command::Seat { person, reply }).await;
        token.await.map_err(|_| JoinError::Restarting)?
    }

    /// To the meeting's actor, which is started where there is none.
    async fn send(&self, facts: MeetingFacts, command: Command) {
        let room = room_of(facts.id);
        let mut command = command;
        // An actor that ends in this moment refuses; the second one has just been started.
        for _ in 0..2 {
            let actor = self.actor(room, &facts);
            match actor.send(command).await {
                Ok(()) => return,
                Err(mpsc::error::SendError(refused)) => command = refused,
            }
        }
        command.refuse();
    }

    fn actor(&self, room: RoomId, facts: &MeetingFacts) -> mpsc::Sender<Command> {
        let mut actors = self.actors();
        if let Some(actor) = actors.get(&room).filter(|actor| !actor.is_closed()) {
            return actor.clone();
        }
        let (own, commands) = mpsc::channel(INBOX);
        self.spawn(room, Actor::new(self.shared.clone(), facts.clone(), own.clone()), commands);
        actors.insert(room, own.clone());
        own
    }

    /// The actor lives in a task of its own. At its end it is forgotten, unless another one has its place already.
    pub(crate) fn spawn(&self, room: RoomId, actor: Actor, commands: mpsc::Receiver<Command>) {
        let conference = self.clone();
        tokio::spawn(async move {
            actor.run(commands).await;
            let mut actors = conference.actors();
            if actors.get(&room).is_some_and(mpsc::Sender::is_closed) {
                actors.remove(&room);
            }
        });
    }

    pub(crate) fn actors(&self) -> std::sync::MutexGuard<'_, HashMap<RoomId, mpsc::Sender<Command>>> {
        self.shared.actors.lock().expect("no panic while locked")
    }
}

#[async_trait]
impl Calls for Conference {
    async fn resolve(&self, number: &str) -> Resolution {
        let Ok(number) = MeetingNumber::parse(number) else { return Resolution::Unknown };
        match self.shared.meeting_by_number(&number).await {
            Ok(Some(meeting)) if meeting.is_open(self.shared.clock.now()) => Resolution::Meeting,
            Ok(_) => Resolution::Unknown,
            Err(error) => {
                error!(%error, "a dialled number cannot be looked up");
                Resolution::Unavailable
            }
        }
    }

    async fn incoming(&self, call: IncomingCall) {
        let meeting = match MeetingNumber::parse(&call.number) {
            Ok(number) => self.shared.meeting_by_number(&number).await,
            Err(_) => Ok(None),
        };
        match meeting {
            Ok(Some(facts)) if self.shared.rehearsals.lets_through(&call, facts.id) => {
                self.send(facts, Command::Call(Box::new(call))).await;
            }
            Ok(_) => call.leg.end(EndCause::not_found()).await,
            Err(error) => {
                error!(%error, "a dialled number cannot be looked up");
                call.leg.end(EndCause::media_failed()).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tabellion_domain::{
        Civility, Description, PermanentMeeting,
        testing::{FakeClock, FakeEntropy},
    };
    use tabellion_store::{MeetingChange, NewMeeting, NewUser};

    async fn alice(store: &Store, clock: &FakeClock) -> UserId {
        let alice = NewUser {
            login: "alice".into(),
            civility: Civility::Maitre,
            first_name: "Alice".into(),
            last_name: "Durand".into(),
            email: "alice@office.test".into(),
            mobile: None,
            administrator: true,
            password_hash: "hash".into(),
            totp_secret: None,
        };
        store.create_user(alice, clock.now()).await.unwrap()
    }

    async fn meeting(store: &Store, clock: &FakeClock, alice: UserId) -> PermanentMeeting {
        let new = NewMeeting {
            description: Description::new("Vente DUPONT").unwrap(),
            active: true,
            code_active: false,
            code: None,
            created_by: alice,
        };
        let entropy = Arc::new(FakeEntropy::seeded(7));
        store.create_permanent_meeting(new, "1099".into(), entropy, clock.now()).await.unwrap()
    }

    async fn switch(store: &Store, clock: &FakeClock, meeting: &PermanentMeeting, active: bool) {
        let change = MeetingChange { active: Some(active), ..MeetingChange::default() };
        store.change_permanent_meeting(meeting.id, change, meeting.created_by, clock.now()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_meeting_that_is_over_is_kept_nowhere_and_can_begin_again() {
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) =
            (Store::open(&folder.path().join("tabellion.db")).unwrap(), FakeClock::default());
        let alice = alice(&store, &clock).await;
        let meeting = meeting(&store, &clock, alice).await;
        let (media, _news) = Media::start(folder.path().join("nobody.sock"));
        let config = ConferenceConfig {
            office: "Office".to_owned(),
            media_address: [127, 0, 0, 1].into(),
            leg_kbps: 1_000,
            ports: PortPool::new(20_000..20_100),
            turn: None,
        };
        let entropy = Arc::new(FakeEntropy::seeded(8));
        let conference = Conference::new(config, store.clone(), media, Arc::new(clock.clone()), entropy);

        for _ in 0..2 {
            conference.organizer_seat(alice, meeting.id).await.unwrap();
            assert!(conference.actors().contains_key(&room_of(meeting.id)));
            switch(&store, &clock, &meeting, false).await;
            conference.meeting_changed(meeting.id).await;
            let forgotten = async {
                // Time that is paused passes at once, for the actor as for its meeting.
                while !conference.actors().is_empty() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    clock.advance(time::Duration::SECOND);
                }
            };
            tokio::time::timeout(Duration::from_secs(120), forgotten)
                .await
                .expect("forgotten within two minutes");
            switch(&store, &clock, &meeting, true).await;
        }
    }
}
