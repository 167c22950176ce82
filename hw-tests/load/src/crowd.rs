use crate::{
    Picture,
    browser::{Browser, Counts},
    engine::Engine,
    now,
};
use anyhow::{Context, Result, bail};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use std::{
    net::IpAddr,
    os::fd::AsFd,
    time::{Duration, Instant},
};
use str0m::media::Direction;

/// Until a browser has to be connected.
const PATIENCE: Duration = Duration::from_secs(10);

/// All browsers: the first one publishes, the others watch.
pub(crate) struct Crowd {
    address: IpAddr,
    picture: Picture,
    browsers: Vec<Browser>,
    next_picture: Instant,
    timestamp: u32,
}

impl Crowd {
    pub(crate) fn new(address: IpAddr, picture: Picture) -> Self {
        Self { address, picture, browsers: Vec::new(), next_picture: now(), timestamp: 9_000 }
    }

    pub(crate) fn publish(&mut self, engine: &mut Engine) -> Result<()> {
        self.join(engine, Direction::SendOnly)
    }

    pub(crate) fn watch(&mut self, engine: &mut Engine) -> Result<()> {
        self.join(engine, Direction::RecvOnly)
    }

    fn join(&mut self, engine: &mut Engine, direction: Direction) -> Result<()> {
        let mut browser = Browser::new(self.address)?;
        let (offer, pending) = browser.offer(direction)?;
        let answer = engine.join(offer)?;
        browser.answered(pending, &answer).context("the engine's answer cannot be used")?;
        self.browsers.push(browser);
        let end = now() + PATIENCE;
        while !self.browsers.iter().all(|browser| browser.connected) {
            if now() > end {
                bail!("browser {} is not connected after {} s", self.browsers.len(), PATIENCE.as_secs());
            }
            self.step(now() + Duration::from_millis(10))?;
        }
        Ok(())
    }

    pub(crate) fn all_watch(&self) -> bool {
        self.browsers.iter().skip(1).all(|browser| browser.counts.received > 0)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.browsers.iter().skip(1).fold(Counts::default(), |sum, browser| Counts {
            received: sum.received + browser.counts.received,
            lost: sum.lost + browser.counts.lost,
        })
    }

    pub(crate) fn run(&mut self, time: Duration) -> Result<()> {
        let end = now() + time;
        while now() < end {
            self.step(end)?;
        }
        Ok(())
    }

    /// Waits until something arrives or is due, and does it.
    fn step(&mut self, end: Instant) -> Result<()> {
        let due = self.browsers.iter().map(|browser| browser.deadline).min().unwrap_or(end);
        let until = due.min(end).min(self.next_picture).saturating_duration_since(now());
        let mut watched: Vec<_> = self
            .browsers
            .iter()
            .map(|browser| PollFd::new(browser.socket.as_fd(), PollFlags::POLLIN))
            .collect();
        let milliseconds = u16::try_from(until.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
        match poll(&mut watched, PollTimeout::from(milliseconds)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let readable: Vec<_> = watched.iter().map(|fd| fd.any() == Some(true)).collect();
        let now = now();
        for (browser, readable) in self.browsers.iter_mut().zip(readable) {
            if readable {
                browser.receive()?;
            }
            if browser.deadline <= now {
                browser.drive(now)?;
            }
        }
        if self.next_picture <= now {
            self.next_picture += self.picture.period();
            self.timestamp = self.timestamp.wrapping_add(90_000 / u32::from(self.picture.rate));
            if let Some(publisher) = self.browsers.first_mut().filter(|publisher| publisher.connected) {
                publisher.send(self.picture, self.timestamp)?;
            }
        }
        Ok(())
    }
}
