//! «Journal d'appel» and papers, as they survive.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{path::Path, time::Instant};
use tabellion_domain::{
    AuditEvent, CallDirection, CallMedia, CallOutcome, CallRecord, Civility, UserId,
    attestation::PaperNumber, testing::FakeEntropy,
};
use tabellion_store::{CallFilter, IssuedPaper, NewUser, Store, Topic};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("tabellion.db")).unwrap()
}

async fn user(store: &Store, login: &str) -> UserId {
    let new = NewUser {
        login: login.to_owned(),
        civility: Civility::Maitre,
        first_name: "Claire".to_owned(),
        last_name: "Moreau".to_owned(),
        email: "claire@office.test".to_owned(),
        mobile: None,
        administrator: false,
        password_hash: String::new(),
        totp_secret: None,
    };
    store.create_user(new, NOON).await.unwrap()
}

fn call(
    user: UserId,
    name: &str,
    direction: CallDirection,
    outcome: CallOutcome,
    minutes: i64,
) -> CallRecord {
    let began_at = NOON + Duration::minutes(minutes);
    CallRecord {
        user,
        direction,
        number: format!("1099{minutes:06}"),
        name: name.to_owned(),
        media: CallMedia::Video,
        outcome,
        began_at,
        answered_at: (outcome == CallOutcome::Answered).then_some(began_at + Duration::seconds(5)),
        ended_at: began_at + Duration::seconds(65),
    }
    .checked()
    .unwrap()
}

fn names(page: &tabellion_store::CallPage) -> Vec<&str> {
    page.items.iter().map(|item| item.call.name.as_str()).collect()
}

fn words(text: &str) -> CallFilter {
    CallFilter { words: text.split(' ').map(str::to_owned).collect(), ..CallFilter::default() }
}

#[tokio::test]
async fn a_log_is_its_users_alone_the_last_call_first_and_it_survives() {
    use CallDirection::{Made, Received};
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let (claire, julien) = (user(&store, "claire").await, user(&store, "julien").await);
    let first = call(claire, "LEFÈVRE Zoé", Received, CallOutcome::Missed, 1);
    store.record_call(first.clone()).await.unwrap();
    store.record_call(call(claire, "DUPONT Marie", Made, CallOutcome::Answered, 2)).await.unwrap();
    store.record_call(call(claire, "MARTIN Luc", Received, CallOutcome::Refused, 3)).await.unwrap();
    store.record_call(call(julien, "LEFÈVRE Zoé", Received, CallOutcome::Answered, 4)).await.unwrap();
    drop(store);
    let store = open(folder.path());
    let all = store.calls(claire, CallFilter::default(), 0, 2).await.unwrap();
    assert_eq!((names(&all), all.total), (vec!["MARTIN Luc", "DUPONT Marie"], 3));
    let second = store.calls(claire, CallFilter::default(), 1, 2).await.unwrap();
    assert_eq!(second.items[0].call, first, "as it was recorded");
    let received = CallFilter { direction: Some(Received), ..CallFilter::default() };
    assert_eq!(names(&store.calls(claire, received, 0, 9).await.unwrap()), ["MARTIN Luc", "LEFÈVRE Zoé"]);
    let missed = CallFilter { missed: true, ..CallFilter::default() };
    assert_eq!(names(&store.calls(claire, missed, 0, 9).await.unwrap()), ["LEFÈVRE Zoé"]);
    assert_eq!(names(&store.calls(claire, words("zoe LEF"), 0, 9).await.unwrap()), ["LEFÈVRE Zoé"]);
    assert_eq!(names(&store.calls(claire, words("000002"), 0, 9).await.unwrap()), ["DUPONT Marie"]);
    assert_eq!(store.calls(claire, words("% _"), 0, 9).await.unwrap().total, 0);
    let count = store.calls_received(claire, NOON).await.unwrap();
    assert_eq!((count.received, count.missed), (2, 1));
    let later = store.calls_received(claire, NOON + Duration::minutes(2)).await.unwrap();
    assert_eq!((later.received, later.missed), (1, 0));
    assert_eq!(store.forget_calls(NOON + Duration::minutes(2)).await.unwrap(), 1);
    assert_eq!(store.calls(claire, CallFilter::default(), 0, 9).await.unwrap().total, 2);
}

/// Generous: a machine that builds meanwhile is ten times slower. Without the index, a page sorts all of them.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is looked at")]
async fn a_hundred_thousand_calls_are_paged_and_searched_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let claire = user(&store, "claire").await;
    let many = (0..100_000).map(|minute| {
        let name = if minute == 7 { "LEFÈVRE Zoé".to_owned() } else { format!("DUPONT {minute}") };
        call(claire, &name, CallDirection::Received, CallOutcome::Answered, minute)
    });
    store.record_calls(many.collect()).await.unwrap();
    let began = Instant::now();
    let page = store.calls(claire, CallFilter::default(), 4_000, 20).await.unwrap();
    assert_eq!((page.items.len(), page.total), (20, 100_000));
    assert_eq!(names(&store.calls(claire, words("lefevre"), 0, 20).await.unwrap()), ["LEFÈVRE Zoé"]);
    let count = store.calls_received(claire, NOON).await.unwrap();
    assert_eq!(count.received, 100_000);
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    let sql = "EXPLAIN QUERY PLAN SELECT id FROM calls WHERE user = 1 AND instr(search, 'a') > 0 \
               ORDER BY began_at DESC, id DESC LIMIT 20";
    let mut statement = raw.prepare(sql).unwrap();
    let plan: Vec<String> = statement.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    assert_eq!(plan, ["SEARCH calls USING COVERING INDEX calls_of_user (user=?)"]);
}

#[tokio::test]
async fn a_paper_is_kept_with_its_line_in_the_journal_and_no_number_is_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let claire = user(&store, "claire").await;
    let number = PaperNumber::draw(2026, &FakeEntropy::seeded(3));
    let office = ("01234".to_owned(), "Étude du Parc".to_owned());
    let paper = IssuedPaper::attestation(number.clone(), office, claire, NOON, [0xab; 32]);
    store.issue_paper(paper.clone()).await.unwrap();
    let again = store.issue_paper(IssuedPaper { crpcen: "99999".into(), ..paper.clone() }).await.unwrap_err();
    assert!(again.is_conflict(), "{again}");
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.issued_paper(number.clone()).await.unwrap(), Some(paper));
    let other = PaperNumber::draw(2026, &FakeEntropy::seeded(4));
    assert_eq!(store.issued_paper(other).await.unwrap(), None);
    let journal = store.audit_journal().await.unwrap();
    let event: AuditEvent = serde_json::from_str(&journal.last().unwrap().event).unwrap();
    let AuditEvent::PaperIssued { user, number: told, crpcen, sha256, .. } = event else {
        panic!("{event:?}")
    };
    assert_eq!(
        (user, told, crpcen, sha256),
        (claire, number.to_string(), "01234".to_owned(), "ab".repeat(32))
    );
    assert_eq!(journal.len(), 1);
}

#[tokio::test]
async fn what_changed_is_told_once_it_is_there_and_what_failed_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let claire = user(&store, "claire").await;
    let mut topics = store.topics();
    let nobody = call(UserId(99), "DUPONT Marie", CallDirection::Made, CallOutcome::Busy, 1);
    store.record_call(nobody.clone()).await.unwrap_err();
    assert!(topics.try_recv().is_err());
    store.record_call(CallRecord { user: claire, ..nobody }).await.unwrap();
    assert_eq!(topics.try_recv(), Ok(Topic::Calls));
    store.delete_session([0; 32]).await.unwrap();
    assert_eq!(topics.try_recv(), Ok(Topic::Sessions));
    assert_eq!(store.calls(claire, CallFilter::default(), 0, 9).await.unwrap().total, 1);
}
