//! The self-test: browsers and a room system of the box's own meet in it, over its public interfaces, and see and hear each
//! other. Control opens the meeting; `tabellion-selftest` is a process in a sandbox of its own, which systemd starts for our
//! connection, and which has nothing but what it reads there.

use super::Finding;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

/// How long control may take to open a meeting: it commits two seats.
const OPENING: Duration = Duration::from_secs(30);
/// The longest line or report that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What the self-test reports (`hw-tests/selftest/src/report/json.rs`).
#[derive(Deserialize)]
struct Report {
    passed: bool,
    rows: Vec<Row>,
    participants: Vec<Participant>,
    faults: Vec<Fault>,
}

#[derive(Deserialize)]
struct Row {
    who: String,
    sense: String,
    whom: String,
    verdict: String,
    reason: String,
}

#[derive(Deserialize)]
struct Participant {
    name: String,
    first_picture_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Fault {
    what: String,
    fault_of: String,
}

/// The box sees its own picture and hears its own tone, in each direction, through switchboard and studio.
pub(super) fn passes(door: &Path, selftest: &Path, limit: Duration) -> Result<Finding> {
    // Open until the end: the meeting lasts as long as this connection.
    let (_door, keys) = meeting(door).context("control opens no meeting")?;
    let report = report(selftest, &keys, limit).context("there is no report of the self-test")?;
    judge(&report)
}

fn meeting(door: &Path) -> Result<(UnixStream, String)> {
    let stream = connect(door)?;
    stream.set_read_timeout(Some(OPENING))?;
    let mut keys = String::new();
    BufReader::new(&stream).take(LONGEST).read_line(&mut keys).context("it says nothing")?;
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    if let Ok(Refusal { error }) = serde_json::from_str(&keys) {
        bail!("it refuses: {error}");
    }
    ensure!(keys.ends_with('\n'), "it does not let us in");
    Ok((stream, keys))
}

fn report(selftest: &Path, keys: &str, limit: Duration) -> Result<Report> {
    let mut stream = connect(selftest)?;
    stream.set_read_timeout(Some(limit))?;
    stream.write_all(keys.as_bytes())?;
    let mut text = String::new();
    (&stream).take(LONGEST).read_to_string(&mut text).context("it did not end in time")?;
    ensure!(!text.is_empty(), "it ended without one: the journal of tabellion-selftest@ says why");
    serde_json::from_str(&text).context("it is not understood")
}

fn connect(socket: &Path) -> Result<UnixStream> {
    UnixStream::connect(socket).with_context(|| format!("{} does not answer", socket.display()))
}

fn judge(report: &Report) -> Result<Finding> {
    let row = |row: &Row| match row.sense.as_str() {
        "not_itself" => format!("{} does not hear itself", row.who),
        sense => format!("{} {sense} {}", row.who, row.whom),
    };
    let faults = report.faults.iter().map(|fault| format!("{} (fault of {})", fault.what, fault.fault_of));
    // What was left out has not been shown.
    let failed = report.rows.iter().filter(|row| row.verdict != "pass");
    let wrong: Vec<_> = faults.chain(failed.map(|one| format!("NOT {}: {}", row(one), one.reason))).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    ensure!(report.passed && !report.rows.is_empty(), "nobody has seen or heard anybody");
    let rows: Vec<_> = report.rows.iter().map(row).collect();
    let first = report.participants.iter().filter_map(|one| Some((one, one.first_picture_ms?)));
    let first: Vec<_> = first.map(|(one, ms)| format!("{} after {ms} ms", one.name)).collect();
    Ok(Finding::Passed(format!("{}; first picture: {}", rows.join(", "), first.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::net::UnixListener, path::PathBuf, thread};

    /// Says something to the first who connects, after it has read a line where `hears`.
    fn says(
        folder: &Path,
        name: &str,
        hears: bool,
        text: &'static str,
    ) -> (PathBuf, thread::JoinHandle<String>) {
        let path = folder.join(name);
        let listener = UnixListener::bind(&path).unwrap();
        let talk = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = String::new();
            if hears {
                BufReader::new(&stream).read_line(&mut heard).unwrap();
            }
            stream.write_all(text.as_bytes()).unwrap();
            heard
        });
        (path, talk)
    }

    fn outcome(keys: &'static str, report: &'static str) -> Result<Finding> {
        let folder = tempfile::tempdir().unwrap();
        let (door, opening) = says(folder.path(), "door", false, keys);
        let (tester, testing) = says(folder.path(), "tester", true, report);
        let outcome = passes(&door, &tester, Duration::from_secs(5));
        opening.join().unwrap();
        if outcome.as_ref().is_err_and(|error| error.to_string().contains("no meeting")) {
            UnixStream::connect(&tester).unwrap();
        } else {
            assert_eq!(testing.join().unwrap(), keys, "it is told what opens the meeting");
        }
        outcome
    }

    const KEYS: &str = "{\"number\":\"1\"}\n";
    const PASSED: &str = r#"{"passed":true,"faults":[],"participants":[{"name":"guest","first_picture_ms":90}],"rows":[
        {"who":"guest","sense":"sees","whom":"room system","verdict":"pass","reason":""},
        {"who":"guest","sense":"not_itself","whom":"itself","verdict":"pass","reason":""}]}"#;

    #[test]
    fn each_direction_is_told() {
        let Finding::Passed(detail) = outcome(KEYS, PASSED).unwrap() else { panic!("it applies") };
        let expected = "guest sees room system, guest does not hear itself; first picture: guest after 90 ms";
        assert_eq!(detail, expected);
    }

    #[test]
    fn what_is_not_seen_or_heard_fails_with_its_reason() {
        let failed = r#"{"passed":false,"participants":[],"faults":[{"what":"no answer","fault_of":"the network","advice":"x"}],
            "rows":[{"who":"guest","sense":"hears","whom":"organizer","verdict":"fail","reason":"no sound came"}]}"#;
        let error = outcome(KEYS, failed).unwrap_err().to_string();
        assert_eq!(error, "no answer (fault of the network); NOT guest hears organizer: no sound came");
        let skipped = PASSED.replacen("\"pass\"", "\"skipped\"", 1).leak();
        assert!(outcome(KEYS, skipped).unwrap_err().to_string().contains("NOT guest sees room system"));
        let nothing = r#"{"passed":true,"participants":[],"faults":[],"rows":[]}"#;
        assert!(outcome(KEYS, nothing).unwrap_err().to_string().contains("nobody"));
    }

    #[test]
    fn silence_and_refusals_are_no_success() {
        let said = |keys, report| format!("{:#}", outcome(keys, report).unwrap_err());
        assert!(said("{\"error\":\"another rehearsal runs\"}\n", PASSED).contains("another rehearsal runs"));
        assert!(said("", PASSED).contains("does not let us in"));
        assert!(said(KEYS, "").contains("journal of tabellion-selftest@"));
        assert!(said(KEYS, "{}").contains("not understood"));
        let nowhere = Path::new("/nowhere");
        let error = format!("{:#}", passes(nowhere, nowhere, OPENING).unwrap_err());
        assert!(error.contains("control opens no meeting: /nowhere does not answer"), "{error}");
    }
}
