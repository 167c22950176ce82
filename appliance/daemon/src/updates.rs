//! What the box does for its updates by itself: looks at the server, has what it finds installed, and restarts within the
//! maintenance window. `domain::updates` decides; here is what it needs to know.

use anyhow::{Context, Result};
use std::{fs, io::ErrorKind, sync::Arc, time::Duration as Pause};
use tabellion_domain::{
    AuditEvent, Clock, Entropy,
    settings::{Settings, UpdateMode},
    updates::{Failed, Situation, Step},
};
use tabellion_store::Store;
use tabellion_system::{
    Zone,
    updater::{Goal, Progress, Request, Source, Updater},
};
use time::{Duration, OffsetDateTime};
use tokio::time::MissedTickBehavior;
use tracing::{error, info};

/// How often it is asked what to do.
const LOOK: Pause = Pause::from_secs(30);
/// Over which time all boxes spread their daily look at the server, in minutes.
const SPREAD: u16 = 120;

/// Whoever keeps a box up to date.
pub(crate) struct Keeper {
    pub updater: Updater,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Keeper {
    /// For as long as control runs. On a box that is no firmware of ours there is nothing to do.
    pub(crate) async fn keep(self) {
        if !self.updater.is_there() {
            return;
        }
        if let Err(problem) = self.forget_uploads() {
            error!("{problem:#}");
        }
        let (started, jitter) = (self.clock.now(), self.share());
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(problem) = self.step(started, jitter).await {
                error!("{problem:#}");
            }
        }
    }

    /// What a former run was taking when it ended.
    fn forget_uploads(&self) -> Result<()> {
        let folder = self.updater.uploads.join("incoming");
        if self.updater.is_busy() {
            return Ok(());
        }
        match fs::remove_dir_all(&folder) {
            Err(problem) if problem.kind() != ErrorKind::NotFound => {
                Err(problem).with_context(|| format!("{} cannot be removed", folder.display()))
            }
            _ => Ok(()),
        }
    }

    fn share(&self) -> Duration {
        let mut bytes = [0; 2];
        self.entropy.fill(&mut bytes);
        Duration::minutes((u16::from_le_bytes(bytes) % SPREAD).into())
    }

    async fn step(&self, started: OffsetDateTime, jitter: Duration) -> Result<()> {
        let now = self.clock.now();
        let Some(settings) = self.store.current_settings(now).await? else { return Ok(()) };
        let step = self.situation(&settings, now, started, jitter).await?.next_step();
        let goal = match step {
            Step::Nothing => return Ok(()),
            Step::Restart => {
                self.note("restart", now).await?;
                info!("restarting into the update: nobody meets, and the maintenance window is open");
                return Ok(self.updater.ask_for_restart()?);
            }
            Step::Look => Goal::Look,
            Step::Install => {
                self.note("server", now).await?;
                info!("the server has an update: having it installed");
                Goal::Install
            }
        };
        let url = settings.updates.url().context("the settings name no server of updates")?;
        Ok(self.updater.ask(&Request { source: Source::Url(url), goal, again: false, restart: false })?)
    }

    async fn note(&self, what: &str, now: OffsetDateTime) -> Result<()> {
        let event = AuditEvent::UpdateAsked { user: None, what: what.to_owned() };
        Ok(self.store.append_audit(event, now).await?)
    }

    async fn situation(
        &self,
        settings: &Settings,
        now: OffsetDateTime,
        started: OffsetDateTime,
        jitter: Duration,
    ) -> Result<Situation> {
        let (known, url) = (self.updater.known(), settings.updates.url());
        // Another server's word is none.
        let look = self.updater.look().filter(|(look, _)| url.as_ref() == Some(&look.url));
        let looked_at = look.as_ref().map(|(_, at)| *at);
        let look_failed = look.as_ref().is_some_and(|(look, _)| look.failure.is_some());
        let version = look.and_then(|(look, _)| look.version);
        let failed = self.updater.progress().and_then(|(progress, at)| match progress {
            Progress::Installed => None,
            Progress::Failed { interrupted, .. } => Some(Failed { at, interrupted }),
            // Whoever was at it is gone.
            cut_off => Some(Failed { at, interrupted: matches!(cut_off, Progress::Downloading { .. }) }),
        });
        let zone = Zone::load(&settings.time.zone)?;
        Ok(Situation {
            now,
            started,
            jitter,
            has_source: url.is_some(),
            automatic: settings.updates.mode == UpdateMode::Automatic,
            working: self.updater.is_busy(),
            looked_at,
            look_failed,
            offered: version.is_some_and(|version| !known.rejected.contains_key(&version)),
            failed: failed.filter(|failed| looked_at.is_some_and(|looked| failed.at >= looked)),
            installed: known.installed().is_some(),
            on_trial: known.trial.is_some() && known.installed().is_none(),
            window_open: settings.updates.window.is_open(now, &|at| zone.offset_at(at)),
            people: self.store.open_seats().await?.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::KernelEntropy;
    use std::sync::Mutex;
    use tabellion_domain::settings::{Author, UpdateSource};

    struct SetClock(Mutex<OffsetDateTime>);

    impl Clock for SetClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    struct Office {
        folder: tempfile::TempDir,
        clock: Arc<SetClock>,
        keeper: Keeper,
        started: OffsetDateTime,
    }

    impl Office {
        /// Its server is known, and was never looked at. It is noon.
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("requests")).unwrap();
            fs::create_dir_all(at("uploads/incoming")).unwrap();
            let updater = Updater {
                requests: at("requests"),
                published: folder.path().to_owned(),
                working: at("working"),
                uploads: at("uploads"),
            };
            // What is published carries the files' own times.
            let now: OffsetDateTime = fs::metadata(at("requests")).unwrap().modified().unwrap().into();
            let started = now.replace_time(time::macros::time!(11:00));
            let clock = Arc::new(SetClock(Mutex::new(started)));
            let store = Store::open(&at("tabellion.db")).unwrap();
            let mut settings = Settings::default();
            settings.updates.source = Some(UpdateSource::new("https://maj.test").unwrap());
            store.adopt_settings(settings, Author::SetupPage, started).await.unwrap();
            let keeper = Keeper { updater, store, clock: clock.clone(), entropy: Arc::new(KernelEntropy) };
            Self { folder, clock, keeper, started }
        }

        /// What is asked for at an hour of the next night, in UTC.
        async fn asks_at(&self, hour: u8) -> Option<String> {
            let at = time::Time::from_hms(hour, 30, 0).unwrap();
            *self.clock.0.lock().unwrap() = (self.started + Duration::DAY).replace_time(at);
            self.keeper.step(self.started, Duration::ZERO).await.unwrap();
            let requests = self.folder.path().join("requests");
            let name = fs::read_dir(&requests).unwrap().next()?.unwrap().file_name();
            let text = fs::read_to_string(requests.join(&name)).unwrap();
            fs::remove_file(requests.join(&name)).unwrap();
            Some(format!("{} {text}", name.display()))
        }

        fn publishes(&self, name: &str, text: &str) {
            fs::write(self.folder.path().join(name), text).unwrap();
        }
    }

    #[tokio::test]
    async fn it_looks_installs_and_restarts_in_the_window_by_itself() {
        let office = Office::open().await;
        let looks = office.asks_at(10).await.unwrap();
        assert!(looks.contains("\"look\"") && looks.contains("https://maj.test/stable/"), "{looks}");
        let found = r#"{"url":"https://maj.test/stable/","version":"0.2.0","bytes":null,"failure":null}"#;
        office.publishes("available.json", found);
        let installs = office.asks_at(10).await.unwrap();
        assert!(installs.contains("\"install\""), "{installs}");
        office.publishes("progress.json", r#"{"state":"installed"}"#);
        office
            .publishes("state.json", r#"{"trial":{"from":"0.1.0","to":"0.2.0","written":true,"starts":0}}"#);
        assert_eq!(office.asks_at(10).await, None, "not by day");
        assert_eq!(
            office.asks_at(2).await.as_deref(),
            Some("restart "),
            "02:30 UTC is in the night of Paris"
        );
    }

    #[tokio::test]
    async fn what_failed_or_was_taken_back_is_not_installed_again_by_itself() {
        let office = Office::open().await;
        let found = r#"{"url":"https://maj.test/stable/","version":"0.2.0","bytes":null,"failure":null}"#;
        office.publishes("available.json", found);
        office.publishes("progress.json", r#"{"state":"failed","reason":"x"}"#);
        assert!(office.asks_at(10).await.is_none_or(|asked| asked.contains("\"look\"")));
        office.publishes("progress.json", r#"{"state":"failed","reason":"x","interrupted":true}"#);
        let goes_on = office.asks_at(10).await.unwrap();
        assert!(goes_on.contains("\"install\""), "only the line broke: {goes_on}");
        fs::remove_file(office.folder.path().join("progress.json")).unwrap();
        office.publishes("state.json", r#"{"rejected":{"0.2.0":{"reason":"x","detail":[]}}}"#);
        assert!(office.asks_at(10).await.is_none_or(|asked| asked.contains("\"look\"")));
    }

    #[tokio::test]
    async fn what_an_upload_left_is_gone_at_the_next_start() {
        let office = Office::open().await;
        office.keeper.forget_uploads().unwrap();
        assert!(!office.folder.path().join("uploads/incoming").exists());
    }
}
