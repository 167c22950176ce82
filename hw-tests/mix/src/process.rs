use crate::clock::now;
use anyhow::{Context, Result};
use nix::{time::clock_getcpuclockid, unistd::Pid};
use std::{process::Child, time::Duration};

/// A process that ends with this value.
pub(crate) struct Program(pub Child);

impl Program {
    /// The kernel's account of it.
    pub(crate) fn account(&self) -> Result<Account> {
        Ok(Account(Pid::from_raw(i32::try_from(self.0.id()).context("no process has such a number")?)))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The processor time of a process, all its threads together, also those that have ended (clock_getcpuclockid(3)).
#[derive(Clone, Copy)]
pub(crate) struct Account(Pid);

impl Account {
    /// What of a core it uses while `time` passes.
    pub(crate) fn cores(self, time: impl FnOnce() -> Result<()>) -> Result<f64> {
        let (began, before) = (now(), self.cpu()?);
        time()?;
        let used = self.cpu()?.saturating_sub(before);
        Ok(used.as_secs_f64() / (now() - began).as_secs_f64())
    }

    fn cpu(self) -> Result<Duration> {
        let clock = clock_getcpuclockid(self.0).context("the process has ended")?;
        Ok(clock.now().context("the process has ended")?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::pause;
    use std::process::Command;

    #[test]
    fn one_that_works_uses_a_core_and_one_that_sleeps_none() {
        let cores = |program: &Program| {
            program.account()?.cores(|| {
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
