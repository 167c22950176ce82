//! Where the clock and the process's use of the processor are read; everything else takes them from here.

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use std::time::{Duration, Instant};

/// The monotonic time.
#[expect(clippy::disallowed_methods, reason = "the adapter that hands the time in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Processor time that all threads but the caller's have used so far: the caller draws and compares pictures,
/// the others are GStreamer's and the driver's.
pub(crate) fn pipeline_cpu() -> Duration {
    used(UsageWho::RUSAGE_SELF).saturating_sub(used(UsageWho::RUSAGE_THREAD))
}

fn used(who: UsageWho) -> Duration {
    // getrusage fails for wrong arguments only (getrusage(2)), and these are right.
    let Ok(usage) = getrusage(who) else { return Duration::ZERO };
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_threads_work_is_counted() {
        let before = pipeline_cpu();
        let worker =
            std::thread::spawn(|| (0..20_000_000_u64).fold(0_u64, |a, b| std::hint::black_box(a ^ b)));
        worker.join().unwrap();
        assert!(pipeline_cpu() > before);
    }
}
