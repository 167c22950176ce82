//! A box whose updater is a few files, as control sees it.

use crate::testing::TestBox;
use serde_json::Value;
use std::fs;
use tabellion_domain::settings::{Author, Settings, UpdateSource};
use tabellion_system::updater::Updater;

pub(crate) struct Firmware {
    pub test: TestBox,
    pub updater: Updater,
    _folder: tempfile::TempDir,
}

impl Firmware {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["requests", "published", "uploads"] {
            fs::create_dir(at(name)).unwrap();
        }
        let updater = Updater {
            requests: at("requests"),
            published: at("published"),
            working: at("working"),
            uploads: at("uploads"),
        };
        let given = updater.clone();
        Self { test: TestBox::of(|config| config.updater = given).await, updater, _folder: folder }
    }

    /// The settings name a server.
    pub(crate) async fn with_source(&self) {
        let mut settings = Settings::default();
        settings.updates.source = Some(UpdateSource::new("https://maj.test").unwrap());
        let now = tabellion_domain::Clock::now(&self.test.clock);
        self.test.state.store.adopt_settings(settings, Author::SetupPage, now).await.unwrap();
    }

    pub(crate) fn publishes(&self, name: &str, text: &str) {
        fs::write(self.updater.published.join(name), text).unwrap();
    }

    pub(crate) fn works_at(&self, goal: &str) {
        fs::create_dir(&self.updater.working).unwrap();
        fs::write(self.updater.working.join("goal"), format!("{goal:?}")).unwrap();
    }

    pub(crate) fn stops(&self) {
        fs::remove_dir_all(&self.updater.working).unwrap();
    }

    /// What control asks for.
    pub(crate) fn request(&self) -> Option<Value> {
        let text = fs::read(self.updater.requests.join("update.json")).ok()?;
        Some(serde_json::from_slice(&text).unwrap())
    }

    pub(crate) fn asks_for_restart(&self) -> bool {
        self.updater.requests.join("restart").exists()
    }
}
