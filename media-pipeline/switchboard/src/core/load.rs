//! What is given up, step by step, where the machine cannot do everything. Sound never is.

use super::encodings::Layer;
use std::time::{Duration, Instant};

/// Above this share of its time, in hundredths, the switchboard will soon be late.
const TOO_MUCH: u8 = 80;
/// Below this there is room for what was given up.
const CALM: u8 = 55;
/// A step is given this long to show what it brings.
const SETTLES: Duration = Duration::from_secs(3);
/// Calm for this long: a step is taken back.
const STAYS_CALM: Duration = Duration::from_secs(10);

/// What pictures may be, beside those that somebody shows to all: their text must stay legible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Limits {
    /// The largest encoding of who speaks.
    pub speaker: Layer,
    /// The largest of the others.
    pub others: Layer,
    /// People that one receiver sees.
    pub people: usize,
}

/// Step by step.
const STEPS: [Limits; 5] = [
    Limits { speaker: Layer::WHOLE, others: Layer::WHOLE, people: usize::MAX },
    Limits { speaker: Layer::WHOLE, others: Layer::HALF, people: usize::MAX },
    Limits { speaker: Layer::HALF, others: Layer::QUARTER, people: usize::MAX },
    Limits { speaker: Layer::QUARTER, others: Layer::QUARTER, people: 4 },
    Limits { speaker: Layer::QUARTER, others: Layer::QUARTER, people: 1 },
];
/// From this step on nobody else is let in: those inside have given up too much already.
const FULL: usize = 2;

/// How busy the switchboard is, and what it has given up for it.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Load {
    share: u8,
    step: usize,
    changed_at: Option<Instant>,
    calm_since: Option<Instant>,
}

impl Load {
    /// Takes note of the share of its time, in hundredths, that the switchboard has worked. Whether
    /// the limits are others now.
    pub(super) fn note(&mut self, share: u8, now: Instant) -> bool {
        self.share = share;
        let calm_since = *self.calm_since.get_or_insert(now);
        if share >= CALM {
            self.calm_since = None;
        }
        let settled = self.changed_at.is_none_or(|at| now.saturating_duration_since(at) >= SETTLES);
        let before = self.step;
        if share > TOO_MUCH && settled {
            self.step = (self.step + 1).min(STEPS.len() - 1);
        } else if share < CALM && now.saturating_duration_since(calm_since) >= STAYS_CALM {
            self.step = self.step.saturating_sub(1);
            self.calm_since = None;
        }
        if self.step != before {
            self.changed_at = Some(now);
        }
        self.step != before
    }

    pub(super) fn limits(&self) -> Limits {
        STEPS[self.step]
    }

    /// Whether there is no room for anybody else.
    pub(super) fn is_full(&self) -> bool {
        self.step >= FULL
    }

    pub(super) fn share(&self) -> u8 {
        self.share
    }

    pub(super) fn step(&self) -> u8 {
        u8::try_from(self.step).expect("a few steps")
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    /// The steps after each second of these shares.
    fn steps(shares: &[u8]) -> Vec<u8> {
        let (mut load, start) = (Load::default(), Instant::now());
        let seconds = shares.iter().zip(0..);
        let step = |(share, second): (&u8, u64)| {
            load.note(*share, start + Duration::from_secs(second));
            load.step()
        };
        seconds.map(step).collect()
    }

    #[test]
    fn a_step_at_a_time_is_given_up_and_taken_back_once_it_has_been_calm() {
        assert_eq!(steps(&[80, 50, 80]), [0, 0, 0]);
        assert_eq!(steps(&[90; 14]), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]);
        let mut shares = vec![90];
        shares.extend([70; 30]);
        assert_eq!(steps(&shares).last(), Some(&1), "between the two nothing changes");
        let mut shares = vec![90, 90, 90, 90];
        shares.extend([40; 24]);
        let after = steps(&shares);
        assert_eq!((after[4 + 9], after[4 + 10], after[4 + 20], after[4 + 21]), (2, 1, 1, 0));
    }

    #[test]
    fn nobody_is_let_in_once_much_was_given_up() {
        let (mut load, start) = (Load::default(), Instant::now());
        assert!(!load.is_full());
        load.note(90, start);
        assert!(!load.is_full() && load.limits().others == Layer::HALF);
        load.note(90, start + SETTLES);
        assert!(load.is_full());
    }
}
