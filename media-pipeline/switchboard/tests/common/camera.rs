//! A camera's picture in three sizes, as far as the switchboard looks into it.

use super::{Received, TestRoom};
use std::time::Duration;
use tabellion_media_protocol::{
    MediaKind, SeatId,
    control::{Answer, Event, Request, Tile},
};

pub const SIZES: [(&str, u32); 3] = [("q", 180), ("h", 360), ("f", 720)];
pub const NAMES: &[&str] = &["q", "h", "f"];
pub const FRAME: Duration = Duration::from_millis(40);

/// Bits of a sequence parameter set.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn flag(&mut self, value: bool) {
        self.0.push(value);
    }

    /// Exponential Golomb (H.264 §9.1).
    fn number(&mut self, value: u32) {
        let length = 32 - (value + 1).leading_zeros();
        self.0.extend((1..length).map(|_| false));
        self.0.extend((0..length).rev().map(|bit| (value + 1) >> bit & 1 == 1));
    }

    fn bytes(mut self) -> Vec<u8> {
        self.flag(true);
        self.0
            .chunks(8)
            .map(|bits| bits.iter().enumerate().map(|(at, bit)| u8::from(*bit) << (7 - at)).sum())
            .collect()
    }
}

/// A sequence parameter set of constrained baseline, level 3.1 (H.264 §7.3.2.1.1), whose picture is 16 by 9.
pub fn parameters(rows: u32) -> Vec<u8> {
    let columns = rows * 16 / 9;
    let mut bits = Bits::default();
    for number in [0, 0, 2, 1] {
        bits.number(number);
    }
    bits.flag(false);
    bits.number(columns.div_ceil(16) - 1);
    bits.number(rows.div_ceil(16) - 1);
    bits.flag(true);
    bits.flag(true);
    bits.flag(true);
    for cut in [0, (columns.div_ceil(16) * 16 - columns) / 2, 0, (rows.div_ceil(16) * 16 - rows) / 2] {
        bits.number(cut);
    }
    bits.flag(false);
    [vec![0x67, 0x42, 0xe0, 0x1f], bits.bytes()].concat()
}

/// A key frame's packet: parameters, and the rest of the picture (RFC 6184 §5.7.1).
fn key_frame(rows: u32) -> Vec<u8> {
    let parameters = parameters(rows);
    let picture = [vec![0x65], vec![0; bytes(rows)]].concat();
    let length = |unit: &[u8]| (unit.len() as u16).to_be_bytes();
    [vec![0x78], length(&parameters).to_vec(), parameters, length(&picture).to_vec(), picture].concat()
}

/// Of a picture with so many rows: as much as probes need to be made of.
fn bytes(rows: u32) -> usize {
    rows as usize + 300
}

/// One who publishes in three sizes; what it sends next.
pub struct Sender {
    seat: u64,
    pictures: u8,
    /// Encodings whose next picture is a key frame.
    pub fresh: Vec<&'static str>,
    pub sizes: Vec<(&'static str, u32)>,
    /// Packets of one picture of each size.
    packets: [usize; 3],
    /// Of each size, since the beginning.
    sent: [usize; 3],
}

impl Sender {
    /// A picture is one packet.
    pub fn new(seat: u64) -> Self {
        Self {
            seat,
            pictures: 0,
            fresh: NAMES.to_vec(),
            sizes: SIZES.to_vec(),
            packets: [1; 3],
            sent: [0; 3],
        }
    }

    /// With 110, 430 and 1,530 kb/s.
    pub fn with_rates_of_a_camera(seat: u64) -> Self {
        Self { packets: [1, 3, 7], ..Self::new(seat) }
    }

    /// Sends for so long, and answers each request with a key frame of all encodings, as Chromium does.
    pub fn send(&mut self, room: &mut TestRoom, time: Duration) {
        let end = room.now + time;
        while room.now < end {
            self.send_picture(room);
            room.run(FRAME);
        }
    }

    /// Packets of this size, since the beginning.
    pub fn sent(&self, name: &str) -> usize {
        self.sent[SIZES.iter().position(|(size, _)| *size == name).unwrap()]
    }

    /// Sends one picture, in all sizes.
    pub fn send_picture(&mut self, room: &mut TestRoom) {
        let now = room.now;
        let client = room.client(self.seat);
        if !std::mem::take(&mut client.key_frames_asked).is_empty() {
            self.fresh = NAMES.to_vec();
        }
        self.pictures = self.pictures.wrapping_add(1);
        for (name, rows) in &self.sizes {
            let slice = || [vec![0x41, self.pictures, name.as_bytes()[0]], vec![0; bytes(*rows)]].concat();
            let first = match self.fresh.iter().position(|fresh| fresh == name) {
                Some(at) => {
                    self.fresh.remove(at);
                    key_frame(*rows)
                }
                None => slice(),
            };
            let size = SIZES.iter().position(|(size, _)| size == name).unwrap();
            let picture = std::iter::once(first).chain((1..self.packets[size]).map(|_| slice()));
            self.sent[size] += self.packets[size];
            client.send_picture_of(name, &picture.collect::<Vec<_>>(), now);
        }
    }
}

/// Which encoding a packet is of.
pub fn encoding(packet: &Received) -> &'static str {
    let of = |rows: u32| packet.payload == key_frame(rows);
    let by_size = SIZES.iter().find(|(_, rows)| of(*rows)).map(|(name, _)| *name);
    by_size.unwrap_or_else(|| {
        NAMES.iter().find(|name| packet.payload.get(2) == Some(&name.as_bytes()[0])).unwrap()
    })
}

/// The encodings that a seat has got since, one after the other.
pub fn seen(room: &mut TestRoom, seat: u64) -> Vec<&'static str> {
    let mut seen: Vec<_> = room.client(seat).received.drain(..).map(|packet| encoding(&packet)).collect();
    seen.dedup();
    seen
}

pub fn tile(room: &mut TestRoom, seat: u64, whose: u64, rows: u32) {
    let slots = room.slots(seat);
    let slot =
        slots.iter().find(|slot| slot.kind == MediaKind::Video && slot.seat == Some(SeatId(whose))).unwrap();
    let tiles = vec![Tile { mid: slot.mid.clone(), rows }];
    assert_eq!(room.answer(Request::ShowTiles { seat: SeatId(seat), tiles }), Ok(Answer::Done));
}

/// The encodings that a seat was told to send, each time since.
pub fn told(room: &mut TestRoom, seat: u64) -> Vec<Vec<String>> {
    let mut told = Vec::new();
    room.events.retain(|event| match event {
        Event::Encodings { seat: whose, encodings } if *whose == SeatId(seat) => {
            told.push(encodings.iter().filter_map(|encoding| encoding.rid.clone()).collect());
            false
        }
        _ => true,
    });
    told
}
