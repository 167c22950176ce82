//! When pictures of each source were sent, and when they were first seen.

use crate::{clock::between, load::Load, sight::Sight};
use anyhow::{Result, ensure};
use std::{collections::BTreeSet, time::Instant};

/// More of a hundred pictures than this that cannot be read make a measurement worthless.
const UNREADABLE: usize = 3;

/// A source's picture, seen for the first time.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub at: Instant,
    /// Since it was sent, ms.
    pub age: f64,
}

/// What was seen of the source in one tile.
///
/// # Errors
/// Too many of its pictures could not be read.
pub(crate) fn of(load: &Load, sights: &[Sight], tile: usize, seat: u32) -> Result<Vec<Seen>> {
    let numbers = || sights.iter().filter_map(|sight| Some((sight.at, sight.numbers.get(tile).copied()?)));
    let first = numbers().position(|(_, number)| number.is_some()).unwrap_or(usize::MAX);
    let unreadable = numbers().skip(first).filter(|(_, number)| number.is_none()).count();
    ensure!(
        first < sights.len() && unreadable * 100 <= sights.len() * UNREADABLE,
        "{unreadable} of {} pictures in tile {tile} cannot be read: is anything else drawn there?",
        sights.len()
    );
    let mut known = BTreeSet::new();
    let seen = numbers().filter_map(|(at, number)| {
        let number = number?;
        let sent = load.sent.get(&(seat, number))?.iter().rev().find(|sent| **sent < at)?;
        known.insert((number, *sent)).then(|| Seen { at, age: between(*sent, at) })
    });
    Ok(seen.collect())
}

/// The longest time without a new picture, ms.
pub(crate) fn longest_gap(seen: &[Seen]) -> f64 {
    seen.windows(2).map(|pair| between(pair[0].at, pair[1].at)).fold(0.0, f64::max)
}
