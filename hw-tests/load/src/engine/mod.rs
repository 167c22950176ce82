mod janus;
mod switchboard;

pub(crate) use janus::Janus;
pub(crate) use switchboard::Switchboard;

use crate::{
    browser::Browser,
    clock::{now, pause},
    media::Picture,
};
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// Until an engine listens.
const PATIENCE: Duration = Duration::from_secs(10);
/// What an engine says, in its folder.
const OUTPUT: &str = "output";
/// Lines of it that say why an engine has ended.
const LAST_LINES: usize = 5;

/// A forwarding engine, with one room.
pub(crate) trait Engine {
    /// The process that is measured.
    fn process(&self) -> u32;

    /// Has a browser publish a picture. Once.
    fn publish(&mut self, browser: &mut Browser, picture: Picture) -> Result<()>;

    /// Has a browser watch the picture that is published.
    fn watch(&mut self, browser: &mut Browser) -> Result<()>;

    /// How its process has ended, and what it said last. None while it runs.
    fn end(&mut self) -> Option<String>;
}

/// An engine's process, which ends with this value.
struct Program {
    child: Child,
    /// Of its sockets and its output; gone with it.
    folder: TempDir,
}

impl Program {
    fn start(command: &mut Command, folder: TempDir) -> Result<Self> {
        let output = File::create(folder.path().join(OUTPUT)).context("no file for the engine's output")?;
        let child = command
            .stdin(Stdio::null())
            .stderr(output.try_clone().context("no file for the engine's output")?)
            .stdout(output)
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        Ok(Self { child, folder })
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        let output = fs::read(self.folder.path().join(OUTPUT)).unwrap_or_default();
        Some(format!("{status}{}", last_lines(&String::from_utf8_lossy(&output))))
    }

    /// Tries until it listens.
    fn connect<T, E>(&mut self, mut connect: impl FnMut(&Path) -> Result<T, E>) -> Result<T>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let end = now() + PATIENCE;
        loop {
            match connect(self.folder.path()) {
                Ok(connection) => return Ok(connection),
                Err(error) if now() > end => return Err(error).context("the engine does not listen"),
                Err(_) => {}
            }
            if let Some(end) = self.end() {
                bail!("the engine has ended: {end}");
            }
            pause(Duration::from_millis(20));
        }
    }
}

/// For the end of a sentence.
fn last_lines(output: &str) -> String {
    let lines: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n  ");
    if last.is_empty() { "; it said nothing".to_owned() } else { format!("; it said last\n  {last}") }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::start(Command::new("sh").args(["-c", script]), tempfile::tempdir().unwrap()).unwrap()
    }

    #[test]
    fn an_engine_that_ends_before_it_listens_tells_why() {
        let mut program = shell("seq 20; echo no port is free >&2; exit 7");
        let problem = program.connect(|folder| fs::read(folder.join("socket"))).unwrap_err().to_string();
        assert!(problem.contains("exit status: 7"), "{problem}");
        assert!(problem.ends_with("  20\n  no port is free") && !problem.contains("  16\n"), "{problem}");
    }

    #[test]
    fn an_engine_that_runs_has_no_end() {
        assert_eq!(shell("exec sleep 60").end(), None);
    }
}
