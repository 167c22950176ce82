//! The process as systemd starts it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, SipPeer, Switchboard, meeting, waiting};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use std::{
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
    sync::mpsc::channel,
    thread,
};
use tabellion_media_protocol::{AudioCodec, studio::FromStudio};

/// Starts the binary with one end of a connection as descriptor 3.
fn start() -> (Child, OwnedFd) {
    let (ours, theirs) =
        socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC).unwrap();
    let script = "exec 3<&0 0</dev/null; LISTEN_FDS=1 exec \"$0\"";
    let child = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_tabellion-studio")])
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
fn without_a_connection_it_says_how_it_is_started() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tabellion-studio")).env_remove("LISTEN_FDS").output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("socket activation"), "{said}");
}
