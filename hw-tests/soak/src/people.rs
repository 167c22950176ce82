//! Who meets in the box: an organizer, a guest and a room system at a time, all of them a `tabellion-selftest`.

use crate::{Arguments, appliance::Appliance, now, pause};
use anyhow::{Context, Result, ensure};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// The demonstration's users with an authenticator: one stays, the other comes and goes.
const RESIDENT: &str = "claire.moreau";
const VISITOR: &str = "julien.petit";
const PASSWORD: &str = "Tabellion-2026!";
const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const DEVICE: [&str; 4] = ["--device", "salle-1099000001", "--device-password", "Lifesize-2026"];
/// What meeting may take: a one-time code that was used already is waited for, and the machine is busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest stay of one resident: a login ends after twelve hours.
const LONGEST_STAY: Duration = Duration::from_secs(10 * 3_600);
/// How long one who leaves may take.
const LEAVING: Duration = Duration::from_secs(30);

/// Those in the meeting that goes on.
pub(crate) struct Resident {
    child: Child,
    log: PathBuf,
}

impl Resident {
    /// They come, and stay for so long if that is not too long.
    ///
    /// # Errors
    /// Their program cannot be started.
    pub(crate) fn comes(
        arguments: &Arguments,
        appliance: &Appliance,
        stay: Duration,
        number: usize,
    ) -> Result<Self> {
        let stay = stay.min(LONGEST_STAY);
        let log = arguments.logs.join(format!("resident-{number}.log"));
        let mut command = with_a_login(arguments, appliance, RESIDENT, &log)?;
        let child = command.arg("--stay").arg(stay.as_secs().to_string()).spawn()?;
        Ok(Self { child, log })
    }

    /// Whether they have left by themselves: why before their time, and nothing where it was over.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn gone(&mut self) -> Result<Option<String>> {
        let Some(status) = self.child.try_wait()? else { return Ok(None) };
        // One who leaves in order has been perceived to the end.
        Ok(Some(if status.success() { String::new() } else { failure(&self.log, status) }))
    }

    /// They leave now. What is wrong with how they do.
    ///
    /// # Errors
    /// The system does not let them be told.
    pub(crate) fn leaves(mut self) -> Result<Option<String>> {
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(i32::try_from(self.child.id())?),
            nix::sys::signal::Signal::SIGTERM,
        );
        let end = now() + LEAVING;
        while self.child.try_wait()?.is_none() {
            if now() > end {
                return Ok(Some(format!("those who stayed did not leave within {} s", LEAVING.as_secs())));
            }
            pause(Duration::from_millis(100));
        }
        Ok(None)
    }
}

impl Drop for Resident {
    fn drop(&mut self) {
        // They may have left by themselves.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Visitors come, see and hear each other, and leave. Every other time they have a meeting without a login, as the box's own test
/// has; otherwise a user logs in, makes a meeting, lets a guest in who comes by its link, and deletes it again.
///
/// # Errors
/// They could not meet: why.
pub(crate) fn visit(arguments: &Arguments, appliance: &Appliance, number: usize) -> Result<()> {
    let log = arguments.logs.join("visitors.log");
    let status = if number.is_multiple_of(2) {
        let (door, keys) = knock(&appliance.rehearsal_door())?;
        let mut child = selftest(arguments, &log)?.arg("--rehearsal").stdin(Stdio::piped()).spawn()?;
        child.stdin.take().context("it was asked for")?.write_all(keys.as_bytes())?;
        let status = child.wait()?;
        drop(door);
        status
    } else {
        with_a_login(arguments, appliance, VISITOR, &log)?.status()?
    };
    if !status.success() {
        let kept = arguments.logs.join(format!("visitors-{number}.log"));
        fs::rename(&log, &kept)?;
        anyhow::bail!("{}", failure(&kept, status));
    }
    Ok(())
}

/// The keys of a meeting that lasts as long as the connection.
fn knock(door: &Path) -> Result<(UnixStream, String)> {
    let stream = UnixStream::connect(door).with_context(|| format!("{} does not answer", door.display()))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut keys = String::new();
    BufReader::new(&stream).read_line(&mut keys)?;
    ensure!(keys.contains("organizer_seat"), "the box opens no meeting: {keys}");
    Ok((stream, keys))
}

fn with_a_login(arguments: &Arguments, appliance: &Appliance, login: &str, log: &Path) -> Result<Command> {
    let mut command = selftest(arguments, log)?;
    command.args(["--url", &appliance.url, "--effort", "small", "--login", login, "--password", PASSWORD]);
    command.args(["--totp-secret", TOTP_SECRET, "--ca"]).arg(appliance.authority());
    command.args(DEVICE).stdin(Stdio::null());
    Ok(command)
}

fn selftest(arguments: &Arguments, log: &Path) -> Result<Command> {
    let file = File::create(log).with_context(|| format!("{} cannot be made", log.display()))?;
    let mut command = Command::new(arguments.program("tabellion-selftest")?);
    command.args(["--timeout", &PATIENCE.as_secs().to_string()]);
    command.stdout(file.try_clone()?).stderr(file);
    Ok(command)
}

fn failure(log: &Path, status: ExitStatus) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let faults: Vec<_> =
        text.lines().filter(|line| line.contains("FAILED") || line.contains("ault of")).take(4).collect();
    format!("{status}, log {}: {}", log.display(), faults.join(" · "))
}
