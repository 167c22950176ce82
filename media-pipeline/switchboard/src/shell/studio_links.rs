use crate::core::{StudioAction, Switchboard};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags},
    sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, setsockopt, socket,
        sockopt::SndBuf,
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::PathBuf,
    time::Instant,
};
use tabellion_media_protocol::{RoomId, studio::MAX_DATAGRAM};
use tracing::{debug, warn};

/// Datagrams of words that may wait for a studio that does not read.
const BACKLOG: usize = 1_024;
/// Bytes that the kernel keeps for a studio: key frames of several pictures come as one burst. It grants as much as it is configured to.
const BUFFER: usize = 4 << 20;
/// Datagrams taken from a studio before the others have their turn.
const BATCH: usize = 256;

/// The connections to the studios, one a room.
pub(super) struct StudioLinks {
    path: PathBuf,
    links: BTreeMap<RoomId, Link>,
    buffer: Vec<u8>,
}

struct Link {
    socket: OwnedFd,
    /// Words that the socket did not take yet.
    waiting: VecDeque<Vec<u8>>,
}

impl StudioLinks {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, links: BTreeMap::new(), buffer: vec![0; MAX_DATAGRAM] }
    }

    pub(super) fn descriptors(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.links.values().map(|link| {
            let writing = if link.waiting.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            PollFd::new(link.socket.as_fd(), PollFlags::POLLIN | writing)
        })
    }

    pub(super) fn receive(&mut self, core: &mut Switchboard, now: Instant) {
        let rooms: Vec<_> = self.links.keys().copied().collect();
        for room in rooms {
            if let Err(reason) = self.receive_from(room, core, now) {
                warn!(room = room.0, reason, "a studio is gone");
                self.links.remove(&room);
                core.studio_lost(room, &reason, now);
            }
        }
    }

    fn receive_from(&mut self, room: RoomId, core: &mut Switchboard, now: Instant) -> Result<(), String> {
        let Some(link) = self.links.get_mut(&room) else { return Ok(()) };
        link.flush()?;
        for _ in 0..BATCH {
            match recv(link.socket.as_raw_fd(), &mut self.buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(0) => return Err("its process ended".to_owned()),
                Ok(length) => core.studio_datagram(room, &self.buffer[..length], now),
                Err(Errno::EAGAIN) => break,
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    pub(super) fn carry_out(&mut self, action: StudioAction, core: &mut Switchboard, now: Instant) {
        match action {
            StudioAction::Connect(room) => match self.connect() {
                Ok(socket) => {
                    self.links.insert(room, Link { socket, waiting: VecDeque::new() });
                    core.studio_connected(room, now);
                }
                Err(error) => {
                    debug!(room = room.0, %error, "no studio can be started");
                    core.studio_lost(room, &error.to_string(), now);
                }
            },
            StudioAction::Tell(room, words) => {
                let Some(link) = self.links.get_mut(&room) else { return };
                link.waiting.push_back(words);
                if let Err(reason) = link.flush() {
                    self.links.remove(&room);
                    core.studio_lost(room, &reason, now);
                }
            }
            StudioAction::Media(room, packet) => {
                if let Some(link) = self.links.get(&room) {
                    // A studio that does not keep up loses packets, as a slow network would lose them.
                    let _ = send(
                        link.socket.as_raw_fd(),
                        &packet,
                        MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL,
                    );
                }
            }
            StudioAction::Close(room) => {
                self.links.remove(&room);
            }
        }
    }

    /// The service manager listens there, and starts a studio for each connection.
    fn connect(&self) -> nix::Result<OwnedFd> {
        let socket = socket(
            AddressFamily::Unix,
            SockType::SeqPacket,
            SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
            None,
        )?;
        setsockopt(&socket, SndBuf, &BUFFER)?;
        connect(socket.as_raw_fd(), &UnixAddr::new(&self.path)?)?;
        Ok(socket)
    }
}

impl Link {
    fn flush(&mut self) -> Result<(), String> {
        while let Some(words) = self.waiting.front() {
            match send(self.socket.as_raw_fd(), words, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
                Ok(_) => {
                    self.waiting.pop_front();
                }
                Err(Errno::EAGAIN | Errno::EINTR) => break,
                Err(error) => return Err(error.to_string()),
            }
        }
        if self.waiting.len() > BACKLOG { Err("it does not read".to_owned()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::socket::{Backlog, bind, listen};

    #[test]
    fn a_burst_of_key_frames_waits_for_a_studio_that_is_busy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("studio.sock");
        let listener =
            socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC, None).unwrap();
        bind(listener.as_raw_fd(), &UnixAddr::new(&path).unwrap()).unwrap();
        listen(&listener, Backlog::new(1).unwrap()).unwrap();
        let link = StudioLinks::new(path).connect().unwrap();
        for packet in 0..150 {
            let sent = send(link.as_raw_fd(), &[0; 1_200], MsgFlags::MSG_DONTWAIT);
            assert_eq!(sent, Ok(1_200), "packet {packet}");
        }
    }
}
