//! The units that bring an update from outside: each has a folder of its own, and no right over what it was brought to.

use crate::run::run;
use anyhow::{Context, Result};
use std::{fmt, fs, path::Path, sync::mpsc, thread, time::Duration};

/// How often it is told how far one has come.
const PACE: Duration = Duration::from_secs(1);

/// Why nothing was brought: only the line to the server broke. What is there is gone on with. French, for the administrator.
#[derive(Debug)]
pub(super) struct Interrupted(pub String);

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Such a unit.
pub(super) struct Helper {
    pub unit: &'static str,
    /// Its folder. What it brings lies in `incoming`, in `failure` or `interrupted` why it did not, and in `total` how much it
    /// will be.
    pub home: &'static str,
}

/// From a server.
pub(super) const DOWNLOAD: Helper =
    Helper { unit: "tabellion-download.service", home: "/var/lib/tabellion-update" };
/// From a USB stick.
pub(super) const STICK: Helper = Helper { unit: "tabellion-stick.service", home: "/var/lib/tabellion-stick" };

impl Helper {
    pub(super) fn incoming(&self) -> std::path::PathBuf {
        Path::new(self.home).join("incoming")
    }

    /// Has it do its work, and tells meanwhile how many bytes are there, of how many.
    ///
    /// # Errors
    /// French: what it says; an [`Interrupted`] where only the line broke.
    pub(super) fn run(&self, tell: &dyn Fn(u64, Option<u64>) -> Result<()>) -> Result<()> {
        let ended = thread::scope(|scope| {
            let (over, ends) = mpsc::channel();
            scope.spawn(move || over.send(run("systemctl", &["start", self.unit])));
            loop {
                tell(size(&self.incoming()), total(Path::new(self.home)))?;
                match ends.recv_timeout(PACE) {
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    ended => return ended.context("the unit was not waited for"),
                }
            }
        })?;
        let Err(problem) = ended else { return Ok(()) };
        Err(self.why(problem))
    }

    /// The unit's side: does the work, and leaves why it failed for the updater.
    ///
    /// # Errors
    /// The work's.
    pub(super) fn leave_word(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let home = Path::new(self.home);
        for name in [FAILURE, INTERRUPTED, TOTAL] {
            forget(&home.join(name))?;
        }
        let done = work();
        if let Err(problem) = &done {
            let name = if problem.is::<Interrupted>() { INTERRUPTED } else { FAILURE };
            fs::write(home.join(name), problem.to_string())?;
        }
        done
    }

    /// What the unit has left, around what the service manager says of it.
    fn why(&self, problem: anyhow::Error) -> anyhow::Error {
        let left = |name| fs::read_to_string(Path::new(self.home).join(name)).ok();
        match (left(INTERRUPTED), left(FAILURE)) {
            (Some(said), _) => problem.context(Interrupted(said)),
            (None, Some(said)) => problem.context(said),
            _ => {
                problem.context("La mise à jour n’a pas pu être apportée sur la boîte. Prévenez le support.")
            }
        }
    }

    /// The unit's side: how much it will be, in bytes.
    pub(super) fn announce(&self, total: u64) -> Result<()> {
        fs::write(Path::new(self.home).join(TOTAL), total.to_string()).context("the size cannot be noted")
    }

    /// What the unit has announced.
    pub(super) fn total(&self) -> Option<u64> {
        total(Path::new(self.home))
    }
}

const FAILURE: &str = "failure";
const INTERRUPTED: &str = "interrupted";
const TOTAL: &str = "total";

fn forget(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

fn total(home: &Path) -> Option<u64> {
    fs::read_to_string(home.join(TOTAL)).ok()?.trim().parse().ok()
}

/// Of all files in a folder, in bytes. One that comes or goes meanwhile counts or not.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.metadata().ok()).map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_leaves_why_it_failed_and_nothing_when_it_did_not() {
        let folder = tempfile::tempdir().unwrap();
        let home: &'static str = folder.path().to_str().unwrap().to_owned().leak();
        let helper = Helper { unit: "none.service", home };
        let failed = helper.leave_word(|| {
            helper.announce(7)?;
            anyhow::bail!("La clé est vide.")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(folder.path().join(FAILURE)).unwrap(), "La clé est vide.");
        assert_eq!(helper.total(), Some(7));
        let why = helper.why(anyhow::anyhow!("exit status 1"));
        assert_eq!((why.to_string().as_str(), why.is::<Interrupted>()), ("La clé est vide.", false));
        let failed =
            helper.leave_word(|| Err(anyhow::anyhow!("curl").context(Interrupted("Coupé.".to_owned()))));
        assert!(failed.is_err());
        let why = helper.why(anyhow::anyhow!("exit status 1"));
        assert_eq!((why.to_string().as_str(), why.is::<Interrupted>()), ("Coupé.", true));
        helper.leave_word(|| Ok(())).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn how_much_is_there_is_the_sum_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(size(&folder.path().join("incoming")), 0);
        fs::write(folder.path().join("a"), [0; 5]).unwrap();
        fs::write(folder.path().join("b"), [0; 7]).unwrap();
        assert_eq!(size(folder.path()), 12);
    }
}
