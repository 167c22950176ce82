//! When a feed takes its frames: soon after those that it shows have come, and not just as they come.

use std::time::{Duration, Instant};

/// Arrivals that tell a source's phase, at least.
const ENOUGH: usize = 6;
/// A source whose arrivals are further apart in phase is another rate's, or comes as it likes: it has none.
const STEADY: Duration = Duration::from_millis(10);
/// By how much the latest of a source's arrivals should come before the frame that shows it.
const GUARD: Duration = Duration::from_millis(3);
/// Waiting that is worth a change, of each source on the average.
const WORTH: Duration = Duration::from_millis(3);
/// By how much one frame is later or earlier than its predecessor would have it.
const SLEW: Duration = Duration::from_millis(2);
/// Frames between two looks.
const LOOK: u32 = 25;

/// The phase of a clock whose frames are a period apart.
#[derive(Debug)]
pub(super) struct Phase {
    period: Duration,
    frames: u32,
    move_by: Move,
}

/// What is left of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Move {
    Earlier(Duration),
    Later(Duration),
}

impl Phase {
    pub(super) fn new(period: Duration) -> Self {
        Self { period, frames: 0, move_by: Move::Later(Duration::ZERO) }
    }

    /// How long after the frame that was due now the next one is. `arrivals`: of each picture that is shown, when its latest frames came.
    pub(super) fn next(&mut self, now: Instant, arrivals: impl FnOnce() -> Vec<Vec<Instant>>) -> Duration {
        self.frames += 1;
        if self.frames >= LOOK && self.left().is_zero() {
            self.frames = 0;
            self.move_by = self.better(now, &arrivals());
        }
        let part = self.left().min(SLEW);
        match &mut self.move_by {
            Move::Earlier(left) => {
                *left -= part;
                self.period - part
            }
            Move::Later(left) => {
                *left -= part;
                self.period + part
            }
        }
    }

    fn left(&self) -> Duration {
        let (Move::Earlier(left) | Move::Later(left)) = self.move_by;
        left
    }

    /// The change after which all wait least, where it is worth one.
    fn better(&self, now: Instant, arrivals: &[Vec<Instant>]) -> Move {
        let waits: Vec<_> =
            arrivals.iter().filter_map(|arrivals| self.shortest_wait(now, arrivals)).collect();
        let all = |later: Duration| -> Duration {
            let wait = |shortest: &Duration| self.within(*shortest + later + self.period - GUARD);
            waits.iter().map(wait).sum()
        };
        let changes = waits.iter().map(|shortest| self.within(self.period + GUARD - *shortest));
        let none = Move::Later(Duration::ZERO);
        let Some(best) = changes.min_by_key(|later| all(*later)) else { return none };
        if all(Duration::ZERO) < all(best) + WORTH * u32::try_from(waits.len()).unwrap_or(u32::MAX) {
            return none;
        }
        if best > self.period / 2 { Move::Earlier(self.period - best) } else { Move::Later(best) }
    }

    /// How long the latest of a source's arrivals waits for the frame of now, or of a period before; none where the source is not steady.
    fn shortest_wait(&self, now: Instant, arrivals: &[Instant]) -> Option<Duration> {
        let mut waits: Vec<_> =
            arrivals.iter().map(|at| self.within(now.saturating_duration_since(*at))).collect();
        if waits.len() < ENOUGH {
            return None;
        }
        waits.sort_unstable();
        // On the circle of one period: the largest gap lies between the last and the first.
        let gap = |i: usize| match i.checked_sub(1) {
            Some(before) => Some(waits[i] - waits[before]),
            None => Some(waits[i] + self.period - *waits.last()?),
        };
        let first = (0..waits.len()).max_by_key(|i| gap(*i))?;
        (self.period - gap(first)? <= STEADY).then_some(waits[first])
    }

    fn within(&self, time: Duration) -> Duration {
        let nanos = time.as_nanos() % self.period.as_nanos();
        Duration::from_nanos(u64::try_from(nanos).expect("less than a period"))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(40);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Where frames fall after some time, in milliseconds after a multiple of the period, with sources that come each so many milliseconds
    /// with this phase and up to so much later.
    fn settled(start: u64, sources: &[(u64, u64, u64)]) -> u64 {
        let (origin, mut phase) = (Instant::now(), Phase::new(PERIOD));
        let mut due = ms(4_000 + start);
        for _ in 0..200 {
            let arrivals = || {
                let of = |(period, phase, jitter): &(u64, u64, u64)| {
                    let came = (0..).map(|n| ms(n * period + phase + n * 7 % (jitter + 1)));
                    let came: Vec<_> = came.take_while(|at| *at <= due).map(|at| origin + at).collect();
                    came[came.len() - 8..].to_vec()
                };
                sources.iter().map(of).collect()
            };
            let next = phase.next(origin + due, arrivals);
            assert!((PERIOD - SLEW..=PERIOD + SLEW).contains(&next), "{next:?}");
            due += next;
        }
        u64::try_from(due.as_millis()).unwrap() % 40
    }

    #[test]
    fn one_source_is_taken_soon_after_it_has_come() {
        for start in [0, 7, 19, 21, 39] {
            for phase in [0, 13, 38] {
                let at = (settled(start, &[(40, phase, 0)]) + 40 - phase) % 40;
                assert!((3..=6).contains(&at), "{at} ms after the arrival, from {start} with {phase}");
            }
        }
    }

    #[test]
    fn its_latest_arrivals_count() {
        let at = settled(0, &[(40, 10, 4)]);
        assert!((17..=20).contains(&at), "{at}");
    }

    #[test]
    fn of_several_none_is_missed_and_all_wait_least() {
        // After the one at 22 ms the others have waited 2, 4 and 14.
        let at = settled(0, &[(40, 8, 0), (40, 18, 0), (40, 20, 0), (40, 22, 0)]);
        assert!((25..=28).contains(&at), "{at}");
    }

    #[test]
    fn other_rates_and_what_comes_as_it_likes_move_nothing() {
        assert_eq!(settled(11, &[(33, 5, 0)]), 11);
        assert_eq!(settled(11, &[(40, 5, 30)]), 11);
        assert_eq!(settled(11, &[]), 11);
    }

    #[test]
    fn a_source_of_half_the_rate_counts() {
        let at = settled(0, &[(80, 30, 0)]);
        assert!((33..=36).contains(&at), "{at}");
    }
}
