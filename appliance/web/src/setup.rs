//! A box without settings: who may set it up, and what its set-up page reaches.

use crate::{error::ApiError, machinery::Card};
use axum::http::StatusCode;
use std::{
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tabellion_domain::{
    Clock, CodeVerdict, Entropy, SetupCode, SetupNotice,
    settings::{Settings, SetupError},
};
use tabellion_store::Store;
use tracing::warn;

/// What the set-up page asks of the machine that it is to set up.
pub trait SetupMachine: Send + Sync {
    /// What it cannot work with; empty where all is well.
    fn faults(&self, settings: &Settings) -> Vec<SetupError>;

    /// Its wired network cards.
    ///
    /// # Errors
    /// The machine cannot be looked at.
    fn cards(&self) -> io::Result<Vec<Card>>;
}

/// What the set-up page's endpoints can reach. Cheap to clone.
#[derive(Clone)]
pub struct SetupState {
    /// Where the settings go.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The one-time code.
    pub door: Arc<Door>,
    /// The machine.
    pub machine: Arc<dyn SetupMachine>,
    /// Folder of the pages, as built.
    pub pages: PathBuf,
    /// The port that the page is reached at now.
    pub https_port: u16,
    /// Held while settings are stored: two people may press the button at once.
    pub turn: Arc<tokio::sync::Mutex<()>>,
}

/// The one-time code in force, in a file that the attached screen is drawn from.
pub struct Door {
    file: PathBuf,
    entropy: Arc<dyn Entropy>,
    notice: Mutex<SetupNotice>,
}

impl Door {
    /// The code that the file has from an earlier run, or else a new one.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn new(file: PathBuf, entropy: Arc<dyn Entropy>) -> io::Result<Self> {
        let fresh = || SetupNotice { code: SetupCode::new(entropy.as_ref()), to_confirm: false };
        let notice = match fs::read(&file) {
            // One that cannot be read was not written by this release.
            Ok(json) => serde_json::from_slice(&json).unwrap_or_else(|_| fresh()),
            Err(error) if error.kind() == ErrorKind::NotFound => fresh(),
            Err(error) => return Err(error),
        };
        write(&file, &notice)?;
        Ok(Self { file, entropy, notice: Mutex::new(notice) })
    }

    /// Takes the code away: the box is set up.
    ///
    /// # Errors
    /// It still lies there.
    pub fn close(file: &Path) -> io::Result<()> {
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Tells the screen whether settings wait for their confirmation.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn tell(&self, to_confirm: bool) -> io::Result<()> {
        self.change(|notice| notice.to_confirm = to_confirm)
    }

    /// # Errors
    /// 403 for a wrong code, 429 while nobody can try.
    pub(crate) fn check(&self, given: &str, clock: &dyn Clock) -> Result<(), ApiError> {
        let mut verdict = CodeVerdict::Right;
        let now = clock.now();
        self.change(|notice| verdict = notice.code.check(given, now, self.entropy.as_ref()))
            .map_err(|error| ApiError::internal(&error))?;
        match verdict {
            CodeVerdict::Right => Ok(()),
            CodeVerdict::Wrong { left } => {
                warn!(left, "a wrong code was given to the set-up page");
                let message =
                    "Ce code n’est pas celui que l’écran de la boîte affiche. Recopiez-le, ou scannez-le.";
                Err(ApiError::new(StatusCode::FORBIDDEN, "wrong_code", message).with("attempts_left", left))
            }
            CodeVerdict::Pause(pause) => {
                warn!("too many wrong codes were given to the set-up page");
                let message = "Trop de codes erronés\u{a0}: l’écran de la boîte en affiche un nouveau.";
                Err(ApiError::too_many(message, pause.try_into().unwrap_or_default()))
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut SetupNotice)) -> io::Result<()> {
        // Whole after each change: one that panicked has left it as it was.
        let mut notice = self.notice.lock().unwrap_or_else(PoisonError::into_inner);
        let before = notice.clone();
        change(&mut notice);
        if *notice == before { Ok(()) } else { write(&self.file, &notice) }
    }
}

/// Whole or not at all, and for the owner and root only: who reads the code can set the box up.
fn write(file: &Path, notice: &SetupNotice) -> io::Result<()> {
    let making = file.with_extension("making");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&making)?.write_all(&serde_json::to_vec(notice)?)?;
    fs::rename(&making, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tabellion_domain::testing::{FakeClock, FakeEntropy};

    fn door(file: &Path, seed: u64) -> Door {
        Door::new(file.to_owned(), Arc::new(FakeEntropy::seeded(seed))).unwrap()
    }

    fn shown(file: &Path) -> String {
        serde_json::from_slice::<SetupNotice>(&fs::read(file).unwrap()).unwrap().code.shown()
    }

    #[test]
    fn the_code_outlives_a_run_and_is_for_nobody_else_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("setup.json");
        let first = door(&file, 1);
        let code = shown(&file);
        assert_eq!(first.check("wrong", &FakeClock::default()).unwrap_err().code(), "wrong_code");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
        let second = door(&file, 2);
        assert_eq!(shown(&file), code);
        for _ in 0..3 {
            assert_eq!(second.check("wrong", &FakeClock::default()).unwrap_err().code(), "wrong_code");
        }
        assert_eq!(second.check("wrong", &FakeClock::default()).unwrap_err().code(), "too_many_attempts");
        assert_ne!(shown(&file), code, "and what was tried as well");
        Door::close(&file).unwrap();
        Door::close(&file).unwrap();
        assert!(!file.exists());
    }
}
