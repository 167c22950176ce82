//! The process as systemd starts it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, SipPeer, Switchboard, meeting, waiting};
use nix::{
    sys::{
        signal::{Signal, kill},
        socket::{AddressFamily, SockFlag, SockType, socketpair},
    },
    unistd::Pid,
};
use std::{
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    thread,
    time::Duration,
};
use tabellion_media_protocol::{AudioCodec, studio::FromStudio};

/// Starts the binary with one end of a connection as descriptor 3.
fn start() -> (Child, OwnedFd) {
    start_with(&[])
}

fn start_with(environment: &[(&str, &str)]) -> (Child, OwnedFd) {
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).unwrap();
    let script = "exec 3<&0 0</dev/null; LISTEN_FDS=1 exec \"$0\"";
    let child = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_tabellion-studio")])
        .envs(environment.iter().copied())
        .stdin(Stdio::from(theirs))
        .spawn()
        .unwrap();
    (child, ours)
}

#[test]
fn the_process_greets_serves_and_ends_with_its_connection() {
    gstreamer::init().unwrap();
    let (mut child, socket) = start();
    let board = Switchboard::on(socket);
    let ready = board.expect("greeting", |report| matches!(report, FromStudio::Ready { .. }));
    assert!(matches!(ready, FromStudio::Ready { pid, .. } if pid == child.id()), "{ready:?}");
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, waiting());
    room.viewer.wait("a picture", |frame| frame.width == 1280);

    // Killed as by a crash: another one, told the same, goes on on the same ports.
    child.kill().unwrap();
    child.wait().unwrap();
    drop(board);
    let seen = room.viewer.wait("the last picture", |_| true).number;
    let (mut child, socket) = start();
    let board = Switchboard::on(socket);
    board.leg(7, &room, meeting());
    room.viewer.wait("a picture of the new one", |frame| frame.number > seen + 10);

    drop(board);
    let (ended, end) = channel();
    thread::spawn(move || ended.send(child.wait()).unwrap());
    assert!(end.recv_timeout(PATIENCE).expect("it ends").unwrap().success());
}

#[test]
fn the_service_manager_hears_that_it_serves_and_that_it_still_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let hears = || {
        let mut words = [0; 64];
        let length = manager.recv(&mut words).expect("a word in time");
        String::from_utf8(words[..length].to_vec()).unwrap().trim().to_owned()
    };
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "3000000")];
    let (mut child, socket) = start_with(&environment);
    let _board = Switchboard::on(socket);
    assert_eq!(hears(), "READY=1");
    assert_eq!([hears(), hears()], ["WATCHDOG=1", "WATCHDOG=1"]);
    // One that hangs says nothing more: what it had said before it was stopped is heard first.
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGSTOP).unwrap();
    manager.set_nonblocking(true).unwrap();
    while manager.recv(&mut [0; 64]).is_ok() {}
    manager.set_nonblocking(false).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    assert!(manager.recv(&mut [0; 64]).is_err(), "silence");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn without_a_connection_it_says_how_it_is_started() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tabellion-studio")).env_remove("LISTEN_FDS").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("socket activation"), "{said}");
}
