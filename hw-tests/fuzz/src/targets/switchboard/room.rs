//! A room in fake time with two browsers, of which the input plays one, and all strangers.

use super::client::Client;
use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::Once,
    time::{Duration, Instant},
};
use tabellion_media::core::{StudioAction, Switchboard};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, FromMedia, Publish, Request, ToMedia},
};

const ROOM: RoomId = RoomId(1);
/// How long what is sent to a browser is on its way, ms. Of an answer without any delay str0m would conclude that it may be asked for
/// its news without any pause.
const DELAY: u16 = 20;
/// Longest time of one step of an input: a browser that is gone is noticed within.
const LONGEST: Duration = Duration::from_secs(20);
/// The same of a step in which browsers talk: longer than they need to connect.
const LONGEST_TALK: Duration = Duration::from_millis(600);
/// How often the switchboard may want to be woken within a second, with all that an input may have brought to it.
const WAKES_A_SECOND: u32 = 4_000;

pub(super) struct Room {
    core: Switchboard,
    now: Instant,
    clients: Vec<Client>,
    in_flight: VecDeque<(SocketAddr, Vec<u8>)>,
    /// The last answer to an offer.
    answer: Option<String>,
    requests: u64,
}

fn here() -> SocketAddr {
    SocketAddr::from(([10, 77, 0, 1], 7000))
}

fn stranger() -> SocketAddr {
    SocketAddr::from(([10, 66, 0, 9], 9_999))
}

impl Room {
    /// Two browsers have joined; their transports know nothing of each other yet.
    pub(super) fn open() -> Self {
        static CRYPTO: Once = Once::new();
        CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
        let now = crate::origin();
        let mut room = Self {
            core: Switchboard::new("fuzz".to_owned(), vec![here()], now),
            now,
            clients: Vec::new(),
            in_flight: VecDeque::new(),
            answer: None,
            requests: 1_000,
        };
        for seat in 1..=2 {
            room.join(seat);
        }
        room
    }

    fn join(&mut self, seat: u64) {
        let address = SocketAddr::from(([10, 77, 0, 2], 20_000 + seat as u16));
        let (mut client, offer, pending) = Client::offer(address, self.now);
        let name = format!("p{seat}");
        let (slides, publish, seat) = (Vec::new(), Publish::ALL, SeatId(seat));
        self.ask(Request::JoinBrowser {
            room: ROOM,
            seat,
            name,
            offer,
            slides,
            publish,
            muted: false,
            limit_kbps: None,
        });
        client.answered(pending, &self.answer.take().expect("a good offer is answered"));
        self.clients.push(client);
    }

    fn ask(&mut self, request: Request) {
        self.requests += 1;
        self.core.request(ToMedia { id: self.requests, request }, self.now);
        self.collect();
    }

    pub(super) fn stranger(&mut self, by_tcp: bool, bytes: &[u8]) {
        self.datagram(stranger(), by_tcp, bytes);
    }

    pub(super) fn as_the_browser(&mut self, by_tcp: bool, bytes: &[u8]) {
        self.datagram(self.clients[0].address, by_tcp, bytes);
    }

    fn datagram(&mut self, from: SocketAddr, by_tcp: bool, bytes: &[u8]) {
        if by_tcp {
            let _ = self.core.framed_datagram(from, here(), bytes, self.now);
        } else {
            self.core.datagram(from, here(), bytes, self.now);
        }
        self.core.advance(self.now);
        self.collect();
    }

    pub(super) fn studio(&mut self, bytes: &[u8]) {
        self.core.studio_datagram(ROOM, bytes, self.now);
        self.core.advance(self.now);
        self.collect();
    }

    pub(super) fn request(&mut self, bytes: &[u8]) {
        if let Ok(message) = serde_json::from_slice(bytes) {
            self.core.request(message, self.now);
            self.collect();
        }
    }

    /// Lets so many milliseconds pass, as the shell does: from one deadline to the next.
    pub(super) fn pass(&mut self, milliseconds: u16) {
        let span = Duration::from_millis(milliseconds.into()).min(LONGEST);
        let end = self.now + span;
        let mut wakes = WAKES_A_SECOND * (span.as_secs() as u32 + 1);
        loop {
            let next = self.core.deadline(self.now);
            if next >= end {
                break;
            }
            self.now = self.now.max(next);
            self.core.advance(self.now);
            self.collect();
            wakes -= 1;
            assert!(wakes > 0, "the switchboard wants to be woken without end");
        }
        self.now = end;
    }

    /// Browsers and switchboard exchange what they have for so many milliseconds.
    pub(super) fn talk(&mut self, milliseconds: u16) {
        let end = self.now + Duration::from_millis(milliseconds.into()).min(LONGEST_TALK);
        while self.now < end {
            self.exchange(|bytes| bytes);
        }
    }

    /// The same for a moment, and the first browser's next datagrams are altered: each three bytes are a place and what is changed
    /// there.
    pub(super) fn talk_badly(&mut self, changes: &[u8]) {
        let mangle = |mut bytes: Vec<u8>| {
            for change in changes.chunks_exact(3) {
                let at = usize::from(u16::from_be_bytes([change[0], change[1]]));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= change[2];
                }
            }
            bytes
        };
        for _ in 0..4 {
            self.exchange(mangle);
        }
    }

    fn exchange(&mut self, alter: impl Fn(Vec<u8>) -> Vec<u8>) {
        self.pass(DELAY);
        for client in &mut self.clients {
            client.drive(self.now, &mut self.in_flight);
        }
        let first = self.clients[0].address;
        while let Some((from, bytes)) = self.in_flight.pop_front() {
            let bytes = if from == first { alter(bytes) } else { bytes };
            self.core.datagram(from, here(), &bytes, self.now);
        }
        self.core.advance(self.now);
        self.collect();
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.clients[0].send(bytes, self.now);
        self.exchange(|bytes| bytes);
    }

    pub(super) fn renegotiate(&mut self) {
        let Some((offer, pending)) = self.clients[0].restart() else { return };
        self.ask(Request::RenegotiateBrowser { seat: SeatId(1), offer, slides: Vec::new() });
        if let Some(answer) = self.answer.take() {
            self.clients[0].answered(pending, &answer);
        }
    }

    pub(super) fn ask_key_frame(&mut self) {
        self.clients[1].ask_key_frames();
        self.exchange(|bytes| bytes);
    }

    pub(super) fn studio_connects(&mut self) {
        self.core.studio_connected(ROOM, self.now);
        self.collect();
    }

    pub(super) fn studio_ends(&mut self) {
        self.core.studio_lost(ROOM, "it died", self.now);
        self.core.advance(self.now);
        self.collect();
    }

    pub(super) fn control_returns(&mut self) {
        self.core.control_replaced();
    }

    fn collect(&mut self) {
        while let Some(transmit) = self.core.transmit() {
            assert_ne!(transmit.destination, stranger(), "a stranger was answered");
            let clients = self.clients.iter_mut();
            if let Some(client) = { clients }.find(|client| client.address == transmit.destination) {
                client.receive(here(), &transmit.contents, self.now);
            }
        }
        while let Some(message) = self.core.say() {
            if let FromMedia::Answer { result: Ok(Answer::Sdp { answer }), .. } = message {
                self.answer = Some(answer);
            }
        }
        while let Some(action) = self.core.studio_action() {
            if let StudioAction::Tell(_, bytes) | StudioAction::Media(_, bytes) = action {
                assert!(
                    bytes.len() <= tabellion_media_protocol::studio::MAX_DATAGRAM,
                    "no studio takes this"
                );
            }
        }
    }
}
