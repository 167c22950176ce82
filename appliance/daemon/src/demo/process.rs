use super::notify::NotifySocket;
use anyhow::{Context, Result};
use nix::{sys::signal, unistd::Pid};
use std::{ffi::OsString, path::PathBuf, process::Stdio, time::Duration};
use tokio::process::{Child, Command};

/// How long a process may take to be ready: the first start makes the database.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a process may take to end by itself.
const FAREWELL: Duration = Duration::from_secs(5);

/// What to run.
pub(super) struct Program {
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
    pub environment: &'static [(&'static str, &'static str)],
    /// Whether it says when it is ready (sd_notify).
    pub notifies: bool,
    pub runtime: PathBuf,
}

/// A running one.
pub(super) struct Process {
    pub name: &'static str,
    pub child: Child,
}

impl Program {
    /// Starts it and waits until it is ready. It ends with this process, whatever ends this process.
    pub(super) async fn start(&self) -> Result<Process> {
        let announcements = self.runtime.join(format!("notify-{}.sock", self.name));
        if announcements.exists() {
            std::fs::remove_file(&announcements)?;
        }
        let socket = NotifySocket::bind(&announcements)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(&self.path).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.envs(self.environment.iter().copied());
        // Ctrl-C is for the supervisor, which ends them in order.
        command.process_group(0);
        // A start that is given up leaves nothing behind.
        command.kill_on_drop(true);
        if self.notifies {
            command.env("NOTIFY_SOCKET", &announcements);
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", self.path.display()))?;
        if self.notifies {
            tokio::select! {
                ready = tokio::time::timeout(PATIENCE, socket.ready()) => {
                    ready.with_context(|| format!("{} was not ready after {} s", self.name, PATIENCE.as_secs()))??;
                }
                status = child.wait() => {
                    anyhow::bail!("{} ended while starting ({}): its last lines above say why", self.name, status?);
                }
            }
        }
        Ok(Process { name: self.name, child })
    }
}

impl Process {
    /// None once it has ended.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks it to end, and insists after five seconds.
    pub(super) async fn stop(mut self) -> Result<()> {
        if let Some(pid) = self.child.id() {
            let pid = Pid::from_raw(i32::try_from(pid).context("a process id fits in 31 bits")?);
            // It may have ended in this moment.
            let _ = signal::kill(pid, signal::Signal::SIGTERM);
        }
        if tokio::time::timeout(FAREWELL, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
