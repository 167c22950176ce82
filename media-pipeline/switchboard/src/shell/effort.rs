use anyhow::{Context, Result};
use std::{
    fs,
    time::{Duration, Instant},
};

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);
/// What the kernel's scheduler says of this thread, first the nanoseconds that it ran (Documentation/scheduler/sched-stats.rst).
const SCHEDSTAT: &str = "/proc/thread-self/schedstat";

/// How busy this thread is. To be used by one thread.
pub(super) struct Effort {
    looked_at: Instant,
    busy: Duration,
}

impl Effort {
    pub(super) fn new(now: Instant) -> Result<Self> {
        Ok(Self { looked_at: now, busy: busy()? })
    }

    /// Once a second: the share of the time since the last look, in hundredths, that this thread ran. That it waited for a processor is
    /// none of its own load: on a box nobody else may take its time (the slices in `systemd`), and a machine that is full of other work
    /// lets it wait at each packet, and do its work all the same.
    pub(super) fn look(&mut self, now: Instant) -> Result<Option<u8>> {
        let passed = now.saturating_duration_since(self.looked_at);
        if passed < LOOK {
            return Ok(None);
        }
        let busy = busy()?;
        let share = share(busy.saturating_sub(self.busy), passed);
        (self.looked_at, self.busy) = (now, busy);
        Ok(Some(share))
    }
}

fn share(busy: Duration, passed: Duration) -> u8 {
    let hundredths = busy.as_micros() * 100 / passed.as_micros().max(1);
    u8::try_from(hundredths.min(100)).expect("at most 100")
}

fn busy() -> Result<Duration> {
    let text = fs::read_to_string(SCHEDSTAT)
        .with_context(|| format!("cannot read {SCHEDSTAT}, which tells how busy the switchboard is"))?;
    parse(&text).with_context(|| format!("{SCHEDSTAT} is not what this release knows: {text:?}"))
}

fn parse(text: &str) -> Option<Duration> {
    text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_it_ran_is_read_and_nothing_else_is() {
        assert_eq!(parse("12000 500 7\n"), Some(Duration::from_nanos(12_000)));
        assert_eq!(parse(""), None);
        assert_eq!(parse("a b c"), None);
        assert_eq!(share(Duration::from_millis(810), Duration::from_secs(1)), 81);
        assert_eq!(share(Duration::from_secs(3), Duration::from_secs(1)), 100, "clocks differ a little");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a measurement in real time")]
    fn a_thread_that_works_is_busy() {
        let start = Instant::now();
        let mut effort = Effort::new(start).unwrap();
        assert_eq!(effort.look(start).unwrap(), None, "not before a second has passed");
        let mut sum = 0_u64;
        while start.elapsed() < LOOK {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(
            effort.look(Instant::now()).unwrap().is_some_and(|share| share > 5),
            "however many others work, too"
        );
    }
}
