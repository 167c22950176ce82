//! The box: `tabellion demo` with data of its own, for as long as this value lives.

use crate::Arguments;
use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

/// A running box.
pub(crate) struct Appliance {
    child: Child,
    state: tempfile::TempDir,
    log: PathBuf,
    /// Where its pages are.
    pub url: String,
    control: u32,
    media: u32,
    studios: u32,
    restarted: Arc<Mutex<Vec<String>>>,
}

impl Appliance {
    /// Starts one, and waits until it serves.
    ///
    /// # Errors
    /// It does not start: its log says why.
    pub(crate) fn start(arguments: &Arguments) -> Result<Self> {
        let state = tempfile::tempdir().context("no folder for the box's data")?;
        let log = arguments.logs.join("box.log");
        let mut child = Command::new(arguments.program("tabellion")?)
            .args(["demo", "--json", "--address", &arguments.address.to_string(), "--pages"])
            .arg(&arguments.pages)
            .arg("--state")
            .arg(state.path())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).with_context(|| format!("{} cannot be made", log.display()))?)
            .spawn()?;
        let mut facts = BufReader::new(child.stdout.take().context("it was asked for")?).lines();
        let Some(Ok(ready)) = facts.next() else {
            let _ = child.wait();
            bail!("the box did not start:\n{}", fs::read_to_string(&log).unwrap_or_default());
        };
        let ready: Value =
            serde_json::from_str(&ready).context("what the box says of itself is not understood")?;
        let pid = |name: &str| {
            let pid = ready["pids"][name].as_u64().and_then(|pid| u32::try_from(pid).ok());
            pid.with_context(|| format!("the box names no process {name}"))
        };
        let url = ready["url"].as_str().context("the box names no address")?.to_owned();
        let (control, media, studios) = (pid("control")?, pid("media")?, pid("studios")?);
        let restarted = Arc::new(Mutex::new(Vec::new()));
        let noted = restarted.clone();
        std::thread::spawn(move || note_restarts(facts, &noted));
        Ok(Self { child, state, log, url, control, media, studios, restarted })
    }

    /// Its processes that are there from its start to its end.
    pub(crate) fn processes(&self) -> [(&'static str, u32); 4] {
        [
            ("control", self.control),
            ("switchboard", self.media),
            ("supervisor", self.child.id()),
            ("studios' starter", self.studios),
        ]
    }

    /// What starts a studio for each room that needs one.
    pub(crate) fn studios_starter(&self) -> u32 {
        self.studios
    }

    /// What browsers have to trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.state.path().join("ca.pem")
    }

    /// Where a meeting is had without a login.
    pub(crate) fn rehearsal_door(&self) -> PathBuf {
        self.state.path().join("run/rehearsal.sock")
    }

    /// Names of the processes that have ended, and were started again.
    pub(crate) fn restarted(&self) -> Vec<String> {
        self.restarted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lines of its log that tell of something that should not be.
    ///
    /// # Errors
    /// The log cannot be read.
    pub(crate) fn complaints(&self) -> Result<Vec<String>> {
        complaints(&self.log).with_context(|| format!("{} cannot be read", self.log.display()))
    }
}

fn note_restarts(facts: impl Iterator<Item = std::io::Result<String>>, noted: &Mutex<Vec<String>>) {
    for fact in facts.map_while(Result::ok) {
        let restarted = serde_json::from_str(&fact)
            .ok()
            .and_then(|fact: Value| Some(fact["restarted"].as_str()?.to_owned()));
        noted.lock().unwrap_or_else(PoisonError::into_inner).extend(restarted);
    }
}

/// The level is the log's second word.
fn complaints(log: &Path) -> std::io::Result<Vec<String>> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let complains = |line: &&str| {
        matches!(line.split_whitespace().nth(1), Some("WARN" | "ERROR")) || line.contains("panicked")
    };
    Ok(text.lines().filter(complains).map(str::to_owned).collect())
}

impl Drop for Appliance {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_from_the_rest_by_their_level() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let lines = "2026-11-26T20:00:00Z  INFO tabellion: a call WARN\n2026-11-26T20:00:01Z  WARN tabellion: late\n\
            2026-11-26T20:00:02Z ERROR tabellion: gone\nthread 'x' panicked at y\n\nChild 7 died with code 0\n";
        fs::write(&log, lines).unwrap();
        let found = complaints(&log).unwrap();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found[0].ends_with("late") && found[1].ends_with("gone") && found[2].contains("panicked"));
    }
}
