//! The settings for the operating system: a file that says at every moment what is to be rendered. tabellion-system.path has
//! each change of it taken up, the undoing of one that nobody has confirmed as well.

use anyhow::{Context, Result};
use std::{fs, io::ErrorKind, path::Path, sync::Arc};
use tabellion_domain::{Clock, settings::Settings};
use tabellion_store::Store;
use time::{Duration, OffsetDateTime};
use tracing::error;

/// After what could not be read or written.
pub(crate) const AGAIN: Duration = Duration::seconds(5);

/// What control asks for each time that it needs it, or leaves to the operating system; a new address ends its run by itself
/// (`network::until_changed`). All else is read at its start: a part that nobody has thought of is taken up, too.
const FOLLOWED: &[&str] =
    &["network", "time", "updates", "retention", "licences", "billing", "administrator", "backup"];

/// What a look at the settings has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Published {
    /// The settings to work with now; none before the box was set up.
    pub settings: Option<Settings>,
    /// When a change is undone that nobody has confirmed until then.
    pub deadline: Option<OffsetDateTime>,
}

/// Whether a run that has started with `started_with` works with `settings`.
pub(crate) fn works_with(started_with: &Settings, settings: &Settings) -> bool {
    settings.changed_parts(started_with).iter().all(|part| FOLLOWED.contains(part))
}

/// Undoes a change whose time is up, and writes what is to be rendered now, without secrets; a file that says so already is
/// left alone. There is none while the box has no settings, nor when its first ones were undone. Without a path, where the
/// operating system is not ours, nothing is written.
///
/// # Errors
/// The database or the file cannot be used.
pub(crate) async fn publish(store: &Store, path: Option<&Path>, now: OffsetDateTime) -> Result<Published> {
    let state = store.settings_state(now).await?;
    let published = Published {
        settings: state.effective().cloned(),
        deadline: state.pending.as_ref().and_then(|change| change.deadline),
    };
    if let Some(path) = path {
        let told = match &published.settings {
            Some(settings) => write(path, &settings.without_secrets().to_json()),
            None => take_away(path),
        };
        told.with_context(|| format!("the settings cannot be published in {}", path.display()))?;
    }
    Ok(published)
}

fn take_away(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whole or not at all: whoever waits for the file reads it at once.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    match fs::read_to_string(path) {
        Ok(there) if there == text => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let making = path.with_extension("making");
    fs::write(&making, text)?;
    fs::rename(&making, path)
}

/// Publishes at each change and at each deadline, until the settings are no longer those that this run of control has
/// started with: the next run, which the service manager starts, reads them anew.
pub(crate) async fn keep(
    path: Option<&Path>,
    started_with: &Settings,
    store: &Store,
    clock: &Arc<dyn Clock>,
) {
    let mut news = store.settings_news();
    loop {
        let now = clock.now();
        let next = match publish(store, path, now).await {
            Ok(Published { settings: Some(settings), .. }) if !works_with(started_with, &settings) => return,
            Ok(Published { deadline, .. }) => deadline,
            Err(problem) => {
                error!("{problem:#}");
                Some(now + AGAIN)
            }
        };
        tokio::select! {
            // Its sender lives as long as the store that is held here.
            _ = news.changed() => {}
            () = until(next, now) => {}
        }
    }
}

/// A moment, as the clock has it; never, without one.
pub(crate) async fn until(next: Option<OffsetDateTime>, now: OffsetDateTime) {
    match next {
        // One that is past was undone by the look before.
        Some(next) => tokio::time::sleep((next - now).try_into().unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::{Author, HostLabel};
    use time::macros::datetime;

    const NINE: OffsetDateTime = datetime!(2026-11-23 09:00 UTC);

    /// A clock that goes with tokio's, which a test stops and moves.
    struct FakeClock(tokio::time::Instant);

    impl FakeClock {
        #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
        fn at_nine() -> Arc<dyn Clock> {
            Arc::new(Self(tokio::time::Instant::now()))
        }
    }

    impl Clock for FakeClock {
        fn now(&self) -> OffsetDateTime {
            NINE + self.0.elapsed()
        }
    }

    struct Box {
        folder: tempfile::TempDir,
        store: Store,
    }

    impl Box {
        async fn set_up() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
            store.adopt_settings(with_vlan(None), Author::SetupPage, NINE).await.unwrap();
            Self { folder, store }
        }

        fn path(&self) -> std::path::PathBuf {
            self.folder.path().join("settings.json")
        }

        fn published(&self) -> Settings {
            Settings::from_json(&fs::read_to_string(self.path()).unwrap()).unwrap()
        }
    }

    fn with_vlan(vlan: Option<u16>) -> Settings {
        let mut settings = Settings::default();
        settings.office.name = "Office".to_owned();
        settings.network.room_systems = vlan.map(|vlan| tabellion_domain::settings::RoomNetwork {
            vlan,
            addressing: tabellion_domain::settings::Addressing::Dhcp,
        });
        settings
    }

    #[tokio::test]
    async fn a_change_that_nobody_confirms_is_published_and_taken_back() {
        let one = Box::set_up().await;
        let before = publish(&one.store, Some(&one.path()), NINE).await.unwrap();
        assert_eq!(before, Published { settings: Some(with_vlan(None)), deadline: None });
        one.store.propose_settings(with_vlan(Some(20)), Author::SetupPage, NINE).await.unwrap();
        let deadline = NINE + Duration::minutes(1);
        let within = publish(&one.store, Some(&one.path()), deadline - Duration::SECOND).await.unwrap();
        assert_eq!((one.published(), within.deadline), (with_vlan(Some(20)), Some(deadline)));
        let after = publish(&one.store, Some(&one.path()), deadline).await.unwrap();
        assert_eq!((one.published(), after.deadline), (with_vlan(None), None));
    }

    #[tokio::test]
    async fn what_is_said_already_is_not_said_again_and_secrets_are_not_said_at_all() {
        let one = Box::set_up().await;
        let mut settings = with_vlan(None);
        settings.certificate = tabellion_domain::settings::Certificate::Uploaded {
            chain_pem: "chain".to_owned(),
            key_pem: tabellion_domain::settings::Secret::new("s3cret"),
        };
        one.store.adopt_settings(settings, Author::SetupPage, NINE).await.unwrap();
        publish(&one.store, Some(&one.path()), NINE).await.unwrap();
        assert!(!fs::read_to_string(one.path()).unwrap().contains("s3cret"));
        let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap());
        let first = inode(&one.path());
        publish(&one.store, Some(&one.path()), NINE).await.unwrap();
        assert_eq!(inode(&one.path()), first);
    }

    #[tokio::test]
    async fn the_deadline_is_kept_without_anybody_asking() {
        let one = Box::set_up().await;
        one.store.propose_settings(with_vlan(Some(20)), Author::SetupPage, NINE).await.unwrap();
        tokio::time::pause();
        let clock = FakeClock::at_nine();
        let (store, path, kept) = (one.store.clone(), one.path(), clock.clone());
        let keeping = tokio::spawn(async move { keep(Some(&path), &with_vlan(None), &store, &kept).await });
        // Stopped time goes on whenever everybody waits: to the deadline, because nothing else is waited for.
        let mut turns = 0..10_000;
        let mut there = None;
        while there != Some(with_vlan(None)) {
            assert!(turns.next().is_some(), "it is never taken back: {there:?}");
            one.store.settings_state(NINE).await.unwrap();
            there = one.path().exists().then(|| one.published());
        }
        let took = clock.now() - NINE;
        assert!((Duration::minutes(1)..Duration::minutes(2)).contains(&took), "{took}");
        assert!(!keeping.is_finished(), "and control goes on");
        keeping.abort();
    }

    #[tokio::test]
    async fn a_change_is_published_at_once_and_ends_the_run_that_has_read_the_former() {
        let one = Box::set_up().await;
        let clock = FakeClock::at_nine();
        let (store, path) = (one.store.clone(), one.path());
        let keeping = tokio::spawn(async move { keep(Some(&path), &with_vlan(None), &store, &clock).await });
        let mut named = with_vlan(Some(20));
        named.names.host = HostLabel::new("visio").unwrap();
        one.store.adopt_settings(named.clone(), Author::SetupPage, NINE).await.unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(20), keeping).await.unwrap().unwrap();
        assert_eq!(one.published(), named);
    }

    #[test]
    fn only_what_is_read_at_the_start_needs_a_new_one() {
        let mut other_port = with_vlan(None);
        other_port.ports.sip = 5070;
        assert!(!works_with(&with_vlan(None), &other_port));
        let mut branded = with_vlan(None);
        branded.brand.service = "Visio des offices".to_owned();
        assert!(!works_with(&with_vlan(None), &branded));
        assert!(works_with(&with_vlan(None), &with_vlan(Some(20))));
    }
}
