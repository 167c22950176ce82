//! Pieces of DTLS handshake messages, put together however they are cut.

use std::collections::BTreeMap;

/// Content type, version, epoch, sequence number, length (RFC 6347 §4.1).
const RECORD_HEADER: usize = 13;
/// Message type, length, number, offset and length of the piece (RFC 6347 §4.2.2).
const MESSAGE_HEADER: usize = 12;
const HANDSHAKE: u8 = 22;
/// Longest message that is put together: certificates are a few hundred bytes, a chain of them some thousand.
const LONGEST: usize = 8 << 10;
/// Messages of which pieces are kept: a flight has three that are long enough to be cut.
const MESSAGES: usize = 4;

/// What has come of messages that are not whole.
#[derive(Debug, Default)]
pub struct Pieces {
    /// By their number.
    messages: BTreeMap<u16, Message>,
}

#[derive(Debug)]
struct Message {
    kind: u8,
    body: Vec<u8>,
    /// Of each byte, whether it has come.
    come: Vec<bool>,
}

/// A piece of a handshake message, alone in its record.
struct Piece<'a> {
    kind: u8,
    number: u16,
    length: usize,
    offset: usize,
    body: &'a [u8],
}

impl Pieces {
    /// Its records in their order: without pieces, and with those messages that they make whole. What is malformed goes on as it came.
    #[must_use]
    pub fn join(&mut self, datagram: &[u8]) -> Vec<Vec<u8>> {
        let Some(records) = records(datagram) else { return vec![datagram.to_vec()] };
        let whole = |record: &[u8]| match Piece::of(record) {
            Some(piece) => self.take(&piece).map(|message| in_record(record, &piece.whole(&message))),
            None => Some(record.to_vec()),
        };
        records.into_iter().filter_map(whole).collect()
    }

    /// The message's body, where this makes it whole.
    fn take(&mut self, piece: &Piece<'_>) -> Option<Vec<u8>> {
        let new =
            || Message { kind: piece.kind, body: vec![0; piece.length], come: vec![false; piece.length] };
        let message = self.messages.entry(piece.number).or_insert_with(new);
        if message.kind != piece.kind || message.body.len() != piece.length {
            *message = new();
        }
        let place = piece.offset..piece.offset + piece.body.len();
        message.body.get_mut(place.clone())?.copy_from_slice(piece.body);
        message.come.get_mut(place)?.fill(true);
        if message.come.iter().all(|come| *come) {
            return self.messages.remove(&piece.number).map(|message| message.body);
        }
        if self.messages.len() > MESSAGES {
            // Those of an earlier flight come no more.
            self.messages.pop_first();
        }
        None
    }
}

impl<'a> Piece<'a> {
    /// None: it is whole, encrypted, or something else.
    fn of(record: &'a [u8]) -> Option<Self> {
        let (header, fragment) = record.split_at_checked(RECORD_HEADER)?;
        if header[0] != HANDSHAKE || header[3..5] != [0, 0] {
            return None;
        }
        let (header, body) = fragment.split_at_checked(MESSAGE_HEADER)?;
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (length, offset, own) = (number(&header[1..4]), number(&header[6..9]), number(&header[9..12]));
        let is_piece = own == body.len() && own < length && offset + own <= length && length <= LONGEST;
        let piece = Self {
            kind: header[0],
            number: u16::from_be_bytes([header[4], header[5]]),
            length,
            offset,
            body,
        };
        is_piece.then_some(piece)
    }

    /// The message of which it is one, with its header.
    fn whole(&self, body: &[u8]) -> Vec<u8> {
        message(self.kind, self.number, body.len(), 0, body)
    }
}

fn message(kind: u8, number: u16, length: usize, offset: usize, body: &[u8]) -> Vec<u8> {
    let three = |value: usize| (value as u32).to_be_bytes()[1..].to_vec();
    let header = [vec![kind], three(length), number.to_be_bytes().to_vec(), three(offset), three(body.len())];
    [header.concat(), body.to_vec()].concat()
}

/// Under another record's number.
fn in_record(record: &[u8], fragment: &[u8]) -> Vec<u8> {
    let length = (fragment.len() as u16).to_be_bytes();
    [&record[..RECORD_HEADER - length.len()], &length, fragment].concat()
}

/// None where they do not fill the datagram.
fn records(mut datagram: &[u8]) -> Option<Vec<&[u8]>> {
    let mut records = Vec::new();
    while !datagram.is_empty() {
        let length = datagram.get(RECORD_HEADER - 2..RECORD_HEADER)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let (record, rest) = datagram.split_at_checked(RECORD_HEADER + length)?;
        records.push(record);
        datagram = rest;
    }
    Some(records)
}

/// In two datagrams, the cut in the middle of the message with this number; in one where it is not there.
#[cfg(test)]
pub(super) fn cut(datagram: &[u8], number: u16) -> Vec<Vec<u8>> {
    let (mut first, mut second) = (Vec::new(), None);
    for record in records(datagram).unwrap() {
        let is_plain = record[0] == HANDSHAKE && record[3..5] == [0, 0];
        if is_plain && record[RECORD_HEADER + 4..][..2] == number.to_be_bytes() {
            let body = &record[RECORD_HEADER + MESSAGE_HEADER..];
            let (kind, at) = (record[RECORD_HEADER], body.len() / 2);
            first.extend(in_record(record, &message(kind, number, body.len(), 0, &body[..at])));
            second = Some(in_record(record, &message(kind, number, body.len(), at, &body[at..])));
        } else {
            second.as_mut().unwrap_or(&mut first).extend(record);
        }
    }
    std::iter::once(first).chain(second).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; RECORD_HEADER] = [HANDSHAKE, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0];

    fn piece(number: u16, length: usize, offset: usize, body: &[u8]) -> Vec<u8> {
        in_record(&HEADER, &message(15, number, length, offset, body))
    }

    #[test]
    fn pieces_are_joined_however_they_overlap_and_whole_messages_pass() {
        let mut pieces = Pieces::default();
        let whole = piece(3, 6, 0, b"abcdef");
        assert_eq!(pieces.join(&whole), std::slice::from_ref(&whole));
        assert!(pieces.join(&piece(3, 6, 4, b"ef")).is_empty());
        assert!(pieces.join(&piece(3, 6, 0, b"abc")).is_empty());
        assert_eq!(pieces.join(&piece(3, 6, 2, b"cde")), std::slice::from_ref(&whole));
        assert!(pieces.messages.is_empty());
        let next = piece(4, 2, 0, b"gh");
        let both = [piece(3, 6, 3, b"def"), next.clone()].concat();
        assert!(pieces.join(&piece(3, 6, 0, b"abc")).is_empty());
        assert_eq!(pieces.join(&both), [whole, next]);
    }

    #[test]
    fn what_is_none_of_them_goes_on_as_it_came() {
        let mut pieces = Pieces::default();
        let mut encrypted = piece(3, 60, 0, b"abc");
        encrypted[4] = 1;
        let truncated = piece(3, 60, 0, b"abc")[..20].to_vec();
        let beyond = piece(3, 6, 5, b"abc");
        for datagram in [encrypted, truncated, beyond, piece(3, LONGEST + 1, 0, b"a"), vec![20; 5]] {
            assert_eq!(pieces.join(&datagram), [datagram]);
        }
        assert!(pieces.messages.is_empty());
    }

    #[test]
    fn who_never_ends_a_message_holds_little() {
        let mut pieces = Pieces::default();
        for number in 0..1_000 {
            assert!(pieces.join(&piece(number, LONGEST, 0, b"a")).is_empty());
        }
        assert_eq!(pieces.messages.len(), MESSAGES);
    }
}
