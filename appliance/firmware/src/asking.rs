//! The machine's own screens and keyboards, for a start or a box that asks something of whoever stands in front of it.

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::{fd::AsFd, unix::fs::OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

/// The screen, and the serial line that some machines have instead.
pub(crate) const CONSOLES: [&str; 2] = ["/dev/tty1", "/dev/ttyS0"];

/// Those that are there. All are told the same; the first answer counts.
pub(crate) struct Screens(Vec<Screen>);

struct Screen {
    device: File,
    /// Of a line that was not ended yet.
    typed: Vec<u8>,
    /// Hung up, or pulled out.
    gone: bool,
}

impl Screens {
    pub(crate) fn open(paths: &[&str]) -> Self {
        // A serial line without anybody at its end is not waited for.
        let flags = (nix::fcntl::OFlag::O_NOCTTY | nix::fcntl::OFlag::O_NONBLOCK).bits();
        let open =
            |path: &&str| OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).ok();
        Self::of(paths.iter().filter(|path| Path::new(path).exists()).filter_map(open))
    }

    fn of(devices: impl Iterator<Item = File>) -> Self {
        Self(devices.map(|device| Screen { device, typed: Vec::new(), gone: false }).collect())
    }

    /// A screen that is away does not hold up the others.
    pub(crate) fn tell(&mut self, text: &str) {
        self.0.retain_mut(|screen| match write!(screen.device, "{text}") {
            Err(error) => error.kind() == ErrorKind::WouldBlock,
            Ok(()) => true,
        });
    }

    /// The next line that somebody types, without its end. None: nobody did in time.
    ///
    /// # Errors
    /// The keyboards cannot be waited for.
    pub(crate) fn line(&mut self, patience: Duration) -> Result<Option<String>> {
        let deadline = now() + patience;
        loop {
            if let Some(line) = self.ended() {
                return Ok(Some(line));
            }
            let left = deadline.saturating_duration_since(now());
            let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut waited: Vec<_> = self
                .0
                .iter()
                .filter(|screen| !screen.gone)
                .map(|screen| PollFd::new(screen.device.as_fd(), PollFlags::POLLIN))
                .collect();
            poll(&mut waited, timeout).context("the keyboard cannot be waited for")?;
            self.read();
            if left.is_zero() {
                return Ok(self.ended());
            }
        }
    }

    fn read(&mut self) {
        for screen in &mut self.0 {
            let mut bytes = [0; 256];
            match screen.device.read(&mut bytes) {
                Ok(0) => screen.gone = true,
                Ok(length) => screen.typed.extend_from_slice(&bytes[..length]),
                Err(error) => {
                    screen.gone = !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted);
                }
            }
        }
        self.0.retain(|screen| !screen.gone || !screen.typed.is_empty());
    }

    /// A line that was typed to its end.
    fn ended(&mut self) -> Option<String> {
        self.0.iter_mut().find_map(|screen| {
            let end = screen.typed.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
            let line: Vec<u8> = screen.typed.drain(..=end).collect();
            Some(String::from_utf8_lossy(&line).trim().to_owned())
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "how long somebody in front of a machine takes is real time")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::os::{fd::OwnedFd, unix::net::UnixStream};

    /// A screen, and who stands in front of it.
    pub(crate) fn screens() -> (Screens, UnixStream) {
        let (device, person) = UnixStream::pair().unwrap();
        device.set_nonblocking(true).unwrap();
        (Screens::of(std::iter::once(File::from(OwnedFd::from(device)))), person)
    }

    #[test]
    fn a_line_is_waited_for_as_long_as_there_is_patience_and_no_longer() {
        let (mut screens, mut person) = screens();
        screens.tell("Oui ou non ? ");
        person.write_all(b"ou").unwrap();
        assert_eq!(screens.line(Duration::from_millis(20)).unwrap(), None);
        person.write_all("i\nnon\r".as_bytes()).unwrap();
        assert_eq!(screens.line(Duration::from_secs(9)).unwrap().as_deref(), Some("oui"));
        assert_eq!(screens.line(Duration::ZERO).unwrap().as_deref(), Some("non"), "it was typed before");
        let mut said = [0; 13];
        person.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"Oui ou non ? ");
        drop(person);
        assert_eq!(screens.line(Duration::from_millis(20)).unwrap(), None, "nobody is there any more");
    }
}
