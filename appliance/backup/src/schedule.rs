use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};
use time::OffsetDateTime;

/// In the state folder.
const FILE: &str = "scheduled-backups.json";

/// What became of the backups of the schedule. Not in the database: a restored one would tell of another box's.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduleState {
    /// When one was last begun. None: the next one is due at once.
    #[serde(with = "time::serde::rfc3339::option")]
    pub tried: Option<OffsetDateTime>,
    /// When one last arrived.
    #[serde(with = "time::serde::rfc3339::option")]
    pub succeeded: Option<OffsetDateTime>,
    /// Why the last one did not, in French. None: it did, or is on its way.
    pub refused: Option<String>,
}

impl ScheduleState {
    /// Nothing, where nothing was ever noted.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn load(state: &Path) -> io::Result<Self> {
        match fs::read(state.join(FILE)) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Whole or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, state: &Path) -> io::Result<()> {
        let making = state.join("scheduled-backups.making");
        fs::write(&making, serde_json::to_vec(self)?)?;
        fs::File::open(&making)?.sync_all()?;
        fs::rename(making, state.join(FILE))
    }
}
