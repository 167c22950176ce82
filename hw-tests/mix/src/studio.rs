//! A studio's process, and the connection on which it is told what there is, as the switchboard has it.

use crate::process::Program;
use anyhow::{Context, Result, bail, ensure};
use nix::{
    errno::Errno,
    sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockType, recv, send, setsockopt, socketpair,
        sockopt::{ReceiveTimeout, SndBuf},
    },
    sys::time::TimeVal,
};
use std::{
    os::fd::{AsRawFd, OwnedFd},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tabellion_media_protocol::{
    PROTOCOL, RoomId, TrackId,
    studio::{FromStudio, MAX_DATAGRAM, MEDIA, ToStudio, WORDS},
};

/// Until the studio has to say something that is waited for, in seconds.
const PATIENCE: i64 = 10;

/// Bytes that the kernel keeps for it: as the switchboard asks.
const BUFFER: usize = 4 << 20;

pub(crate) struct Studio {
    pub program: Program,
    socket: OwnedFd,
    buffer: Vec<u8>,
    /// What it said while something else was waited for.
    reports: Vec<FromStudio>,
}

impl Studio {
    /// Starts it as systemd does, with its end of the connection as descriptor 3, and opens its room. It encodes and decodes by
    /// software.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?;
        let patience = TimeVal::new(PATIENCE, 0);
        setsockopt(&ours, ReceiveTimeout, &patience)?;
        setsockopt(&ours, SndBuf, &BUFFER)?;
        let script = "exec 3<&0 0</dev/null; LISTEN_FDS=1 exec \"$0\"";
        let program = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .env_remove("TABELLION_CODECS")
            .stdin(Stdio::from(theirs))
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let mut this = Self {
            program: Program(program),
            socket: ours,
            buffer: vec![0; MAX_DATAGRAM],
            reports: Vec::new(),
        };
        let ready = this.expect(|report| matches!(report, FromStudio::Ready { .. }));
        ready.context("it does not begin: build it with “cargo build --release -p tabellion-studio”")?;
        this.tell(&ToStudio::Open { protocol: PROTOCOL, room: RoomId(1) })?;
        Ok(this)
    }

    pub(crate) fn tell(&self, words: &ToStudio) -> Result<()> {
        let mut bytes = vec![WORDS];
        serde_json::to_writer(&mut bytes, words)?;
        send(self.socket.as_raw_fd(), &bytes, MsgFlags::MSG_NOSIGNAL).context("the studio has ended")?;
        Ok(())
    }

    /// Sends a packet of a track, or loses it where the studio does not keep up. Whether it was sent.
    pub(crate) fn media(&self, track: TrackId, rtp: &[u8]) -> Result<bool> {
        let bytes = [&[MEDIA][..], &track.0.to_be_bytes(), rtp].concat();
        match send(self.socket.as_raw_fd(), &bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(error) => Err(error).context("the studio has ended"),
        }
    }

    /// Waits for a report.
    pub(crate) fn expect(&mut self, is_it: impl Fn(&FromStudio) -> bool) -> Result<()> {
        loop {
            let report = self.receive(MsgFlags::empty())?;
            let report = report.with_context(|| format!("the studio said nothing for {PATIENCE} s"))?;
            if is_it(&report) {
                return Ok(());
            }
            self.reports.push(report);
        }
    }

    /// What it has said since.
    pub(crate) fn reports(&mut self) -> Result<Vec<FromStudio>> {
        let mut reports = std::mem::take(&mut self.reports);
        while let Some(report) = self.receive(MsgFlags::MSG_DONTWAIT)? {
            if let FromStudio::LegFailed { reason, .. } = &report {
                bail!("the studio does not carry a room system: {reason}");
            }
            reports.push(report);
        }
        Ok(reports)
    }

    fn receive(&mut self, flags: MsgFlags) -> Result<Option<FromStudio>> {
        loop {
            match recv(self.socket.as_raw_fd(), &mut self.buffer, flags) {
                Ok(0) => bail!("the studio has ended"),
                Ok(length) => match &self.buffer[..length] {
                    [WORDS, json @ ..] => return Ok(Some(serde_json::from_slice(json)?)),
                    other => ensure!(other[0] == MEDIA, "the studio sends what is none of the protocol's"),
                },
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// How often what the studio says is looked at.
pub(crate) const LOOK: Duration = Duration::from_millis(5);
