//! What a process holds, as the kernel says (proc(5)).

use anyhow::{Context, Result};
use serde::Serialize;
use std::{fs, path::Path};

/// At one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Held {
    pub threads: usize,
    pub descriptors: usize,
    /// Its own memory in KiB: `Pss` of `smaps_rollup` without that of files, whose pages come and go with whoever else maps them.
    pub memory_kib: u64,
}

/// What a process holds now.
///
/// # Errors
/// It has ended.
pub(crate) fn held(pid: u32) -> Result<Held> {
    let at = Path::new("/proc").join(pid.to_string());
    let count = |what: &str| fs::read_dir(at.join(what)).map(Iterator::count);
    let read = || -> std::io::Result<_> {
        Ok((count("task")?, count("fd")?, fs::read_to_string(at.join("smaps_rollup"))?))
    };
    let (threads, descriptors, memory) = read().with_context(|| format!("process {pid} has ended"))?;
    let kib = |name: &str| {
        let line = memory.lines().find_map(|line| line.strip_prefix(name));
        let line = line.with_context(|| format!("smaps_rollup has no {name} on this kernel"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().with_context(|| format!("{name} is not a number"))
    };
    Ok(Held { threads, descriptors, memory_kib: kib("Pss:")?.saturating_sub(kib("Pss_File:")?) })
}

/// The processes that another one has started, and that have not ended.
///
/// # Errors
/// That one has ended.
pub(crate) fn children(pid: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for task in
        fs::read_dir(format!("/proc/{pid}/task")).with_context(|| format!("process {pid} has ended"))?
    {
        let text = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        found.extend(
            text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()).filter(|pid| lives(*pid)),
        );
    }
    Ok(found)
}

/// Whether it is there, and no zombie.
pub(crate) fn lives(pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = text.rsplit(')').next().unwrap_or_default().trim_start();
    !state.starts_with(['Z', 'X'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_is_taken_is_seen_and_who_was_started_too() {
        let own = std::process::id();
        let before = held(own).unwrap();
        let files: Vec<_> = (0..20).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let memory = std::hint::black_box(vec![1_u8; 64 << 20]);
        let after = held(own).unwrap();
        assert!(after.descriptors >= before.descriptors + files.len() - 5, "others' tests close some");
        assert!(after.memory_kib >= before.memory_kib + (memory.len() as u64 >> 11));
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert!(children(own).unwrap().contains(&child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!lives(child.id()) && held(0).is_err());
    }
}
