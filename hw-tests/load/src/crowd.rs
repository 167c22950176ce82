use crate::{
    browser::{Browser, Counts},
    clock::now,
};
use anyhow::{Result, bail};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use std::time::{Duration, Instant};

/// Until a browser has to be connected.
const PATIENCE: Duration = Duration::from_secs(10);

/// All browsers, in one thread: it costs the engine nothing.
#[derive(Default)]
pub(crate) struct Crowd {
    pub browsers: Vec<Browser>,
}

impl Crowd {
    /// Takes in a browser that has exchanged its SDP, and waits until it is connected. Its place.
    pub(crate) fn enter(&mut self, browser: Browser) -> Result<usize> {
        self.browsers.push(browser);
        let place = self.browsers.len() - 1;
        let connected = self.until(PATIENCE, |crowd| crowd.browsers[place].connected)?;
        if !connected {
            bail!("browser {} is not connected after {} s", place + 1, PATIENCE.as_secs());
        }
        Ok(place)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.browsers.iter().map(|browser| browser.reception.counts()).sum()
    }

    pub(crate) fn run(&mut self, time: Duration) -> Result<()> {
        self.until(time, |_| false).map(drop)
    }

    /// Whether it has happened within that time.
    pub(crate) fn until(
        &mut self,
        patience: Duration,
        mut happened: impl FnMut(&Self) -> bool,
    ) -> Result<bool> {
        let end = now() + patience;
        while !happened(self) {
            if now() >= end {
                return Ok(false);
            }
            self.step(end)?;
        }
        Ok(true)
    }

    /// Waits until something arrives or is due, and does it.
    fn step(&mut self, end: Instant) -> Result<()> {
        let due = self.browsers.iter().map(Browser::deadline).fold(end, Instant::min);
        let until = due.saturating_duration_since(now());
        let mut watched: Vec<_> = self
            .browsers
            .iter()
            .map(|browser| PollFd::new(browser.descriptor(), PollFlags::POLLIN))
            .collect();
        let milliseconds = u16::try_from(until.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        match poll(&mut watched, PollTimeout::from(milliseconds)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let readable: Vec<_> = watched.iter().map(|fd| fd.any() == Some(true)).collect();
        for (browser, readable) in self.browsers.iter_mut().zip(readable) {
            if readable {
                browser.receive()?;
            }
            let now = now();
            if browser.deadline() <= now {
                browser.drive(now)?;
            }
        }
        Ok(())
    }
}
