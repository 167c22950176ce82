use super::{RATE, STEP, Step};
use std::collections::VecDeque;

/// Sound kept ready, so that a packet that comes late is not heard: 40 ms.
const TARGET: usize = RATE / 25;
/// More than this is dropped at once: 200 ms.
const MOST: usize = RATE / 5;
/// The most that one step is stretched or squeezed by: 0.4 %, which nobody hears.
const STRETCH: usize = 4;
/// Weight of a new value in the mean depth: about a second.
const SMOOTHING: f32 = 0.02;
/// Samples over which sound is faded in and out where it is cut: 5 ms.
const FADE: usize = RATE / 200;

/// A voice's sound between its decoder and the mix. The sender's clock is not ours: where sound piles up or runs
/// out slowly, steps are squeezed or stretched; a voice that stops is silence.
#[derive(Debug)]
pub struct Ring {
    samples: VecDeque<i16>,
    depth: f32,
    flowing: bool,
}

impl Default for Ring {
    fn default() -> Self {
        Self { samples: VecDeque::with_capacity(MOST), depth: 0.0, flowing: false }
    }
}

impl Ring {
    /// Adds decoded sound, any number of samples.
    pub fn push(&mut self, samples: impl IntoIterator<Item = i16>) {
        self.samples.extend(samples);
        if self.samples.len() > MOST {
            self.samples.drain(..self.samples.len() - TARGET);
        }
    }

    /// Takes one step; `None` is silence.
    pub fn pull(&mut self) -> Option<Step> {
        if !self.flowing {
            if self.samples.len() < TARGET {
                return None;
            }
            self.flowing = true;
            self.depth = depth(self.samples.len());
            return self.samples.len().ge(&STEP).then(|| {
                let mut step = self.take(STEP);
                fade(&mut step, |i| i);
                step
            });
        }
        self.depth += (depth(self.samples.len()) - self.depth) * SMOOTHING;
        let wanted = self.wanted();
        if self.samples.len() < wanted {
            return self.run_dry();
        }
        Some(self.take(wanted))
    }

    /// How many samples the next step is made of.
    fn wanted(&self) -> usize {
        let excess = self.depth - depth(TARGET);
        match excess {
            e if e > depth(STEP) => STEP + STRETCH,
            e if e > depth(STEP / 4) => STEP + 1,
            e if e < -depth(STEP / 2) => STEP - STRETCH,
            e if e < -depth(STEP / 4) => STEP - 1,
            _ => STEP,
        }
    }

    /// Linear interpolation of so many samples to one step's.
    fn take(&mut self, count: usize) -> Step {
        let taken: Vec<i16> = self.samples.drain(..count).collect();
        let mut step = [0; STEP];
        if count == STEP {
            step.copy_from_slice(&taken);
            return step;
        }
        for (i, out) in step.iter_mut().enumerate() {
            let position = i * (count - 1) * 256 / (STEP - 1);
            let (index, part) = (position / 256, i32::try_from(position % 256).expect("below 256"));
            let here = i32::from(taken[index]);
            let next = i32::from(taken[(index + 1).min(count - 1)]);
            *out = i16::try_from(here + (next - here) * part / 256).expect("between two samples");
        }
        step
    }

    /// Gives what is left, faded out, then silence until enough has come again.
    fn run_dry(&mut self) -> Option<Step> {
        self.flowing = false;
        let mut step = [0; STEP];
        let left = self.samples.len().min(STEP);
        for (out, sample) in step.iter_mut().zip(self.samples.drain(..)) {
            *out = sample;
        }
        fade(&mut step, |i| left.saturating_sub(i));
        (left > 0).then_some(step)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ring holds 9,600 samples at the most")]
fn depth(samples: usize) -> f32 {
    samples as f32
}

/// Scales samples that are less than a fade's length away from an edge.
fn fade(step: &mut Step, distance: impl Fn(usize) -> usize) {
    let length = i32::try_from(FADE).expect("240");
    for (i, sample) in step.iter_mut().enumerate() {
        let part = i32::try_from(distance(i).min(FADE)).expect("at most 240");
        *sample = i16::try_from(i32::from(*sample) * part / length).expect("smaller than before");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(length: usize) -> Vec<i16> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small numbers")]
        (0..length).map(|i| ((i as f32 * 0.05).sin() * 8_000.0) as i16).collect()
    }

    /// Runs a sender whose steps are of so many samples for `steps` steps; gives the longest pause after the
    /// start, in steps, and the deepest the ring was.
    fn run(sender_step: usize, steps: usize) -> (usize, usize) {
        let mut ring = Ring::default();
        let sound = tone(sender_step * steps);
        let (mut pause, mut longest, mut deepest) = (0, 0, 0);
        for (n, chunk) in sound.chunks(sender_step).enumerate() {
            ring.push(chunk.iter().copied());
            deepest = deepest.max(ring.samples.len());
            pause = if ring.pull().is_some() { 0 } else { pause + 1 };
            if n > 5 {
                longest = longest.max(pause);
            }
        }
        (longest, deepest)
    }

    #[test]
    fn a_voice_comes_out_as_it_went_in() {
        let mut ring = Ring::default();
        let sound = tone(STEP * 10);
        ring.push(sound[..STEP * 3].iter().copied());
        let first = ring.pull().unwrap();
        assert_eq!(first[FADE..], sound[FADE..STEP], "after the fade");
    }

    #[test]
    fn clocks_that_differ_neither_pile_up_nor_run_out() {
        // 0.1 % off either way, for 100 s: without a cure 4,800 samples too many or too few.
        for sender_step in [STEP - 1, STEP, STEP + 1] {
            let (pause, deepest) = run(sender_step, 5_000);
            assert_eq!(pause, 0, "with {sender_step}");
            assert!(deepest < TARGET + 3 * STEP, "{deepest} with {sender_step}");
        }
    }

    #[test]
    fn a_burst_is_cut_to_what_is_fresh() {
        let mut ring = Ring::default();
        ring.push(tone(RATE));
        assert_eq!(ring.samples.len(), TARGET);
    }

    #[test]
    fn a_voice_that_stops_is_silence_and_comes_back() {
        let mut ring = Ring::default();
        ring.push(tone(TARGET));
        let heard = std::iter::from_fn(|| ring.pull()).count();
        assert_eq!(heard, 2);
        assert!((0..100).all(|_| ring.pull().is_none()));
        ring.push(tone(TARGET));
        assert!(ring.pull().is_some());
    }
}
