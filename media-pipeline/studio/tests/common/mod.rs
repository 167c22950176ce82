//! A studio in this process, with a switchboard and SIP peers that are the test.
#![expect(clippy::disallowed_methods, reason = "deadlines of tests are real time")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, unreachable_pub, reason = "shared by the test files, each of which uses a part")]

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, recv, send, socketpair};
use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    net::{SocketAddr, UdpSocket},
    os::fd::{AsRawFd, OwnedFd},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{
    AudioCodec, Content, LegAudio, LegConfig, LegVideo, LegView, MediaKind, Notice, PROTOCOL,
    PacketizationMode, RoomId, SeatId, TrackId, VideoCodecs,
    studio::{FromStudio, MEDIA, ToStudio, WORDS},
};
use tabellion_studio::{
    hardware::software,
    pipeline::{Callbacks, Pipeline},
    rtp::Packet,
};

/// Longer than anything here takes on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Samples: pieces in which tones of even frequencies make whole turns.
const HALF_SECOND: usize = 24_000;

/// Something that others wait for.
pub struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T: Default> Default for Watched<T> {
    fn default() -> Self {
        Self { value: Mutex::default(), changed: Condvar::new() }
    }
}

impl<T> Watched<T> {
    pub fn change(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.value.lock().unwrap());
        self.changed.notify_all();
    }

    /// Waits until `check` gives something.
    #[track_caller]
    pub fn wait<R>(&self, what: &str, check: impl FnMut(&mut T) -> Option<R>) -> R {
        self.wait_within(PATIENCE, what, check)
    }

    /// As [`Self::wait`], where being late is a fault.
    #[track_caller]
    pub fn wait_within<R>(
        &self,
        patience: Duration,
        what: &str,
        mut check: impl FnMut(&mut T) -> Option<R>,
    ) -> R {
        let until = Instant::now() + patience;
        let mut value = self.value.lock().unwrap();
        loop {
            if let Some(result) = check(&mut value) {
                return result;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Others still use the value while this test fails.
                drop(value);
                panic!("waited in vain for {what}");
            }
            value = self.changed.wait_timeout(value, left).unwrap().0;
        }
    }
}

/// Waits until something holds that tells nobody of its changes.
#[track_caller]
pub fn wait_until(what: &str, mut check: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !check() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The switchboard's end of a studio's connection.
pub struct Switchboard {
    socket: Arc<OwnedFd>,
    pub reports: Arc<Watched<VecDeque<FromStudio>>>,
    pub tracks: Arc<Watched<BTreeMap<TrackId, Track>>>,
}

/// What is done with a packet.
type Take = Box<dyn FnMut(&[u8]) + Send>;

/// What came of a track.
#[derive(Default)]
pub struct Track {
    pub packets: usize,
    take: Option<Take>,
}

impl Switchboard {
    /// Starts a studio in this process, which encodes and decodes by software, and greets it.
    pub fn start() -> Self {
        Self::start_with(software())
    }

    /// The same with other codecs.
    pub fn start_with(found: VideoCodecs) -> Self {
        gst::init().unwrap();
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).unwrap();
        thread::spawn(move || tabellion_studio::run(theirs, &found, || ()).unwrap());
        let board = Self::on(ours);
        board.expect("greeting", |report| matches!(report, FromStudio::Ready { .. }));
        board.tell(&ToStudio::Open { protocol: PROTOCOL, room: RoomId(1) });
        board
    }

    pub fn on(socket: OwnedFd) -> Self {
        let socket = Arc::new(socket);
        let board = Self { socket: Arc::clone(&socket), reports: Arc::default(), tracks: Arc::default() };
        let (reports, tracks) = (Arc::clone(&board.reports), Arc::clone(&board.tracks));
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(length @ 1..) = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
                match &buffer[..length] {
                    [WORDS, json @ ..] => {
                        let report = serde_json::from_slice(json).unwrap();
                        reports.change(|all| all.push_back(report));
                    }
                    [MEDIA, a, b, c, d, rtp @ ..] => {
                        let track = TrackId(u32::from_be_bytes([*a, *b, *c, *d]));
                        tracks.change(|all| {
                            let track = all.entry(track).or_default();
                            track.packets += 1;
                            if let Some(take) = &mut track.take {
                                take(rtp);
                            }
                        });
                    }
                    other => panic!("a datagram of an unknown kind: {other:?}"),
                }
            }
        });
        board
    }

    pub fn tell(&self, words: &ToStudio) {
        let mut bytes = vec![WORDS];
        serde_json::to_writer(&mut bytes, words).unwrap();
        send(self.socket.as_raw_fd(), &bytes, MsgFlags::empty()).unwrap();
    }

    #[track_caller]
    pub fn expect(&self, what: &str, check: impl Fn(&FromStudio) -> bool) -> FromStudio {
        self.reports.wait(what, |reports| {
            let index = reports.iter().position(&check)?;
            reports.remove(index)
        })
    }

    /// Hands what comes of a track on, from now.
    pub fn attach(&self, track: u32, take: impl FnMut(&[u8]) + Send + 'static) {
        self.tracks.change(|all| all.entry(TrackId(track)).or_default().take = Some(Box::new(take)));
    }

    /// Waits until something comes of a track.
    #[track_caller]
    pub fn wait_track(&self, track: u32) {
        let track = TrackId(track);
        self.tracks.wait("a track", |all| all.get(&track).filter(|track| track.packets > 0).map(|_| ()));
    }

    /// A browser's track out of a GStreamer description, until dropped.
    pub fn source(&self, track: u32, seat: u64, name: &str, kind: MediaKind, description: &str) -> Generator {
        self.source_of(track, seat, name, (kind, Content::Main), description)
    }

    /// As [`Self::source`], of either content.
    pub fn source_of(
        &self,
        track: u32,
        seat: u64,
        name: &str,
        (kind, content): (MediaKind, Content),
        description: &str,
    ) -> Generator {
        let track = TrackId(track);
        self.tell(&ToStudio::Source { track, seat: SeatId(seat), name: name.into(), kind, content });
        let socket = Arc::clone(&self.socket);
        Generator::start(description, move |packet| {
            let mut bytes = vec![MEDIA];
            bytes.extend_from_slice(&track.0.to_be_bytes());
            bytes.extend_from_slice(packet);
            let _ = send(socket.as_raw_fd(), &bytes, MsgFlags::MSG_DONTWAIT);
        })
    }

    pub fn leg(&self, seat: u64, peer: &SipPeer, view: LegView) {
        self.leg_with(seat, peer.config(), view);
        let opened = self.expect("the leg is open", |report| {
            matches!(report, FromStudio::LegOpened { .. } | FromStudio::LegFailed { .. })
        });
        assert_eq!(opened, FromStudio::LegOpened { seat: SeatId(seat) });
    }

    pub fn leg_with(&self, seat: u64, config: LegConfig, view: LegView) {
        let track = u32::try_from(seat).unwrap() * 10;
        self.tell(&ToStudio::Leg {
            seat: SeatId(seat),
            name: format!("Salle {seat}"),
            config,
            view,
            audio_track: TrackId(track),
            video_track: TrackId(track + 1),
            publish_audio: true,
            publish_video: true,
        });
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        let _ = nix::sys::socket::shutdown(self.socket.as_raw_fd(), nix::sys::socket::Shutdown::Both);
    }
}

/// A pipeline without input; stops when dropped.
pub struct Generator(gst::Pipeline);

impl Generator {
    pub fn start(description: &str, mut take: impl FnMut(&[u8]) + Send + 'static) -> Self {
        let text = format!("{description} ! appsink name=out sync=false");
        let pipeline = gst::parse::launch(&text).unwrap().downcast::<gst::Pipeline>().unwrap();
        let sink = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
        let callback = move |sink: &gst_app::AppSink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            take(&tabellion_studio::pipeline::bytes(&sample).unwrap());
            Ok(gst::FlowSuccess::Ok)
        };
        sink.set_callbacks(gst_app::AppSinkCallbacks::builder().new_sample(callback).build());
        pipeline.set_state(gst::State::Playing).unwrap();
        Self(pipeline)
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        self.0.set_state(gst::State::Null).unwrap();
    }
}

/// A picture in one colour (`0xRRGGBB`).
pub fn picture(colour: u32, payload_type: u8) -> String {
    picture_of(colour, (640, 360), payload_type)
}

/// The same in another size.
pub fn picture_of(colour: u32, (width, height): (u32, u32), payload_type: u8) -> String {
    format!(
        "videotestsrc is-live=true pattern=solid-color foreground-color={} ! \
         video/x-raw,width={width},height={height},framerate=25/1 ! videoconvert ! \
         x264enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate=500 key-int-max=25 ! \
         video/x-h264,profile=constrained-baseline ! rtph264pay pt={payload_type} mtu=1200 config-interval=-1",
        0xff00_0000_u32 | colour
    )
}

pub fn picture_vp8(colour: u32) -> String {
    format!(
        "videotestsrc is-live=true pattern=solid-color foreground-color={} ! \
         video/x-raw,width=640,height=360,framerate=25/1 ! videoconvert ! \
         vp8enc deadline=1 cpu-used=8 keyframe-max-dist=25 ! rtpvp8pay pt=98 mtu=1200",
        0xff00_0000_u32 | colour
    )
}

/// A tone in raw sound.
fn tone(hertz: u32) -> String {
    format!(
        "audiotestsrc is-live=true freq={hertz} volume=0.3 samplesperbuffer=960 ! \
         audio/x-raw,rate=48000,channels=1 ! audioconvert ! audioresample"
    )
}

pub fn opus_tone(hertz: u32) -> String {
    format!("{} ! opusenc ! rtpopuspay pt=97", tone(hertz))
}

/// Decodes RTP pictures and keeps the latest, as RGB.
#[derive(Clone)]
pub struct Viewer {
    pipeline: Arc<Pipeline>,
    pub frame: Arc<Watched<Option<Frame>>>,
}

#[derive(Clone)]
pub struct Frame {
    pub width: usize,
    pub height: usize,
    pub rgb: Vec<u8>,
    pub number: usize,
}

impl Frame {
    /// The mean colour of a part, given in hundredths of the picture: left, top, right, bottom.
    pub fn mean(&self, part: [usize; 4]) -> [u8; 3] {
        let [left, top, right, bottom] = part;
        let (mut sums, mut count) = ([0_usize; 3], 0);
        for y in self.height * top / 100..self.height * bottom / 100 {
            for x in self.width * left / 100..self.width * right / 100 {
                let at = (y * self.width + x) * 3;
                for (sum, value) in sums.iter_mut().zip(&self.rgb[at..at + 3]) {
                    *sum += usize::from(*value);
                }
                count += 1;
            }
        }
        sums.map(|sum| u8::try_from(sum / count.max(1)).unwrap())
    }

    /// Pixels of a part, given as in [`Self::mean`], that are brighter than this.
    pub fn bright_in(&self, [left, top, right, bottom]: [usize; 4], than: u8) -> usize {
        let columns = self.width * left / 100..self.width * right / 100;
        let rows = self.height * top / 100..self.height * bottom / 100;
        rows.flat_map(|y| columns.clone().map(move |x| (y * self.width + x) * 3))
            .filter(|at| self.rgb[*at..at + 3].iter().all(|value| *value > than))
            .count()
    }

    /// Part of the pixels that are brighter than this, in thousandths.
    pub fn brighter(&self, than: u8) -> usize {
        let bright = self.rgb.chunks_exact(3).filter(|p| p.iter().all(|v| *v > than)).count();
        bright * 1_000 / (self.width * self.height)
    }

    pub fn save(&self, path: &str) {
        let mut bytes = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        bytes.extend_from_slice(&self.rgb);
        std::fs::write(path, bytes).unwrap();
    }
}

/// Whether two colours are the same to the eye.
pub fn close(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 30)
}

impl Viewer {
    pub fn new() -> Self {
        Self::of("H264", "rtph264depay ! h264parse ! avdec_h264 max-threads=1")
    }

    pub fn of_vp8() -> Self {
        Self::of("VP8", "rtpvp8depay ! vp8dec")
    }

    fn of(codec: &str, decoder: &str) -> Self {
        let frame = Arc::<Watched<Option<Frame>>>::default();
        let latest = Arc::clone(&frame);
        let mut number = 0;
        let output = Box::new(move |sample: &gst::Sample| {
            let structure = sample.caps().unwrap().structure(0).unwrap();
            let side = |name| usize::try_from(structure.get::<i32>(name).unwrap()).unwrap();
            let (width, height) = (side("width"), side("height"));
            let rgb = tabellion_studio::pipeline::bytes(sample).unwrap().to_vec();
            number += 1;
            latest.change(|frame| *frame = Some(Frame { width, height, rgb, number }));
        });
        let failed = Box::new(|reason| panic!("the viewer failed: {reason}"));
        let description =
            format!("rtpjitterbuffer latency=20 ! {decoder} ! videoconvert ! video/x-raw,format=RGB");
        let caps = format!("application/x-rtp,media=video,clock-rate=90000,encoding-name={codec},payload=96");
        let callbacks = Callbacks { output, failed, key_frame: None, patience: None };
        let pipeline = Arc::new(Pipeline::start(&caps, &description, 1_000, true, callbacks).unwrap());
        Self { pipeline, frame }
    }

    pub fn push(&self, packet: &[u8]) {
        let mut bytes = packet.to_vec();
        bytes[1] = bytes[1] & 0x80 | 96;
        self.pipeline.push_bytes(bytes);
    }

    #[track_caller]
    pub fn wait(&self, what: &str, check: impl Fn(&Frame) -> bool) -> Frame {
        let mut seen = Vec::new();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.frame.wait(what, |frame| {
                let frame = frame.as_ref()?;
                seen = [[10, 35, 40, 60], [60, 35, 90, 60], [2, 60, 8, 95]]
                    .map(|part| frame.mean(part))
                    .to_vec();
                check(frame).then(|| frame.clone())
            })
        }));
        found.unwrap_or_else(|_| panic!("{what} was not seen; last left, right, corner: {seen:?}"))
    }

    /// Waits until a part has a colour.
    #[track_caller]
    pub fn wait_colour(&self, what: &str, part: [usize; 4], colour: [u8; 3]) -> Frame {
        self.wait(what, |frame| close(frame.mean(part), colour))
    }
}

/// Decodes RTP sound and keeps the last half second.
#[derive(Clone)]
pub struct Hearer {
    pipeline: Arc<Pipeline>,
    pub sound: Arc<Watched<VecDeque<i16>>>,
}

impl Hearer {
    pub fn new(codec: &str) -> Self {
        let sound = Arc::<Watched<VecDeque<i16>>>::default();
        let last = Arc::clone(&sound);
        let output = Box::new(move |sample: &gst::Sample| {
            let bytes = tabellion_studio::pipeline::bytes(sample).unwrap();
            let samples = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
            last.change(|sound| {
                sound.extend(samples);
                let extra = sound.len().saturating_sub(HALF_SECOND);
                sound.drain(..extra);
            });
        });
        let (caps, decoder) = match codec {
            "PCMA" => ("clock-rate=8000,encoding-name=PCMA,payload=8", "rtppcmadepay ! alawdec"),
            "PCMU" => ("clock-rate=8000,encoding-name=PCMU,payload=0", "rtppcmudepay ! mulawdec"),
            "G722" => ("clock-rate=8000,encoding-name=G722,payload=9", "rtpg722depay ! avdec_g722"),
            _ => ("clock-rate=48000,encoding-name=OPUS,payload=97", "rtpopusdepay ! opusdec"),
        };
        let description = format!(
            "rtpjitterbuffer latency=20 ! {decoder} ! audioconvert ! audioresample ! \
             audio/x-raw,format=S16LE,rate=48000,channels=1"
        );
        let failed = Box::new(|reason| panic!("the hearer failed: {reason}"));
        let caps = format!("application/x-rtp,media=audio,{caps}");
        let callbacks = Callbacks { output, failed, key_frame: None, patience: None };
        let pipeline = Arc::new(Pipeline::start(&caps, &description, 1_000, true, callbacks).unwrap());
        Self { pipeline, sound }
    }

    pub fn push(&self, packet: &[u8]) {
        self.pipeline.push_bytes(packet.to_vec());
    }

    /// Waits for half a second in which one tone is heard and the others are not.
    #[track_caller]
    pub fn wait_tones(&self, what: &str, present: &[u32], absent: &[u32]) {
        self.sound.wait(what, |sound| {
            let sound = sound.make_contiguous();
            (sound.len() >= HALF_SECOND
                && present.iter().all(|hertz| level(sound, *hertz) > 1_500.0)
                && absent.iter().all(|hertz| level(sound, *hertz) < 60.0))
            .then_some(())
        });
    }
}

/// A tone's amplitude in a piece of sound (Goertzel).
pub fn level(sound: &[i16], hertz: u32) -> f64 {
    let turn = std::f64::consts::TAU * f64::from(hertz) / 48_000.0;
    let (mut before, mut now) = (0.0, 0.0);
    for sample in sound {
        (before, now) = (now, f64::from(*sample) + 2.0 * turn.cos() * now - before);
    }
    let power = now * now + before * before - 2.0 * turn.cos() * now * before;
    #[expect(clippy::cast_precision_loss, reason = "half a second of samples")]
    let length = sound.len() as f64;
    power.max(0.0).sqrt() * 2.0 / length
}

/// Two neighbouring ports, the lower one even, that are free now.
pub fn free_ports() -> u16 {
    loop {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        if port.is_multiple_of(2) && UdpSocket::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

/// One m-line of a room system.
pub struct Line {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub port: u16,
    pub studio: SocketAddr,
    generator: Option<Generator>,
    stop: Arc<AtomicBool>,
}

impl Line {
    fn new(mut take: impl FnMut(&[u8]) + Send + 'static) -> Self {
        let port = free_ports();
        let rtp = UdpSocket::bind(("127.0.0.1", port)).unwrap();
        let rtcp = UdpSocket::bind(("127.0.0.1", port + 1)).unwrap();
        rtcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let studio = SocketAddr::from(([127, 0, 0, 1], free_ports()));
        let stop = Arc::<AtomicBool>::default();
        let (reading, stopped) = (rtp.try_clone().unwrap(), Arc::clone(&stop));
        reading.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 2_048];
            while !stopped.load(Ordering::Acquire) {
                if let Ok(length) = reading.recv(&mut buffer) {
                    assert!(length <= 1_200, "a packet of {length} bytes");
                    take(&buffer[..length]);
                }
            }
        });
        Self { rtp, rtcp, port, studio, generator: None, stop }
    }

    pub fn send(&mut self, description: &str) {
        let (socket, to) = (self.rtp.try_clone().unwrap(), self.studio);
        self.generator = Some(Generator::start(description, move |packet| {
            let _ = socket.send_to(packet, to);
        }));
    }

    pub fn hush(&mut self) {
        self.generator = None;
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The next RTCP packet of this type that the studio sends.
    #[track_caller]
    pub fn rtcp_of_type(&self, kind: u8) {
        let until = Instant::now() + PATIENCE;
        let mut buffer = [0; 2_048];
        while Instant::now() < until {
            let length = self.rtcp.recv(&mut buffer).unwrap();
            let mut rest = &buffer[..length];
            while rest.len() >= 4 {
                if rest[1] == kind {
                    return;
                }
                rest = &rest[(4 + 4 * usize::from(u16::from_be_bytes([rest[2], rest[3]])))..];
            }
        }
        panic!("no RTCP of type {kind}");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

/// Pictures that this process encodes for room systems now: each has a thread.
pub fn feeds() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.filter(|name| name.starts_with("feed ")).count()
}

/// A room system.
pub struct SipPeer {
    pub codec: AudioCodec,
    pub audio: Line,
    pub video: Line,
    pub viewer: Viewer,
    pub hearer: Hearer,
    pub video_packets: Arc<Watched<Vec<Vec<u8>>>>,
    pub mode: PacketizationMode,
    pub rtcp_feedback: bool,
}

impl SipPeer {
    pub fn new(codec: AudioCodec) -> Self {
        let (name, _) = format_of(codec);
        let (viewer, hearer) = (Viewer::new(), Hearer::new(name));
        let video_packets = Arc::<Watched<Vec<Vec<u8>>>>::default();
        let (heard, seen, packets) = (hearer.clone(), viewer.clone(), Arc::clone(&video_packets));
        let audio = Line::new(move |packet| heard.push(packet));
        let video = Line::new(move |packet| {
            seen.push(packet);
            packets.change(|all| all.push(packet.to_vec()));
        });
        let mode = PacketizationMode::SingleNal;
        Self { codec, audio, video, viewer, hearer, video_packets, mode, rtcp_feedback: true }
    }

    pub fn config(&self) -> LegConfig {
        let (_, payload_type) = format_of(self.codec);
        LegConfig {
            local_address: [127, 0, 0, 1].into(),
            audio: Some(LegAudio {
                local_port: self.audio.studio.port(),
                remote: self.audio.address(),
                codec: self.codec,
                payload_type,
                telephone_event: Some(101),
                send: true,
                receive: true,
            }),
            video: Some(LegVideo {
                local_port: self.video.studio.port(),
                remote: self.video.address(),
                payload_type: 109,
                packetization: self.mode,
                max_width: 1280,
                max_height: 720,
                max_kbps: 1_500,
                rtcp_feedback: self.rtcp_feedback,
                send: true,
                receive: true,
            }),
        }
    }

    /// Begins to send a colour and a tone.
    pub fn speak(&mut self, colour: u32, hertz: u32) {
        self.video.send(&picture(colour, 109));
        let encoder = match self.codec {
            AudioCodec::Pcma => "alawenc ! rtppcmapay",
            AudioCodec::Pcmu => "mulawenc ! rtppcmupay",
            AudioCodec::G722 => "avenc_g722 ! rtpg722pay",
            AudioCodec::Opus => "opusenc ! rtpopuspay pt=97",
        };
        self.audio.send(&format!("{} ! {encoder}", tone(hertz)));
    }

    /// Presses a key (RFC 4733): its packets, the end three times.
    pub fn press(&self, event: u8, timestamp: u32, first: u16) {
        for (i, flags) in [10, 10, 0x8a, 0x8a, 0x8a].into_iter().enumerate() {
            let packet = Packet {
                payload_type: 101,
                marker: i == 0,
                sequence: first + u16::try_from(i).unwrap(),
                timestamp,
                ssrc: 77,
                payload: &[event, flags, 1, 64],
            };
            self.audio.rtp.send_to(&packet.build(), self.audio.studio).unwrap();
        }
    }
}

fn format_of(codec: AudioCodec) -> (&'static str, u8) {
    match codec {
        AudioCodec::Pcma => ("PCMA", 8),
        AudioCodec::Pcmu => ("PCMU", 0),
        AudioCodec::G722 => ("G722", 9),
        AudioCodec::Opus => ("OPUS", 97),
    }
}

pub fn waiting() -> LegView {
    LegView::Notice(Notice {
        office: "Office Notarial de la Place".into(),
        title: "Vous êtes en salle d’attente".into(),
        text:
            "L’organisateur de la réunion « Vente DUPONT » est prévenu de votre arrivée.\nVeuillez patienter."
                .into(),
    })
}

pub fn meeting() -> LegView {
    LegView::Meeting { alone: alone() }
}

pub fn call() -> LegView {
    LegView::Call { alone: alone() }
}

fn alone() -> Notice {
    Notice {
        office: "Office Notarial de la Place".into(),
        title: "Vous êtes seul dans la réunion".into(),
        text: "Les autres participants apparaîtront ici.".into(),
    }
}
