//! Where real time comes in.

use anyhow::Result;
use nix::time::{ClockId, clock_gettime};
use std::time::Duration;
pub(crate) use tabellion_measure::{now, pause};

/// The clock of the kernel's stamps on datagrams, ns.
pub(crate) fn wall_clock() -> Result<i64> {
    Ok(nanoseconds(&clock_gettime(ClockId::CLOCK_REALTIME)?))
}

pub(crate) fn nanoseconds(time: &nix::sys::time::TimeSpec) -> i64 {
    time.tv_sec() * 1_000_000_000 + time.tv_nsec()
}

/// Processor time of this thread.
pub(crate) fn thread_cpu() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}
