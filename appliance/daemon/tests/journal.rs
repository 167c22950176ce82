//! `tabellion journal verify`, as whoever audits a box runs it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{
    path::Path,
    process::{Command, Output},
};
use tabellion_domain::{AuditEvent, Clock, UserId, testing::FakeClock};
use tabellion_store::Store;

fn verify(state: &Path, more: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion"));
    command.args(["journal", "verify", "--state"]).arg(state).args(more);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

async fn written(state: &Path, lines: i64) {
    let store = Store::open(&state.join("tabellion.db")).unwrap();
    for user in 1..=lines {
        let event = AuditEvent::LoggedIn { user: UserId(user) };
        store.append_audit(event, FakeClock::default().now()).await.unwrap();
    }
}

/// What somebody with the disk in his hands does.
fn tampered(state: &Path, statement: &str) {
    let unlocked = (1..=2).map(|n| format!("DROP TRIGGER IF EXISTS audit_journal_is_append_only_{n};"));
    let statements = unlocked.collect::<String>() + statement;
    let done = Command::new("sqlite3").arg(state.join("tabellion.db")).arg(statements).status();
    assert!(done.unwrap().success());
}

#[tokio::test]
async fn a_whole_journal_is_said_to_be_whole_and_its_end_is_good_for_a_later_check() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 3).await;
    let (whole, told, _) = verify(folder.path(), &[]);
    let end = told.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(whole && end.starts_with("3:"), "{told}");
    written(folder.path(), 2).await;
    let (whole, told, _) = verify(folder.path(), &["--since", &end]);
    assert!(whole && told.contains(" 5:"), "{told}");
    tampered(folder.path(), "DELETE FROM audit_journal WHERE number > 2");
    let (whole, _, problem) = verify(folder.path(), &["--since", &end]);
    assert!(!whole && problem.contains("cut off"), "{problem}");
}

#[tokio::test]
async fn where_a_journal_was_altered_is_said_and_the_exit_status_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, _, problem) = verify(folder.path(), &[]);
    assert!(!whole && problem.contains("--state"), "{problem}");
    written(folder.path(), 3).await;
    tampered(folder.path(), "UPDATE audit_journal SET event = replace(event, '2', '9') WHERE number = 2");
    let (whole, told, problem) = verify(folder.path(), &[]);
    assert!(!whole && told.is_empty() && problem.contains("altered at line 2"), "{problem}");
}
