//! Bytes as steps, where a target has to be told more than one thing: a kind, the length of what follows, and that.

/// Most steps of one input: what a longer one would find, more runs of short ones find sooner.
const MOST: usize = 40;

/// The steps of an input.
pub(crate) fn steps(input: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = input;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<3>()?;
        let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
        // One that is cut off is taken as it is, so that a mutation of a length loses no bytes.
        let (bytes, after) = after.split_at(length.min(after.len()));
        rest = after;
        Some((head[0], bytes))
    })
    .take(MOST)
}

/// The input with these steps.
pub(crate) fn script(steps: &[(u8, &[u8])]) -> Vec<u8> {
    let mut input = Vec::new();
    for (kind, bytes) in steps {
        let length = u16::try_from(bytes.len()).expect("seeds are short");
        input.push(*kind);
        input.extend(length.to_be_bytes());
        input.extend_from_slice(bytes);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_cut_off_too() {
        let input = script(&[(1, b"one"), (2, b""), (3, b"three")]);
        assert_eq!(steps(&input).collect::<Vec<_>>(), [(1, &b"one"[..]), (2, b""), (3, b"three")]);
        assert_eq!(steps(&input[..input.len() - 2]).last(), Some((3, &b"thr"[..])));
    }
}
