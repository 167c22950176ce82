//! A real box with demonstration data on ports of its own, and runs of the self-test against it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod rest;

pub use rest::Rest;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

/// Ports of one box: four, and those of room systems from the twentieth on.
const PORTS: u16 = 60;

/// What the demonstration's data say.
pub const LOGIN: [&str; 4] = ["--login", "claire.moreau", "--password", "Tabellion-2026!"];
pub const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
pub const DEVICE: [&str; 4] = ["--device", "salle-1099000001", "--device-password", "Lifesize-2026"];

/// A box that runs until it is dropped.
pub struct TestBox {
    child: Child,
    pub state: tempfile::TempDir,
    url: String,
    sip: String,
    pids: Value,
}

impl TestBox {
    pub fn start() -> Self {
        let selftest = Path::new(env!("CARGO_BIN_EXE_tabellion-selftest"));
        let programs = selftest.parent().unwrap();
        let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../webui/dist");
        for needed in ["tabellion", "tabellion-media", "tabellion-studio"].map(|name| programs.join(name)) {
            assert!(needed.exists(), "{} is missing: make build", needed.display());
        }
        assert!(pages.exists(), "{} is missing: make build", pages.display());
        let state = tempfile::tempdir().unwrap();
        let ports = free_ports();
        let (https, sip, sips, media, rtp) = (ports, ports + 1, ports + 2, ports + 3, ports + 20);
        let mut child = Command::new(programs.join("tabellion"))
            .args(["demo", "--json", "--address", "127.0.0.1"])
            .args(["--state".as_ref(), state.path().as_os_str(), "--pages".as_ref(), pages.as_os_str()])
            .args(["--https-port", &https.to_string(), "--sip-port", &sip.to_string()])
            .args(["--sips-port", &sips.to_string(), "--media-port", &media.to_string()])
            .args(["--rtp-from", &rtp.to_string(), "--rtp-to", &(rtp + 39).to_string()])
            .stdout(Stdio::piped())
            .stderr(File::create(state.path().join("box.log")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        // Read on, so that it never waits for us.
        std::thread::spawn(move || lines.count());
        let log = || std::fs::read_to_string(state.path().join("box.log")).unwrap();
        let ready = ready.unwrap_or_else(|| panic!("the box did not start:\n{}", log()));
        let url = ready["url"].as_str().unwrap().to_owned();
        Self { child, url, sip: format!("127.0.0.1:{sip}"), pids: ready["pids"].clone(), state }
    }

    /// The self-test against this box. What it is told beyond the address is the test's.
    pub fn selftest(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion-selftest"));
        command.args(["--url", &self.url, "--ca"]).arg(self.state.path().join("ca.pem"));
        command.arg("--json").arg(self.report()).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A user who is logged in.
    pub fn log_in(&self) -> Rest {
        Rest::log_in(&self.url, &self.state.path().join("ca.pem"))
    }

    /// Runs the self-test until its log says something; what it prints later is in its output.
    pub fn until_logged(&self, command: &mut Command, words: &str) -> Child {
        let mut run = command.env("TABELLION_LOG", "tabellion_selftest=info").spawn().unwrap();
        let mut log = BufReader::new(run.stderr.take().unwrap());
        let mut seen = String::new();
        while !seen.contains(words) {
            assert!(log.read_line(&mut seen).unwrap() > 0, "it ended: {seen}");
        }
        // Read on, so that it never waits for us.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        run
    }

    /// Where the box's SIP is.
    pub fn sip(&self) -> &str {
        &self.sip
    }

    /// `kill -9` of one of the box's programs; the box starts it again.
    pub fn kill(&self, program: &str) {
        self.signal(program, Signal::SIGKILL);
    }

    /// Sends a signal to one of the box's programs.
    pub fn signal(&self, program: &str, signal: Signal) {
        let pid = i32::try_from(self.pids[program].as_i64().unwrap()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// Where its pages are.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The last run's report.
    pub fn read_report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.report()).unwrap()).unwrap()
    }

    /// Names of the meetings that are left in the box.
    pub fn meetings(&self) -> Vec<String> {
        let data = self.data();
        let mut found = data.prepare("SELECT description FROM permanent_meetings").unwrap();
        found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// Lines of the audit journal about this kind of event.
    pub fn journal_of(&self, event: &str) -> i64 {
        let wanted = "SELECT count(*) FROM audit_journal WHERE event ->> 'event' = ?1";
        self.data().query_row(wanted, [event], |row| row.get(0)).unwrap()
    }

    /// Waits until no seat is left of any meeting.
    pub fn until_no_seats(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let seats = || self.data().query_row("SELECT count(*) FROM seats", [], |row| row.get::<_, i64>(0));
        let none = async {
            while seats().unwrap() > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), none).await });
        waited.expect("no seats within 10 s");
    }

    fn data(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.state.path().join("tabellion.db")).unwrap()
    }

    fn report(&self) -> PathBuf {
        self.state.path().join("report.json")
    }
}

impl Drop for TestBox {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        let _ = kill(pid, Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// Asserts the exit status; shows everything that was printed where it is another one.
pub fn exits(output: &Output, status: i32) -> String {
    let printed = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let printed = printed.join("\n");
    assert_eq!(output.status.code(), Some(status), "{printed}");
    printed
}

/// The first of [`PORTS`] free ports. Below those that the kernel gives to anybody's connections, which may take one
/// between our look and the box's start.
fn free_ports() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        // Test programs that run at the same time begin in different places.
        let block =
            NEXT.fetch_add(1, Ordering::Relaxed) + u16::try_from(std::process::id() % 101).unwrap() * 3;
        let first = 10_000 + block % 300 * PORTS;
        let free = |port: &u16| {
            UdpSocket::bind(("127.0.0.1", *port)).is_ok() && TcpListener::bind(("127.0.0.1", *port)).is_ok()
        };
        if (first..first + PORTS).all(|port| free(&port)) {
            return first;
        }
    }
}
