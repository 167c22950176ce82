//! The loop around the core: sockets, `poll(2)`, the clock. One thread, whatever the number of participants.

mod control;
mod effort;
mod framing;
mod housekeeping;
mod sockets;
mod streams;
mod studio_links;

pub use framing::{Datagrams, TooLong};

use crate::core::Switchboard;
use anyhow::{Context, Result};
use control::ControlLink;
use effort::Effort;
use housekeeping::Housekeeping;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use sockets::MediaSockets;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::{Instant, SystemTime, UNIX_EPOCH},
};
use str0m::net::Protocol;
use streams::MediaStreams;
use studio_links::StudioLinks;
use tracing::info;

/// What the process is told at its start.
pub struct Settings {
    /// Folder of the sockets between the processes.
    pub runtime: PathBuf,
    /// Addresses that browsers reach this box at.
    pub addresses: Vec<IpAddr>,
    /// Whether the addresses are this machine's own, which may change: then this run ends, and the next one has them.
    pub follow: bool,
    /// UDP port of all browsers.
    pub port: u16,
}

/// Runs until the machine's addresses change, where it follows them; for ever otherwise.
///
/// # Errors
/// Where a socket cannot be opened, with what to do; and where `poll` fails.
pub fn run(settings: &Settings) -> Result<()> {
    let addresses: Vec<_> =
        settings.addresses.iter().map(|address| SocketAddr::new(*address, settings.port)).collect();
    let mut media = MediaSockets::bind(&addresses)?;
    let mut streams = MediaStreams::bind(&addresses)?;
    let mut control = ControlLink::listen(&settings.runtime.join("media.sock"))?;
    let mut studios = StudioLinks::new(settings.runtime.join("studio.sock"));
    let mut housekeeping = Housekeeping::new(settings, now());
    let mut effort = Effort::new(now())?;
    let mut core = Switchboard::new(instance(), addresses, now());
    let mut outgoing = Vec::new();
    systemd::daemon::notify([(systemd::daemon::STATE_READY, "1")].iter())
        .context("cannot tell the service manager that this process is ready")?;
    info!(port = settings.port, "the switchboard is ready");

    loop {
        let until = core.deadline(now()).min(housekeeping.deadline());
        let awake = wait(until, &media, &streams, &control, &studios)?;
        let now = now();
        housekeeping.advance(now)?;
        if let Some(share) = effort.look(now)? {
            core.busy(share, now);
        }
        media.receive(|source, destination, bytes| core.datagram(source, destination, bytes, now));
        streams.serve(&awake.streams, now, |source, destination, bytes| {
            core.framed_datagram(source, destination, bytes, now)
        });
        streams.expire(now);
        if awake.control {
            if control.accept() {
                core.control_replaced();
            }
            for request in control.receive() {
                core.request(request, now);
            }
        }
        // Before their links are read: what was closed must not be taken for its successor's.
        while let Some(action) = core.studio_action() {
            studios.carry_out(action, &mut core, now);
        }
        studios.receive(&mut core, now);
        core.advance(now);
        while let Some(action) = core.studio_action() {
            studios.carry_out(action, &mut core, now);
        }
        while let Some(transmit) = core.transmit() {
            match transmit.proto {
                Protocol::Udp => outgoing.push(transmit),
                _ => streams.send(&transmit),
            }
        }
        media.send(&mut outgoing);
        while let Some(message) = core.say() {
            control.send(&message);
        }
        control.flush();
    }
}

/// Who has something to say.
struct Awake {
    control: bool,
    /// In the order of [`MediaStreams::descriptors`].
    streams: Vec<bool>,
}

/// Sleeps until something arrives or is due.
fn wait(
    deadline: Instant,
    media: &MediaSockets,
    streams: &MediaStreams,
    control: &ControlLink,
    studios: &StudioLinks,
) -> Result<Awake> {
    let mut watched = control.descriptors();
    let of_control = watched.len();
    watched.extend(streams.descriptors());
    let of_streams = watched.len();
    watched.extend(media.descriptors().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
    watched.extend(studios.descriptors());
    let until = deadline.saturating_duration_since(now());
    // Rounded up: waking a little early would only be to sleep again.
    let milliseconds = u16::try_from(until.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    match poll(&mut watched, PollTimeout::from(milliseconds)) {
        Ok(_) => {
            let happened = |fd: &PollFd<'_>| fd.any() != Some(false);
            Ok(Awake {
                control: watched[..of_control].iter().any(happened),
                streams: watched[of_control..of_streams].iter().map(happened).collect(),
            })
        }
        Err(nix::errno::Errno::EINTR) => Ok(Awake { control: false, streams: Vec::new() }),
        Err(error) => Err(error).context("poll failed"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the core's clock: this is where time comes in")]
fn now() -> Instant {
    Instant::now()
}

/// Unique to this run: the process id alone could come back.
#[expect(clippy::disallowed_methods, reason = "the start's time names this run")]
fn instance() -> String {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", std::process::id(), started.as_nanos())
}
