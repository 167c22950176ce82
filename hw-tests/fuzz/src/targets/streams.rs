//! Datagrams on a TCP stream (RFC 4571): they come out the same, whatever pieces the stream comes in.

use crate::Target;
use tabellion_media::shell::{Datagrams, TooLong};

pub(crate) const TARGET: Target = Target { name: "streams", run, seeds, words: &[], costs: 50 };

fn run(input: &[u8]) {
    let Some((size, stream)) = input.split_first() else { return };
    let whole = read([stream]);
    let pieces = read(stream.chunks(usize::from(*size) + 1));
    assert_eq!(whole, pieces);
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Vec<u8>>, Result<(), TooLong>) {
    let (mut datagrams, mut taken) = (Datagrams::default(), Vec::new());
    let ended =
        pieces.into_iter().try_for_each(|piece| datagrams.push(piece, |bytes| taken.push(bytes.to_vec())));
    (taken, ended)
}

fn seeds() -> Vec<Vec<u8>> {
    let long = [&[255, 8, 0][..], &[7; 2_048], &[0, 1, 5]].concat();
    vec![vec![0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 9], vec![4, 0, 2, 1, 2, 8, 1, 0], long]
}
