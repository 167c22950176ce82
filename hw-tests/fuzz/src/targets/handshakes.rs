//! Pieces of DTLS handshake messages: datagrams of strangers, and pieces of messages that are known, cut and ordered in any way.

use crate::{
    Target,
    script::{script, steps},
};
use tabellion_media::core::Pieces;

pub(crate) const TARGET: Target = Target { name: "handshakes", run, seeds, words: &[], costs: 2_000 };

const DATAGRAM: u8 = 0;
const PIECE: u8 = 1;
const KINDS: u8 = 2;

/// Of the messages that are known, by their numbers: as many, and as long, as are put together.
const LENGTHS: [usize; 4] = [2, 300, 2_000, 8 << 10];
/// Of a record's header, and of a message's.
const HEADERS: usize = 13 + 12;

fn run(input: &[u8]) {
    let (mut strangers, mut known) = (Pieces::default(), Known::default());
    for (kind, bytes) in steps(input) {
        match kind % KINDS {
            DATAGRAM => {
                for record in strangers.join(bytes) {
                    let longest = bytes.len().max(HEADERS + LENGTHS[3]);
                    assert!(record.len() <= longest, "no more than the longest message is made up");
                }
            }
            _ => known.take(bytes),
        }
    }
}

/// What has to come out of the pieces of messages that nobody spoils.
#[derive(Default)]
struct Known {
    pieces: Pieces,
    /// Of each message's bytes, whether they have come.
    come: [Vec<bool>; LENGTHS.len()],
}

impl Known {
    /// The first byte says of which message, then where the piece begins and how long it is.
    fn take(&mut self, bytes: &[u8]) {
        let [number, offset @ .., a, b] = bytes else { return };
        let Some(offset) = offset.first_chunk().copied().map(u16::from_be_bytes) else { return };
        let number = number % LENGTHS.len() as u8;
        let length = LENGTHS[usize::from(number)];
        let from = usize::from(offset) % length;
        let to = (from + usize::from(u16::from_be_bytes([*a, *b]))).min(length);
        let joined = self.pieces.join(&record(number, from, to));
        let whole = record(number, 0, length);
        if (from, to) == (0, length) {
            assert_eq!(joined, [whole], "a whole message goes on as it came");
            return;
        }
        let come = &mut self.come[usize::from(number)];
        come.resize(length, false);
        come[from..to].fill(true);
        if come.iter().all(|come| *come) {
            come.clear();
            assert_eq!(joined, [whole], "all of it has come");
        } else {
            assert!(joined.is_empty(), "{} bytes are missing", come.iter().filter(|come| !**come).count());
        }
    }
}

/// A record with a piece of a message.
fn record(number: u8, from: usize, to: usize) -> Vec<u8> {
    let byte = |at: usize| (at as u8).wrapping_mul(31) ^ (at >> 8) as u8 ^ number;
    let body: Vec<u8> = (from..to).map(byte).collect();
    let three = |value: usize| (value as u32).to_be_bytes()[1..].to_vec();
    let message = [
        vec![11],
        three(LENGTHS[usize::from(number)]),
        vec![0, number],
        three(from),
        three(body.len()),
        body,
    ]
    .concat();
    let length = (message.len() as u16).to_be_bytes();
    [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 7][..], &length, &message].concat()
}

fn seeds() -> Vec<Vec<u8>> {
    let change = [20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1];
    let encrypted = [22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 7, 7, 7];
    let last = [record(1, 200, 300), change.to_vec(), encrypted.to_vec()].concat();
    let (first, again) = (record(1, 0, 210), record(1, 0, 300));
    let flight = [(DATAGRAM, first.as_slice()), (DATAGRAM, &last), (DATAGRAM, &again), (DATAGRAM, &change)];
    let pieces: [(u8, &[u8]); 6] = [
        (PIECE, &[2, 3, 232, 3, 232]),
        (PIECE, &[1, 0, 0, 0, 200]),
        (PIECE, &[2, 0, 0, 3, 233]),
        (PIECE, &[1, 0, 100, 0, 200]),
        (PIECE, &[3, 0, 0, 32, 0]),
        (PIECE, &[0, 0, 1, 0, 1]),
    ];
    vec![script(&flight), script(&pieces), script(&[pieces, pieces].concat())]
}
