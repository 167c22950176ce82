//! One large meeting: each of its browsers publishes a picture and a voice, and takes nine pictures and three voices, as our pages
//! do. What of one core the switchboard needs for it, and whether everything arrives.

use super::cores;
use crate::{
    Setting,
    browser::Browser,
    crowd::Crowd,
    engine::Switchboard,
    media::{Lines, Picture, Voice},
};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::time::Duration;
use tabellion_media_protocol::RoomId;

/// Who speaks at the same time: as many as are heard.
const SPEAKERS: usize = 3;
/// Until everybody gets everything: what a line carries is found out step by step.
const PATIENCE: Duration = Duration::from_secs(40);
const SECOND: Duration = Duration::from_secs(1);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Browsers in the meeting.
    #[arg(long, default_value_t = 50, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(13..=200))]
    browsers: u16,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    browsers: u16,
    /// Packets that came to all browsers together, and those that did not.
    received: u64,
    lost: u64,
    /// Of the engine's processor time in a second, s.
    cores: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let mut switchboard = Switchboard::start(&setting.switchboard, setting.address)?;
    let mut crowd = Crowd::default();
    seat(&mut crowd, &mut switchboard, setting, arguments.browsers.into())?;
    settle(&mut crowd)?;
    let time = Duration::from_secs(arguments.seconds.into());
    let before = crowd.counts();
    let cores = cores(&mut crowd, &switchboard, time)?;
    let counts = crowd.counts().since(before);
    let expected = packets_in(time, crowd.browsers.len());
    ensure!(
        is_most_of(counts.received, expected),
        "{} of about {expected} packets came: pictures were left out, or the generator was too slow",
        counts.received
    );
    Ok(Report { browsers: arguments.browsers, received: counts.received, lost: counts.lost, cores })
}

/// Fills a room. The first ones speak.
pub(super) fn seat(
    crowd: &mut Crowd,
    switchboard: &mut Switchboard,
    setting: &Setting,
    number: usize,
) -> Result<()> {
    for place in 0..number {
        let mut browser = Browser::new(setting.address)?;
        let voice = if place < SPEAKERS { Voice::SPEAKS } else { Voice::LISTENS };
        switchboard.join(RoomId(1), &mut browser, &Lines::participant(Picture::TILE, voice))?;
        crowd.enter(browser)?;
    }
    Ok(())
}

/// Until everybody in a room with more people than slots gets nine pictures and three voices.
pub(super) fn settle(crowd: &mut Crowd) -> Result<()> {
    let expected = packets_in(SECOND, crowd.browsers.len());
    let mut waited = Duration::ZERO;
    loop {
        let before = crowd.counts();
        crowd.run(SECOND)?;
        let received = crowd.counts().since(before).received;
        if is_most_of(received, expected) {
            return Ok(());
        }
        waited += SECOND;
        ensure!(
            waited < PATIENCE,
            "{received} of about {expected} packets a second come after {} s: pictures are left out, or the generator is too slow",
            PATIENCE.as_secs()
        );
    }
}

fn packets_in(time: Duration, browsers: usize) -> u64 {
    let Lines { pictures, voices, .. } = Lines::participant(Picture::TILE, Voice::SPEAKS);
    let of_pictures =
        pictures as f64 * f64::from(Picture::TILE.packets) / Picture::TILE.period().as_secs_f64();
    let of_voices = voices as f64 / Voice::PERIOD.as_secs_f64();
    ((of_pictures + of_voices) * time.as_secs_f64() * browsers as f64) as u64
}

/// A second's end falls between two pictures.
fn is_most_of(received: u64, expected: u64) -> bool {
    received * 100 >= expected * 97
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_nine_pictures_and_three_voices() {
        assert_eq!(packets_in(SECOND, 1), 9 * 50 + 3 * 50);
        assert_eq!(packets_in(SECOND * 20, 50), 600_000);
        assert!(is_most_of(599_000, 600_000));
        assert!(!is_most_of(550_000, 600_000), "one picture of nine is missing");
    }
}
