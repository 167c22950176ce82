/// Whether an H.264 packet's payload (RFC 6184) begins, or belongs to the beginning of, a key frame.
#[must_use]
pub fn starts_key_frame(payload: &[u8]) -> bool {
    const IDR: u8 = 5;
    const STAP_A: u8 = 24;
    const FU_A: u8 = 28;
    let Some(first) = payload.first() else { return false };
    match first & 0x1f {
        IDR => true,
        STAP_A => aggregated(&payload[1..]).any(|kind| kind == IDR),
        FU_A => payload.get(1).is_some_and(|header| header & 0x80 != 0 && header & 0x1f == IDR),
        _ => false,
    }
}

/// The kinds of the units in a STAP-A.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        unit.first().map(|first| first & 0x1f)
    })
}

#[cfg(test)]
mod tests {
    use super::starts_key_frame;

    #[test]
    fn key_frames_are_seen_in_each_kind_of_packet() {
        assert!(starts_key_frame(&[0x65, 1, 2]), "single unit");
        assert!(starts_key_frame(&[0x78, 0, 2, 0x67, 1, 0, 1, 0x68, 0, 2, 0x65, 1]), "aggregated");
        assert!(starts_key_frame(&[0x7c, 0x85, 1]), "first fragment");
    }

    #[test]
    fn others_are_not() {
        for payload in [&[0x41, 1][..], &[0x67, 1], &[0x7c, 0x05], &[0x7c, 0x81], &[0x78, 0, 9, 0x65], &[]] {
            assert!(!starts_key_frame(payload), "{payload:x?}");
        }
    }
}
