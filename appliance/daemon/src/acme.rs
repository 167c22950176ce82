//! The certificate that an ACME authority gives: kept, served, renewed; and what hinders it.
//!
//! It is fetched while the one before is served, or, for the first time, the one of the box's own authority. What serves it is
//! the next run of control, which comes as soon as nobody is in a meeting (see [`crate::renewal`]).

use crate::{
    certificates::{self, Identity},
    renewal::Lasts,
    uploaded,
};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration as Pause,
};
use tabellion_acme::{Endpoints, Fault, Obtained, Publisher, Wanted, obtain};
use tabellion_backup::ACME_ACCOUNT;
use tabellion_domain::{
    Clock,
    settings::{ACME_CERTIFICATE, Certificate, Secret, Settings},
};
use tabellion_store::Store;
use time::{Duration, OffsetDateTime};
use tracing::{error, info};

/// How often it is looked at whether something is due.
const LOOK: Pause = Pause::from_secs(60);
/// After the first failure; each further one doubles it. Let's Encrypt lets five validations of a name fail in an hour.
const FIRST_PAUSE: Duration = Duration::minutes(15);
/// At most: a certificate has a third of its life left when its renewal begins.
const LONGEST_PAUSE: Duration = Duration::hours(24);

/// What is kept of a certificate.
#[derive(Serialize, Deserialize)]
struct Kept {
    chain_pem: String,
    key_pem: Secret,
}

/// What has hindered it lately: survives restarts, of which there may be many.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Trouble {
    /// [`fingerprint`] of the settings that it was with: who mends them does not have to wait.
    of: u64,
    /// How often in a row.
    failures: u32,
    /// What is wrong and what to do, in French.
    pub text: String,
    /// For the support.
    pub detail: String,
    /// When that was: a clock that is set back behind it knows nothing of the time that has passed since.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// When it is tried again.
    #[serde(with = "time::serde::rfc3339")]
    pub next: OffsetDateTime,
}

/// What belongs to ACME, within the state folder.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(PathBuf);

impl Shelf {
    pub(crate) fn new(state: &Path) -> Self {
        Self(state.to_owned())
    }

    fn account(&self) -> PathBuf {
        self.0.join(ACME_ACCOUNT)
    }

    fn certificate(&self) -> PathBuf {
        self.0.join(ACME_CERTIFICATE)
    }

    fn trouble_file(&self) -> PathBuf {
        self.0.join("acme-trouble.json")
    }

    /// What has hindered it with these settings; none where the last attempt went well, or there was none.
    pub(crate) fn trouble(&self, settings: &Settings) -> Option<Trouble> {
        read(&self.trouble_file()).filter(|trouble: &Trouble| trouble.of == fingerprint(settings))
    }

    /// The certificate for a name, and how long it lasts; none where there is none that can be served now.
    pub(crate) fn identity(&self, host: &str, now: OffsetDateTime) -> Option<(Identity, Lasts)> {
        let kept: Kept = read(&self.certificate())?;
        let identity = uploaded::load(&kept.chain_pem, &kept.key_pem, host, now).ok()?;
        let lasts = certificates::lasts(&identity.certificate_pem).ok()?;
        Some((identity, lasts))
    }

    fn keep(&self, obtained: Obtained) -> Result<()> {
        let kept = Kept { chain_pem: obtained.chain_pem, key_pem: Secret::new(obtained.key_pem) };
        certificates::write(&self.certificate(), &serde_json::to_string(&kept)?)?;
        match fs::remove_file(self.trouble_file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn note(&self, settings: &Settings, fault: &Fault, now: OffsetDateTime) -> Result<()> {
        let before = self.trouble(settings).map_or(0, |trouble| trouble.failures);
        let pause = pause(before).max(fault.wait.and_then(|wait| wait.try_into().ok()).unwrap_or_default());
        let trouble = Trouble {
            of: fingerprint(settings),
            failures: before + 1,
            text: fault.refusal.to_string(),
            detail: fault.detail.clone(),
            at: now,
            next: now + pause,
        };
        certificates::write(&self.trouble_file(), &serde_json::to_string(&trouble)?)
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    serde_json::from_str(&text).ok()
}

/// Tells settings that another certificate, or another way to it, is asked for by from others.
fn fingerprint(settings: &Settings) -> u64 {
    let mut hasher = DefaultHasher::new();
    settings.certified_name().hash(&mut hasher);
    serde_json::to_string(&settings.certificate).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// After so many failures before this one.
fn pause(failures: u32) -> Duration {
    (FIRST_PAUSE * 2_i32.pow(failures.min(10))).min(LONGEST_PAUSE)
}

/// From when on a certificate is renewed: at two thirds of its life, as authorities ask for.
fn renewed_from(lasts: Lasts) -> OffsetDateTime {
    lasts.from + (lasts.until - lasts.from) * 2 / 3
}

/// Where the settings ask for it: fetches what is due, and ends when a certificate is there that this run does not serve, and
/// nobody is in a meeting.
pub(crate) async fn keep(
    settings: &Settings,
    state: &Path,
    served: &str,
    store: &Store,
    clock: &Arc<dyn Clock>,
) {
    let Certificate::Acme { .. } = &settings.certificate else { return std::future::pending().await };
    let shelf = Shelf::new(state);
    let host = settings.certified_name();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        let now = clock.now();
        let there = shelf.identity(host, now);
        let is_new = there.as_ref().is_some_and(|(identity, _)| identity.certificate_pem != served);
        if is_new && store.open_seats().await.is_ok_and(|seats| seats.is_empty()) {
            return;
        }
        let due = there.is_none_or(|(_, lasts)| now >= renewed_from(lasts));
        let paused = shelf.trouble(settings).is_some_and(|trouble| (trouble.at..trouble.next).contains(&now));
        if due && !paused && attempt(settings, &shelf, now).await {
            looks.reset_immediately();
        }
    }
}

/// Whether there is a new one now.
async fn attempt(settings: &Settings, shelf: &Shelf, now: OffsetDateTime) -> bool {
    let fault = match fetched(settings, shelf, now).await {
        Ok(obtained) => match shelf.keep(obtained) {
            Ok(()) => {
                info!("the authority has given a certificate: it is served once nobody is in a meeting");
                return true;
            }
            Err(problem) => {
                error!("the new certificate cannot be kept: {problem:#}");
                return false;
            }
        },
        Err(fault) => fault,
    };
    error!("Pas de certificat de l’autorité ACME\u{a0}: {fault}");
    if let Err(problem) = shelf.note(settings, &fault, now) {
        error!("the failure cannot be noted: {problem:#}");
    }
    false
}

async fn fetched(settings: &Settings, shelf: &Shelf, now: OffsetDateTime) -> Result<Obtained, Fault> {
    let Certificate::Acme { directory, contact, dns, authority_pem } = &settings.certificate else {
        unreachable!("only asked where the settings say so")
    };
    let authority_pem = authority_pem.as_deref();
    // The providers are public servers, but for tests.
    let publisher = Publisher::new(dns, None, Endpoints::default())?;
    let wanted =
        Wanted { directory, contact: contact.as_str(), host: settings.certified_name(), authority_pem };
    obtain(&wanted, &publisher, &shelf.account(), now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploaded::tests::given;
    use tabellion_domain::settings::{DnsProvider, MailAddress, Refusal};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path());
        (folder, shelf)
    }

    fn with_token(token: &str) -> Settings {
        let dns = DnsProvider::Gandi { token: Secret::new(token) };
        let contact = MailAddress::new("a@office.fr").unwrap();
        let directory = "https://acme.test/".to_owned();
        let certificate = Certificate::Acme { directory, contact, dns, authority_pem: None };
        Settings { certificate, ..Settings::default() }
    }

    fn fault(wait: Option<Pause>) -> Fault {
        Fault { refusal: Refusal::new("refusé", "Attendez"), detail: "429".to_owned(), wait }
    }

    #[test]
    fn what_was_given_is_kept_for_its_name_and_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, shelf) = shelf();
        assert!(shelf.identity("visio.office.fr", NOW).is_none());
        shelf.note(&with_token("a"), &fault(None), NOW).unwrap();
        let (chain_pem, _, key_pem) = given("visio.office.fr", NOW + Duration::days(60));
        shelf.keep(Obtained { chain_pem: chain_pem.clone(), key_pem }).unwrap();
        let (identity, lasts) = shelf.identity("visio.office.fr", NOW).unwrap();
        assert_eq!((identity.certificate_pem, lasts.until), (chain_pem, NOW + Duration::days(60)));
        assert!(shelf.identity("salle.office.fr", NOW).is_none(), "another name needs another one");
        assert!(shelf.identity("visio.office.fr", NOW + Duration::days(61)).is_none(), "its time is up");
        assert_eq!(shelf.trouble(&with_token("a")), None, "the former failures are over");
        let mode = fs::metadata(shelf.certificate()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn failures_are_remembered_and_lead_to_longer_and_longer_pauses() {
        let (_folder, shelf) = shelf();
        let mut pauses = Vec::new();
        for _ in 0..9 {
            shelf.note(&with_token("a"), &fault(None), NOW).unwrap();
            pauses.push((shelf.trouble(&with_token("a")).unwrap().next - NOW).whole_minutes());
        }
        assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        assert_eq!(shelf.trouble(&with_token("b")), None, "who has mended the settings does not wait");
        shelf.note(&with_token("b"), &fault(None), NOW).unwrap();
        let paused = || shelf.trouble(&with_token("b")).unwrap().next - NOW;
        assert_eq!(paused(), FIRST_PAUSE, "and begins anew");
        shelf.note(&with_token("b"), &fault(Some(Pause::from_secs(7 * 3600))), NOW).unwrap();
        assert_eq!(paused(), Duration::hours(7), "as long as the authority says");
    }

    #[test]
    fn it_is_renewed_at_two_thirds_of_its_life() {
        let lasts = Lasts { from: NOW, until: NOW + Duration::days(90) };
        assert_eq!(renewed_from(lasts), NOW + Duration::days(60));
    }
}
