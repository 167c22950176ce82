//! What ends a DTLS handshake and comes before what it rests on.
//!
//! dimpl 0.9 drops a Finished for which it has no keys yet, as it will be repeated. Where one of the three datagrams of OpenSSL's flight
//! is lost, that is a second later, and Finished must not be lost then either, though it had come.

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
/// Of a record: content type, version, epoch (RFC 6347 §4.1).
const EPOCH: std::ops::Range<usize> = 3..5;

/// The newest ChangeCipherSpec and the newest encrypted handshake message that came before the handshake's end.
#[derive(Debug, Default)]
pub(super) struct Early {
    change: Option<Vec<u8>>,
    finished: Option<Vec<u8>>,
}

impl Early {
    /// A datagram's records, and after them what may have been too early before.
    pub(super) fn after(&mut self, records: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut others = Vec::new();
        for record in records {
            let is_encrypted = record.get(EPOCH).is_some_and(|epoch| epoch != [0, 0]);
            match record.first() {
                Some(&CHANGE_CIPHER_SPEC) => self.change = Some(record),
                Some(&HANDSHAKE) if is_encrypted => self.finished = Some(record),
                _ => others.push(record),
            }
        }
        others.extend(self.change.iter().chain(&self.finished).cloned());
        others
    }
}
