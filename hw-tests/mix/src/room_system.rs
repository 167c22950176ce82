//! A room system that watches and hears: it keeps what comes, with the time at which it came, to be looked at afterwards.

use crate::clock::now;
use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::{
    net::{Ipv4Addr, UdpSocket},
    os::{fd::AsFd, unix::net::UnixStream},
    thread::{self, JoinHandle},
    time::Instant,
};
use tabellion_media_protocol::{AudioCodec, LegAudio, LegConfig, LegVideo, PacketizationMode};
use tabellion_studio::rtp::Packet;

/// Payload types of what it is sent.
pub(crate) const H264: u8 = 109;
pub(crate) const PCMA: u8 = 8;
/// The best that any is sent, kb/s.
const KBPS: u32 = 2_500;
const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A packet, and when it came.
pub(crate) struct Came {
    pub at: Instant,
    pub rtp: Vec<u8>,
}

/// All that came.
#[derive(Default)]
pub(crate) struct Recording {
    pub picture: Vec<Came>,
    pub sound: Vec<Came>,
}

pub(crate) struct RoomSystem {
    pub config: LegConfig,
    stop: UnixStream,
    reading: JoinHandle<Result<Recording>>,
    /// Ports of reports: nobody reads them.
    _reports: [UdpSocket; 2],
}

impl RoomSystem {
    /// With a line for sound, or without; keeps what comes, or throws it away.
    pub(crate) fn start(hears: bool, keeps: bool) -> Result<Self> {
        let ((picture, picture_reports), (sound, sound_reports)) = (ports()?, ports()?);
        let video = LegVideo {
            local_port: free_ports()?,
            remote: picture.local_addr()?,
            payload_type: H264,
            packetization: PacketizationMode::NonInterleaved,
            max_width: 1_280,
            max_height: 720,
            max_kbps: KBPS,
            rtcp_feedback: true,
            send: true,
            receive: false,
        };
        let audio = LegAudio {
            local_port: free_ports()?,
            remote: sound.local_addr()?,
            codec: AudioCodec::Pcma,
            payload_type: PCMA,
            telephone_event: None,
            send: true,
            receive: false,
        };
        let config =
            LegConfig { local_address: HERE.into(), audio: hears.then_some(audio), video: Some(video) };
        let (stop, stopped) = UnixStream::pair()?;
        let reading = thread::Builder::new().spawn(move || read(&picture, &sound, &stopped, keeps))?;
        Ok(Self { config, stop, reading, _reports: [picture_reports, sound_reports] })
    }

    /// What came until now. It takes nothing any more.
    pub(crate) fn end(self) -> Result<Recording> {
        drop(self.stop);
        self.reading.join().ok().context("a room system's reader has failed")?
    }
}

fn read(picture: &UdpSocket, sound: &UdpSocket, stopped: &UnixStream, keeps: bool) -> Result<Recording> {
    let mut recording = Recording::default();
    loop {
        let mut waiting =
            [stopped.as_fd(), picture.as_fd(), sound.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
        poll(&mut waiting, PollTimeout::NONE)?;
        let ready = waiting.map(|fd| fd.any() == Some(true));
        if ready[0] {
            return Ok(recording);
        }
        for (socket, kept) in [(picture, &mut recording.picture), (sound, &mut recording.sound)] {
            let mut buffer = [0; 2_048];
            while let Ok(length) = socket.recv(&mut buffer) {
                if keeps {
                    kept.push(Came { at: now(), rtp: buffer[..length].to_vec() });
                }
            }
        }
    }
}

/// Sockets on two neighbouring ports, of which the lower one is even.
fn ports() -> Result<(UdpSocket, UdpSocket)> {
    for _ in 0..200 {
        let socket = UdpSocket::bind((HERE, 0))?;
        let port = socket.local_addr()?.port();
        if port % 2 == 0
            && let Ok(above) = UdpSocket::bind((HERE, port + 1))
        {
            socket.set_nonblocking(true)?;
            return Ok((socket, above));
        }
    }
    anyhow::bail!("no two neighbouring UDP ports are free: end what takes them")
}

/// The lower one of two that are free now, for the studio.
fn free_ports() -> Result<u16> {
    Ok(ports()?.0.local_addr()?.port())
}

/// A picture of a recording: its packets, and when the last one came.
pub(crate) struct Unit<'a> {
    pub at: Instant,
    pub packets: Vec<&'a [u8]>,
}

impl Recording {
    /// The pictures that came.
    ///
    /// # Errors
    /// A packet is missing: the machine is too busy to measure anything.
    pub(crate) fn units(&self) -> Result<Vec<Unit<'_>>> {
        let (mut units, mut packets, mut last) = (Vec::new(), Vec::new(), None::<u16>);
        for came in &self.picture {
            let packet = Packet::parse(&came.rtp).context("what came is no RTP")?;
            let follows = last.is_none_or(|last| packet.sequence == last.wrapping_add(1));
            ensure!(
                follows,
                "packets of the picture were lost on this machine: nothing else should run on it"
            );
            last = Some(packet.sequence);
            packets.push(came.rtp.as_slice());
            if packet.marker {
                units.push(Unit { at: came.at, packets: std::mem::take(&mut packets) });
            }
        }
        Ok(units)
    }
}
