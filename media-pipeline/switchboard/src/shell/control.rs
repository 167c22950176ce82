use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    os::{
        fd::AsFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    },
    path::Path,
};
use tabellion_media_protocol::{
    control::{FromMedia, ToMedia},
    frame::{self, Decoder},
};
use tracing::{error, info, warn};

/// Bytes that may wait for a control process that does not read; beyond, it is cut off and has to come back.
const BACKLOG: usize = 8 << 20;

/// The socket that control connects to. A new connection replaces the old one: a control process that was killed
/// leaves one behind that nobody closes at once.
pub(super) struct ControlLink {
    listener: UnixListener,
    connection: Option<Connection>,
}

struct Connection {
    stream: UnixStream,
    decoder: Decoder,
    outgoing: Vec<u8>,
}

impl ControlLink {
    pub(super) fn listen(path: &Path) -> Result<Self> {
        if path.exists() {
            fs::remove_file(path).with_context(|| format!("cannot remove the old {}", path.display()))?;
        }
        let listener =
            UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, connection: None })
    }

    pub(super) fn descriptors(&self) -> Vec<PollFd<'_>> {
        let mut watched = vec![PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        if let Some(connection) = &self.connection {
            let writing =
                if connection.outgoing.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            watched.push(PollFd::new(connection.stream.as_fd(), PollFlags::POLLIN | writing));
        }
        watched
    }

    /// All whole requests that have arrived.
    pub(super) fn receive(&mut self) -> Vec<ToMedia> {
        let mut requests = Vec::new();
        let Some(connection) = &mut self.connection else { return requests };
        if let Err(reason) = connection.read(&mut requests) {
            info!(reason, "control is away; its rooms go on");
            self.connection = None;
        }
        requests
    }

    /// Takes a new connection. Whether there is one.
    pub(super) fn accept(&mut self) -> bool {
        match self.listener.accept() {
            Ok((stream, _)) => {
                if let Err(error) = stream.set_nonblocking(true) {
                    error!(%error, "control's connection cannot be used");
                    return false;
                }
                self.connection =
                    Some(Connection { stream, decoder: Decoder::default(), outgoing: Vec::new() });
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => {
                warn!(%error, "control's connection could not be taken");
                false
            }
        }
    }

    /// Queues a message; nobody's messages are dropped: a control that comes back asks for a snapshot.
    pub(super) fn send(&mut self, message: &FromMedia) {
        let Some(connection) = &mut self.connection else { return };
        match frame::encode(message) {
            Ok(bytes) => connection.outgoing.extend(bytes),
            Err(error) => error!(%error, "a message for control cannot be written"),
        }
    }

    pub(super) fn flush(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        if let Err(reason) = connection.write() {
            info!(reason, "control is away; its rooms go on");
            self.connection = None;
        }
    }
}

impl Connection {
    fn read(&mut self, requests: &mut Vec<ToMedia>) -> Result<(), String> {
        let mut bytes = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err("it closed the connection".to_owned()),
                Ok(read) => self.decoder.push(&bytes[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        while let Some(request) = self.decoder.next_message().map_err(|error| error.to_string())? {
            requests.push(request);
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), String> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(written) => {
                    self.outgoing.drain(..written);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        if self.outgoing.len() > BACKLOG { Err("it does not read".to_owned()) } else { Ok(()) }
    }
}
