//! The organizer and the guest in a real box.

mod common;

use common::{LOGIN, TOTP_SECRET, TestBox, exits};

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
    command.args(["--totp-secret", TOTP_SECRET]);
    let run = test.until_logged(&mut command, "a participant has joined");
    test.kill("media");
    let printed = exits(&run.wait_with_output().unwrap(), 1);
    assert!(printed.contains("fault of the box's switchboard"), "{printed}");
    assert_eq!(test.meetings(), ["Vente DUPONT"], "deleted even so");
}

#[test]
fn a_meeting_that_is_switched_off_in_the_middle_is_told() {
    let test = TestBox::start();
    let mut user = test.log_in();
    let (id, organizer, guest) = user.seats();
    let mut command = test.selftest(&["--organizer-seat", &organizer, "--guest-seat", &guest]);
    let run = test.until_logged(&mut command, "a participant has joined sender=1");
    user.switch_off(id);
    let printed = exits(&run.wait_with_output().unwrap(), 1);
    assert!(printed.contains("the meeting was switched off or deleted"), "{printed}");
    assert!(printed.contains("fault of the caller: switch the meeting on"), "{printed}");
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
