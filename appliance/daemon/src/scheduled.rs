//! Backups that nobody has to think of: control makes and encrypts them when they are due, and hands them to a unit that
//! carries them away, to a stick or to a server. Control itself has no right to do either.

use crate::adapters::local_time;
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tabellion_backup::{Lock, ScheduleState, Snapshot};
use tabellion_domain::{
    AuditEvent, Clock,
    settings::{BackupDestination, BackupSchedule, SftpServer},
};
use tabellion_post::{Mail, texts};
use tabellion_store::{OutboxKind, Store};
use time::OffsetDateTime;
use tracing::{error, info, warn};

/// Between two looks at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(60);
/// Between two looks for the answer of the unit that carries a backup away.
const ANSWER_LOOK: Duration = Duration::from_secs(1);
/// How long it may take: a slow line and a large office.
const PATIENCE: Duration = Duration::from_secs(6 * 3600);

/// Where backups wait, and where they are asked to be taken.
#[derive(Clone, Debug)]
pub(crate) struct Ways {
    /// Backups on their way out: encrypted, so that everybody may read them.
    pub outgoing: PathBuf,
    /// Requests to root: the stick.
    pub requests: PathBuf,
    /// Requests to the user who speaks with SFTP servers.
    pub sftp: PathBuf,
}

/// What makes scheduled backups.
pub(crate) struct Scheduled {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub state: PathBuf,
    pub ways: Ways,
    /// The firmware's version.
    pub version: String,
}

impl Scheduled {
    /// Looks at the clock for ever.
    pub(crate) async fn keep(self) {
        if let Err(problem) = self.tidy() {
            error!("backups of before are left on the box: {problem:#}");
        }
        loop {
            if let Err(problem) = self.look().await {
                error!("the schedule of backups cannot be kept: {problem:#}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What an end of this process has cut off on its way out.
    fn tidy(&self) -> Result<()> {
        let entries = match fs::read_dir(&self.ways.outgoing) {
            // A machine without our firmware has no such folder.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            remove(&entry?.path())?;
        }
        Ok(())
    }

    /// Makes a backup where one is due.
    ///
    /// # Errors
    /// The schedule cannot be read, or what became of the backup cannot be noted.
    async fn look(&self) -> Result<()> {
        let now = self.clock.now();
        let settings = self.store.settings_state(now).await?.in_force.map(|change| change.settings);
        let Some(schedule) = settings.as_ref().and_then(|settings| settings.backup.clone()) else {
            return Ok(());
        };
        let mut state = ScheduleState::load(&self.state)?;
        let offset = local_time::offset().await?;
        let local = |at: OffsetDateTime| {
            let at = at.to_offset(offset);
            time::PrimitiveDateTime::new(at.date(), at.time())
        };
        // The first one is made at once: whoever has set it up sees whether it works.
        if state.tried.is_some_and(|tried| local(tried) >= schedule.last_due(local(now))) {
            return Ok(());
        }
        state.tried = Some(now);
        state.save(&self.state)?;
        let office = settings.map(|settings| settings.office.name).unwrap_or_default();
        let made = self.make(&schedule, &office, now).await;
        let refused = made.as_ref().err().map(ToString::to_string);
        match &made {
            Ok(()) => {
                state.succeeded = Some(now);
                let event = AuditEvent::BackupMade { user: None, to: word(&schedule.to).to_owned() };
                self.store.append_audit(event, now).await?;
                info!("a scheduled backup was made");
            }
            Err(problem) => warn!("a scheduled backup failed: {problem:#}"),
        }
        // Once each time that it stops working, not each day.
        let is_news = refused.is_some() && refused != state.refused;
        state.refused = refused;
        state.save(&self.state)?;
        if is_news { self.tell(state.refused.as_deref().unwrap_or_default(), now).await } else { Ok(()) }
    }

    async fn make(&self, schedule: &BackupSchedule, office: &str, now: OffsetDateTime) -> Result<()> {
        let name = format!("tabellion-{}.tabellion", now.date());
        let file = self.ways.outgoing.join(&name);
        let written = self.write(schedule.recipient.clone(), office, &file, now).await;
        let delivered = match written {
            Ok(()) => self.deliver(schedule, &name, &file).await,
            failed => failed,
        };
        // Whatever became of it: of what is left, each day's would be one more.
        remove(&file)?;
        delivered
    }

    async fn deliver(&self, schedule: &BackupSchedule, name: &str, file: &Path) -> Result<()> {
        match &schedule.to {
            BackupDestination::Usb => {
                let request = json!({ "name": name, "keep": schedule.keep });
                ask(&self.ways.requests, "backup-usb", &request).await
            }
            BackupDestination::Sftp(SftpServer { host, port, user, folder, host_key }) => {
                let request = json!({
                    "do": "send", "host": host, "port": port, "user": user, "folder": folder,
                    "host_key": host_key, "file": file, "keep": schedule.keep,
                });
                ask(&self.ways.sftp, "sftp", &request).await
            }
        }
    }

    async fn write(&self, recipient: String, office: &str, file: &Path, now: OffsetDateTime) -> Result<()> {
        let (state, version, office) = (self.state.clone(), self.version.clone(), office.to_owned());
        let path = file.to_owned();
        let written = tokio::task::spawn_blocking(move || -> Result<()> {
            let out = fs::File::create(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
            let snapshot = Snapshot::take(&state, &office, &version, now)?;
            let out = snapshot.write(&Lock::Recipient(recipient), std::io::BufWriter::new(out))?;
            Ok(out.into_inner().map_err(|error| anyhow!("{error}"))?.sync_all()?)
        });
        written.await?.context("La sauvegarde n’a pas pu être faite sur la boîte. Prévenez le support.")
    }

    async fn tell(&self, refused: &str, now: OffsetDateTime) -> Result<()> {
        for to in self.store.administrators_mail().await? {
            let mail = Mail::plain(to, texts::BACKUP_FAILED.to_owned(), texts::backup_failed(refused));
            self.store.enqueue(OutboxKind::Mail, mail.payload(), now).await?;
        }
        Ok(())
    }
}

fn word(to: &BackupDestination) -> &'static str {
    match to {
        BackupDestination::Usb => "usb",
        BackupDestination::Sftp(_) => "sftp",
    }
}

#[derive(Deserialize)]
struct Answer {
    refused: Option<String>,
}

/// Asks a unit, and waits until it has answered.
///
/// # Errors
/// What it refuses, in French; or it does not answer.
async fn ask(folder: &Path, name: &str, request: &Value) -> Result<()> {
    let (asked, answer) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.answer")));
    let making = folder.join(format!("{name}.asking"));
    remove(&answer)?;
    let write = || -> std::io::Result<()> {
        fs::write(&making, request.to_string())?;
        fs::set_permissions(&making, fs::Permissions::from_mode(0o644))?;
        fs::rename(&making, &asked)
    };
    write().context(
        "Cette machine n’a pas le micrologiciel de Tabellion\u{a0}: ses sauvegardes se font à la main.",
    )?;
    let waiting = async {
        loop {
            match fs::read(&answer) {
                Ok(text) => break Ok(text),
                Err(error) if error.kind() == ErrorKind::NotFound => tokio::time::sleep(ANSWER_LOOK).await,
                Err(error) => break Err(error),
            }
        }
    };
    let Ok(text) = tokio::time::timeout(PATIENCE, waiting).await else {
        remove(&asked)?;
        bail!("La sauvegarde n’a pas abouti à temps. Vérifiez la clé USB ou le serveur.");
    };
    remove(&answer)?;
    match serde_json::from_slice::<Answer>(&text?)?.refused {
        Some(refused) => bail!("{refused}"),
        None => Ok(()),
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::SystemClock;
    use tabellion_backup::{BackupKey, Incoming};
    use tabellion_domain::{
        Civility,
        settings::{ACME_CERTIFICATE, Author, BackupEvery, OfficeSettings, Settings},
    };
    use tabellion_store::NewUser;

    /// A box with a schedule, and the units that its backups are handed to.
    struct Office {
        folder: tempfile::TempDir,
        scheduled: Scheduled,
        key: BackupKey,
    }

    impl Office {
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let of = |name: &str| {
                let path = folder.path().join(name);
                fs::create_dir(&path).unwrap();
                path
            };
            let (state, key) = (of("state"), BackupKey::draw(&crate::adapters::KernelEntropy));
            let store = Store::open(&state.join("tabellion.db")).unwrap();
            let backup = BackupSchedule {
                every: BackupEvery::Day,
                hour: 2,
                keep: 3,
                to: BackupDestination::Usb,
                recipient: key.recipient(),
            };
            let office = OfficeSettings { name: "Office".to_owned(), ..OfficeSettings::default() };
            let settings = Settings { office, backup: Some(backup), ..Settings::default() };
            store.adopt_settings(settings, Author::SetupPage, SystemClock.now()).await.unwrap();
            for (login, administrator) in [("claire", true), ("julien", false)] {
                let user = NewUser {
                    login: login.to_owned(),
                    civility: Civility::Maitre,
                    first_name: login.to_owned(),
                    last_name: "Moreau".to_owned(),
                    email: format!("{login}@office.test"),
                    mobile: None,
                    administrator,
                    password_hash: "-".to_owned(),
                    totp_secret: None,
                };
                store.create_user(user, SystemClock.now()).await.unwrap();
            }
            let ways = Ways { outgoing: of("outgoing"), requests: of("requests"), sftp: of("sftp") };
            let clock = Arc::new(SystemClock);
            let version = "0.1.0".to_owned();
            Self { scheduled: Scheduled { store, clock, state, ways, version }, folder, key }
        }

        /// One look, while the stick's unit answers so; the backup that it was given.
        async fn look(&self, refused: Option<&str>) -> Option<Vec<u8>> {
            let requests = self.scheduled.ways.requests.clone();
            let unit = async {
                loop {
                    if let Ok(text) = fs::read(requests.join("backup-usb.json")) {
                        fs::remove_file(requests.join("backup-usb.json")).unwrap();
                        let request: Value = serde_json::from_slice(&text).unwrap();
                        assert_eq!(request["keep"], 3);
                        let outgoing = &self.scheduled.ways.outgoing;
                        let backup = fs::read(outgoing.join(request["name"].as_str().unwrap())).unwrap();
                        let answer = json!({ "refused": refused }).to_string();
                        fs::write(requests.join("backup-usb.answer"), answer).unwrap();
                        break backup;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let (looked, given) = tokio::join!(self.scheduled.look(), async {
                tokio::time::timeout(Duration::from_secs(4), unit).await.ok()
            });
            looked.unwrap();
            given
        }

        async fn schedule(&self) -> BackupSchedule {
            let state = self.scheduled.store.settings_state(SystemClock.now()).await.unwrap();
            state.in_force.unwrap().settings.backup.unwrap()
        }

        async fn mails(&self) -> Vec<String> {
            let waiting = self.scheduled.store.outbox_due(OutboxKind::Mail, SystemClock.now()).await.unwrap();
            waiting.iter().map(|mail| format!("{} {}", mail.payload["to"], mail.payload["text"])).collect()
        }

        /// As if the last attempt was yesterday.
        fn yesterday(&self) {
            let mut state = ScheduleState::load(&self.scheduled.state).unwrap();
            state.tried = state.tried.map(|tried| tried - time::Duration::hours(25));
            state.save(&self.scheduled.state).unwrap();
        }
    }

    #[tokio::test]
    async fn a_backup_is_made_when_it_is_due_and_the_noted_key_opens_it() {
        let office = Office::new().await;
        fs::write(office.scheduled.state.join(ACME_CERTIFICATE), "{}").unwrap();
        let backup = office.look(None).await.expect("the first one is due at once");
        let incoming = Incoming::of(office.folder.path());
        incoming.append(0, &backup).unwrap();
        let manifest = incoming.check(&office.key).unwrap();
        assert_eq!(manifest.office, "Office");
        assert!(manifest.parts.iter().any(|part| part.name == ACME_CERTIFICATE), "{:?}", manifest.parts);
        assert_eq!(
            fs::read_dir(&office.scheduled.ways.outgoing).unwrap().count(),
            0,
            "nothing stays on the box"
        );
        let state = ScheduleState::load(&office.scheduled.state).unwrap();
        assert!(state.succeeded.is_some() && state.refused.is_none());
        assert!(office.look(None).await.is_none(), "the next one is not due yet");
        office.yesterday();
        assert!(office.look(None).await.is_some());
        assert!(office.mails().await.is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_made_or_is_cut_off_leaves_nothing_on_the_box() {
        let office = Office::new().await;
        let outgoing = office.scheduled.ways.outgoing.clone();
        let left = || fs::read_dir(&outgoing).unwrap().count();
        // A database that cannot be copied: the file is begun all the same.
        let (schedule, now) = (office.schedule().await, SystemClock.now());
        let broken = Scheduled { state: office.folder.path().join("nowhere"), ..office.scheduled };
        assert!(broken.make(&schedule, "Office", now).await.is_err());
        assert_eq!(left(), 0);
        fs::write(outgoing.join("tabellion-2026-11-01.tabellion"), "half").unwrap();
        broken.tidy().unwrap();
        assert_eq!(left(), 0);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_each_administrator_once_and_again_after_it_worked() {
        let office = Office::new().await;
        for _ in 0..2 {
            office.look(Some("Aucune clé USB n’est branchée.")).await.unwrap();
            office.yesterday();
        }
        let mails = office.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(mails[0].contains("claire@office.test") && mails[0].contains("Aucune clé USB"), "{mails:?}");
        office.look(None).await.unwrap();
        office.yesterday();
        office.look(Some("Aucune clé USB n’est branchée.")).await.unwrap();
        assert_eq!(office.mails().await.len(), 2);
    }
}
