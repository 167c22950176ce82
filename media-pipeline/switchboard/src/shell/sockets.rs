use anyhow::{Result, bail};
use nix::sys::socket::{
    setsockopt,
    sockopt::{RcvBuf, SndBuf},
};
use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    os::fd::{AsFd, BorrowedFd},
};
use str0m::net::Transmit;
use tracing::debug;

/// Largest datagram that is taken: browsers keep theirs under 1,500 bytes.
const LARGEST: usize = 2_048;
/// Bytes that the kernel keeps for us, each way.
const BUFFER: usize = 4 << 20;
/// Datagrams taken from a socket before the others have their turn.
const BATCH: usize = 256;

/// The browsers' sockets: one for each of the box's addresses, all on one port.
pub(super) struct MediaSockets {
    sockets: Vec<(SocketAddr, UdpSocket)>,
    buffer: Box<[u8; LARGEST]>,
}

impl MediaSockets {
    pub(super) fn bind(addresses: &[SocketAddr]) -> Result<Self> {
        let mut sockets = Vec::new();
        for address in addresses {
            let socket = match UdpSocket::bind(address) {
                Ok(socket) => socket,
                Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                    "UDP port {} of {} is in use: end the program that has it, or choose another port with --port",
                    address.port(),
                    address.ip()
                ),
                Err(error) => {
                    bail!("UDP port {} of {} cannot be opened: {error}", address.port(), address.ip())
                }
            };
            socket.set_nonblocking(true)?;
            // A key frame comes and goes to all as one burst; the kernel grants as much as it is configured to.
            setsockopt(&socket, RcvBuf, &BUFFER)?;
            setsockopt(&socket, SndBuf, &BUFFER)?;
            sockets.push((*address, socket));
        }
        Ok(Self { sockets, buffer: Box::new([0; LARGEST]) })
    }

    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.iter().map(|(_, socket)| socket.as_fd())
    }

    pub(super) fn receive(&mut self, mut take: impl FnMut(SocketAddr, SocketAddr, &[u8])) {
        for (address, socket) in &self.sockets {
            for _ in 0..BATCH {
                match socket.recv_from(self.buffer.as_mut_slice()) {
                    Ok((length, source)) => take(source, *address, &self.buffer[..length]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // An ICMP error of an earlier datagram: the peer is gone, and its silence will tell.
                    Err(error) => debug!(%error, "a browser's socket reports an error"),
                }
            }
        }
    }

    /// A datagram that cannot be sent is lost, as it may be on the way.
    pub(super) fn send(&self, transmit: &Transmit) {
        let Some((_, socket)) = self.sockets.iter().find(|(address, _)| *address == transmit.source) else {
            return;
        };
        if let Err(error) = socket.send_to(&transmit.contents, transmit.destination) {
            debug!(%error, "a datagram could not be sent");
        }
    }
}
