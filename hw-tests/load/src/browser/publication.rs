use crate::media::{Picture, Voice};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};
use str0m::{
    Rtc,
    format::Codec,
    media::{Mid, Pt},
    rtp::{ExtensionValues, RtpWrite, Ssrc},
};

/// First byte of a fragmented NAL unit (RFC 6184 §5.8), and the second one's bits.
const FU_A: u8 = 0x7c;
const START: u8 = 0x80;
const END: u8 = 0x40;
const IDR_SLICE: u8 = 5;
const SLICE: u8 = 1;
/// Where a packet names itself: behind what an engine reads of it.
const STAMP: std::ops::Range<usize> = 2..8;

/// A packet as its publisher has sent it: an engine gives it another SSRC and another number.
pub(crate) type PacketName = (u32, u16);

/// A picture or a voice that a browser sends.
pub(super) struct Publication {
    pub mid: Mid,
    what: Source,
    sequence: u64,
    timestamp: u32,
    pub next: Instant,
    pub key_frame_wanted: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Source {
    Picture(Picture),
    Voice(Voice),
}

impl Source {
    fn codec(self) -> Codec {
        match self {
            Self::Picture(_) => Codec::H264,
            Self::Voice(_) => Codec::Opus,
        }
    }

    fn period(self) -> Duration {
        match self {
            Self::Picture(picture) => picture.period(),
            Self::Voice(_) => Voice::PERIOD,
        }
    }

    /// In units of its RTP clock (RFC 6184 §5.1, RFC 7587 §4.1).
    fn ticks(self) -> u32 {
        match self {
            Self::Picture(picture) => 90_000 / u32::from(picture.rate),
            Self::Voice(_) => 960,
        }
    }
}

impl Publication {
    pub(super) fn new(mid: Mid, what: Source, now: Instant) -> Self {
        Self { mid, what, sequence: 1_000, timestamp: 9_000, next: now, key_frame_wanted: true }
    }

    /// Gives the transport what is due: a whole picture, or a piece of a voice.
    pub(super) fn write(&mut self, rtc: &mut Rtc, now: Instant) -> Result<()> {
        // What could not be sent in time is left out: sent together it would be another load.
        self.next = (self.next + self.what.period()).max(now);
        self.timestamp = self.timestamp.wrapping_add(self.what.ticks());
        let payload_type = payload_type(rtc, self.mid, self.what.codec())?;
        match self.what {
            Source::Picture(picture) => self.write_picture(rtc, payload_type, picture, now),
            Source::Voice(voice) => self.write_voice(rtc, payload_type, voice, now),
        }
    }

    /// The start of an IDR picture where somebody has asked for one, of another one otherwise.
    fn write_picture(
        &mut self,
        rtc: &mut Rtc,
        payload_type: Pt,
        picture: Picture,
        now: Instant,
    ) -> Result<()> {
        let kind = if std::mem::take(&mut self.key_frame_wanted) { IDR_SLICE } else { SLICE };
        let mut payload = vec![0xa5; usize::from(picture.bytes)];
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, None).context("the picture is not published")?;
        for number in 0..picture.packets {
            let last = number + 1 == picture.packets;
            let start = if number == 0 { START } else { 0 };
            self.sequence += 1;
            payload[..2].copy_from_slice(&[FU_A, start | if last { END } else { 0 } | kind]);
            stamp(&mut payload, stream.ssrc(), self.sequence);
            let write =
                RtpWrite::new(payload_type, self.sequence.into(), self.timestamp, now, payload.as_slice());
            stream.write_rtp(write.marker(last).nackable(true));
        }
        Ok(())
    }

    fn write_voice(&mut self, rtc: &mut Rtc, payload_type: Pt, voice: Voice, now: Instant) -> Result<()> {
        let mut payload = vec![0xa5; Voice::BYTES];
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(self.mid, None).context("the voice is not published")?;
        self.sequence += 1;
        stamp(&mut payload, stream.ssrc(), self.sequence);
        let level = ExtensionValues {
            audio_level: Some(voice.level),
            voice_activity: Some(voice.level == Voice::SPEAKS.level),
            ..ExtensionValues::default()
        };
        let write =
            RtpWrite::new(payload_type, self.sequence.into(), self.timestamp, now, payload.as_slice());
        stream.write_rtp(write.ext_vals(level));
        Ok(())
    }
}

fn payload_type(rtc: &Rtc, mid: Mid, codec: Codec) -> Result<Pt> {
    let agreed = rtc.media(mid).context("the line is gone")?.remote_pts();
    let mut params = rtc.codec_config().params().iter();
    let found = params.find(|params| params.spec().codec == codec && agreed.contains(&params.pt()));
    found.map(|params| params.pt()).with_context(|| format!("{codec} was not agreed"))
}

fn stamp(payload: &mut [u8], ssrc: Ssrc, sequence: u64) {
    let [.., high, low] = sequence.to_be_bytes();
    payload[STAMP][..4].copy_from_slice(&ssrc.to_be_bytes());
    payload[STAMP][4..].copy_from_slice(&[high, low]);
}

/// By what its publisher has written into it.
pub(super) fn name_in(payload: &[u8]) -> Option<PacketName> {
    let [a, b, c, d, high, low] = *payload.get(STAMP)?.first_chunk()?;
    Some((u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([high, low])))
}

/// By its header (RFC 3550 §5.1), as its publisher sends it.
pub(super) fn name_of(datagram: &[u8]) -> Option<PacketName> {
    let [_, _, high, low, _, _, _, _, ssrc @ ..] = datagram else { return None };
    Some((u32::from_be_bytes(*ssrc.first_chunk()?), u16::from_be_bytes([*high, *low])))
}

/// Whether a packet begins a picture that needs no other one.
pub(super) fn starts_key_frame(payload: &[u8]) -> bool {
    matches!(payload, [FU_A, second, ..] if second & START != 0 && second & 0x1f == IDR_SLICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_named_alike_by_its_header_and_by_its_payload() {
        let mut datagram = vec![0; 12];
        datagram[2..4].copy_from_slice(&[0x12, 0x34]);
        datagram[8..12].copy_from_slice(&[1, 2, 3, 4]);
        let mut payload = vec![0; 16];
        stamp(&mut payload, 0x0102_0304.into(), 0x9_1234);
        assert_eq!(name_of(&datagram), Some((0x0102_0304, 0x1234)));
        assert_eq!(name_in(&payload), name_of(&datagram));
        assert_eq!((name_of(&datagram[..11]), name_in(&payload[..7])), (None, None));
    }
}
