//! One source stops and comes back, one comes late, one changes its pictures' size: what the others in the mix notice of it.

use super::{LARGE, SETTLING, SMALL};
use crate::{
    Setting,
    clip::Clip,
    clock::{between, now},
    load::Load,
    room_system::RoomSystem,
    sight::look,
    watched::{self, Seen, longest_gap},
};
use anyhow::{Context, Result};
use serde::Serialize;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tabellion_measure::{median, most};

/// Those who notice.
const OTHERS: u32 = 3;
/// The one that stops, comes back and changes.
const RESTLESS: u32 = 4;
/// The one that comes late.
const LATE: u32 = 5;
/// From one event to the next.
const SPELL: Duration = Duration::from_millis(3_000);
/// What is added to the others' latency must be gone after this.
const RECOVERY_MS: f64 = 300.0;

#[derive(clap::Args)]
pub(crate) struct Arguments {}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Of all events.
    longest_gap_ms: f64,
    added_ms: f64,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    name: &'static str,
    /// The longest time in which any of the others showed nothing new.
    longest_gap_ms: f64,
    /// What is added to any of the others' median latency from 300 ms after it on.
    added_ms: f64,
}

pub(crate) fn measure(setting: &Setting, _: &Arguments) -> Result<Report> {
    let large = Arc::new(Clip::encode(LARGE, 0, 2_500)?);
    let small = Arc::new(Clip::encode(SMALL, 1_000, 1_000)?);
    let mut load = Load::start(&setting.studio)?;
    for seat in 1..=RESTLESS {
        load.camera(seat, &large, Duration::from_millis(u64::from(seat) * 13 % 40))?;
    }
    let peer = RoomSystem::start(false, true)?;
    load.room_system(&peer)?;
    load.settle(SETTLING)?;
    let began = now();
    load.run(SPELL)?;
    let mut moments = vec![("nothing happens", began)];
    let mut happens = |load: &mut Load, name: &'static str, event: &dyn Fn(&mut Load) -> Result<()>| {
        moments.push((name, now()));
        event(load)?;
        load.settle(SPELL)
    };
    happens(&mut load, "a source stops", &|load| load.switch(RESTLESS, false))?;
    happens(&mut load, "it comes back", &|load| load.switch(RESTLESS, true))?;
    happens(&mut load, "it becomes smaller", &|load| load.change(RESTLESS, &small))?;
    happens(&mut load, "it becomes larger", &|load| load.change(RESTLESS, &large))?;
    happens(&mut load, "one comes late", &|load| load.camera(LATE, &large, Duration::from_millis(5)))?;
    let recording = peer.end()?;
    let sights = look(&recording, &[RESTLESS as usize, LATE as usize], |_, _| ())?;
    let others: Vec<Vec<Seen>> = (1..=OTHERS)
        .map(|seat| watched::of(&load, &sights, seat as usize - 1, seat))
        .collect::<Result<_>>()?;
    let events: Vec<Event> =
        moments.iter().map(|(name, at)| event(name, *at, began, &others)).collect::<Result<_>>()?;
    // The first one is that nothing happens: told beside the others, but none of them.
    let worst = |value: fn(&Event) -> f64| most(events.iter().skip(1).map(value)).context("no event");
    Ok(Report {
        longest_gap_ms: worst(|event| event.longest_gap_ms)?,
        added_ms: worst(|event| event.added_ms)?,
        events,
    })
}

fn event(name: &'static str, at: Instant, began: Instant, others: &[Vec<Seen>]) -> Result<Event> {
    let (mut longest_gap_ms, mut added_ms) = (0.0_f64, f64::MIN);
    for seen in others {
        let within = |from: Instant, begins: f64| {
            let end = between(from, from + SPELL);
            seen.iter().filter(move |seen| (begins..end).contains(&between(from, seen.at))).copied()
        };
        let ages = |from, begins| {
            median(within(from, begins).map(|seen| seen.age)).context("one of the others is not seen")
        };
        longest_gap_ms = longest_gap_ms.max(longest_gap(&within(at, 0.0).collect::<Vec<_>>()));
        added_ms = added_ms.max(ages(at, RECOVERY_MS)? - ages(began, 0.0)?);
    }
    Ok(Event { name, longest_gap_ms, added_ms })
}
