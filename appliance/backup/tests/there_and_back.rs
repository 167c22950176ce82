//! A backup of one box, restored on another, on real files.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{
    fs::{self, File},
    path::Path,
};
use tabellion_backup::{
    BackupKey, DATABASE, Incoming, Lock, Manifest, Placed, Refusal, Snapshot, put_in_place, tidy,
};
use tabellion_domain::{
    AuditEvent, Civility, Session, SessionStage,
    settings::{Author, Network, OfficeSettings, RoomNetwork, Settings},
    testing::FakeEntropy,
};
use tabellion_store::{NewUser, OutboxKind, RestoredNetwork, Store};
use time::{OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);
const TEN: OffsetDateTime = datetime!(2026-11-23 10:00 UTC);

fn network(vlan: u16) -> Network {
    let addressing = tabellion_domain::settings::Addressing::Dhcp;
    Network { room_systems: Some(RoomNetwork { vlan, addressing }), ..Network::default() }
}

fn settings(office: &str, vlan: u16) -> Settings {
    let office = OfficeSettings { name: office.to_owned(), ..OfficeSettings::default() };
    Settings { office, network: network(vlan), ..Settings::default() }
}

/// A box in use, with a user called `login` who is logged in, and a mail that waits.
struct Office {
    state: tempfile::TempDir,
    store: Store,
}

impl Office {
    async fn with(login: &str, office: &str, vlan: u16) -> Self {
        let state = tempfile::tempdir().unwrap();
        let store = Store::open(&state.path().join(DATABASE)).unwrap();
        store.adopt_settings(settings(office, vlan), Author::SetupPage, NINE).await.unwrap();
        let user = NewUser {
            login: login.to_owned(),
            civility: Civility::Maitre,
            first_name: "Claire".to_owned(),
            last_name: "Moreau".to_owned(),
            email: "claire@office.test".to_owned(),
            mobile: None,
            administrator: true,
            password_hash: "-".to_owned(),
            totp_secret: None,
        };
        let user = store.create_user(user, NINE).await.unwrap();
        let session = Session { user, stage: SessionStage::Full, created_at: NINE, last_seen_at: NINE };
        store.create_session([7; 32], session, None).await.unwrap();
        fs::write(state.path().join("ca.pem"), format!("{login}'s certificate")).unwrap();
        fs::write(state.path().join("ca.key"), format!("{login}'s key")).unwrap();
        Self { state, store }
    }

    fn path(&self) -> &Path {
        self.state.path()
    }

    fn backup(&self, lock: &Lock) -> Vec<u8> {
        Snapshot::take(self.path(), "Office A", "0.1.0", NINE).unwrap().write(lock, Vec::new()).unwrap()
    }

    /// Sent in pieces of an odd length.
    fn receive(&self, file: &[u8]) -> Incoming {
        let incoming = Incoming::of(self.path());
        let mut received = 0;
        for piece in file.chunks(10_007) {
            received = incoming.append(received, piece).unwrap();
        }
        incoming
    }

    fn check(&self, file: &[u8], key: &BackupKey) -> Result<Manifest, Refusal> {
        self.receive(file).check(key)
    }

    /// Control ends, and starts again.
    fn start_again(self) -> (Self, Placed) {
        let Self { state, store } = self;
        drop(store);
        let placed = put_in_place(state.path()).unwrap();
        let store = Store::open(&state.path().join(DATABASE)).unwrap();
        (Self { state, store }, placed)
    }

    fn names(&self) -> Vec<String> {
        let listed = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<_> =
            listed.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
        names.sort();
        names
    }
}

fn keys() -> (BackupKey, BackupKey) {
    let entropy = FakeEntropy::default();
    (BackupKey::draw(&entropy), BackupKey::draw(&entropy))
}

#[tokio::test]
async fn the_data_of_one_box_are_another_ones_after_its_next_start() {
    let (key, _) = keys();
    for lock in [Lock::Key(key.clone()), Lock::Recipient(key.recipient())] {
        let a = Office::with("claire", "Office A", 10).await;
        let b = Office::with("bruno", "Office B", 20).await;
        let file = a.backup(&lock);
        for secret in ["claire", "Office A", "certificate"] {
            assert!(!file.windows(secret.len()).any(|text| text == secret.as_bytes()), "{secret}");
        }
        let incoming = b.receive(&file);
        let manifest = incoming.check(&key).unwrap();
        assert_eq!((manifest.office.as_str(), manifest.version.as_str()), ("Office A", "0.1.0"));
        assert_eq!(manifest.made_at, "2026-11-23T09:00:00Z");
        incoming.commit(RestoredNetwork::Kept(network(20)), TEN).unwrap();
        assert!(matches!(incoming.commit(RestoredNetwork::Taken, TEN), Err(Refusal::Pending)));
        assert!(b.store.user_by_login("bruno".to_owned()).await.unwrap().is_some(), "until the next start");

        let (b, placed) = b.start_again();
        assert_eq!(placed, Placed::Restored);
        assert!(b.store.user_by_login("claire".to_owned()).await.unwrap().is_some());
        assert!(b.store.user_by_login("bruno".to_owned()).await.unwrap().is_none());
        assert!(b.store.session([7; 32]).await.unwrap().is_none(), "everybody is logged out");
        assert_eq!(fs::read_to_string(b.path().join("ca.key")).unwrap(), "claire's key");
        let now = b.store.current_settings(TEN).await.unwrap().unwrap();
        assert_eq!((now.office.name.as_str(), now.network), ("Office A", network(20)));
        assert!(b.store.verify_audit().await.unwrap().is_ok(), "the journal goes on, unbroken");
        let journal = b.store.audit_journal().await.unwrap();
        let last: AuditEvent = serde_json::from_str(&journal.last().unwrap().event).unwrap();
        let (made_at, version) = ("2026-11-23T09:00:00Z".to_owned(), "0.1.0".to_owned());
        assert_eq!(last, AuditEvent::Restored { made_at, version, network_kept: true });
        assert_eq!(b.names(), ["ca.key", "ca.pem", "former", "set-up", DATABASE]);
    }
}

#[tokio::test]
async fn a_box_that_takes_the_place_of_another_takes_its_network_and_sends_nothing_twice() {
    let (key, _) = keys();
    let a = Office::with("claire", "Office A", 10).await;
    a.store.enqueue(OutboxKind::Mail, serde_json::json!({ "to": "x" }), NINE).await.unwrap();
    let b = Office::with("bruno", "Office B", 20).await;
    let incoming = b.receive(&a.backup(&Lock::Key(key.clone())));
    incoming.check(&key).unwrap();
    incoming.commit(RestoredNetwork::Taken, TEN).unwrap();
    let (b, _) = b.start_again();
    assert_eq!(b.store.current_settings(TEN).await.unwrap().unwrap().network, network(10));
    assert!(b.store.outbox_due(OutboxKind::Mail, TEN).await.unwrap().is_empty());
}

/// Where nobody finds it under the other one's, a box that is somewhere else is not lost.
#[tokio::test]
async fn a_network_that_is_only_tried_is_the_boxs_own_again_unless_it_is_confirmed() {
    let (key, _) = keys();
    let a = Office::with("claire", "Office A", 10).await;
    for (own, waits) in [(20, true), (10, false)] {
        let b = Office::with("bruno", "Office B", own).await;
        let incoming = b.receive(&a.backup(&Lock::Key(key.clone())));
        incoming.check(&key).unwrap();
        let tried = RestoredNetwork::Tried { own: network(own), confirmation: [9; 32] };
        let restored = incoming.commit(tried, TEN).unwrap();
        assert_eq!((restored.change.is_some(), restored.settings.unwrap().network), (waits, network(10)));
        let (b, _) = b.start_again();
        assert_eq!(b.store.current_settings(TEN).await.unwrap().unwrap().network, network(10));
        let later = b.store.current_settings(TEN + time::Duration::MINUTE).await.unwrap().unwrap();
        assert_eq!((later.office.name.as_str(), later.network), ("Office A", network(own)));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_and_nothing_of_the_box_changes() {
    let (key, other) = keys();
    let a = Office::with("claire", "Office A", 10).await;
    let file = a.backup(&Lock::Key(key.clone()));
    let b = Office::with("bruno", "Office B", 20).await;
    let before = b.names();

    assert!(matches!(b.check(&file, &other), Err(Refusal::WrongKey)));
    let scheduled = a.backup(&Lock::Recipient(key.recipient()));
    assert!(matches!(b.check(&scheduled, &other), Err(Refusal::WrongKey)));
    assert!(matches!(b.check(b"%PDF-1.7 a report", &key), Err(Refusal::NotABackup)));
    assert!(matches!(b.check(b"", &key), Err(Refusal::NotABackup | Refusal::NotChecked)));
    // At the end, too, where nothing of the archive is left but its padding.
    for cut in [200, file.len() / 2, file.len() - 1] {
        let found = b.check(&file[..cut], &key);
        assert!(matches!(found, Err(Refusal::Damaged | Refusal::NotABackup)), "{cut}: {found:?}");
    }
    for altered in [400, file.len() / 2, file.len() - 20] {
        let mut file = file.clone();
        file[altered] ^= 1;
        assert!(matches!(b.check(&file, &key), Err(Refusal::Damaged)), "{altered}");
    }
    let incoming = Incoming::of(b.path());
    assert!(matches!(incoming.commit(RestoredNetwork::Taken, TEN), Err(Refusal::NotChecked)));
    tidy(b.path()).unwrap();
    assert_eq!(b.names(), before);
    let (b, placed) = b.start_again();
    assert_eq!(placed, Placed::Nothing);
    assert!(b.store.user_by_login("bruno".to_owned()).await.unwrap().is_some());
}

#[tokio::test]
async fn pieces_come_in_order_or_are_refused_with_where_to_go_on() {
    let b = Office::with("bruno", "Office B", 20).await;
    let incoming = Incoming::of(b.path());
    assert_eq!(incoming.append(0, b"abc").unwrap(), 3);
    assert!(matches!(incoming.append(5, b"f"), Err(Refusal::OutOfOrder { received: 3 })));
    assert!(matches!(incoming.append(2, b"c"), Err(Refusal::OutOfOrder { received: 3 })));
    assert_eq!(incoming.append(3, b"de").unwrap(), 5);
    assert_eq!(incoming.append(0, b"again").unwrap(), 5);
    incoming.forget().unwrap();
    assert!(incoming.append(5, b"f").is_err());
}

#[tokio::test]
async fn a_box_that_was_never_set_up_has_nothing_to_restore_and_a_file_from_elsewhere_is_as_good() {
    let (key, _) = keys();
    let a = Office::with("claire", "Office A", 10).await;
    let b = Office::with("bruno", "Office B", 20).await;
    let never = tempfile::tempdir().unwrap();
    Store::open(&never.path().join(DATABASE)).unwrap().current_settings(NINE).await.unwrap();
    let file = Snapshot::take(never.path(), "", "0.1.0", NINE).unwrap();
    let file = file.write(&Lock::Key(key.clone()), Vec::new()).unwrap();
    assert!(matches!(b.check(&file, &key), Err(Refusal::NeverSetUp)));
    let from_elsewhere = b.path().join("elsewhere");
    fs::write(&from_elsewhere, a.backup(&Lock::Key(key.clone()))).unwrap();
    let manifest = Incoming::of(b.path()).unpack(File::open(from_elsewhere).unwrap(), &key).unwrap();
    assert_eq!(manifest.office, "Office A");
}
