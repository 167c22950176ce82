//! A meeting with alice and bob: the real conference over a real store, before a switchboard that only answers.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod failures;
pub(crate) mod phone;

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tabellion_conference::{
    AttachError, Conference, ConferenceConfig, GuestForm, JoinError, PortPool, SeatSession,
    media::Media,
    messages::{
        Decision, EndReason, IceServer, ParticipantView, SeatCommand, SeatEvent, SeatFrame, SeatReply,
        SeatRequest, Stage,
    },
};
use tabellion_domain::{
    AuditEvent, Civility, Description, PermanentMeeting, SecurityCode, UserId,
    admission::JournalEntry,
    settings::{Secret, TurnServer, TurnUri},
    testing::{FakeClock, FakeEntropy},
};
use tabellion_media_protocol::{
    LegView, PROTOCOL, RoomId, VideoCodec,
    control::{Answer, Encoding, Event, FromMedia, MediaError, Request, SeatState, Snapshot, ToMedia},
    frame::{self, Decoder},
};
use tabellion_sip::{Binding, Device, Registry, RegistryError, SipConfig, SipService};
use tabellion_store::{NewMeeting, NewUser, Store};
use tokio::{
    io::AsyncReadExt,
    net::{UnixListener, UnixStream},
    sync::Notify,
};

pub(crate) const CODE: &str = "1234";
pub(crate) const TURN: &str = "turn:turn.office.fr:3478?transport=udp";
const PATIENCE: Duration = Duration::from_secs(5);

/// What the switchboard was asked, and what it carries.
#[derive(Default)]
pub(crate) struct Switchboard {
    pub asked: Vec<Request>,
    pub carries: Vec<SeatState>,
    pub speakers: Vec<(RoomId, tabellion_media_protocol::SeatId)>,
    pub away: bool,
    /// It has no time for anybody else.
    pub full: bool,
    /// A studio cannot carry sound that is sent to these ports.
    pub cannot_reach: Vec<u16>,
    /// It dies when it is asked to, once, and comes back as it was.
    pub dies_of: Option<u16>,
    /// A studio carries sound that is sent to this port, but not before [`TestRoom::goes_on`].
    pub hesitates_at: Option<u16>,
    goes_on: Arc<Notify>,
    heard: Arc<Notify>,
}

pub(crate) struct TestRoom {
    pub store: Store,
    pub clock: FakeClock,
    pub conference: Conference,
    pub meeting: PermanentMeeting,
    pub alice: UserId,
    pub switchboard: Arc<Mutex<Switchboard>>,
    pub sip: SipService,
    failures: failures::Failures,
    folder: tempfile::TempDir,
}

impl TestRoom {
    pub(crate) async fn open() -> Self {
        let failures = failures::Failures::follow();
        let folder = tempfile::tempdir().unwrap();
        let clock = FakeClock::default();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let (alice, meeting) = seed(&store, &clock).await;
        let switchboard = Arc::default();
        listen(&folder.path().join("media.sock"), Arc::clone(&switchboard));
        let (conference, sip) = start(&store, &clock, folder.path()).await;
        let room = Self { store, clock, conference, meeting, alice, switchboard, sip, failures, folder };
        // The link is there before anybody calls.
        room.until_asked(&Request::Snapshot).await;
        room
    }

    /// The control process dies and comes back; the switchboard has gone on.
    pub(crate) async fn restart(&mut self) {
        self.sip.stop().await;
        (self.conference, self.sip) = start(&self.store, &self.clock, self.folder.path()).await;
    }

    /// Waits until the switchboard was asked this.
    pub(crate) async fn until_asked(&self, wanted: &Request) {
        self.until(|request| request == wanted).await;
    }

    /// Waits until a browser was seated with this limit of bandwidth.
    pub(crate) async fn until_seated_within(&self, wanted: Option<u32>) {
        self.until(|request| match request {
            Request::JoinBrowser { limit_kbps, .. } => *limit_kbps == wanted,
            _ => false,
        })
        .await;
    }

    /// Waits until a room system's picture says this.
    pub(crate) async fn until_shown(&self, text: &str) {
        self.until(|request| match request {
            Request::OpenLeg { view, .. } | Request::ShowLeg { view, .. } => {
                matches!(view, LegView::Notice(notice) if notice.title == text || notice.text.contains(text))
            }
            _ => false,
        })
        .await;
    }

    /// Waits until the switchboard was asked for something that is looked for. What was asked up to then is forgotten.
    pub(crate) async fn until(&self, wanted: impl Fn(&Request) -> bool) {
        let heard = self.switchboard.lock().unwrap().heard.clone();
        let asked = async {
            loop {
                let next = heard.notified();
                {
                    let asked = &mut self.switchboard.lock().unwrap().asked;
                    if let Some(at) = asked.iter().position(&wanted) {
                        asked.drain(..=at);
                        return;
                    }
                }
                next.await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("asked within 5 s");
    }

    /// Waits until the box has logged this failure, once more.
    pub(crate) async fn until_logged(&self, message: &str) {
        let logged = async {
            while !self.failures.take(message) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, logged).await.expect("logged within 5 s");
    }

    /// What the studio hesitated to carry is carried.
    pub(crate) fn goes_on(&self) {
        self.switchboard.lock().unwrap().goes_on.notify_one();
    }

    /// Nothing more of a meeting can be written, as on a full disk; or it can again.
    pub(crate) fn disk_is_full(&self, full: bool) {
        for (name, write) in [("journal_full", "INSERT ON audit_journal"), ("seats_full", "UPDATE ON seats")]
        {
            self.database(&if full {
                format!(
                    "CREATE TRIGGER {name} BEFORE {write} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
                )
            } else {
                format!("DROP TRIGGER {name}")
            });
        }
    }

    /// Waits until a restart would find so many calls.
    pub(crate) async fn until_stored_calls(&self, wanted: usize) {
        let stored = async {
            while self.store.open_seats().await.unwrap().iter().filter(|seat| seat.dialog.is_some()).count()
                != wanted
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, stored).await.expect("so many stored calls within 5 s");
    }

    /// Waits until a restart would find so many calls of seats that are over.
    pub(crate) async fn until_ended_calls(&self, wanted: usize) {
        let stored = async {
            while self.store.ended_seats_with_a_call().await.unwrap().len() != wanted {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, stored).await.expect("so many stored calls within 5 s");
    }

    /// Changes the database behind everybody's back.
    pub(crate) fn database(&self, sql: &str) {
        let other = rusqlite::Connection::open(self.folder.path().join("tabellion.db")).unwrap();
        other.execute_batch(sql).unwrap();
    }

    /// Where a seat stands in the store.
    pub(crate) async fn stored(&self, seat: u64) -> tabellion_domain::admission::Stage {
        let id = tabellion_domain::SeatId(i64::try_from(seat).unwrap());
        self.store.seat(id).await.unwrap().unwrap().stage
    }

    /// What the journal says of meetings, in order.
    pub(crate) async fn journal(&self) -> Vec<JournalEntry> {
        let lines = self.store.audit_journal().await.unwrap();
        let events = lines.iter().map(|line| serde_json::from_str(&line.event).unwrap());
        events
            .filter_map(|event| match event {
                AuditEvent::Meeting { entry, .. } => Some(entry),
                _ => None,
            })
            .collect()
    }

    pub(crate) async fn organizer(&self) -> Page {
        let token = self.conference.organizer_seat(self.alice, self.meeting.id).await.unwrap();
        Page::open(self, token).await
    }

    pub(crate) async fn knocks(&self, code: Option<&str>) -> Result<String, JoinError> {
        let form = GuestForm {
            civility: Civility::Monsieur,
            first_name: "Bob".to_owned(),
            last_name: "Martin".to_owned(),
            code: code.map(str::to_owned),
        };
        self.conference.request_entry(&self.meeting.link_token, form, "10.77.0.2".parse().unwrap()).await
    }

    pub(crate) async fn guest(&self) -> Page {
        let token = self.knocks(Some(CODE)).await.unwrap();
        Page::open(self, token).await
    }

    /// Waits until nobody knows of a seat any more.
    pub(crate) async fn until_forgotten(&self, token: &str) {
        let forgotten = async {
            while !matches!(self.conference.attach(token, None).await, Err(AttachError::UnknownSeat)) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, forgotten).await.expect("forgotten within 5 s");
    }

    /// How the seat ended, as a page is told that comes too late to take it.
    pub(crate) async fn over(&self, token: &str) -> EndReason {
        match self.conference.attach(token, None).await {
            Err(AttachError::Over(reason)) => reason,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("the seat is open"),
        }
    }
}

/// A page that has taken its seat.
pub(crate) struct Page {
    pub token: String,
    pub seat: u64,
    pub last: u64,
    session: SeatSession,
    replies: u32,
}

impl Page {
    pub(crate) async fn open(room: &TestRoom, token: String) -> Self {
        let session = room.conference.attach(&token, None).await.unwrap();
        let seat = session.seat.0.unsigned_abs();
        Self { token, seat, last: 0, session, replies: 0 }
    }

    pub(crate) async fn asks(&mut self, command: SeatCommand) -> SeatReply {
        self.replies += 1;
        let id = self.replies;
        self.session.request(SeatRequest { id, command }).await;
        loop {
            match self.next().await {
                SeatFrame::Reply { reply_to, reply } if reply_to == id => return reply,
                _ => {}
            }
        }
    }

    pub(crate) async fn enters(&mut self) -> SeatReply {
        self.enters_within(None).await
    }

    pub(crate) async fn enters_within(&mut self, limit_kbps: Option<u32>) -> SeatReply {
        self.asks(SeatCommand::Enter {
            offer: "offer".to_owned(),
            slides: Vec::new(),
            microphone: true,
            camera: true,
            limit_kbps,
        })
        .await
    }

    /// The server that relays for this seat.
    pub(crate) async fn relay(&mut self) -> IceServer {
        match self.asks(SeatCommand::IceServers).await {
            SeatReply::IceServers { servers } => servers.into_iter().next().expect("the office has one"),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn leaves(&mut self) {
        self.asks(SeatCommand::Leave).await;
    }

    pub(crate) async fn decides(&mut self, seat: u64, decision: Decision) -> SeatReply {
        self.asks(SeatCommand::Decide { seat, decision }).await
    }

    /// The first event that is what is looked for.
    pub(crate) async fn hears<T>(&mut self, look: impl Fn(&SeatEvent) -> Option<T>) -> T {
        loop {
            if let SeatFrame::Event { event, seq } = self.next().await {
                self.last = seq;
                if let Some(found) = look(&event) {
                    return found;
                }
            }
        }
    }

    pub(crate) async fn stage(&mut self, wanted: Stage) {
        self.hears(|event| {
            let stage = match event {
                SeatEvent::Stage { stage } | SeatEvent::Welcome { stage, .. } => stage,
                _ => return None,
            };
            (*stage == wanted).then_some(())
        })
        .await;
    }

    /// The seat of the first one who waits.
    pub(crate) async fn sees_waiting(&mut self) -> u64 {
        self.hears(|event| match event {
            SeatEvent::Queue { queue } | SeatEvent::Welcome { queue, .. } => {
                queue.first().map(|one| one.seat)
            }
            _ => None,
        })
        .await
    }

    /// Waits until those who are inside are as is looked for.
    pub(crate) async fn sees_inside(&mut self, wanted: impl Fn(&[ParticipantView]) -> bool) {
        self.hears(|event| match event {
            SeatEvent::Participants { participants } => wanted(participants).then_some(()),
            _ => None,
        })
        .await;
    }

    pub(crate) async fn ended(&mut self, reason: EndReason) {
        self.stage(Stage::Ended { reason }).await;
    }

    async fn next(&mut self) -> SeatFrame {
        tokio::time::timeout(PATIENCE, self.session.frames.recv())
            .await
            .expect("a frame within 5 s")
            .expect("the seat is not over")
    }
}

async fn seed(store: &Store, clock: &FakeClock) -> (UserId, PermanentMeeting) {
    use tabellion_domain::Clock;
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
    let alice = store.create_user(alice, clock.now()).await.unwrap();
    let new = NewMeeting {
        description: Description::new("Vente DUPONT").unwrap(),
        active: true,
        code_active: true,
        code: Some(SecurityCode::new(CODE).unwrap()),
        created_by: alice,
    };
    let entropy = Arc::new(FakeEntropy::seeded(7));
    let meeting = store.create_permanent_meeting(new, "1099".into(), entropy, clock.now()).await.unwrap();
    (alice, meeting)
}

static LIVES: AtomicU64 = AtomicU64::new(1);

async fn start(store: &Store, clock: &FakeClock, folder: &Path) -> (Conference, SipService) {
    let (media, news) = Media::start(folder.join("media.sock"));
    let address = "127.0.0.1".parse().unwrap();
    let config = ConferenceConfig {
        office: "Office".to_owned(),
        media_address: address,
        leg_kbps: 1_000,
        ports: PortPool::new(20_000..20_100),
        turn: Some(TurnServer {
            uris: vec![TurnUri::new(TURN).unwrap()],
            secret: Secret::new("un-secret-que-le-serveur-connait"),
        }),
    };
    // Another stream each time: a secret of before must not come again.
    let entropy = Arc::new(FakeEntropy::seeded(LIVES.fetch_add(1, Ordering::Relaxed)));
    let conference = Conference::new(config, store.clone(), media, Arc::new(clock.clone()), entropy.clone());
    let sip = SipConfig {
        address,
        udp_port: 0,
        tcp_port: 0,
        tls: None,
        domain: "office.test".to_owned(),
        hosts: Vec::new(),
        realm: "office.test".to_owned(),
        user_agent: "test".to_owned(),
    };
    let calls = Arc::new(conference.clone());
    let sip =
        SipService::bind(sip, Arc::new(NoDevices), calls, Arc::new(clock.clone()), entropy).await.unwrap();
    conference.take_up(sip.clone(), news).await.unwrap();
    sip.serve().unwrap();
    (conference, sip)
}

struct NoDevices;

#[async_trait::async_trait]
impl Registry for NoDevices {
    async fn device(&self, _: &str) -> Result<Option<Device>, RegistryError> {
        Ok(None)
    }
    async fn save_binding(&self, _: &Binding) -> Result<(), RegistryError> {
        Ok(())
    }
    async fn remove_binding(&self, _: &str, _: &str) -> Result<(), RegistryError> {
        Ok(())
    }
    async fn bindings(&self, _: &str) -> Result<Vec<Binding>, RegistryError> {
        Ok(Vec::new())
    }
}

fn listen(path: &Path, state: Arc<Mutex<Switchboard>>) {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, state.clone()));
        }
    });
}

async fn serve(stream: UnixStream, state: Arc<Mutex<Switchboard>>) {
    let mut decoder = Decoder::default();
    let mut bytes = [0; 4096];
    let (mut stream, write) = stream.into_split();
    let write = Arc::new(write);
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        decoder.push(&bytes[..read]);
        while let Some(message) = decoder.next_message::<ToMedia>().unwrap() {
            if state.lock().unwrap().dies_of.take_if(|port| reaches(&message.request, &[*port])).is_some() {
                return;
            }
            let hesitates =
                state.lock().unwrap().hesitates_at.filter(|port| reaches(&message.request, &[*port]));
            let answers = answer(message, &mut state.lock().unwrap());
            let (write, goes_on) = (write.clone(), state.lock().unwrap().goes_on.clone());
            let says = async move {
                for said in answers {
                    write.try_write(&frame::encode(&said).unwrap()).unwrap();
                }
            };
            if hesitates.is_some() {
                tokio::spawn(async move {
                    goes_on.notified().await;
                    says.await;
                });
            } else {
                says.await;
            }
        }
    }
}

fn reaches(request: &Request, ports: &[u16]) -> bool {
    let Request::OpenLeg { leg, .. } = request else { return false };
    leg.audio.as_ref().is_some_and(|audio| ports.contains(&audio.remote.port()))
}

fn answer(message: ToMedia, state: &mut Switchboard) -> Vec<FromMedia> {
    state.asked.push(message.request.clone());
    state.heard.notify_waiters();
    let mut events = Vec::new();
    let answer = match message.request {
        Request::Hello { .. } => Answer::Hello { protocol: PROTOCOL, instance: "test".to_owned() },
        Request::Snapshot => Answer::Snapshot(Snapshot {
            seats: state.carries.clone(),
            speakers: state.speakers.clone(),
            studios: Vec::new(),
        }),
        Request::JoinBrowser { .. } if state.away => {
            let error = MediaError::Studio { reason: "away".to_owned() };
            return vec![FromMedia::Answer { id: message.id, result: Err(error) }];
        }
        Request::JoinBrowser { .. } | Request::OpenLeg { .. } if state.full => {
            return vec![FromMedia::Answer { id: message.id, result: Err(MediaError::Overloaded) }];
        }
        Request::JoinBrowser { limit_kbps: Some(kbps @ 0), .. }
        | Request::LimitBandwidth { kbps: Some(kbps @ 0), .. } => {
            let result = Err(MediaError::BadLimit { kbps });
            return vec![FromMedia::Answer { id: message.id, result }];
        }
        Request::JoinBrowser { room, seat, .. } => {
            let encodings = ["q", "f"]
                .map(|rid| Encoding {
                    mid: "1".to_owned(),
                    rid: Some(rid.to_owned()),
                    codec: VideoCodec::Vp8,
                })
                .to_vec();
            state.carries.push(SeatState { encodings: encodings.clone(), ..carried(room, seat) });
            events.push(FromMedia::Event(Event::Encodings { seat, encodings }));
            events.push(FromMedia::Event(Event::Connected { seat }));
            state.speakers = vec![(room, seat)];
            events.push(FromMedia::Event(Event::Speaker { room, seat }));
            Answer::Sdp { answer: "answer".to_owned() }
        }
        ref request if reaches(request, &state.cannot_reach) => {
            let reason = "no route".to_owned();
            return vec![FromMedia::Answer { id: message.id, result: Err(MediaError::Studio { reason }) }];
        }
        Request::OpenLeg { room, seat, .. } => {
            state.carries.retain(|carried| carried.seat != seat);
            state.carries.push(carried(room, seat));
            Answer::Done
        }
        Request::Leave { seat } => {
            state.carries.retain(|carried| carried.seat != seat);
            Answer::Done
        }
        _ => Answer::Done,
    };
    events.insert(0, FromMedia::Answer { id: message.id, result: Ok(answer) });
    events
}

/// A seat as a switchboard has it that shows it nobody.
pub(crate) fn carried(room: RoomId, seat: tabellion_media_protocol::SeatId) -> SeatState {
    SeatState { room, seat, connected: true, slots: Vec::new(), encodings: Vec::new() }
}

pub(crate) fn room_of(room: &TestRoom) -> RoomId {
    RoomId(room.meeting.id.0.unsigned_abs())
}
