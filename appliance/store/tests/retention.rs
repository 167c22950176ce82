//! What goes by its age, and what is kept of one person, on real files.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use serde_json::{Value, json};
use tabellion_domain::{
    AuditEvent, CallDirection, CallMedia, CallOutcome, CallRecord, Civility, UserId,
    settings::{Cutoffs, Retention},
};
use tabellion_store::{NewUser, OutboxKind, Purged, Store};
use time::{Duration, OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

struct Office {
    store: Store,
    claire: UserId,
    folder: tempfile::TempDir,
}

async fn office() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
    let claire = NewUser {
        login: "claire.moreau".to_owned(),
        civility: Civility::Maitre,
        first_name: "Claire".into(),
        last_name: "Moreau".into(),
        email: "claire@office.test".into(),
        mobile: Some("+33612345678".into()),
        administrator: true,
        password_hash: "a-secret-hash".into(),
        totp_secret: Some("a-totp-secret".into()),
    };
    let claire = store.create_user(claire, NINE - Duration::days(2_000)).await.unwrap();
    Office { store, claire, folder }
}

impl Office {
    async fn call(&self, name: &str, days_ago: i64) {
        let at = NINE - Duration::days(days_ago);
        let call = CallRecord {
            user: self.claire,
            direction: CallDirection::Received,
            number: "1099345678".to_owned(),
            name: name.to_owned(),
            media: CallMedia::Video,
            outcome: CallOutcome::Answered,
            began_at: at,
            answered_at: Some(at),
            ended_at: at,
        };
        self.store.record_call(call).await.unwrap();
    }

    async fn logged_in(&self, days_ago: i64) {
        let event = AuditEvent::LoggedIn { user: self.claire };
        self.store.append_audit(event, NINE - Duration::days(days_ago)).await.unwrap();
    }

    fn count(&self, what: &str) -> i64 {
        let raw = rusqlite::Connection::open(self.folder.path().join("tabellion.db")).unwrap();
        raw.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| row.get(0)).unwrap()
    }
}

fn usual() -> Cutoffs {
    Retention::default().cutoffs(NINE)
}

#[tokio::test]
async fn what_is_older_than_its_period_goes_and_nothing_else() {
    let office = office().await;
    let store = &office.store;
    office.call("Bob", 366).await;
    office.call("Bob", 364).await;
    for (days_ago, sent) in [(91, true), (89, true), (2_000, false)] {
        let at = NINE - Duration::days(days_ago);
        store.enqueue(OutboxKind::Mail, json!({ "to": "x" }), at).await.unwrap();
        let due = store.outbox_due(OutboxKind::Mail, NINE).await.unwrap();
        if sent {
            store.outbox_sent(due.last().unwrap().id, at).await.unwrap();
        }
    }
    let purged = store.purge(usual(), NINE).await.unwrap();
    assert_eq!(purged, Purged { calls: 1, messages: 1, ..Purged::default() });
    assert_eq!(
        (office.count("calls"), office.count("outbox")),
        (1, 2),
        "what waits to be sent is kept, however old"
    );
    assert_eq!(store.last_purge().await.unwrap(), Some((NINE, purged)));
    assert_eq!(store.verify_audit().await.unwrap(), Ok(()));
    assert!(store.purge(usual(), NINE).await.unwrap().is_nothing(), "there is nothing left to do");
}

#[tokio::test]
async fn a_shortened_journal_is_whole_and_says_so_and_gives_no_line_back() {
    let office = office().await;
    for days_ago in [1_200, 1_100, 1_090, 3_000, 10] {
        office.logged_in(days_ago).await;
    }
    // The one of 3000 days ago stands behind a younger one.
    assert_eq!(office.store.purge(usual(), NINE).await.unwrap().journal, 2);
    let lines = office.store.audit_journal().await.unwrap();
    assert_eq!(lines.first().unwrap().number, 3);
    assert!(lines.last().unwrap().event.contains("\"up_to\":2"), "{lines:?}");
    assert_eq!(office.store.verify_audit().await.unwrap(), Ok(()));
    office.logged_in(0).await;
    assert_eq!(office.store.verify_audit().await.unwrap(), Ok(()), "what is appended continues the chain");

    let raw = rusqlite::Connection::open(office.folder.path().join("tabellion.db")).unwrap();
    assert!(raw.execute("DELETE FROM audit_journal WHERE number = 3", []).is_err());
    assert!(raw.execute("UPDATE audit_checkpoint SET number = 1", []).is_err());
    // Whoever has more lines deleted than the journal tells of is found.
    raw.execute("UPDATE audit_checkpoint SET number = 3, hash = ?1", [lines[0].hash]).unwrap();
    raw.execute("DELETE FROM audit_journal WHERE number = 3", []).unwrap();
    assert_eq!(office.store.verify_audit().await.unwrap().unwrap_err().number, 4);
}

#[tokio::test]
async fn a_journal_whose_lines_are_all_old_goes_on_counting() {
    let office = office().await;
    office.logged_in(2_000).await;
    let far = NINE + Duration::days(5_000);
    let purged = office.store.purge(Retention::default().cutoffs(far), far).await.unwrap();
    assert_eq!(purged.journal, 1);
    let lines = office.store.audit_journal().await.unwrap();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2]);
    assert_eq!(office.store.verify_audit().await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_person_gets_what_is_kept_of_it_and_no_secret() {
    let office = office().await;
    office.call("Émile Zola", 1).await;
    office.call("Bob Martin", 1).await;
    office.logged_in(1).await;
    let export = |person: &str| office.store.export_person(person.to_owned(), office.claire, NINE);
    for person in ["CLAIRE.MOREAU", "Claire@Office.test", "claire moreau", "Moreau Claire", "+33612345678"] {
        let data = export(person).await.unwrap();
        assert_eq!(data.accounts, [office.claire], "{person}");
        let parts: Vec<_> = data.records.iter().map(|record| record.part).collect();
        assert_eq!(parts, ["comptes", "appels", "journal d’audit"], "{person}");
        let text = format!("{:?}", data.records);
        assert!(!text.contains("a-secret-hash") && !text.contains("a-totp-secret"), "{text}");
        assert_eq!(data.records[0].rows[0]["créé_le"], "2021-06-02T09:00:00Z");
        assert_eq!(data.records[1].rows.len(), 2);
    }
    let data = export("emile zola").await.unwrap();
    assert!(data.accounts.is_empty());
    assert_eq!(data.records.len(), 1);
    assert_eq!(data.records[0].rows[0]["nom"], Value::from("Émile Zola"));
    let lines = office.store.audit_journal().await.unwrap();
    let told = lines.iter().filter(|line| line.event.contains("person_exported")).count();
    assert_eq!(told, 6, "each export is in the journal");
    assert!(export("personne").await.unwrap().records.is_empty());
    assert_eq!(office.store.audit_journal().await.unwrap().len(), lines.len(), "and nothing is not");
    assert!(export("' OR 1=1 --").await.unwrap().records.is_empty());
}
