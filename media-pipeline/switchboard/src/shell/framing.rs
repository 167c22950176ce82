//! Datagrams on a stream, each behind its length (RFC 4571 §2).

use super::sockets::LARGEST;

/// Bytes of the length.
pub(super) const LENGTH: usize = 2;

/// A length that no datagram of a browser's has: what follows on the stream cannot be told from anything else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong(
    /// Bytes.
    pub usize,
);

/// Takes bytes as they come, and gives datagrams as they are whole.
#[derive(Debug, Default)]
pub struct Datagrams {
    pending: Vec<u8>,
}

impl Datagrams {
    /// Adds bytes read from the stream, and hands out each datagram that is whole with them. What is kept is less than one.
    ///
    /// # Errors
    /// [`TooLong`]: the stream has to be closed.
    pub fn push(&mut self, bytes: &[u8], mut take: impl FnMut(&[u8])) -> Result<(), TooLong> {
        self.pending.extend_from_slice(bytes);
        let mut rest = self.pending.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<LENGTH>() {
            let length = usize::from(u16::from_be_bytes(*length));
            if length > LARGEST {
                return Err(TooLong(length));
            }
            let Some((datagram, after)) = after.split_at_checked(length) else { break };
            take(datagram);
            rest = after;
        }
        let left = rest.len();
        self.pending.drain(..self.pending.len() - left);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut datagrams, mut taken) = (Datagrams::default(), Vec::new());
        for piece in pieces {
            datagrams.push(piece, |datagram| taken.push(datagram.to_vec()))?;
        }
        Ok(taken)
    }

    #[test]
    fn datagrams_survive_any_split_of_the_stream() {
        let stream = [0, 3, 1, 2, 3, 0, 0, 0, 1, 9];
        let whole = [vec![1, 2, 3], vec![], vec![9]];
        for cut in 0..=stream.len() {
            let (one, two) = stream.split_at(cut);
            assert_eq!(taken(&[one, two]).unwrap(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn a_length_that_is_none_is_told_before_it_is_waited_for() {
        assert_eq!(taken(&[b"GE"]), Err(TooLong(18_245)));
        assert_eq!(taken(&[&[8, 0]]), Ok(vec![]), "2,048 bytes may come");
    }
}
