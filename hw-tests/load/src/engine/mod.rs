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
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// Until an engine listens.
const PATIENCE: Duration = Duration::from_secs(10);

/// A forwarding engine, with one room.
pub(crate) trait Engine {
    /// The process that is measured.
    fn process(&self) -> u32;

    /// Has a browser publish a picture. Once.
    fn publish(&mut self, browser: &mut Browser, picture: Picture) -> Result<()>;

    /// Has a browser watch the picture that is published.
    fn watch(&mut self, browser: &mut Browser) -> Result<()>;
}

/// An engine's process, which ends with this value.
struct Program {
    child: Child,
    /// Of its sockets; gone with it.
    folder: TempDir,
}

impl Program {
    fn start(command: &mut Command, folder: TempDir) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        Ok(Self { child, folder })
    }

    fn id(&self) -> u32 {
        self.child.id()
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
            if let Some(status) = self.child.try_wait()? {
                bail!("the engine has ended: {status}");
            }
            pause(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
