//! What the store promises about the box's settings, on real files.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::Path;
use tabellion_domain::{
    AuditEvent, UserId,
    settings::{Author, HostLabel, Names, OfficeSettings, Secret, Settings},
};
use tabellion_store::{Office, SettingsFate, Store, StoreError};
use time::{Duration, OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);
const CLAIRE: Author = Author::User { user: UserId(1) };

fn after(seconds: i64) -> OffsetDateTime {
    NINE + Duration::seconds(seconds)
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("tabellion.db")).unwrap()
}

/// Settings that are told apart by the box's name.
fn called(name: &str) -> Settings {
    let office =
        OfficeSettings { name: "Office".into(), crpcen: "01234".into(), ..OfficeSettings::default() };
    let names = Names { host: HostLabel::new(name).unwrap(), public: None };
    Settings { office, names, ..Settings::default() }
}

async fn name(store: &Store, now: OffsetDateTime) -> String {
    store.current_settings(now).await.unwrap().map_or_else(String::new, |settings| settings.names.host.into())
}

async fn journal(store: &Store) -> Vec<AuditEvent> {
    let lines = store.audit_journal().await.unwrap();
    lines.iter().map(|line| serde_json::from_str(&line.event).unwrap()).collect()
}

#[tokio::test]
async fn a_box_has_no_settings_until_it_is_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert_eq!((store.current_settings(NINE).await.unwrap(), store.office().await.unwrap()), (None, None));
    store.adopt_settings(called("first"), Author::UsbStick, NINE).await.unwrap();
    drop(store);
    let store = open(folder.path());
    let state = store.settings_state(NINE).await.unwrap();
    let in_force = state.in_force.unwrap();
    assert_eq!((in_force.settings, in_force.by, in_force.at), (called("first"), Author::UsbStick, NINE));
    assert_eq!(store.office().await.unwrap().unwrap().crpcen, "01234");
}

#[tokio::test]
async fn a_change_that_is_confirmed_in_time_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let change = store.propose_settings(called("second"), CLAIRE, NINE).await.unwrap();
    assert_eq!(name(&store, after(30)).await, "second", "it is tried out");
    assert_eq!(store.office().await.unwrap().unwrap().name, "Office");
    let fate = store.confirm_settings(change, CLAIRE, after(59)).await.unwrap();
    assert_eq!(fate, Some(SettingsFate::InForce));
    assert_eq!(name(&store, after(3600)).await, "second");
    let late = store.undo_settings(change, CLAIRE, after(3600)).await.unwrap();
    assert_eq!(late, Some(SettingsFate::InForce), "what was confirmed is not undone");
    assert_eq!(store.confirm_settings(99, CLAIRE, after(3600)).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_that_nobody_confirms_is_undone_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let change = store.propose_settings(called("second"), CLAIRE, NINE).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(name(&store, after(59)).await, "second", "a restart within the time keeps trying");
    assert_eq!(name(&store, after(60)).await, "first");
    let fate = store.confirm_settings(change, CLAIRE, after(61)).await.unwrap();
    assert_eq!(fate, Some(SettingsFate::Undone), "too late");
    assert_eq!(
        journal(&store).await.last(),
        Some(&AuditEvent::SettingsUndone { change, by: Author::Deadline })
    );
    let state = store.settings_state(NINE).await.unwrap();
    assert!(state.pending.is_none(), "a clock that is set back does not bring it back");
}

#[tokio::test]
async fn a_clock_set_back_does_not_keep_a_change_for_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    store.propose_settings(called("second"), CLAIRE, NINE).await.unwrap();
    assert_eq!(name(&store, NINE - Duration::days(400)).await, "first");
}

#[tokio::test]
async fn one_change_at_a_time_is_tried_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let second = store.propose_settings(called("second"), CLAIRE, NINE).await.unwrap();
    let refused = store.propose_settings(called("third"), CLAIRE, after(10)).await;
    assert!(
        matches!(refused, Err(StoreError::SettingsPending { change }) if change == second),
        "{refused:?}"
    );
    assert_eq!(store.undo_settings(second, CLAIRE, after(20)).await.unwrap(), Some(SettingsFate::Undone));
    assert_eq!(name(&store, after(20)).await, "first");
    let third = store.propose_settings(called("third"), CLAIRE, after(20)).await.unwrap();
    // Not confirmed in time: whoever proposes next undoes it.
    store.propose_settings(called("fourth"), CLAIRE, after(80)).await.unwrap();
    let fates: Vec<_> = store.settings_changes(10, after(80)).await.unwrap();
    let fates: Vec<_> =
        fates.iter().map(|change| (change.settings.names.host.as_str(), change.fate)).collect();
    let undone = Some(SettingsFate::Undone);
    let first = ("first", Some(SettingsFate::InForce));
    assert_eq!(fates, [("fourth", None), ("third", undone), ("second", undone), first]);
    assert_eq!(third, 3);
}

#[tokio::test]
async fn settings_adopted_at_once_end_what_was_tried_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tried = store.propose_settings(called("tried"), CLAIRE, NINE).await.unwrap();
    store.adopt_settings(called("stick"), Author::UsbStick, after(5)).await.unwrap();
    assert_eq!(name(&store, after(6)).await, "stick");
    let fate = store.confirm_settings(tried, CLAIRE, after(6)).await.unwrap();
    assert_eq!(fate, Some(SettingsFate::Undone));
}

#[tokio::test]
async fn the_journal_says_who_changed_which_part_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let change = store.adopt_settings(called("first"), Author::EspCredential, NINE).await.unwrap();
    let secret = Secret::new("s3cret");
    let mut second = called("second");
    second.certificate =
        tabellion_domain::settings::Certificate::Uploaded { chain_pem: String::new(), key_pem: secret };
    let second = store.propose_settings(second, CLAIRE, NINE).await.unwrap();
    store.confirm_settings(second, CLAIRE, NINE).await.unwrap();
    let parts = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (credential, names) = (Author::EspCredential, parts(&["names", "certificate"]));
    assert_eq!(
        journal(&store).await,
        [
            AuditEvent::SettingsProposed { change, by: credential, parts: parts(&["office", "names"]) },
            AuditEvent::SettingsConfirmed { change, by: credential },
            AuditEvent::SettingsProposed { change: second, by: CLAIRE, parts: names },
            AuditEvent::SettingsConfirmed { change: second, by: CLAIRE },
        ]
    );
    let lines: String = store.audit_journal().await.unwrap().into_iter().map(|line| line.event).collect();
    assert!(!lines.contains("s3cret") && !lines.contains("first"), "{lines}");
}

#[tokio::test]
async fn no_change_can_be_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    for sql in [
        "UPDATE settings_changes SET at = 0",
        "DELETE FROM settings_changes",
        "DELETE FROM settings_decisions",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
}

#[tokio::test]
async fn settings_of_a_newer_release_are_not_guessed_at() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    raw.execute_batch(
        "INSERT INTO settings_changes (document, at, author) VALUES ('{\"version\":9}', 0, '{\"author\":\"setup_page\"}');
         INSERT INTO settings_decisions (change, state, at, author) VALUES (1, 'in_force', 0, '{\"author\":\"setup_page\"}')",
    )
    .unwrap();
    let error = store.current_settings(NINE).await.unwrap_err();
    assert!(error.to_string().contains("version 9"), "{error}");
}

fn demonstration() -> Office {
    Office {
        name: "Office Notarial de la Place".into(),
        domain: "visio.tabellion.test".into(),
        crpcen: "09901".into(),
        number_prefix: "1099".into(),
        support_name: "Support".into(),
        support_phone: "04 00 00 00 00".into(),
        support_email: "support@tabellion.test".into(),
        support_hours: String::new(),
        brand: tabellion_domain::settings::Brand::default(),
    }
}

#[tokio::test]
async fn the_office_is_a_part_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("box"), Author::SetupPage, NINE).await.unwrap();
    store.set_office(demonstration(), NINE).await.unwrap();
    assert_eq!(store.office().await.unwrap(), Some(demonstration()));
    let settings = store.current_settings(NINE).await.unwrap().unwrap();
    assert_eq!((settings.office.crpcen.as_str(), settings.names.host.as_str()), ("09901", "box"));
}

#[tokio::test]
async fn the_office_of_the_first_release_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tabellion.db");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(include_str!("../src/migrations/0001-first.sql")).unwrap();
    let office = demonstration();
    for (name, value) in [
        ("office.name", &office.name),
        ("office.domain", &office.domain),
        ("office.crpcen", &office.crpcen),
        ("office.number_prefix", &office.number_prefix),
        ("support.name", &office.support_name),
        ("support.phone", &office.support_phone),
        ("support.email", &office.support_email),
    ] {
        raw.execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", [name, value]).unwrap();
    }
    raw.pragma_update(None, "user_version", 1).unwrap();
    drop(raw);
    let store = open(folder.path());
    assert_eq!(store.office().await.unwrap(), Some(office));
    assert_eq!(store.settings_state(NINE).await.unwrap().in_force.unwrap().by, Author::Upgrade);
}

fn with_administrator() -> Settings {
    let administrator = "{\"first_name\":\"Claire\",\"last_name\":\"Moreau\",\"login\":\"claire.moreau\",\
        \"email\":\"claire@office.fr\",\"mobile\":\"+33612345678\",\"password_hash\":\"$argon2id$\"}";
    let json = called("first")
        .to_json()
        .replace("\"administrator\":null", &format!("\"administrator\":{administrator}"));
    Settings::from_json(&json).unwrap()
}

#[tokio::test]
async fn first_settings_bring_their_administrator_when_they_are_confirmed_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let claire = async || store.user_by_login("claire.moreau".to_owned()).await.unwrap();
    let propose =
        async |at| store.propose_settings(with_administrator(), Author::SetupPage, at).await.unwrap();
    let late = propose(NINE).await;
    let fate = store.confirm_set_up(late, Author::SetupPage, after(60)).await.unwrap();
    assert_eq!((fate, claire().await), (Some(SettingsFate::Undone), None));
    assert!(store.settings_state(after(60)).await.unwrap().in_force.is_none());
    let change = propose(after(70)).await;
    assert_eq!(claire().await, None);
    let fate = store.confirm_set_up(change, Author::SetupPage, after(90)).await.unwrap();
    assert_eq!(fate, Some(SettingsFate::InForce));
    assert!(claire().await.unwrap().rights.administrator);
    assert_eq!(store.confirm_set_up(99, Author::SetupPage, after(90)).await.unwrap(), None);
}

#[tokio::test]
async fn of_two_who_have_looked_at_the_same_settings_the_second_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let second = store.replace_settings(first, called("second"), CLAIRE, after(1), None).await.unwrap();
    let refused = store.replace_settings(first, called("third"), CLAIRE, after(2), None).await;
    assert!(matches!(refused, Err(StoreError::SettingsMoved { in_force, .. }) if in_force == second));
    assert_eq!(name(&store, after(3)).await, "second");
    store.replace_settings(second, called("third"), CLAIRE, after(4), None).await.unwrap();
    assert_eq!(name(&store, after(5)).await, "third");
}

#[tokio::test]
async fn a_change_that_waits_keeps_what_confirms_it_and_leaves_the_base_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let change = store.replace_settings(first, called("second"), CLAIRE, NINE, Some([7; 32])).await.unwrap();
    let at_once = store.replace_settings(first, called("third"), CLAIRE, after(1), None).await;
    assert!(matches!(at_once, Err(StoreError::SettingsPending { .. })), "also one that cuts nobody off");
    let found = store.settings_change(change, after(2)).await.unwrap().unwrap();
    assert_eq!((found.confirmation, found.fate), (Some([7; 32]), None));
    let found = store.settings_change(change, after(61)).await.unwrap().unwrap();
    assert_eq!(found.fate, Some(SettingsFate::Undone));
    store.replace_settings(first, called("fourth"), CLAIRE, after(62), None).await.unwrap();
    assert_eq!(store.settings_change(99, after(63)).await.unwrap(), None);
}

#[tokio::test]
async fn a_copy_is_whole_while_others_write_and_one_of_a_later_release_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.adopt_settings(called("first"), Author::SetupPage, NINE).await.unwrap();
    let copy = folder.path().join("copy.db");
    let schema = tabellion_store::snapshot(&folder.path().join("tabellion.db"), &copy).unwrap();
    store.adopt_settings(called("second"), Author::SetupPage, NINE).await.unwrap();
    let found = tabellion_store::inspect(&copy).unwrap();
    assert_eq!((found.schema, found.settings.unwrap().names.host.as_str()), (schema, "first"));

    let mut bytes = std::fs::read(&copy).unwrap();
    // `PRAGMA user_version` (sqlite.org/fileformat2.html §1.3.18).
    bytes[60..64].copy_from_slice(&9_999_u32.to_be_bytes());
    std::fs::write(&copy, &bytes).unwrap();
    let newer = tabellion_store::inspect(&copy);
    assert!(matches!(newer, Err(StoreError::Newer { found: 9_999, .. })), "{newer:?}");
    std::fs::write(&copy, "no database at all, and long enough to be read as the header of one").unwrap();
    assert!(tabellion_store::inspect(&copy).is_err());
}
