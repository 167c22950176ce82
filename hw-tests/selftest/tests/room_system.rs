//! A room system in a real box, besides the organizer and the guest: the studio's proof.

mod common;

use common::{DEVICE, LOGIN, TOTP_SECRET, TestBox, exits};

#[test]
fn organizer_guest_and_room_system_see_and_hear_each_other_and_still_do_after_a_stay() {
    let test = TestBox::start();
    let mut command = test.selftest(&LOGIN);
    command.args(["--totp-secret", TOTP_SECRET]).args(DEVICE).args(["--sip", test.sip(), "--stay", "2"]);
    let printed = exits(&command.output().unwrap(), 0);
    assert!(printed.contains("PASSED") && !printed.contains("SKIPPED"), "{printed}");
    let report = test.read_report();
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.iter().filter(|row| row["verdict"] == "pass").count(), 15, "{report:#}");
    assert_eq!(report["participants"].as_array().unwrap().len(), 3);
    assert_eq!(test.meetings(), ["Vente DUPONT"]);
}

#[test]
fn seats_of_the_callers_own_are_used_and_a_code_that_is_wrong_is_told() {
    let test = TestBox::start();
    let mut user = test.log_in();
    let run = |organizer: &str, guest: &str, code: &str, limit: &str| {
        let seats = ["--organizer-seat", organizer, "--guest-seat", guest];
        let mut command = test.selftest(&seats);
        command.args(DEVICE).args(["--sip", test.sip(), "--number", "1099053523", "--code", code]);
        command.args(["--timeout", limit]).output().unwrap()
    };
    let (_, organizer, guest) = user.seats();
    exits(&run(&organizer, &guest, "1234", "60"), 0);

    let (_, organizer, guest) = user.seats();
    let printed = exits(&run(&organizer, &guest, "9999", "12"), 1);
    assert!(printed.contains("the room system to appear in the queue"), "{printed}");
    assert!(printed.contains("is the code right"), "{printed}");
    assert!(printed.contains("the room system did not get into the meeting"), "{printed}");
}

#[test]
fn a_wrong_password_of_the_device_and_a_number_of_nobody_are_told() {
    let test = TestBox::start();
    let mut user = test.log_in();
    let run = |(_, organizer, guest): (i64, String, String), password: &str, number: &str| {
        let seats = ["--organizer-seat", &organizer, "--guest-seat", &guest, "--number", number];
        let mut command = test.selftest(&seats);
        command.args(["--device", DEVICE[1], "--device-password", password, "--sip", test.sip()]);
        exits(&command.output().unwrap(), 1)
    };
    let printed = run(user.seats(), "wrong", "1099053523");
    assert!(printed.contains("check --device and --device-password"), "{printed}");
    let printed = run(user.seats(), DEVICE[3], "1099999999");
    assert!(printed.contains("the number is no active meeting's"), "{printed}");
}
