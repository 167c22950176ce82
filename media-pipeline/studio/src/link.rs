//! The connection to the switchboard: datagrams on a SEQPACKET socket.

use nix::{
    errno::Errno,
    sys::socket::{MsgFlags, SockaddrStorage, recv, sendmsg},
};
use std::{
    io::IoSlice,
    os::fd::{AsRawFd, OwnedFd},
};
use tabellion_media_protocol::{
    TrackId,
    studio::{FromStudio, MAX_DATAGRAM, MEDIA, MEDIA_HEADER, ToStudio, WORDS},
};
use tracing::warn;

/// What the switchboard sends.
#[derive(Clone, PartialEq, Debug)]
pub enum Received {
    /// It says something.
    Words(Box<ToStudio>),
    /// An RTP packet of a track.
    Media(TrackId, Vec<u8>),
}

/// Why nothing more can be received.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The socket failed.
    #[error("the connection to the switchboard failed: {0}")]
    Socket(#[from] Errno),
    /// The peer does not speak this protocol.
    #[error("the switchboard's message cannot be read: {0}: both ends must be of the same release")]
    Words(#[from] serde_json::Error),
    /// The first byte or the length is none of the protocol's.
    #[error("the switchboard sent a datagram of an unknown kind")]
    Kind,
}

/// The connection. Sending is allowed from all threads.
#[derive(Debug)]
pub struct Link {
    socket: OwnedFd,
}

impl Link {
    /// Takes the connected socket.
    #[must_use]
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Waits for the next datagram; `None` when the switchboard has closed the connection.
    ///
    /// # Errors
    /// After an error the connection is of no more use.
    pub fn receive(&self, buffer: &mut Vec<u8>) -> Result<Option<Received>, LinkError> {
        buffer.resize(MAX_DATAGRAM, 0);
        let length = loop {
            match recv(self.socket.as_raw_fd(), buffer, MsgFlags::empty()) {
                Ok(0) | Err(Errno::ECONNRESET) => return Ok(None),
                Ok(length) => break length,
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        };
        match &buffer[..length] {
            [WORDS, json @ ..] => Ok(Some(Received::Words(Box::new(serde_json::from_slice(json)?)))),
            [MEDIA, a, b, c, d, rtp @ ..] => {
                Ok(Some(Received::Media(TrackId(u32::from_be_bytes([*a, *b, *c, *d])), rtp.to_vec())))
            }
            _ => Err(LinkError::Kind),
        }
    }

    /// Reports something; waits where the switchboard is slow.
    pub fn report(&self, report: &FromStudio) {
        let json = serde_json::to_vec(report).expect("the protocol's messages have string keys only");
        match self.send(&[&[WORDS], &json], MsgFlags::empty()) {
            // The room is over, and who would be told has gone: this process ends, too.
            Ok(()) | Err(Errno::EPIPE | Errno::ECONNRESET) => {}
            Err(error) => warn!(%error, "a report did not reach the switchboard"),
        }
    }

    /// Sends an RTP packet of a track; a switchboard that does not keep up loses it.
    pub fn media(&self, track: TrackId, rtp: &[u8]) {
        let mut header = [MEDIA; MEDIA_HEADER];
        header[1..].copy_from_slice(&track.0.to_be_bytes());
        // A full socket is as a full network: the packet is lost. A closed one ends the process elsewhere.
        let _ = self.send(&[&header, rtp], MsgFlags::MSG_DONTWAIT);
    }

    fn send(&self, parts: &[&[u8]], flags: MsgFlags) -> nix::Result<()> {
        let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let flags = flags | MsgFlags::MSG_NOSIGNAL;
        loop {
            match sendmsg::<SockaddrStorage>(self.socket.as_raw_fd(), &slices, &[], flags, None) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}
