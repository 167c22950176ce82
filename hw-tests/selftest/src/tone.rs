//! Tones by which participants are told apart in a sound, and their detector.

/// Samples a second of everything that is listened to.
pub(crate) const RATE: u32 = 48_000;
/// Length of what is judged at once: 200 ms, which tells tones 10 Hz apart.
pub(crate) const WINDOW: usize = 9_600;
/// Amplitude of what is sent, of 1: three tones at once are not clipped.
pub(crate) const AMPLITUDE: f64 = 0.25;
/// Least amplitude of what counts as heard, of 1: −40 dBFS.
const HEARD: f64 = 0.01;

/// Least part of a window's loudness that a tone has to have. Lost packets tear a tone, and torn it is heard at all
/// frequencies, weakly.
const PART: f64 = 0.25;

/// Hz, by sender. All within what telephones carry (300–3400 Hz), and no one near a multiple of another.
const TONES: [u32; 16] =
    [443, 613, 877, 1_291, 503, 701, 1_009, 1_117, 1_487, 1_607, 1_709, 1_913, 2_083, 2_203, 2_311, 2_503];

/// A sender's tone, Hz.
pub(crate) fn of_sender(sender: u8) -> u32 {
    TONES[usize::from(sender & 15)]
}

/// Which senders' tones a window of sound at [`RATE`] contains. Samples from −1 to 1.
pub(crate) fn senders_in(window: &[f32]) -> Vec<u8> {
    let bent: Vec<f64> = hann(window);
    let least = HEARD.max(PART * loudness(window));
    (0..16).filter(|sender| amplitude(&bent, of_sender(*sender)) >= least).collect()
}

/// The amplitude of one tone that would be as loud as the whole window.
fn loudness(window: &[f32]) -> f64 {
    let power: f64 = window.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (2.0 * power / f64::from(u32::try_from(window.len().max(1)).unwrap_or(u32::MAX))).sqrt()
}

/// A raised cosine over the window, so that one tone does not leak into the others' frequencies.
fn hann(window: &[f32]) -> Vec<f64> {
    let step = std::f64::consts::TAU / f64::from(u32::try_from(window.len().max(1)).unwrap_or(u32::MAX));
    let weight = |at: usize| 0.5 - 0.5 * (step * f64::from(u32::try_from(at).unwrap_or(0))).cos();
    window.iter().enumerate().map(|(at, sample)| f64::from(*sample) * weight(at)).collect()
}

/// Amplitude of one frequency in a bent window (Goertzel).
fn amplitude(bent: &[f64], hz: u32) -> f64 {
    let coefficient = 2.0 * (std::f64::consts::TAU * f64::from(hz) / f64::from(RATE)).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in bent {
        (last, before) = (sample + coefficient * last - before, last);
    }
    let power = last * last + before * before - coefficient * last * before;
    // A sine's half, and the weights' mean of a half again.
    let length = f64::from(u32::try_from(bent.len().max(1)).unwrap_or(u32::MAX));
    4.0 * power.max(0.0).sqrt() / length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(tones: &[(u32, f64)], noise: f64) -> Vec<f32> {
        let mut state = 1_u32;
        (0..WINDOW)
            .map(|at| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let t = at as f64 / f64::from(RATE);
                let tone: f64 = tones
                    .iter()
                    .map(|(hz, amplitude)| amplitude * (std::f64::consts::TAU * f64::from(*hz) * t).sin())
                    .sum();
                (tone + noise * (f64::from(state) / f64::from(u32::MAX) - 0.5) * 2.0) as f32
            })
            .collect()
    }

    #[test]
    fn each_tone_is_heard_as_its_sender_and_no_other() {
        for sender in 0..16 {
            assert_eq!(senders_in(&sound(&[(of_sender(sender), AMPLITUDE)], 0.0)), [sender]);
        }
    }

    #[test]
    fn tones_are_told_apart_in_a_mix_with_noise() {
        let mix = [(of_sender(1), AMPLITUDE), (of_sender(3), AMPLITUDE)];
        assert_eq!(senders_in(&sound(&mix, 0.1)), [1, 3]);
    }

    #[test]
    fn silence_noise_and_other_tones_are_nobody() {
        assert!(senders_in(&[0.0; WINDOW]).is_empty());
        assert!(senders_in(&sound(&[], 0.2)).is_empty());
        assert!(senders_in(&sound(&[(950, 0.25)], 0.0)).is_empty());
        assert!(senders_in(&[]).is_empty());
    }

    #[test]
    fn a_torn_tone_is_nobody_elses() {
        let whole = sound(&[(of_sender(1), AMPLITUDE)], 0.0);
        for lost in (8..=480).step_by(8) {
            // Of each 20 ms, up to half is lost, and the rest is played without a pause.
            let torn: Vec<f32> =
                whole.chunks(960).flat_map(|packet| &packet[..960 - lost]).copied().collect();
            let window: Vec<f32> = torn.iter().cycle().take(WINDOW).copied().collect();
            let heard = senders_in(&window);
            assert!(heard.iter().all(|sender| *sender == 1), "{lost} lost: {heard:?}");
        }
    }

    #[test]
    fn a_tone_of_telephone_quality_is_recognised() {
        // 8-bit steps and a clipped top, as G.711 and a bad gain leave it.
        let coarse: Vec<f32> = sound(&[(of_sender(2), 0.3)], 0.0)
            .into_iter()
            .map(|sample| ((sample * 100.0).round() / 100.0).clamp(-0.28, 0.28))
            .collect();
        assert_eq!(senders_in(&coarse), [2]);
    }
}
