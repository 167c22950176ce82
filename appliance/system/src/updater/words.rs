use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What the updater is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Where the update comes from.
    pub source: Source,
    /// What is to be done with it.
    #[serde(default)]
    pub goal: Goal,
    /// Also a version that was taken back before.
    #[serde(default)]
    pub again: bool,
    /// Restarts the box into it at once. Without, its trial begins with the next start.
    #[serde(default)]
    pub restart: bool,
}

/// Where an update comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `https://host/folder/`.
    Url(String),
    /// A folder of this box, with the update's files and their signed list.
    Folder(PathBuf),
    /// What control has put into its folder of uploads.
    Upload,
    /// A USB stick with the label TABELLION.
    Stick,
}

/// What is to be done with an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// It is fetched, checked and installed.
    #[default]
    Install,
    /// Its list is fetched and checked: [`Look`] says what there is.
    Look,
}

/// How far the last installation has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Progress {
    /// From the server.
    Downloading {
        /// Bytes that are here.
        done: u64,
        /// Of so many, where the server says so.
        total: Option<u64>,
    },
    /// From the stick.
    Copying {
        /// Bytes that are here.
        done: u64,
        /// Of so many, once it is known.
        total: Option<u64>,
    },
    /// Its signature and its files are checked, and then written to the disk.
    Installing,
    /// It waits for the next start.
    Installed,
    /// It is not installed.
    Failed {
        /// French, for the administrator.
        reason: String,
        /// Only because the line to the server broke: what is there is gone on with.
        #[serde(default)]
        interrupted: bool,
    },
}

/// What the last look at the server has found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Where.
    pub url: String,
    /// A version that is newer than the one that runs.
    pub version: Option<String>,
    /// Its files' size in bytes, where the server says it.
    pub bytes: Option<u64>,
    /// Why nothing is known; French, for the administrator.
    pub failure: Option<String>,
}
