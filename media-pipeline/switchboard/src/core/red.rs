//! Sound that carries the piece before once more (RED, RFC 2198), so that a lost packet is not heard.

/// Bytes of a block's header, but the last one's, which is one byte.
const HEADER: usize = 4;
/// «Another block follows».
const FOLLOWS: u8 = 0x80;

/// The newest sound in a RED payload, by itself. None where it is no RED.
pub(super) fn primary(payload: &[u8]) -> Option<&[u8]> {
    let (mut at, mut redundant) = (0, 0);
    while payload.get(at)? & FOLLOWS != 0 {
        let header = payload.get(at..at + HEADER)?;
        redundant += usize::from(u16::from_be_bytes([header[2], header[3]]) & 0x03ff);
        at += HEADER;
    }
    payload.get(at + 1 + redundant..)
}

/// The sound before the newest in a RED payload, and how much before, in ticks of its clock. None where there is none.
pub(super) fn before(payload: &[u8]) -> Option<(u32, &[u8])> {
    let (mut at, mut redundant, mut last) = (0, 0, None);
    while payload.get(at)? & FOLLOWS != 0 {
        let header = payload.get(at..at + HEADER)?;
        // 14 bits of offset, 10 of length.
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]) & 0x03ff);
        last =
            Some((u32::from(u16::from_be_bytes([header[1], header[2]]) >> 2), redundant..redundant + length));
        redundant += length;
        at += HEADER;
    }
    let (ticks, place) = last.filter(|(ticks, place)| *ticks > 0 && !place.is_empty())?;
    Some((ticks, payload.get(at + 1..)?.get(place)?))
}

/// The same payload for whom the sound in it has another payload type: each block names it.
pub(super) fn renamed(payload: &[u8], payload_type: u8) -> Vec<u8> {
    let (mut bytes, mut at) = (payload.to_vec(), 0);
    while let Some(byte) = bytes.get_mut(at) {
        let follows = *byte & FOLLOWS;
        *byte = follows | payload_type;
        if follows == 0 {
            break;
        }
        at += HEADER;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two pieces: three bytes of 20 ms ago, and two of now, of payload type 111.
    const TWO: &[u8] = &[0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2, 3, 8, 9];

    #[test]
    fn the_newest_sound_is_found_behind_what_came_before() {
        assert_eq!(primary(TWO), Some(&[8, 9][..]));
        assert_eq!(primary(&[0x6f, 8, 9]), Some(&[8, 9][..]), "nothing came before");
        assert_eq!(primary(&[0x6f]), Some(&[][..]), "silence");
    }

    #[test]
    fn the_sound_before_is_found_with_its_time() {
        // 960 ticks, 20 ms: the offset's low bits are the third byte's high ones (RFC 2198 §3).
        assert_eq!(before(TWO), Some((960, &[1, 2, 3][..])));
        let three = [0xef, 0x1e, 0x00, 0x01, 0xef, 0x0f, 0x00, 0x02, 0x6f, 5, 6, 7, 8];
        assert_eq!(before(&three), Some((960, &[6, 7][..])), "the nearest of two");
        assert_eq!(before(&[0x6f, 8, 9]), None, "nothing came before");
        assert_eq!(before(&[0xef, 0x0f, 0x00, 0x00, 0x6f, 8]), None, "silence came before");
    }

    #[test]
    fn each_block_is_renamed() {
        assert_eq!(renamed(TWO, 109), [0xed, 0x0f, 0x00, 0x03, 0x6d, 1, 2, 3, 8, 9]);
        assert_eq!(renamed(&[0x6f, 8], 96), [0x60, 8]);
    }

    #[test]
    fn what_is_cut_short_is_no_sound() {
        for length in 0..8 {
            assert_eq!(primary(&TWO[..length]), None, "{length} bytes");
            assert_eq!(before(&TWO[..length]), None, "{length} bytes");
            let _ = renamed(&TWO[..length], 1);
        }
        assert_eq!(primary(&[]), None);
        assert_eq!(primary(&[0x80; 64]), None, "no last block");
    }
}
