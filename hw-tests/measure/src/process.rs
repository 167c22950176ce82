use anyhow::{Context, Result};
use nix::{time::clock_getcpuclockid, unistd::Pid};
use std::{fs, time::Duration};

/// Processor time of a process, all its threads together, also those that have ended (clock_getcpuclockid(3)).
///
/// # Errors
/// It has ended.
pub fn cpu(process: u32) -> Result<Duration> {
    let process = i32::try_from(process).context("no process has such a number")?;
    let clock = clock_getcpuclockid(Pid::from_raw(process)).context("the process has ended")?;
    Ok(clock.now().context("the process has ended")?.into())
}

/// Memory of a process in bytes: what it has alone, and its part of what it shares (proc_pid_smaps(5), «Pss»).
///
/// # Errors
/// It has ended, or the kernel tells no such thing.
pub fn memory(process: u32) -> Result<u64> {
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
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        assert!(cpu(ended.id()).is_err() && memory(ended.id()).is_err());
    }
}
