//! A room in fake time: str0m clients as browsers, a network that is a queue, a studio that is a list.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "test support: each file uses its part, and what fails ends the test"
)]

pub mod camera;
pub mod meeting;

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event as RtcEvent, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    ice::StunMessage,
    media::{Direction, KeyframeRequestKind, MediaKind, Mid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive},
    rtp::{ExtensionValues, RtpWrite},
};
use tabellion_media::core::{StudioAction, Switchboard};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, Event, FromMedia, MediaError, Publish, Request, Slot, ToMedia},
};

pub const ROOM: RoomId = RoomId(1);
pub const STEP: Duration = Duration::from_millis(5);
const MILLISECOND: Duration = Duration::from_millis(1);
const BOX: &str = "10.77.0.1:7000";

/// One RTP packet as a browser got it.
#[derive(Clone, Debug)]
pub struct Received {
    pub mid: String,
    pub sequence: u64,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

/// A browser as far as the switchboard can tell.
pub struct Client {
    pub seat: SeatId,
    pub rtc: Rtc,
    pub address: SocketAddr,
    pub pending: Option<SdpPendingOffer>,
    pub audio: Mid,
    pub video: Mid,
    pub connected: bool,
    pub received: Vec<Received>,
    /// Bytes of the datagrams that have come, with their headers (IPv4, UDP).
    pub arrived: u64,
    /// When, and of which encoding.
    pub key_frames_asked: Vec<(Instant, String)>,
    /// Sender reports that came (RFC 3550 §6.4.1), by their SSRC; this much of SRTCP is not encrypted (RFC 3711 §3.4).
    pub reported: Vec<u32>,
    /// The last packet's number, and the last picture's, of each stream: line, and encoding.
    sent: HashMap<(Mid, String), (u64, u64)>,
    /// The number that it left out.
    skipped: u64,
    /// Names of its picture's encodings; none: it has but one.
    encodings: &'static [&'static str],
    /// Slots for sound, and as many for pictures.
    slots: usize,
}

/// A packet that a browser sends.
struct Piece<'a> {
    codec: Codec,
    rid: Option<&'a str>,
    payload: &'a [u8],
    level: Option<i8>,
    redundant: bool,
    /// Whether it is the first, and the last, of a picture.
    begins: bool,
    ends: bool,
}

impl<'a> Piece<'a> {
    /// A picture, or a piece of sound, in one packet.
    fn whole(codec: Codec, payload: &'a [u8]) -> Self {
        Self { codec, rid: None, payload, level: None, redundant: false, begins: true, ends: true }
    }
}

/// A line to a browser: so many bit/s behind a queue, and a delay.
pub struct Line {
    pub rate: u64,
    pub delay: Duration,
    /// How long the queue may become before what comes is dropped.
    pub longest: Duration,
    free_at: Option<Instant>,
    queue: VecDeque<(Instant, Vec<u8>)>,
    pub dropped: usize,
}

impl Line {
    /// A usual line: 20 ms away, with a queue of 200 ms.
    pub fn of(rate: u64) -> Self {
        Self {
            rate,
            delay: Duration::from_millis(20),
            longest: Duration::from_millis(200),
            free_at: None,
            queue: VecDeque::new(),
            dropped: 0,
        }
    }

    fn take(&mut self, bytes: Vec<u8>, now: Instant) {
        let begins = self.free_at.map_or(now, |free| free.max(now));
        if begins - now > self.longest {
            self.dropped += 1;
            return;
        }
        let bits = (bytes.len() as u64 + 28) * 8;
        let ends = begins + Duration::from_nanos(bits * 1_000_000_000 / self.rate);
        self.free_at = Some(ends);
        self.queue.push_back((ends + self.delay, bytes));
    }
}

/// Whether a datagram from the box is lost.
type Lose = Box<dyn FnMut(&[u8]) -> bool>;

pub struct TestRoom {
    pub now: Instant,
    pub core: Switchboard,
    pub clients: Vec<Client>,
    pub events: Vec<Event>,
    pub answers: HashMap<u64, Result<Answer, MediaError>>,
    pub studio: Vec<StudioAction>,
    /// Whether a datagram from the switchboard is lost.
    pub lose: Lose,
    /// Browsers have chosen a pair of addresses, and nominate it later.
    pub silent_choice: bool,
    /// Whose network is cut, both ways.
    pub cut: Option<SeatId>,
    /// What lies between the switchboard and a browser, where it is not the office's network.
    pub lines: HashMap<SeatId, Line>,
    /// Where who joins next goes.
    pub room: RoomId,
    /// What browsers have sent, with where it came from, while it is looked at.
    pub tapped: Option<Vec<(SocketAddr, Vec<u8>)>>,
    /// Whose datagrams do not arrive, though they are tapped.
    pub withheld: Option<SeatId>,
    /// What browsers that join want to get at most.
    pub limit_kbps: Option<u32>,
    in_flight: VecDeque<(SocketAddr, Vec<u8>)>,
    next_request: u64,
}

impl TestRoom {
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    pub fn open() -> Self {
        str0m::crypto::from_feature_flags().install_process_default();
        let now = Instant::now();
        Self {
            now,
            core: Switchboard::new("test".to_owned(), vec![BOX.parse().unwrap()], now),
            clients: Vec::new(),
            events: Vec::new(),
            answers: HashMap::new(),
            studio: Vec::new(),
            lose: Box::new(|_| false),
            silent_choice: false,
            cut: None,
            lines: HashMap::new(),
            room: ROOM,
            tapped: None,
            withheld: None,
            limit_kbps: None,
            in_flight: VecDeque::new(),
            next_request: 1,
        }
    }

    pub fn ask(&mut self, request: Request) -> u64 {
        let id = self.next_request;
        self.next_request += 1;
        self.core.request(ToMedia { id, request }, self.now);
        self.collect();
        id
    }

    pub fn answer(&mut self, request: Request) -> Result<Answer, MediaError> {
        let id = self.ask(request);
        self.answers.remove(&id).expect("an answer at once")
    }

    /// A browser joins; the offer may be changed on its way.
    pub fn join_with(&mut self, seat: u64, publish: Publish, change: impl Fn(String) -> String) -> usize {
        let client = Client::new(seat, self.now);
        self.join_as(client, publish, change)
    }

    fn join_as(&mut self, mut client: Client, publish: Publish, change: impl Fn(String) -> String) -> usize {
        let seat = client.seat.0;
        let (offer, pending) = client.offer();
        let offer = change(offer);
        let request = Request::JoinBrowser {
            room: self.room,
            seat: SeatId(seat),
            name: format!("p{seat}"),
            offer,
            slides: Vec::new(),
            publish,
            muted: false,
            limit_kbps: self.limit_kbps,
        };
        let Answer::Sdp { answer } = self.answer(request).unwrap() else { panic!("no SDP") };
        client.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap()).unwrap();
        self.clients.retain(|other| other.seat != client.seat);
        self.clients.push(client);
        self.clients.len() - 1
    }

    pub fn join(&mut self, seat: u64) -> usize {
        self.join_with(seat, Publish::ALL, |offer| offer)
    }

    /// As [`Self::connect`], with a picture in these encodings.
    pub fn connect_simulcast(&mut self, seat: u64, encodings: &'static [&'static str]) {
        self.connect_client(Client { encodings, ..Client::new(seat, self.now) });
    }

    /// As [`Self::connect`], with so many slots of each kind.
    pub fn connect_with_slots(&mut self, seat: u64, slots: usize) {
        self.connect_client(Client { slots, ..Client::new(seat, self.now) });
    }

    /// As [`Self::connect`], one that sends and takes sound with the piece before, or takes it without.
    pub fn connect_redundant(&mut self, seat: u64, redundant: bool) {
        let config = RtcConfig::new().enable_opus(true, redundant);
        self.connect_client(Client::of(seat, config, self.now));
    }

    /// As [`Self::connect`], one that sends and takes pictures in these codecs only.
    pub fn connect_with_codecs(&mut self, seat: u64, codecs: &[Codec]) {
        let config = RtcConfig::new().clear_codecs().enable_opus(true, false);
        let config = config.enable_h264(codecs.contains(&Codec::H264));
        let config = config.enable_vp8(codecs.contains(&Codec::Vp8));
        self.connect_client(Client::of(seat, config, self.now));
    }

    fn connect_client(&mut self, client: Client) {
        let seat = client.seat.0;
        self.join_as(client, Publish::ALL, |offer| offer);
        self.until(Duration::from_secs(5), |room| room.client(seat).connected);
    }

    /// Joins and waits until media can flow.
    pub fn connect(&mut self, seat: u64) -> usize {
        let index = self.join(seat);
        self.until(Duration::from_secs(5), |room| room.client(seat).connected);
        self.clients.iter().position(|client| client.seat == SeatId(seat)).unwrap_or(index)
    }

    /// A browser finds another way to the switchboard (RFC 8445 §2.4).
    pub fn restart_ice(&mut self, seat: u64) {
        let (offer, pending) = self.client(seat).restart_offer();
        let request = Request::RenegotiateBrowser { seat: SeatId(seat), offer, slides: Vec::new() };
        let Answer::Sdp { answer } = self.answer(request).unwrap() else { panic!("no SDP") };
        let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
        self.client(seat).rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    pub fn client(&mut self, seat: u64) -> &mut Client {
        self.clients.iter_mut().find(|client| client.seat == SeatId(seat)).expect("it joined")
    }

    /// Lets time pass in small steps.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }

    pub fn until(&mut self, patience: Duration, done: impl Fn(&mut Self) -> bool) {
        let end = self.now + patience;
        while !done(self) {
            assert!(self.now < end, "it did not happen within {patience:?}");
            self.step();
        }
    }

    fn step(&mut self) {
        // The switchboard wakes up to the millisecond in between.
        for _ in 1..STEP.as_millis() {
            self.now += MILLISECOND;
            if self.core.deadline(self.now) <= self.now {
                self.core.advance(self.now);
            }
            self.collect();
        }
        self.now += MILLISECOND;
        let now = self.now;
        for client in &mut self.clients {
            let sent = self.in_flight.len();
            client.drive(now, &mut self.in_flight);
            if self.cut == Some(client.seat) {
                self.in_flight.truncate(sent);
            }
        }
        while let Some((source, bytes)) = self.in_flight.pop_front() {
            let nominates = StunMessage::parse(&bytes).is_ok_and(|check| check.use_candidate());
            if nominates && self.silent_choice {
                continue;
            }
            if let Some(tapped) = &mut self.tapped {
                tapped.push((source, bytes.clone()));
            }
            let whose = self.clients.iter().find(|client| client.address == source);
            if self.withheld.is_none() || whose.map(|client| client.seat) != self.withheld {
                self.inject(source, &bytes);
            }
        }
        self.core.advance(now);
        self.collect();
    }

    /// A datagram from there arrives.
    pub fn inject(&mut self, source: SocketAddr, bytes: &[u8]) {
        self.core.datagram(source, BOX.parse().unwrap(), bytes, self.now);
    }

    pub fn collect(&mut self) {
        while let Some(transmit) = self.core.transmit() {
            if (self.lose)(&transmit.contents) {
                continue;
            }
            let now = self.now;
            let cut = self.cut;
            let whose = self.clients.iter().find(|client| client.address == transmit.destination);
            if let Some(line) = whose.and_then(|client| self.lines.get_mut(&client.seat)) {
                line.take(transmit.contents.to_vec(), now);
                continue;
            }
            let mut reached = self.clients.iter_mut().filter(|client| cut != Some(client.seat));
            if let Some(client) = reached.find(|client| client.address == transmit.destination) {
                client.receive(&transmit.contents, now);
                client.drive(now, &mut self.in_flight);
            }
        }
        self.arrive();
        while let Some(message) = self.core.say() {
            match message {
                FromMedia::Answer { id, result } => {
                    self.answers.insert(id, result);
                }
                FromMedia::Event(event) => self.events.push(event),
            }
        }
        while let Some(action) = self.core.studio_action() {
            self.studio.push(action);
        }
    }

    /// What has come to the end of its line.
    fn arrive(&mut self) {
        let now = self.now;
        for (seat, line) in &mut self.lines {
            while let Some((_, bytes)) = line.queue.pop_front_if(|(at, _)| *at <= now) {
                if let Some(client) = self.clients.iter_mut().find(|client| client.seat == *seat) {
                    client.receive(&bytes, now);
                    client.drive(now, &mut self.in_flight);
                }
            }
        }
    }

    /// The last slots that a seat was told of.
    pub fn slots(&self, seat: u64) -> Vec<Slot> {
        let told = self.events.iter().rev().find_map(|event| match event {
            Event::Slots { seat: whose, slots } if *whose == SeatId(seat) => Some(slots.clone()),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// Whom a seat sees or hears, by its slots.
    pub fn shown(&self, seat: u64, kind: tabellion_media_protocol::MediaKind) -> Vec<u64> {
        self.slots(seat)
            .iter()
            .filter(|slot| slot.kind == kind)
            .filter_map(|slot| slot.seat.map(|seat| seat.0))
            .collect()
    }
}

impl Client {
    fn new(seat: u64, now: Instant) -> Self {
        Self::of(seat, RtcConfig::new(), now)
    }

    fn of(seat: u64, config: RtcConfig, now: Instant) -> Self {
        let mut rtc = config.set_rtp_mode(true).build(now);
        let address: SocketAddr = format!("10.77.0.2:{}", 20_000 + seat).parse().unwrap();
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let placeholder = Mid::from("none");
        Self {
            seat: SeatId(seat),
            rtc,
            address,
            pending: None,
            audio: placeholder,
            video: placeholder,
            connected: false,
            received: Vec::new(),
            arrived: 0,
            key_frames_asked: Vec::new(),
            reported: Vec::new(),
            sent: HashMap::new(),
            skipped: 0,
            encodings: &[],
            slots: 2,
        }
    }

    /// Publishes sound and picture, has its slots of each.
    fn offer(&mut self) -> (String, SdpPendingOffer) {
        let mut api = self.rtc.sdp_api();
        self.audio = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let simulcast = (!self.encodings.is_empty()).then(|| {
            let mut simulcast = Simulcast::new();
            for name in self.encodings {
                simulcast.add_send_layer(SimulcastLayer::new(name));
            }
            simulcast
        });
        self.video = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
        for _ in 0..self.slots {
            api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
            api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().unwrap();
        (offer.to_sdp_string(), pending)
    }

    fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.arrived += bytes.len() as u64 + 28;
        let receive = Receive::new(Protocol::Udp, BOX.parse().unwrap(), self.address, bytes).unwrap();
        if let [128..192, 200, _, _, ssrc @ ..] = bytes
            && let Some(ssrc) = ssrc.first_chunk()
        {
            self.reported.push(u32::from_be_bytes(*ssrc));
        }
        // A test with a wrong fingerprint breaks its client, too.
        let _ = self.rtc.handle_input(Input::Receive(now, receive));
    }

    fn drive(&mut self, now: Instant, out: &mut VecDeque<(SocketAddr, Vec<u8>)>) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(_)) | Err(_) => break,
                Ok(Output::Transmit(transmit)) => out.push_back((self.address, transmit.contents.to_vec())),
                Ok(Output::Event(event)) => self.event(event, now),
            }
        }
    }

    fn event(&mut self, event: RtcEvent, now: Instant) {
        match event {
            RtcEvent::Connected => self.connected = true,
            RtcEvent::RtpPacket(packet) => {
                let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid());
                let mid = mid.map(|mid| mid.to_string()).unwrap_or_default();
                self.received.push(Received {
                    mid,
                    sequence: *packet.seq_no,
                    timestamp: packet.header.timestamp,
                    payload: packet.payload.to_vec(),
                });
            }
            RtcEvent::KeyframeRequest(asked) => {
                self.key_frames_asked.push((now, asked.rid.map(|rid| rid.to_string()).unwrap_or_default()));
            }
            _ => {}
        }
    }

    /// Sends one packet of picture.
    pub fn send_video(&mut self, payload: &[u8], now: Instant) {
        self.send(self.video, &Piece::whole(Codec::H264, payload), now);
    }

    /// Sends one packet of picture in this codec.
    pub fn send_picture_as(&mut self, codec: Codec, payload: &[u8], now: Instant) {
        self.send(self.video, &Piece::whole(codec, payload), now);
    }

    /// Leaves out a number of its picture's packets, as if one was lost on its way.
    pub fn skip_a_number(&mut self) {
        let (sequence, _) = self.sent.get_mut(&(self.video, String::new())).expect("it has sent a picture");
        *sequence += 1;
        self.skipped = *sequence;
    }

    /// Sends in H.264 what was lost.
    pub fn send_skipped(&mut self, payload: &[u8], now: Instant) {
        let key = (self.video, String::new());
        let later = self.sent.insert(key.clone(), (self.skipped - 1, 100));
        self.send(self.video, &Piece::whole(Codec::H264, payload), now);
        self.sent.insert(key, later.expect("it has sent a picture"));
    }

    /// Sends one packet of picture on another line than its camera's.
    pub fn send_picture_on(&mut self, mid: Mid, payload: &[u8], now: Instant) {
        self.send(mid, &Piece::whole(Codec::H264, payload), now);
    }

    /// Sends one packet of sound.
    pub fn send_audio(&mut self, payload: &[u8], now: Instant) {
        self.send(self.audio, &Piece::whole(Codec::Opus, payload), now);
    }

    /// Sends one packet of sound with the piece before (RFC 2198).
    pub fn send_redundant(&mut self, payload: &[u8], now: Instant) {
        self.send(self.audio, &Piece { redundant: true, ..Piece::whole(Codec::Opus, payload) }, now);
    }

    /// The next packet of sound takes its number, and is lost on the way.
    pub fn lose_sound(&mut self) {
        let (sequence, piece) = self.sent.entry((self.audio, String::new())).or_insert((100, 100));
        (*sequence, *piece) = (*sequence + 1, *piece + 1);
    }

    /// Sends the packet of sound before the last one, which the last one has overtaken.
    pub fn send_overtaken_sound(&mut self, payload: &[u8], now: Instant) {
        let key = (self.audio, String::new());
        let later = self.sent[&key];
        self.sent.insert(key.clone(), (later.0 - 2, later.1 - 2));
        self.send_redundant(payload, now);
        self.sent.insert(key, later);
    }

    /// Sends one packet of sound of this loudness, dB (RFC 6464).
    pub fn speak(&mut self, level: i8, now: Instant) {
        let sound = [0x78, self.seat.0 as u8];
        self.send(self.audio, &Piece { level: Some(level), ..Piece::whole(Codec::Opus, &sound) }, now);
    }

    /// Sends one packet of one encoding of its picture.
    pub fn send_encoding(&mut self, name: &str, payload: &[u8], now: Instant) {
        self.send_picture_of(name, &[payload.to_vec()], now);
    }

    /// Sends one picture's packets, in one encoding.
    pub fn send_picture_of(&mut self, name: &str, packets: &[Vec<u8>], now: Instant) {
        for (index, payload) in packets.iter().enumerate() {
            let (begins, ends) = (index == 0, index + 1 == packets.len());
            let piece = Piece { rid: Some(name), begins, ends, ..Piece::whole(Codec::H264, payload) };
            self.send(self.video, &piece, now);
        }
    }

    fn send(&mut self, mid: Mid, piece: &Piece<'_>, now: Instant) {
        let params = self.rtc.codec_config().params().iter();
        let payload_type = params
            .filter(|params| params.spec().codec == piece.codec)
            .map(|params| if piece.redundant { params.red().unwrap() } else { params.pt() })
            .next()
            .unwrap();
        let name = piece.rid.unwrap_or_default().to_owned();
        let (sequence, frame) = self.sent.entry((mid, name)).or_insert((100, 100));
        *sequence += 1;
        *frame += u64::from(piece.begins);
        let (sequence, timestamp) = (*sequence, 9_000 + *frame as u32 * 3_600);
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, piece.rid.map(Into::into)).unwrap();
        let extensions = ExtensionValues {
            audio_level: piece.level,
            voice_activity: piece.level.map(|_| true),
            rid: piece.rid.map(Into::into),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(payload_type, sequence.into(), timestamp, now, piece.payload);
        stream.write_rtp(write.marker(piece.ends).ext_vals(extensions));
    }

    /// Begins an ICE restart (RFC 8445 §2.4).
    fn restart_offer(&mut self) -> (String, SdpPendingOffer) {
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        let (offer, pending) = api.apply().unwrap();
        (offer.to_sdp_string(), pending)
    }

    /// Asks for a key frame of what a slot shows.
    pub fn ask_key_frame(&mut self, mid: &str) {
        let mid: Mid = mid.into();
        let mut api = self.rtc.direct_api();
        api.stream_rx_by_mid(mid, None).unwrap().request_keyframe(KeyframeRequestKind::Pli);
    }

    pub fn payloads(&self, wanted: &[u8]) -> usize {
        self.received.iter().filter(|packet| packet.payload == wanted).count()
    }
}
