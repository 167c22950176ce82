//! What the firmware's programs leave in `/run` for the status page. A box that is no firmware of ours (a demonstration, a
//! trial on another system) has none of it: what is missing is unknown, and no error.

use serde::{Deserialize, de::DeserializeOwned};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tabellion_conference::media::VideoCodecs;
use tabellion_system::updater::Known;
use tracing::warn;

/// Where the firmware's programs write.
#[derive(Clone, Debug)]
pub struct SystemReports {
    /// os-release(5); names the version of the firmware image.
    pub os_release: PathBuf,
    /// A word of `tabellion-firmware storage`: how the data partition is protected.
    pub storage: PathBuf,
    /// What the health gate found, as JSON.
    pub health: PathBuf,
    /// What is known of updates, as JSON.
    pub updates: PathBuf,
    /// What encodes and decodes pictures, as JSON.
    pub codecs: PathBuf,
}

impl Default for SystemReports {
    fn default() -> Self {
        Self {
            os_release: "/usr/lib/os-release".into(),
            storage: "/run/tabellion-storage/mode".into(),
            health: "/run/tabellion-health/report.json".into(),
            updates: "/run/tabellion-updates/state.json".into(),
            codecs: "/run/tabellion-codecs/codecs.json".into(),
        }
    }
}

/// One of the health gate's checks.
#[derive(Deserialize)]
pub(super) struct Check {
    pub check: String,
    pub passed: bool,
    /// Whether there was anything to check. An earlier gate has always checked.
    #[serde(default = "yes")]
    pub applicable: bool,
    pub detail: String,
}

fn yes() -> bool {
    true
}

impl SystemReports {
    /// None where this is no image.
    async fn image_version(&self) -> Option<String> {
        let text = read(&self.os_release).await?;
        let value = text.lines().find_map(|line| line.strip_prefix("IMAGE_VERSION="))?;
        Some(value.trim_matches('"').to_owned())
    }

    /// What this box runs: the firmware's version, or the program's where there is no firmware.
    pub async fn version(&self) -> String {
        self.image_version().await.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
    }

    pub(super) async fn storage(&self) -> Option<String> {
        Some(read(&self.storage).await?.trim().to_owned())
    }

    pub(super) async fn health(&self) -> Option<Vec<Check>> {
        json(&self.health).await
    }

    pub(super) async fn updates(&self) -> Option<Known> {
        json(&self.updates).await
    }

    pub(super) async fn codecs(&self) -> Option<VideoCodecs> {
        json(&self.codecs).await
    }
}

async fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = read(path).await?;
    serde_json::from_str(&text)
        .inspect_err(
            |error| warn!(path = %path.display(), %error, "a report of the firmware is not understood"),
        )
        .ok()
}

async fn read(path: &Path) -> Option<String> {
    match tokio::fs::read_to_string(path).await {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            warn!(path = %path.display(), %error, "a report of the firmware cannot be read");
            None
        }
    }
}
