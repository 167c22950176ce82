//! The actor of one meeting: the only one who touches its state.

mod browsers;
mod effects;
mod gaps;
mod media;
mod relay;
mod renegotiation;
mod restored;
mod room_systems;
mod unstored;

use crate::{
    attachment::{Attachment, LastSeen, SeatSession},
    conference::Shared,
    error::{AttachError, JoinError},
    leg::RoomSystem,
    media::MediaRequestError,
    messages::SeatRequest,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tabellion_domain::{
    MeetingFacts, Role, SeatId, Source, UserId,
    admission::{Channel, EndReason, Identity, LiveMeeting, NewSeat},
};
use tabellion_media_protocol::{
    RoomId,
    control::{Encoding, Event, Slot, Snapshot},
};
use tabellion_sip::{IncomingCall, LegEvent};
use tabellion_store::StoredSeat;
use tokio::sync::{mpsc, oneshot};
use tracing::info;

/// An actor with nobody in its meeting ends after this; the next arrival starts a new one.
const IDLE: Duration = Duration::from_secs(30);

/// What can happen to a meeting.
pub(crate) enum Command {
    /// Someone from the espace client or by a link wants a seat.
    Seat { person: Person, reply: oneshot::Sender<Result<String, JoinError>> },
    /// A page takes its seat.
    Attach { seat: SeatId, seen: Option<LastSeen>, reply: oneshot::Sender<Result<SeatSession, AttachError>> },
    /// A page asks something.
    Request { seat: SeatId, session: u64, request: SeatRequest },
    /// A page's connection is gone.
    Detached { seat: SeatId, session: u64 },
    /// The meeting was edited, switched or deleted.
    Changed,
    /// What a seat was taken with is no more: its account, its invitation.
    Withdraw { seat: SeatId, reason: EndReason },
    /// The switchboard is there (again).
    MediaUp(Arc<Snapshot>),
    /// Of one of this meeting's seats.
    Media(Event),
    /// A room system calls.
    Call(Box<IncomingCall>),
    /// And has answered our offer.
    LateCall(Box<room_systems::LateCall>),
    /// The media engine carries a leg, or cannot.
    LegOpened { seat: SeatId, opening: u64, result: Result<(), MediaRequestError> },
    /// The media engine carries a change of a call, or cannot.
    LegChanged { seat: SeatId, change: Box<renegotiation::LegChange> },
    /// A call says something.
    Leg { seat: SeatId, event: LegEvent },
}

/// Someone who gets a seat in a browser.
#[derive(Clone)]
pub(crate) struct Person {
    pub name: String,
    pub role: Role,
    pub identity: Identity,
    pub user: Option<UserId>,
    /// Where a guest's request comes from.
    pub source: Option<Source>,
    /// The personal link that it comes by: SHA-256 of its secret.
    pub link: Option<[u8; 32]>,
}

pub(crate) struct Actor {
    shared: Arc<Shared>,
    room: RoomId,
    facts: MeetingFacts,
    live: LiveMeeting,
    attachments: HashMap<SeatId, Attachment>,
    slots: HashMap<SeatId, Vec<Slot>>,
    /// Which of its pictures' encodings a seat was told to send.
    encodings: HashMap<SeatId, Vec<Encoding>>,
    /// Who speaks, or spoke last.
    speaker: Option<SeatId>,
    /// Whose media does not come through.
    interrupted: HashSet<SeatId>,
    room_systems: HashMap<SeatId, RoomSystem>,
    /// Where guests' requests came from.
    requests: HashMap<SeatId, Source>,
    sessions: u64,
    /// This life's: events are numbered anew in the next one.
    epoch: u32,
    unstored: unstored::Unstored,
    own: mpsc::Sender<Command>,
}

impl Actor {
    pub(crate) fn new(shared: Arc<Shared>, facts: MeetingFacts, own: mpsc::Sender<Command>) -> Self {
        let room = crate::conference::room_of(facts.id);
        let live = LiveMeeting::new(facts.required_code().map(str::to_owned));
        let mut epoch = [0; 4];
        shared.entropy.fill(&mut epoch);
        Self {
            shared,
            room,
            facts,
            live,
            attachments: HashMap::new(),
            slots: HashMap::new(),
            encodings: HashMap::new(),
            speaker: None,
            interrupted: HashSet::new(),
            room_systems: HashMap::new(),
            requests: HashMap::new(),
            sessions: 0,
            epoch: u32::from_be_bytes(epoch),
            unstored: unstored::Unstored::default(),
            own,
        }
    }

    /// Takes a seat up again that a former run of this process left in the store.
    pub(crate) async fn take_up(&mut self, stored: StoredSeat) {
        let now = self.shared.clock.now();
        let new = NewSeat {
            id: stored.id,
            name: stored.name.clone(),
            role: stored.role,
            channel: stored.channel,
            identity: stored.identity,
        };
        let media = (stored.microphone, stored.camera);
        self.live.restore(new, stored.stage, stored.created_at, now);
        self.live.media_state(stored.id, media.0, media.1);
        if stored.channel == Channel::RoomSystem {
            self.take_up_room_system(&stored).await;
        }
    }

    /// Lives until nobody has been in the meeting for a while.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let heard = tokio::time::timeout(self.patience(), commands.recv()).await;
            self.catch_up().await;
            match heard {
                Ok(Some(command)) => self.handle(command).await,
                Ok(None) => break,
                Err(_) if self.live.is_empty() && self.unstored.is_empty() => {
                    // Whoever sends from now on is told so, and starts a new actor; so are those who just did.
                    commands.close();
                    while let Ok(command) = commands.try_recv() {
                        command.refuse();
                    }
                    break;
                }
                Err(_) => self.times_have_come().await,
            }
            self.forget_the_ended();
        }
        info!(room = self.room.0, "a meeting is empty");
    }

    /// How long to wait for a command.
    fn patience(&self) -> Duration {
        match self.live.next_deadline() {
            _ if !self.unstored.is_empty() => unstored::RETRY,
            Some(at) => (at - self.shared.clock.now()).try_into().unwrap_or(Duration::ZERO),
            // Nobody comes to a rehearsal that is over.
            None if self.live.is_empty() && self.facts.id.is_rehearsal() && !self.facts.open => {
                Duration::ZERO
            }
            None if self.live.is_empty() => IDLE,
            None => Duration::from_secs(3600),
        }
    }

    /// Drops the connections and calls of seats that the meeting has forgotten: last, after their pages have been
    /// given their reply.
    fn forget_the_ended(&mut self) {
        let live = &self.live;
        self.attachments.retain(|seat, _| live.seat(*seat).is_some());
        self.room_systems.retain(|seat, _| live.seat(*seat).is_some());
        self.requests.retain(|seat, _| live.seat(*seat).is_some());
    }

    async fn handle(&mut self, command: Command) {
        match command {
            Command::Seat { person, reply } => {
                let seat = self.new_browser(person).await;
                // The page may have gone meanwhile: its seat ends by itself.
                let _ = reply.send(seat);
            }
            Command::Attach { seat, seen, reply } => {
                let session = self.attach(seat, seen);
                let _ = reply.send(session);
            }
            Command::Request { seat, session, request } => self.request(seat, session, request).await,
            Command::Detached { seat, session } => self.detached(seat, session),
            Command::Changed => self.changed().await,
            Command::Withdraw { seat, reason } => self.withdraw(seat, reason).await,
            Command::MediaUp(snapshot) => self.media_up(&snapshot).await,
            Command::Media(event) => self.media_event(event).await,
            Command::Call(call) => self.call(*call).await,
            Command::LateCall(late) => self.late_call(*late).await,
            Command::LegOpened { seat, opening, result } => self.leg_opened(seat, opening, result).await,
            Command::LegChanged { seat, change } => self.leg_changed(seat, *change).await,
            Command::Leg { seat, event } => self.leg_event(seat, event).await,
        }
    }
}
