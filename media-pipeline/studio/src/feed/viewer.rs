use crate::rtp::{Continuity, Packet, starts_key_frame};
use std::{
    fmt,
    sync::{Mutex, MutexGuard},
    time::Instant,
};

/// Ticks a second of a picture's timestamps (RFC 6184 §5.1).
const CLOCK: u32 = 90_000;

/// Where a viewer's packets go.
pub type Outlet = Box<dyn Fn(&[u8]) + Send + Sync>;

/// One who watches a feed, or another one after it, as one stream under its own numbers.
pub struct Viewer {
    payload_type: u8,
    ssrc: u32,
    send: Outlet,
    state: Mutex<State>,
}

struct State {
    current: Option<u64>,
    wanted: Option<u64>,
    continuity: Continuity,
}

impl Viewer {
    /// Gives its packets to `send`, under this payload type and SSRC.
    #[must_use]
    pub fn new(payload_type: u8, ssrc: u32, send: Outlet) -> Self {
        let state = State { current: None, wanted: None, continuity: Continuity::new(CLOCK) };
        Self { payload_type, ssrc, send, state: Mutex::new(state) }
    }

    /// Watches this feed from its next key frame on.
    pub(super) fn want(&self, feed: u64) {
        self.lock().wanted = Some(feed);
    }

    /// Takes a packet of a feed.
    pub(super) fn packet(&self, feed: u64, rtp: &[u8], now: Instant) {
        let Some(packet) = Packet::parse(rtp) else { return };
        let mut state = self.lock();
        if state.current != Some(feed) {
            if state.wanted != Some(feed) || !starts_key_frame(packet.payload) {
                return;
            }
            state.current = Some(feed);
        }
        let mut bytes = rtp.to_vec();
        state.continuity.join(&mut bytes, now);
        bytes[1] = bytes[1] & 0x80 | self.payload_type;
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        // Under the lock: packets must not overtake each other.
        (self.send)(&bytes);
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
mod tests {
    use super::*;
    use std::{sync::Arc, time::Duration};

    const IDR: &[u8] = &[0x65, 1];
    const OTHER: &[u8] = &[0x41, 1];

    fn packet(ssrc: u32, sequence: u16, timestamp: u32, payload: &[u8]) -> Vec<u8> {
        Packet { payload_type: 96, marker: true, sequence, timestamp, ssrc, payload }.build()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_viewer_goes_from_one_feed_to_another_at_its_key_frame_in_one_stream() {
        let sent = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let taken = Arc::clone(&sent);
        let send = Box::new(move |bytes: &[u8]| taken.lock().unwrap().push(bytes.to_vec()));
        let (viewer, now) = (Viewer::new(109, 7, send), Instant::now());
        viewer.want(1);
        viewer.packet(1, &packet(50, 10, 900, OTHER), now);
        viewer.packet(1, &packet(50, 11, 1_000, IDR), now);
        viewer.want(2);
        viewer.packet(2, &packet(60, 500, 77, OTHER), now);
        viewer.packet(1, &packet(50, 12, 4_600, OTHER), now);
        let later = now + Duration::from_millis(40);
        viewer.packet(2, &packet(60, 501, 80, IDR), later);
        viewer.packet(1, &packet(50, 13, 8_200, OTHER), later);
        viewer.packet(2, &packet(60, 502, 3_680, OTHER), later);
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
}
