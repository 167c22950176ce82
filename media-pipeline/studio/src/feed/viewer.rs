use crate::rtp::{Continuity, Packet};
use std::{
    fmt,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tabellion_payload::h264::opens_key_frame;

/// Ticks a second of a picture's timestamps (RFC 6184 §5.1).
const CLOCK: u32 = 90_000;

/// Where a viewer's packets go.
pub type Outlet = Box<dyn Fn(&[u8]) + Send + Sync>;

/// Tells what can be watched apart, in the whole process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PictureId(u64);

impl PictureId {
    /// One that nothing else has.
    #[must_use]
    pub fn another() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One who watches a picture, or another one after it, as one stream under its own numbers.
pub struct Viewer {
    payload_type: u8,
    ssrc: u32,
    send: Outlet,
    state: Mutex<State>,
}

struct State {
    current: Option<PictureId>,
    wanted: Option<PictureId>,
    /// Taken instead of what is wanted, should it have a key frame.
    preferred: Option<PictureId>,
    continuity: Continuity,
}

impl Viewer {
    /// Gives its packets to `send`, under this payload type and SSRC.
    #[must_use]
    pub fn new(payload_type: u8, ssrc: u32, send: Outlet) -> Self {
        let continuity = Continuity::new(CLOCK);
        let state = State { current: None, wanted: None, preferred: None, continuity };
        Self { payload_type, ssrc, send, state: Mutex::new(state) }
    }

    /// Watches this one from its next key frame on.
    pub(super) fn want(&self, picture: PictureId) {
        let mut state = self.lock();
        (state.wanted, state.preferred) = (Some(picture), None);
    }

    /// Goes over to this one with its next key frame, should it have one.
    pub fn prefer(&self, picture: PictureId) {
        let mut state = self.lock();
        state.preferred = Some(picture).filter(|_| state.current != Some(picture));
    }

    /// Whether this is what it gets now.
    #[must_use]
    pub fn gets(&self, picture: PictureId) -> bool {
        self.lock().current == Some(picture)
    }

    /// Takes a packet of a picture. Whether that is what the viewer gets.
    pub fn packet(&self, picture: PictureId, rtp: &[u8], now: Instant) -> bool {
        let Some(packet) = Packet::parse(rtp) else { return false };
        let mut state = self.lock();
        if state.current != Some(picture) {
            let is_wanted = [state.wanted, state.preferred].contains(&Some(picture));
            if !is_wanted || !opens_key_frame(packet.payload) {
                return false;
            }
            (state.current, state.wanted) = (Some(picture), Some(picture));
            state.preferred = state.preferred.filter(|preferred| *preferred != picture);
        }
        let mut bytes = rtp.to_vec();
        state.continuity.join(&mut bytes, now);
        bytes[1] = bytes[1] & 0x80 | self.payload_type;
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        // Under the lock: packets must not overtake each other.
        (self.send)(&bytes);
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing that can panic is done under this lock")
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewer").field("ssrc", &self.ssrc).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;
    use std::{sync::Arc, time::Duration};

    const IDR: &[u8] = &[0x65, 1];
    const OTHER: &[u8] = &[0x41, 1];

    fn packet(ssrc: u32, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        Packet { payload_type: 96, marker: true, sequence, timestamp, ssrc, payload }.build()
    }

    fn viewer() -> (Arc<Mutex<Vec<Vec<u8>>>>, Viewer) {
        let sent = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let taken = Arc::clone(&sent);
        let send = Box::new(move |bytes: &[u8]| taken.lock().unwrap().push(bytes.to_vec()));
        (sent, Viewer::new(109, 7, send))
    }

    #[test]
    fn a_viewer_goes_from_one_feed_to_another_at_its_key_frame_in_one_stream() {
        let (sent, viewer) = viewer();
        let [one, other] = [PictureId::another(), PictureId::another()];
        let now = Instant::now();
        viewer.want(one);
        viewer.packet(one, &packet(50, 10, 900, OTHER), now);
        viewer.packet(one, &packet(50, 11, 1_000, IDR), now);
        viewer.want(other);
        viewer.packet(other, &packet(60, 500, 77, OTHER), now);
        viewer.packet(one, &packet(50, 12, 4_600, OTHER), now);
        let later = now + Duration::from_millis(40);
        viewer.packet(other, &packet(60, 501, 80, IDR), later);
        viewer.packet(one, &packet(50, 13, 8_200, OTHER), later);
        viewer.packet(other, &packet(60, 502, 3_680, OTHER), later);
        let sent = sent.lock().unwrap();
        let numbers = sent.iter().map(|bytes| {
            let packet = Packet::parse(bytes).unwrap();
            assert_eq!((packet.payload_type, packet.ssrc, packet.marker), (109, 7, true));
            (packet.sequence, packet.timestamp, packet.payload.to_vec())
        });
        let numbers: Vec<_> = numbers.collect();
        let expected = [
            (11, 1_000, IDR.to_vec()),
            (12, 4_600, OTHER.to_vec()),
            (13, 8_200, IDR.to_vec()),
            (14, 11_800, OTHER.to_vec()),
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn what_is_preferred_is_taken_once_it_has_a_key_frame_and_kept() {
        let (_, viewer) = viewer();
        let [composed, as_it_comes] = [PictureId::another(), PictureId::another()];
        let now = Instant::now();
        viewer.want(composed);
        viewer.prefer(as_it_comes);
        assert!(viewer.packet(composed, &packet(50, 1, 0, IDR), now), "first what is there first");
        assert!(!viewer.packet(as_it_comes, &packet(60, 1, 0, OTHER), now));
        assert!(viewer.packet(as_it_comes, &packet(60, 2, 0, IDR), now));
        assert!(!viewer.packet(composed, &packet(50, 2, 0, IDR), now), "not back by itself");
        assert!(viewer.gets(as_it_comes));
        viewer.want(composed);
        assert!(viewer.packet(as_it_comes, &packet(60, 3, 0, IDR), now), "goes on for the time being");
        assert!(viewer.packet(composed, &packet(50, 3, 0, IDR), now));
        assert!(!viewer.packet(as_it_comes, &packet(60, 4, 0, IDR), now), "not preferred any more");
    }
}
