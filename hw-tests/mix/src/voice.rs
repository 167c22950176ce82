//! What a microphone sends, encoded beforehand: a short tone each second. When it begins is found in any recording.

use crate::through::{buffer, bytes, through};
use anyhow::{Context, Result, ensure};
use std::{
    f64::consts::TAU,
    sync::{Arc, Mutex},
};
use tabellion_media_protocol::{AudioCodec, studio::OPUS};
use tabellion_studio::{codecs, rtp::Packet};

/// Of a packet, ms.
pub(crate) const PERIOD_MS: u64 = 20;
/// Packets of a second, after which everything comes again.
const TURN: usize = 50;
/// Samples a second.
const RATE: usize = 48_000;
/// Samples of a packet.
const STEP: usize = RATE / TURN;
/// Samples of the tone: a quarter of a second.
const TONE: usize = RATE / 4;
const HERTZ: f64 = 1_000.0;
const AMPLITUDE: f64 = 12_000.0;
/// Louder than this is the tone: far above what codecs make of silence.
const HEARD: u16 = 3_000;
/// So much silence before it, so that it is its beginning.
const QUIET_MS: f64 = 100.0;

/// A second of sound in packets.
pub(crate) struct Voice {
    pub payloads: Vec<Vec<u8>>,
    /// When the tone begins in what a decoder makes of them, counted from the first packet. ms.
    pub onset_ms: f64,
}

impl Voice {
    pub(crate) fn encode() -> Result<Self> {
        // The first turn is another one: a codec begins with it.
        let turns = 4;
        let steps = (0..turns * TURN).map(|at| {
            let samples = (at * STEP..(at + 1) * STEP).flat_map(|sample| tone(sample % RATE).to_le_bytes());
            buffer(samples.collect(), at as u64 * PERIOD_MS)
        });
        let raw = "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";
        let packets = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let adding = Arc::clone(&packets);
        through(raw, steps, &codecs::track_encoder(1), move |sample| {
            adding.lock().expect("only added to under this lock").push(bytes(sample)?.0);
            Ok(())
        })?;
        let packets = std::mem::take(&mut *packets.lock().expect("only added to under this lock"));
        ensure!(packets.len() >= turns * TURN, "{} packets of sound for {turns} s", packets.len());
        let heard = hear(AudioCodec::Opus, OPUS, packets.clone())?;
        let onset = *heard.get(turns - 2).context("the tone is not heard in what was encoded")?;
        let payloads = packets[(turns - 2) * TURN..(turns - 1) * TURN].iter();
        let payloads = payloads.map(|bytes| Packet::parse(bytes).map(|packet| packet.payload.to_vec()));
        let payloads = payloads.collect::<Option<_>>().context("rtpopuspay gives no RTP")?;
        Ok(Self { payloads, onset_ms: onset - ((turns - 2) * 1_000) as f64 })
    }
}

fn tone(sample: usize) -> i16 {
    // In the middle of a turn and off the packets' edges.
    let since = sample.checked_sub(RATE / 2 + 100).filter(|since| *since < TONE);
    since.map_or(0, |since| (AMPLITUDE * (TAU * HERTZ * since as f64 / RATE as f64).sin()) as i16)
}

/// When tones begin in RTP packets of 20 ms each, by the sound's own time, in ms.
pub(crate) fn hear(codec: AudioCodec, payload_type: u8, packets: Vec<Vec<u8>>) -> Result<Vec<f64>> {
    let onsets = Arc::<Mutex<Vec<f64>>>::default();
    let (adding, mut quiet, mut passed) = (Arc::clone(&onsets), 0.0, 0.0);
    let decoder = codecs::audio_decoder(codec);
    let description = format!("{decoder} ! audioconvert ! audio/x-raw,format=S16LE,channels=1");
    let buffers = (0..).step_by(20).zip(packets).map(|(time, bytes)| buffer(bytes, time));
    through(&codecs::audio_rtp(codec, payload_type), buffers, &description, move |sample| {
        let rate: i32 = sample.caps().and_then(|caps| caps.structure(0)).context("no format")?.get("rate")?;
        let period = 1_000.0 / f64::from(rate);
        for pair in bytes(sample)?.0.chunks_exact(2) {
            if i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs() < HEARD {
                quiet += period;
            } else {
                if quiet >= QUIET_MS {
                    adding.lock().expect("only added to under this lock").push(passed);
                }
                quiet = 0.0;
            }
            passed += period;
        }
        Ok(())
    })?;
    let onsets = std::mem::take(&mut *onsets.lock().expect("only added to under this lock"));
    Ok(onsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_is_found_where_it_was_put() {
        gstreamer::init().unwrap();
        let voice = Voice::encode().unwrap();
        assert_eq!(voice.payloads.len(), TURN);
        // A codec's own delay is 6.5 ms (RFC 7845 §4.2 and what it says of the pre-skip).
        assert!((500.0..515.0).contains(&voice.onset_ms), "{}", voice.onset_ms);
    }
}
