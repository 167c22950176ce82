//! The organizer and the guest in a real box.

mod common;

use common::{LOGIN, TOTP_SECRET, TestBox, exits};
use std::io::{BufRead, BufReader};

#[test]
fn organizer_and_guest_see_and_hear_each_other_and_leave_nothing_behind() {
    let test = TestBox::start();
    let output = test.selftest(&LOGIN).args(["--totp-secret", TOTP_SECRET]).output().unwrap();
    let printed = exits(&output, 0);
    assert!(printed.contains("PASSED") && printed.contains("no --device was given"), "{printed}");
    let report = test.read_report();
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["verdict"] == "pass").count(), 6, "{report:#}");
    assert!(report["participants"].as_array().unwrap().iter().all(|one| one["first_picture_ms"].is_u64()));
    assert_eq!(test.meetings(), ["Vente DUPONT"]);
}

#[test]
fn what_is_wrong_with_a_login_is_told() {
    let test = TestBox::start();
    let wrong = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let output = test.selftest(&LOGIN).args(["--totp-secret", wrong]).output().unwrap();
    let printed = exits(&output, 1);
    assert!(printed.contains("the box refused the one-time code"), "{printed}");
    assert!(printed.contains("check --totp-secret"), "{printed}");
    assert_eq!(test.read_report()["passed"], false);

    let seats = ["--organizer-seat", "AAAAAAAAAAAAAAAAAAAAAA", "--guest-seat", "AAAAAAAAAAAAAAAAAAAAAA"];
    let printed = exits(&test.selftest(&seats).output().unwrap(), 1);
    assert!(printed.contains("the box does not know this seat"), "{printed}");
}

#[test]
fn a_switchboard_that_dies_in_the_middle_is_named() {
    let test = TestBox::start();
    let mut command = test.selftest(&LOGIN);
    command.args(["--totp-secret", TOTP_SECRET]).env("TABELLION_LOG", "tabellion_selftest=info");
    let mut run = command.spawn().unwrap();
    let mut log = BufReader::new(run.stderr.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("a participant has joined") {
        assert!(log.read_line(&mut seen).unwrap() > 0, "it ended: {seen}");
    }
    test.kill("media");
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    let printed = exits(&run.wait_with_output().unwrap(), 1);
    assert!(printed.contains("fault of the box's switchboard"), "{printed}");
    assert_eq!(test.meetings(), ["Vente DUPONT"], "deleted even so");
}

#[test]
fn wrong_usage_is_told_from_a_failed_test() {
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tabellion-selftest"));
        command.args(arguments).output().unwrap()
    };
    exits(&run(&["--url", "http://box"]), 2);
    exits(
        &run(&["--url", "https://box", "--organizer-seat", "a", "--guest-seat", "b", "--participants", "3"]),
        2,
    );
}
