use anyhow::{Context, Result};
use std::{fs, time::Duration};

/// Processor time of a process, all its threads together: to the nanosecond (the first field of the kernel's
/// Documentation/scheduler/sched-stats.rst, «/proc/<pid>/schedstat»).
pub(crate) fn cpu(process: u32) -> Result<Duration> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{process}/task")).context("the process has ended")? {
        let path = task?.path().join("schedstat");
        let text = fs::read_to_string(&path).with_context(|| format!("no {}", path.display()))?;
        let first = text.split_whitespace().next().context("an empty schedstat")?;
        sum += first.parse::<u64>().context("schedstat is not a number")?;
    }
    Ok(Duration::from_nanos(sum))
}

/// Memory of a process in bytes: what it has alone, and its part of what it shares (proc_pid_smaps(5), «Pss»).
pub(crate) fn memory(process: u32) -> Result<u64> {
    let text =
        fs::read_to_string(format!("/proc/{process}/smaps_rollup")).context("the process has ended")?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("smaps_rollup has no Pss")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("Pss is not a number")?;
    Ok(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_and_takes_memory_has_both() {
        let own = std::process::id();
        let (time, bytes) = (cpu(own).unwrap(), memory(own).unwrap());
        let taken = vec![1_u8; 32 << 20];
        let sum: u64 = std::hint::black_box(&taken).iter().map(|byte| u64::from(*byte)).sum();
        assert_eq!(sum, 32 << 20);
        assert!(cpu(own).unwrap() > time);
        assert!(memory(own).unwrap() >= bytes + (16 << 20));
        assert!(cpu(0).is_err() && memory(0).is_err());
    }
}
