//! The firmware's health gate with the self-test, before a real box: all is as on the firmware, but that the service manager
//! is played.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::TestBox;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::{
    fs::{self, Permissions},
    os::{fd::OwnedFd, unix::fs::PermissionsExt, unix::net::UnixListener},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What the gate needs around it.
struct Gate {
    folder: PathBuf,
    command: Command,
}

impl Gate {
    fn before(test: &TestBox, selftest_limit: &str) -> Self {
        let folder = test.state.path().join("gate");
        fs::create_dir(&folder).unwrap();
        start_selftests(&folder.join("selftest.sock"), selftest_limit);
        // No unit has failed.
        fs::write(folder.join("systemctl"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.join("systemctl"), Permissions::from_mode(0o755)).unwrap();
        let settings = json!({ "version": 1, "office": { "name": "Office Notarial de la Place" } });
        fs::write(folder.join("settings.json"), settings.to_string()).unwrap();

        let selftest = Path::new(env!("CARGO_BIN_EXE_tabellion-selftest"));
        let firmware = selftest.with_file_name("tabellion-firmware");
        assert!(firmware.exists(), "{} is missing: make build", firmware.display());
        let mut command = Command::new(firmware);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", folder.display()));
        command.args(["check-health", "--patience", "0", "--selftest-limit", "60", "--address", "127.0.0.1"]);
        command.args(["--https-port", port(test.url()), "--sip-port", port(test.sip())]);
        command.arg("--state").arg(test.state.path());
        command.arg("--door").arg(test.state.path().join("run/rehearsal.sock"));
        for (argument, file) in [
            ("--settings", "settings.json"),
            ("--selftest", "selftest.sock"),
            ("--network", "network.json"),
            ("--report", "report.json"),
        ] {
            command.arg(argument).arg(folder.join(file));
        }
        Self { folder, command }
    }

    /// What it says of each check, and how it ends.
    fn looks(&mut self) -> (Value, Output) {
        let output = self.command.output().unwrap();
        let report = serde_json::from_slice(&fs::read(self.folder.join("report.json")).unwrap()).unwrap();
        (report, output)
    }

    /// The box has no settings.
    fn without_settings(&self) {
        fs::remove_file(self.folder.join("settings.json")).unwrap();
    }
}

/// As tabellion-selftest.socket does: one for each connection, which is its standard input and output.
fn start_selftests(socket: &Path, limit: &str) {
    let (listener, limit) = (UnixListener::bind(socket).unwrap(), limit.to_owned());
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let (input, output): (OwnedFd, OwnedFd) = (stream.try_clone().unwrap().into(), stream.into());
            let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion-selftest"));
            command.args(["--rehearsal", "--timeout", &limit]).stdin(input).stdout(output);
            let mut child = command.spawn().unwrap();
            // The connection's ends that this command holds.
            drop(command);
            child.wait().unwrap();
        }
    });
}

fn port(place: &str) -> &str {
    place.rsplit(':').next().unwrap()
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    report.as_array().unwrap().iter().find(|one| one["check"] == name).unwrap()
}

#[test]
fn the_gate_lets_a_box_pass_that_sees_and_hears_itself_and_leaves_nothing_in_it() {
    let test = TestBox::start();
    let mut gate = Gate::before(&test, "60");
    let (report, output) = gate.looks();
    assert!(output.status.success(), "{report:#}\n{}", String::from_utf8_lossy(&output.stderr));
    let selftest = check(&report, "selftest");
    assert_eq!((&selftest["passed"], &selftest["applicable"]), (&json!(true), &json!(true)));
    let said = selftest["detail"].as_str().unwrap();
    for direction in [
        "organizer sees guest",
        "organizer hears room system",
        "guest sees room system",
        "room system sees organizer",
        "room system hears guest",
        "room system does not hear itself",
        "guest after",
    ] {
        assert!(said.contains(direction), "{direction}: {said}");
    }
    assert_eq!(test.meetings(), ["Vente DUPONT"]);
    // A second look means that the first one found something, which it says.
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(test.journal_of("rehearsed"), 1, "the journal says that it was: {log}");
    assert_eq!(test.journal_of("meeting"), 0, "and not who met");
    test.until_no_seats();
}

#[test]
fn a_box_whose_studio_does_not_work_does_not_pass() {
    let test = TestBox::start();
    let mut gate = Gate::before(&test, "20");
    test.signal("studios", Signal::SIGSTOP);
    let (report, output) = gate.looks();
    test.signal("studios", Signal::SIGCONT);
    assert!(!output.status.success(), "{report:#}");
    let selftest = check(&report, "selftest");
    assert_eq!(selftest["passed"], false, "{report:#}");
    let said = selftest["detail"].as_str().unwrap();
    assert!(said.contains("room system") && said.contains("NOT"), "{said}");
    assert!(!said.contains("NOT organizer sees guest"), "browsers need no studio: {said}");
}

#[test]
fn of_a_box_without_settings_the_gate_says_what_does_not_apply() {
    let test = TestBox::start();
    let mut gate = Gate::before(&test, "20");
    gate.without_settings();
    let (report, output) = gate.looks();
    assert!(output.status.success(), "{report:#}");
    for name in ["sip", "selftest"] {
        let one = check(&report, name);
        assert_eq!(one["applicable"], false, "{one:#}");
        assert!(one["detail"].as_str().unwrap().contains("has no settings yet"), "{one:#}");
    }
    // Its pages are there: the set-up's.
    assert_eq!(check(&report, "web")["applicable"], true);
    assert_eq!(check(&report, "database")["passed"], true);
}
