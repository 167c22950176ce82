use super::{Goal, Look, Progress, Request};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use time::OffsetDateTime;

/// Control's side: where it asks, and where it hears.
#[derive(Clone, Debug)]
pub struct Updater {
    /// Control's own folder, which path units watch. Not there: this is no firmware of ours.
    pub requests: PathBuf,
    /// What the updater publishes.
    pub published: PathBuf,
    /// There as long as the updater is at work.
    pub working: PathBuf,
    /// Control's own folder for what is uploaded.
    pub uploads: PathBuf,
}

impl Default for Updater {
    fn default() -> Self {
        Self {
            requests: "/run/tabellion-requests".into(),
            published: "/run/tabellion-updates".into(),
            working: "/run/tabellion-updating".into(),
            uploads: "/var/lib/tabellion-upload".into(),
        }
    }
}

impl Updater {
    /// One whose files are below another folder than the root: somebody else's in its place, for a test.
    #[must_use]
    pub fn under(root: &Path) -> Self {
        let below = |path: PathBuf| root.join(path.strip_prefix("/").unwrap_or(&path));
        let Self { requests, published, working, uploads } = Self::default();
        Self {
            requests: below(requests),
            published: below(published),
            working: below(working),
            uploads: below(uploads),
        }
    }
}

/// What the updater keeps of updates, as control reads it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
pub struct Known {
    /// Installed, and not yet passed by the health gate.
    pub trial: Option<Trial>,
    /// What was taken back, by version.
    #[serde(default)]
    pub rejected: BTreeMap<String, Rejection>,
}

/// A version on trial.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Trial {
    /// The version that comes back where it fails.
    pub from: String,
    /// The version.
    pub to: String,
    /// Whether all of it is on the disk.
    #[serde(default)]
    pub written: bool,
    /// How often it has been started.
    pub starts: u32,
}

/// Why a version was taken back.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Rejection {
    /// One line, French, for the administrator.
    pub reason: String,
    /// What was found and the journal's last lines, for the support.
    pub detail: Vec<String>,
}

impl Known {
    /// The version that waits for its first start.
    #[must_use]
    pub fn installed(&self) -> Option<&str> {
        let waits = |trial: &&Trial| trial.written && trial.starts == 0;
        self.trial.as_ref().filter(waits).map(|trial| trial.to.as_str())
    }
}

/// Why the updater was not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It is at work, or was asked for something already.
    #[error("the updater is at work")]
    Busy,
    /// There is none here.
    #[error("this box has no updater")]
    Absent,
    /// This box's fault.
    #[error("{} cannot be written: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

const REQUEST: &str = "update.json";
const RESTART: &str = "restart";

impl Updater {
    /// Whether there is one: a demonstration has none.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.requests.is_dir()
    }

    /// What it is doing.
    #[must_use]
    pub fn goal(&self) -> Option<Goal> {
        // The request lies there until it is taken.
        let asked = || json::<Request>(&self.requests.join(REQUEST)).map(|request| request.goal);
        json(&self.working.join("goal")).or_else(asked)
    }

    /// Whether it is at work, or was asked for something, a restart as well.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.working.is_dir() || [REQUEST, RESTART].iter().any(|name| self.requests.join(name).exists())
    }

    /// How far the last installation has come, and since when.
    #[must_use]
    pub fn progress(&self) -> Option<(Progress, OffsetDateTime)> {
        dated(&self.published.join("progress.json"))
    }

    /// What the last look has found, and when.
    #[must_use]
    pub fn look(&self) -> Option<(Look, OffsetDateTime)> {
        dated(&self.published.join("available.json"))
    }

    /// What is known of updates. Without a word of the updater: nothing.
    #[must_use]
    pub fn known(&self) -> Known {
        json(&self.published.join("state.json")).unwrap_or_default()
    }

    /// Asks for something.
    ///
    /// # Errors
    /// [`AskError`]. One at a time.
    pub fn ask(&self, request: &Request) -> Result<(), AskError> {
        if self.working.is_dir() {
            return Err(AskError::Busy);
        }
        self.leave(REQUEST, &serde_json::to_vec(request).expect("a request has string keys only"))
    }

    /// Asks for a restart into the version that is installed.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn ask_for_restart(&self) -> Result<(), AskError> {
        match self.leave(RESTART, b"") {
            // Somebody else was quicker.
            Err(AskError::Busy) => Ok(()),
            outcome => outcome,
        }
    }

    /// Whole or not at all, and never over one that is there.
    fn leave(&self, name: &str, content: &[u8]) -> Result<(), AskError> {
        if !self.is_there() {
            return Err(AskError::Absent);
        }
        let (path, making) = (self.requests.join(name), self.requests.join(format!("{name}.making")));
        let left = || -> io::Result<()> {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600).open(&making)?.write_all(content)?;
            let linked = fs::hard_link(&making, &path);
            fs::remove_file(&making)?;
            linked
        };
        left().map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => AskError::Busy,
            _ => AskError::Io { path, source },
        })
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn dated<T: DeserializeOwned>(path: &Path) -> Option<(T, OffsetDateTime)> {
    let since = fs::metadata(path).and_then(|file| file.modified()).ok()?;
    Some((json(path)?, since.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::updater::Source;

    fn updater(folder: &Path) -> Updater {
        let at = |name: &str| folder.join(name);
        fs::create_dir(at("requests")).unwrap();
        fs::create_dir(at("published")).unwrap();
        Updater {
            requests: at("requests"),
            published: at("published"),
            working: at("working"),
            uploads: at("uploads"),
        }
    }

    fn request(goal: Goal) -> Request {
        Request {
            source: Source::Url("https://maj.test/stable/".to_owned()),
            goal,
            again: false,
            restart: false,
        }
    }

    #[test]
    fn it_is_asked_for_one_thing_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let updater = updater(folder.path());
        assert!(updater.is_there() && !updater.is_busy());
        updater.ask(&request(Goal::Look)).unwrap();
        assert_eq!((updater.is_busy(), updater.goal()), (true, Some(Goal::Look)));
        assert!(matches!(updater.ask(&request(Goal::Install)), Err(AskError::Busy)));
        // It is taken, and worked at.
        fs::remove_file(updater.requests.join(REQUEST)).unwrap();
        fs::create_dir(&updater.working).unwrap();
        fs::write(updater.working.join("goal"), "\"install\"").unwrap();
        assert_eq!((updater.is_busy(), updater.goal()), (true, Some(Goal::Install)));
        assert!(matches!(updater.ask(&request(Goal::Install)), Err(AskError::Busy)));
        fs::remove_dir_all(&updater.working).unwrap();
        updater.ask(&request(Goal::Install)).unwrap();
        assert_eq!(fs::read_dir(&updater.requests).unwrap().count(), 1, "nothing half written stays");
    }

    #[test]
    fn a_restart_may_be_asked_for_twice_and_a_box_without_updater_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let updater = updater(folder.path());
        updater.ask_for_restart().unwrap();
        updater.ask_for_restart().unwrap();
        let nowhere = Updater::under(folder.path());
        assert_eq!(nowhere.requests, folder.path().join("run/tabellion-requests"));
        assert!(!nowhere.is_there() && !nowhere.is_busy());
        assert!(matches!(nowhere.ask(&request(Goal::Look)), Err(AskError::Absent)));
        assert!(matches!(nowhere.ask_for_restart(), Err(AskError::Absent)));
    }

    #[test]
    fn what_it_publishes_is_read_with_its_time_and_what_is_no_report_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let updater = updater(folder.path());
        assert_eq!((updater.progress(), updater.look(), updater.known()), (None, None, Known::default()));
        fs::write(
            updater.published.join("progress.json"),
            r#"{"state":"downloading","done":5,"total":null}"#,
        )
        .unwrap();
        let (progress, _) = updater.progress().unwrap();
        assert_eq!(progress, Progress::Downloading { done: 5, total: None });
        let state = |starts: u32| {
            format!(r#"{{"trial":{{"from":"1","to":"2","written":true,"starts":{starts},"schema":null}}}}"#)
        };
        fs::write(updater.published.join("state.json"), state(0)).unwrap();
        assert_eq!(updater.known().installed(), Some("2"));
        fs::write(updater.published.join("state.json"), state(1)).unwrap();
        assert_eq!(updater.known().installed(), None, "it runs");
        fs::write(updater.published.join("available.json"), "{").unwrap();
        assert_eq!(updater.look(), None);
    }
}
