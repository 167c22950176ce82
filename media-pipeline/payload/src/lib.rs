//! What a picture's RTP payload tells without decoding it: whether a picture starts that can be shown by itself, and how large it is.
//! Payloads come from the network: any bytes are taken.

pub mod h264;
pub mod vp8;

#[cfg(test)]
mod tests {
    use super::{h264, vp8};

    #[test]
    fn whatever_arrives_is_survived() {
        let mut bytes = vec![0_u8; 12];
        let mut state = 1_u32;
        for _ in 0..100_000 {
            for byte in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
            let length = (state >> 16) as usize % (bytes.len() + 1);
            let _ = h264::opens_key_frame(&bytes[..length]);
            let _ = h264::starts_key_frame(&bytes[..length]);
            let _ = vp8::starts_key_frame(&bytes[..length]);
            let _ = vp8::height(&bytes[..length]);
            // Most begin as a parameter set.
            bytes[0] = 0x67;
            let _ = h264::stream_format(&bytes[..length]);
        }
    }
}
