//! A browser's picture as it comes: what a room system gets in a direct call, neither decoded nor encoded, where the formats allow it.

use crate::{
    codecs,
    feed::{PictureId, Viewer},
    rtp::Packet,
};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tabellion_media_protocol::{LegVideo, PacketizationMode, VideoCodec};
use tabellion_payload::h264::{StreamFormat, stream_format};

/// A picture of which nothing came for this long does not come: its name is shown instead.
const GONE: Duration = Duration::from_secs(1);
/// Over which a rate is measured: a key frame is no excess.
const MEASURED: Duration = Duration::from_secs(3);
/// By how much a rate may be above what the peer takes, in hundredths: senders hold theirs on the average.
const EXCESS: u64 = 115;
/// A picture that came with too much is not taken again for this long.
const SPARED: Duration = Duration::from_secs(30);

/// What a peer takes, as it was agreed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    width: u32,
    /// Of the picture, in pixels.
    pub height: u32,
    /// With RTP's own part.
    pub kbps: u32,
}

impl Limits {
    /// None where it takes none that a browser sends: one unit of the codec a packet, which larger ones do not fit in.
    #[must_use]
    pub fn of_peer(config: &LegVideo) -> Option<Self> {
        let (width, height) = (config.max_width.into(), config.max_height.into());
        let limits = Self { width, height, kbps: config.max_kbps };
        (config.send && config.packetization == PacketizationMode::NonInterleaved).then_some(limits)
    }

    fn allow(&self, format: StreamFormat) -> bool {
        format.is_constrained_baseline && format.width <= self.width && format.height <= self.height
    }
}

/// One browser's picture.
pub struct Direct {
    id: PictureId,
    ask: Arc<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    codec: Option<VideoCodec>,
    /// As its latest parameter set says; none before, and for another codec.
    format: Option<StreamFormat>,
    heard_at: Option<Instant>,
    rate: Rate,
    takers: Vec<Taker>,
}

struct Taker {
    viewer: Arc<Viewer>,
    limits: Limits,
    spared_until: Option<Instant>,
    /// Whether it got the latest packet.
    gets: bool,
}

impl Taker {
    fn takes(&self, format: Option<StreamFormat>, now: Instant) -> bool {
        format.is_some_and(|format| self.limits.allow(format)) && self.spared_until.is_none_or(|at| at <= now)
    }
}

impl Direct {
    /// `ask` asks the browser for a key frame.
    #[must_use]
    pub fn new(ask: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { id: PictureId::another(), ask, state: Mutex::default() }
    }

    /// Takes an RTP packet in one of the link's formats. Whether somebody who was to get this picture does now, or does no longer.
    pub fn packet(&self, rtp: &[u8], now: Instant) -> bool {
        let Some(packet) = Packet::parse(rtp) else { return false };
        let mut state = self.lock();
        let State { codec, format, heard_at, rate, takers } = &mut *state;
        *heard_at = Some(now);
        *codec = codecs::of_payload_type(packet.payload_type);
        let is_h264 = *codec == Some(VideoCodec::H264);
        *format = stream_format(packet.payload).or(*format).filter(|_| is_h264);
        let kbps = rate.count(rtp.len(), now);
        let mut changed = false;
        for taker in takers {
            if kbps.is_some_and(|kbps| kbps * 100 > u64::from(taker.limits.kbps) * EXCESS) {
                taker.spared_until = Some(now + SPARED);
            }
            let gets = taker.takes(*format, now) && taker.viewer.packet(self.id, rtp, now);
            changed |= std::mem::replace(&mut taker.gets, gets) != gets;
        }
        changed
    }

    /// Sends it to this one from its next key frame on, for as long as it suits the limits.
    pub fn offer(&self, viewer: &Arc<Viewer>, limits: Limits, now: Instant) {
        let mut state = self.lock();
        let known = state.takers.iter_mut().find(|taker| Arc::ptr_eq(&taker.viewer, viewer));
        match known {
            Some(taker) => taker.limits = limits,
            None => state.takers.push(Taker {
                viewer: Arc::clone(viewer),
                limits,
                spared_until: None,
                gets: false,
            }),
        }
        drop(state);
        if !viewer.gets(self.id) {
            viewer.prefer(self.id);
            if self.suits(viewer, now) {
                self.key_frame();
            }
        }
    }

    /// Does not send it to this one any more.
    pub fn leave(&self, viewer: &Arc<Viewer>) {
        self.lock().takers.retain(|taker| !Arc::ptr_eq(&taker.viewer, viewer));
    }

    /// Whether this is what it gets, and it comes.
    #[must_use]
    pub fn serves(&self, viewer: &Arc<Viewer>, now: Instant) -> bool {
        viewer.gets(self.id) && self.suits(viewer, now)
    }

    /// Whether it may go on in some size: what comes now is of no codec and no profile that equipment does not take.
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        let state = self.lock();
        state.codec != Some(VideoCodec::Vp8)
            && state.format.is_none_or(|format| format.is_constrained_baseline)
    }

    /// A viewer's decoder needs a key frame.
    pub fn key_frame(&self) {
        (self.ask)();
    }

    fn suits(&self, viewer: &Arc<Viewer>, now: Instant) -> bool {
        let state = self.lock();
        let comes = state.heard_at.is_some_and(|at| now.saturating_duration_since(at) < GONE);
        let mut takers = state.takers.iter();
        comes && takers.any(|taker| Arc::ptr_eq(&taker.viewer, viewer) && taker.takes(state.format, now))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic is done under this lock")
    }
}

/// How much comes, measured again and again.
#[derive(Default, Debug)]
struct Rate {
    since: Option<Instant>,
    bytes: u64,
}

impl Rate {
    /// Counts a packet. The rate in kb/s each time that one has been measured.
    fn count(&mut self, bytes: usize, now: Instant) -> Option<u64> {
        let since = *self.since.get_or_insert(now);
        self.bytes += bytes as u64;
        let passed = now.saturating_duration_since(since);
        if passed < MEASURED {
            return None;
        }
        let millis = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX);
        let kbps = self.bytes * 8 / millis;
        *self = Self { since: Some(now), bytes: 0 };
        Some(kbps)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;
    use std::{
        net::SocketAddr,
        sync::atomic::{AtomicU32, Ordering},
    };

    /// Constrained baseline, 640 by 360, and the beginning of an IDR slice.
    const KEY_FRAME: [u8; 16] =
        [0x78, 0, 10, 0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40, 0, 1, 0x65];
    const OTHER: [u8; 2] = [0x41, 1];

    struct Call {
        direct: Direct,
        viewer: Arc<Viewer>,
        sent: Arc<AtomicU32>,
        asked: Arc<AtomicU32>,
        sequence: u16,
        now: Instant,
    }

    impl Call {
        fn new() -> Self {
            let (sent, asked) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
            let (counts, asks) = (Arc::clone(&sent), Arc::clone(&asked));
            let count = |counter: &AtomicU32| {
                counter.fetch_add(1, Ordering::Relaxed);
            };
            let send = Box::new(move |_: &[u8]| count(&counts));
            let ask = Arc::new(move || count(&asks));
            let viewer = Arc::new(Viewer::new(109, 7, send));
            Self { direct: Direct::new(ask), viewer, sent, asked, sequence: 0, now: Instant::now() }
        }

        fn offer(&self, limits: Limits) {
            self.direct.offer(&self.viewer, limits, self.now);
        }

        fn packet(&mut self, payload_type: u8, payload: &[u8]) -> bool {
            self.sequence += 1;
            let (sequence, timestamp) = (self.sequence, u32::from(self.sequence) * 3_600);
            let packet = Packet { payload_type, marker: true, sequence, timestamp, ssrc: 5, payload };
            self.direct.packet(&packet.build(), self.now)
        }

        fn sent(&self) -> u32 {
            self.sent.swap(0, Ordering::Relaxed)
        }

        fn is_served(&self) -> bool {
            self.direct.serves(&self.viewer, self.now)
        }
    }

    fn peer() -> LegVideo {
        LegVideo {
            local_port: 5_000,
            remote: SocketAddr::from(([127, 0, 0, 1], 6_000)),
            payload_type: 109,
            packetization: PacketizationMode::NonInterleaved,
            max_width: 1_280,
            max_height: 720,
            max_kbps: 1_000,
            rtcp_feedback: true,
            send: true,
            receive: true,
        }
    }

    fn limits() -> Limits {
        Limits::of_peer(&peer()).unwrap()
    }

    #[test]
    fn packets_go_on_from_the_first_key_frame() {
        let mut call = Call::new();
        call.offer(limits());
        assert!(!call.packet(96, &OTHER));
        assert!(!call.is_served());
        assert!(call.packet(96, &KEY_FRAME), "it gets it now");
        assert!(!call.packet(96, &OTHER), "and goes on to");
        assert_eq!(call.sent(), 2);
        assert!(call.is_served());
    }

    #[test]
    fn whoever_comes_later_has_a_key_frame_asked_for() {
        let mut call = Call::new();
        call.packet(96, &KEY_FRAME);
        assert_eq!(call.asked.load(Ordering::Relaxed), 0);
        call.offer(limits());
        assert_eq!(call.asked.load(Ordering::Relaxed), 1);
        call.packet(96, &KEY_FRAME);
        call.offer(limits());
        assert_eq!(call.asked.load(Ordering::Relaxed), 1, "it has it");
    }

    #[test]
    fn what_does_not_fit_does_not_go_on() {
        for (max_width, max_height) in [(639, 720), (1_280, 359)] {
            let mut call = Call::new();
            call.offer(Limits::of_peer(&LegVideo { max_width, max_height, ..peer() }).unwrap());
            assert!(!call.packet(96, &KEY_FRAME));
            assert_eq!(call.sent(), 0);
        }
        let mut main = KEY_FRAME;
        (main[4], main[5]) = (0x4d, 0x40);
        let mut call = Call::new();
        call.offer(limits());
        assert!(!call.packet(96, &main), "another profile");
        assert!(call.packet(96, &KEY_FRAME));
        assert!(call.packet(96, &main), "it does not get it any more");
        assert!(!call.is_served());
        assert!(!call.direct.may_go_on());
        let mode_0 = LegVideo { packetization: PacketizationMode::SingleNal, ..peer() };
        assert_eq!(Limits::of_peer(&mode_0), None);
        assert_eq!(Limits::of_peer(&LegVideo { send: false, ..peer() }), None);
    }

    #[test]
    fn another_codec_ends_it() {
        let mut call = Call::new();
        call.offer(limits());
        call.packet(96, &KEY_FRAME);
        assert!(call.direct.may_go_on());
        assert!(call.packet(98, &[0x10, 0]));
        assert!(!call.packet(98, &[0x10, 0]), "told once");
        assert!(!call.is_served());
        assert!(!call.direct.may_go_on());
        assert_eq!(call.sent(), 1);
    }

    #[test]
    fn too_much_ends_it_for_a_while() {
        let mut call = Call::new();
        call.offer(limits());
        // 1,200 bytes each 10 ms are 970 kb/s; each 8 ms 1,212.
        let mut payload = [0; 1_200];
        payload[0] = 0x41;
        call.packet(96, &KEY_FRAME);
        let send = |call: &mut Call, count: u64, apart: u64| {
            let served = (0..count).filter(|_| {
                call.now += Duration::from_millis(apart);
                call.packet(96, &payload);
                call.is_served()
            });
            served.count() as u64
        };
        assert_eq!(send(&mut call, 1_000, 10), 1_000);
        assert!(send(&mut call, 1_000, 8) < 1_000);
        assert!(!call.is_served());
        call.packet(96, &KEY_FRAME);
        assert!(!call.is_served(), "not yet");
        call.now += SPARED;
        call.packet(96, &KEY_FRAME);
        assert!(call.is_served());
    }

    #[test]
    fn what_stops_is_not_served_and_comes_back() {
        let mut call = Call::new();
        call.offer(limits());
        call.packet(96, &KEY_FRAME);
        call.now += GONE;
        assert!(!call.is_served());
        call.packet(96, &OTHER);
        assert!(call.is_served());
    }

    #[test]
    fn who_has_left_gets_nothing() {
        let mut call = Call::new();
        call.offer(limits());
        call.packet(96, &KEY_FRAME);
        call.direct.leave(&call.viewer);
        call.packet(96, &OTHER);
        assert_eq!(call.sent(), 1);
        assert!(!call.is_served());
    }
}
