use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Write},
    path::Path,
};
use tracing::error;

/// What is known of updates. Outlives power cuts: written whole, and on the disk before anything relies on it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// Installed, and not yet passed by the health gate.
    pub trial: Option<Trial>,
    /// What was taken back, by version. Not tried again by itself.
    pub rejected: BTreeMap<String, Rejection>,
}

/// A version on trial.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Trial {
    /// The version before it, which comes back where it fails.
    pub from: String,
    /// The version.
    pub to: String,
    /// Whether all of it is on the disk.
    pub written: bool,
    /// How often it has been started, as far as the data partition.
    pub starts: u32,
    /// Schema of the database that was copied before its first start. None: it has not touched any.
    pub schema: Option<u32>,
    /// What its last start found wrong.
    pub failure: Option<Rejection>,
}

/// Why a version was taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Rejection {
    /// One line, French, for the administrator.
    pub reason: String,
    /// What the gate found and the journal's last lines, for the support.
    pub detail: Vec<String>,
}

impl State {
    /// Nothing, where nothing was ever kept.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).with_context(|| format!("{} cannot be read", path.display()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// What cannot be read is kept aside for the support, and begun anew: a box that does not know what it tried is
    /// better than one that does not start.
    ///
    /// # Errors
    /// It cannot even be put aside.
    pub(crate) fn load_or_begin_anew(folder: &Path) -> Result<Self> {
        Self::load(folder).or_else(|problem| {
            error!("the state of updates is begun anew: {problem:#}");
            let path = folder.join(FILE);
            fs::rename(&path, path.with_extension("unreadable"))
                .with_context(|| format!("{} cannot be put aside", path.display()))?;
            Ok(Self::default())
        })
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let write = || -> Result<()> {
            fs::create_dir_all(folder)?;
            let making = path.with_extension("making");
            let mut file = File::create(&making)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            fs::rename(&making, &path)?;
            Ok(File::open(folder)?.sync_all()?)
        };
        write().with_context(|| format!("{} cannot be written", path.display()))
    }
}

const FILE: &str = "state.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_there_again_and_a_torn_write_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(State::load(folder.path()).unwrap(), State::default());
        let mut state = State::default();
        state.rejected.insert(
            "0.2.0".to_owned(),
            Rejection { reason: "Elle ne démarre pas.".to_owned(), detail: vec!["kernel panic".to_owned()] },
        );
        state.save(folder.path()).unwrap();
        fs::write(folder.path().join("state.making"), "{\"tri").unwrap();
        assert_eq!(State::load(folder.path()).unwrap(), state);
        fs::write(folder.path().join("state.json"), "{").unwrap();
        assert!(State::load(folder.path()).unwrap_err().to_string().contains("state.json"));
        assert_eq!(State::load_or_begin_anew(folder.path()).unwrap(), State::default());
        assert_eq!(State::load(folder.path()).unwrap(), State::default());
        assert_eq!(fs::read(folder.path().join("state.unreadable")).unwrap(), b"{");
    }
}
