use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// How busy this thread is. To be used by one thread.
pub(super) struct Effort {
    looked_at: Instant,
    ran: Duration,
}

impl Effort {
    pub(super) fn new(now: Instant) -> Result<Self> {
        Ok(Self { looked_at: now, ran: ran()? })
    }

    /// Once a second: the share of the time since the last look, in hundredths, that this thread ran. That it waited for a processor is
    /// none of its own load: on a box nobody else may take its time (the slices in `systemd`), and a machine that is full of other work
    /// lets it wait at each packet, and do its work all the same.
    pub(super) fn look(&mut self, now: Instant) -> Result<Option<u8>> {
        let passed = now.saturating_duration_since(self.looked_at);
        if passed < LOOK {
            return Ok(None);
        }
        let ran = ran()?;
        let share = share(ran.saturating_sub(self.ran), passed);
        (self.looked_at, self.ran) = (now, ran);
        Ok(Some(share))
    }
}

fn share(ran: Duration, passed: Duration) -> u8 {
    let hundredths = ran.as_micros() * 100 / passed.as_micros().max(1);
    u8::try_from(hundredths.min(100)).expect("at most 100")
}

fn ran() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    Ok(time.context("the kernel does not tell how long this thread ran")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    #[test]
    fn a_share_is_in_hundredths_and_never_more_than_all() {
        assert_eq!(share(Duration::from_millis(810), Duration::from_secs(1)), 81);
        assert_eq!(share(Duration::from_secs(3), Duration::from_secs(1)), 100, "clocks differ a little");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a measurement in real time")]
    fn a_thread_that_works_is_busy_and_one_that_waits_is_not() {
        let shares = |wait: &dyn Fn()| {
            let start = Instant::now();
            let mut effort = Effort::new(start).unwrap();
            assert_eq!(effort.look(start).unwrap(), None, "not before a second has passed");
            while start.elapsed() < LOOK {
                wait();
            }
            effort.look(Instant::now()).unwrap().expect("a second has passed")
        };
        let (_sender, nothing): (_, Receiver<()>) = channel();
        let waits = shares(&|| assert!(nothing.recv_timeout(LOOK).is_err()));
        let works = shares(&|| drop(std::hint::black_box(vec![1_u64; 1_000])));
        assert!(waits < 5 && works > waits, "{waits} and {works}");
    }
}
