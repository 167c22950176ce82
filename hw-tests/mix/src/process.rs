use crate::clock::now;
use anyhow::Result;
use std::process::Child;
use tabellion_measure::cpu;

/// A process that ends with this value.
pub(crate) struct Program(pub Child);

impl Program {
    /// The kernel's account of it.
    pub(crate) fn account(&self) -> Account {
        Account(self.0.id())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The processor time of a process.
#[derive(Clone, Copy)]
pub(crate) struct Account(u32);

impl Account {
    /// What of a core it uses while `time` passes.
    pub(crate) fn cores(self, time: impl FnOnce() -> Result<()>) -> Result<f64> {
        let (began, before) = (now(), cpu(self.0)?);
        time()?;
        let used = cpu(self.0)?.saturating_sub(before);
        Ok(used.as_secs_f64() / (now() - began).as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::pause;
    use std::{process::Command, time::Duration};

    #[test]
    fn one_that_works_uses_a_core_and_one_that_sleeps_none() {
        let cores = |program: &Program| {
            program.account().cores(|| {
                pause(Duration::from_millis(300));
                Ok(())
            })
        };
        let start = |command: &str| Program(Command::new("sh").args(["-c", command]).spawn().unwrap());
        assert!(cores(&start("exec sleep 9")).unwrap() < 0.1);
        assert!(cores(&start("while :; do :; done")).unwrap() > 0.1);
        let mut ended = start("true");
        ended.0.wait().unwrap();
        assert!(cores(&ended).is_err());
    }
}
