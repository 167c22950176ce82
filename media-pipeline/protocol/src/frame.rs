//! Length-prefixed JSON on a stream: four bytes, big endian, the number of bytes that follow.

use serde::{Serialize, de::DeserializeOwned};

/// Largest message in bytes. An SDP with all slots is about 20 kB; more than this is a fault.
pub const MAX_MESSAGE: usize = 1 << 20;

/// Why a byte stream is not messages.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length prefix exceeds [`MAX_MESSAGE`].
    #[error(
        "a message of {0} bytes exceeds the limit of {MAX_MESSAGE}: the peer does not speak this protocol"
    )]
    TooLong(usize),
    /// The bytes are not the expected JSON.
    #[error("a message cannot be read: {0}: both ends must be of the same release")]
    Json(#[from] serde_json::Error),
}

/// A message with its prefix.
///
/// # Errors
/// [`FrameError::TooLong`] above [`MAX_MESSAGE`]; [`FrameError::Json`] where the message has no JSON form.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > MAX_MESSAGE {
        return Err(FrameError::TooLong(length));
    }
    let prefix = u32::try_from(length).expect("MAX_MESSAGE fits in 32 bits").to_be_bytes();
    bytes[..4].copy_from_slice(&prefix);
    Ok(bytes)
}

/// Takes bytes as they come and gives messages as they are complete.
#[derive(Default)]
pub struct Decoder {
    pending: Vec<u8>,
}

impl Decoder {
    /// Adds bytes read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one.
    ///
    /// # Errors
    /// After an error the stream is out of step and must be closed.
    pub fn next_message<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let Some(prefix) = self.pending.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*prefix) as usize;
        if length > MAX_MESSAGE {
            return Err(FrameError::TooLong(length));
        }
        if self.pending.len() < 4 + length {
            return Ok(None);
        }
        let message = serde_json::from_slice(&self.pending[4..4 + length])?;
        self.pending.drain(..4 + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_any_split_of_the_stream() {
        let stream = [encode(&"a").unwrap(), encode(&"été").unwrap()].concat();
        for cut in 0..=stream.len() {
            let mut decoder = Decoder::default();
            let mut got: Vec<String> = Vec::new();
            for part in [&stream[..cut], &stream[cut..]] {
                decoder.push(part);
                while let Some(message) = decoder.next_message().unwrap() {
                    got.push(message);
                }
            }
            assert_eq!(got, ["a", "été"], "cut at {cut}");
        }
    }

    #[test]
    fn an_absurd_length_is_refused_before_it_is_waited_for() {
        let mut decoder = Decoder::default();
        decoder.push(b"GET / HTTP/1.1\r\n");
        assert!(matches!(decoder.next_message::<String>(), Err(FrameError::TooLong(_))));
    }
}
