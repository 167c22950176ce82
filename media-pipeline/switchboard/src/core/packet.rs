use super::rewrite::Place;
use std::sync::Arc;
use tabellion_media_protocol::{VideoCodec, studio};
use tabellion_payload::{h264, vp8};

/// What a track is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Format {
    /// Opus, 48 kHz.
    Opus,
    /// H.264 or VP8, 90 kHz.
    Video(VideoCodec),
}

impl Format {
    /// Payload type on the link to a studio.
    #[must_use]
    pub(super) fn studio_payload_type(self) -> u8 {
        match self {
            Self::Opus => studio::OPUS,
            Self::Video(VideoCodec::H264) => studio::H264,
            Self::Video(VideoCodec::Vp8) => studio::VP8,
        }
    }

    /// From the payload type on the link to a studio.
    #[must_use]
    pub(super) fn from_studio(payload_type: u8) -> Option<Self> {
        match payload_type {
            studio::OPUS => Some(Self::Opus),
            studio::H264 => Some(Self::Video(VideoCodec::H264)),
            studio::VP8 => Some(Self::Video(VideoCodec::Vp8)),
            _ => None,
        }
    }

    /// Rows of the picture, from a payload that begins a key frame.
    #[must_use]
    pub(super) fn height(self, payload: &[u8]) -> Option<u32> {
        match self {
            Self::Opus => None,
            Self::Video(VideoCodec::H264) => h264::stream_format(payload).map(|format| format.height),
            Self::Video(VideoCodec::Vp8) => vp8::height(payload),
        }
    }

    /// Whether a payload of this format begins what can be shown by itself. Sound always can.
    #[must_use]
    pub(super) fn starts_key_frame(self, payload: &[u8]) -> bool {
        match self {
            Self::Opus => true,
            Self::Video(VideoCodec::H264) => h264::opens_key_frame(payload),
            Self::Video(VideoCodec::Vp8) => vp8::starts_key_frame(payload),
        }
    }
}

/// One packet of a track, without its way of arrival.
#[derive(Clone, Debug)]
pub(super) struct Packet {
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// End of a picture, or start of a talk spurt.
    pub marker: bool,
    /// RFC 6464, where the sender says it.
    pub level: Option<i8>,
    /// What it is.
    pub format: Format,
    /// What it carries.
    pub payload: Arc<[u8]>,
    /// The same sound with the piece before (RED), where the sender gives it.
    pub redundant: Option<Arc<[u8]>>,
}

/// Fixed RTP header (RFC 3550 §5.1).
const HEADER: usize = 12;

impl Packet {
    /// As RTP for a studio, behind the datagram's header.
    #[must_use]
    pub(super) fn to_studio(&self, track: u32, at: Place) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(studio::MEDIA_HEADER + HEADER + self.payload.len());
        bytes.push(studio::MEDIA);
        bytes.extend(track.to_be_bytes());
        bytes.extend([0x80, self.format.studio_payload_type() | if self.marker { 0x80 } else { 0 }]);
        // The studio counts modulo 65536, as RTP does.
        bytes.extend((at.sequence as u16).to_be_bytes());
        bytes.extend(at.timestamp.to_be_bytes());
        bytes.extend(track.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes
    }
}

/// Unwraps the 16-bit sequence numbers of RTP from a studio.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unwrapper {
    last: Option<u64>,
}

impl Unwrapper {
    /// The extended number nearest to the last one.
    pub(super) fn extend(&mut self, sequence: u16) -> u64 {
        // Starting one round up leaves room for packets older than the first.
        let last = self.last.unwrap_or(0x1_0000 + u64::from(sequence));
        let step = i64::from(sequence.wrapping_sub(last as u16).cast_signed());
        let extended = last.saturating_add_signed(step);
        self.last = Some(last.max(extended));
        extended
    }
}

/// Synchronisation source of an RTP packet (RFC 3550 §5.1).
pub(super) fn ssrc(rtp: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*rtp.get(8..12)?.first_chunk()?))
}

/// Reads RTP that a studio sent.
pub(super) fn from_studio(rtp: &[u8], unwrapper: &mut Unwrapper) -> Option<Packet> {
    let header = rtp.first_chunk::<HEADER>()?;
    if header[0] >> 6 != 2 {
        return None;
    }
    let mut offset = HEADER + usize::from(header[0] & 0x0f) * 4;
    if header[0] & 0x10 != 0 {
        let extension = rtp.get(offset..offset + 4)?;
        offset += 4 + usize::from(u16::from_be_bytes([extension[2], extension[3]])) * 4;
    }
    let end =
        if header[0] & 0x20 == 0 { rtp.len() } else { rtp.len().checked_sub(usize::from(*rtp.last()?))? };
    let payload = rtp.get(offset..end)?;
    let format = Format::from_studio(header[1] & 0x7f)?;
    Some(Packet {
        sequence: unwrapper.extend(u16::from_be_bytes([header[2], header[3]])),
        timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        marker: header[1] & 0x80 != 0,
        level: None,
        format,
        payload: payload.into(),
        redundant: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_to_a_studio_can_be_read_back() {
        let packet = Packet {
            sequence: 0x1_0002,
            timestamp: 90_000,
            marker: true,
            level: None,
            format: Format::Video(VideoCodec::H264),
            payload: [0x65, 1, 2].into(),
            redundant: None,
        };
        let bytes = packet.to_studio(7, Place { sequence: 0x1_0002, timestamp: 90_000 });
        assert_eq!(bytes[..5], [studio::MEDIA, 0, 0, 0, 7]);
        let read = from_studio(&bytes[studio::MEDIA_HEADER..], &mut Unwrapper::default()).unwrap();
        assert_eq!((read.sequence as u16, read.timestamp, read.marker), (2, 90_000, true));
        assert_eq!((read.format, &read.payload[..]), (packet.format, &[0x65, 1, 2][..]));
    }

    #[test]
    fn sequence_numbers_are_unwrapped_over_the_edge_and_back() {
        let mut unwrapper = Unwrapper::default();
        let extended: Vec<_> = [65_534, 65_535, 0, 65_533, 1].map(|seq| unwrapper.extend(seq)).to_vec();
        let first = extended[0];
        assert_eq!(extended, [first, first + 1, first + 2, first - 1, first + 3]);
    }

    #[test]
    fn truncated_rtp_is_no_packet() {
        let whole = [0x90, 0xe0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, 9];
        assert!(from_studio(&whole, &mut Unwrapper::default()).is_some());
        for length in 0..20 {
            assert!(from_studio(&whole[..length], &mut Unwrapper::default()).is_none(), "{length}");
        }
    }
}
