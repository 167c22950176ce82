//! How many sessions keep up side by side. They are not paced: a session that is done with its pictures before
//! they would have been shown would have kept up.

use crate::{
    arguments::Task,
    decoder, edge,
    picture::Scene,
    pump::{Fault, Pump},
    trial::{self, Encoder},
};
use gstreamer as gst;
use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};
use tabellion_h264::{Candidate, Role};

/// Length of a trial, in seconds of video.
const SECONDS: u64 = 2;

/// What each session works on.
pub(crate) enum Load {
    /// Pictures, gone through again and again.
    Pictures(Vec<gst::Buffer>),
    /// The beginning of a stream.
    Units(Vec<gst::Buffer>),
}

impl Load {
    /// A second of the scene, for encoders.
    ///
    /// # Errors
    /// Where memory is short.
    pub(crate) fn pictures(scene: &Scene, task: &Task) -> Result<Self, Fault> {
        let buffers = (0..u64::from(task.rate)).map(|index| trial::buffer(scene, index));
        buffers.collect::<Result<_, _>>().map(Self::Pictures)
    }

    fn buffers(&self, task: &Task) -> Vec<gst::Buffer> {
        let count = (SECONDS * u64::from(task.rate)) as usize;
        let (Self::Pictures(buffers) | Self::Units(buffers)) = self;
        match self {
            Self::Pictures(_) => buffers.iter().cycle().take(count).cloned().collect(),
            Self::Units(_) => buffers.iter().take(count).cloned().collect(),
        }
    }
}

/// The most sessions, up to the task's, that all keep up. 0 where not even one does.
pub(crate) fn measure(candidate: &Candidate, task: &Task, load: &Load) -> u32 {
    most(task.max_sessions, |count| keep_up(candidate, task, load, count))
}

/// The most that work, where more never work better: by doubling, then by halving the gap.
fn most(max: u32, mut works: impl FnMut(u32) -> bool) -> u32 {
    let (mut good, mut bad) = (0, max + 1);
    while good + 1 < bad {
        let doubled = if good == 0 { 1 } else { good * 2 };
        let next = if bad > max && doubled <= max { doubled } else { good + (bad - good) / 2 };
        if works(next) {
            good = next;
        } else {
            bad = next;
        }
    }
    good
}

fn keep_up(candidate: &Candidate, task: &Task, load: &Load, count: u32) -> bool {
    let buffers = load.buffers(task);
    let allowed = task.frame_time() * u32::try_from(buffers.len()).unwrap_or(u32::MAX);
    let start = Barrier::new(count as usize);
    let session = || {
        let pump = open(candidate, task, &buffers);
        // A device that refuses one more session must not keep the others waiting here.
        start.wait();
        Ok::<_, Fault>((edge::now(), all_through(pump?, &buffers)?))
    };
    let times: Result<Vec<(Instant, Instant)>, Fault> = thread::scope(|scope| {
        let sessions: Vec<_> = (0..count).map(|_| scope.spawn(session)).collect();
        let died = || Fault::Failed("a session's thread died".into());
        sessions.into_iter().map(|session| session.join().unwrap_or_else(|_| Err(died()))).collect()
    });
    times.is_ok_and(|times| longest(&times) <= allowed)
}

/// From the first start to the last end.
fn longest(times: &[(Instant, Instant)]) -> Duration {
    let first = times.iter().map(|(start, _)| *start).min();
    let last = times.iter().map(|(_, end)| *end).max();
    first.zip(last).map_or(Duration::MAX, |(first, last)| last.saturating_duration_since(first))
}

/// A session that has its first picture behind it: a device is opened with that, and one after the other. NVDEC
/// takes 0.1 s for each, which is no part of how many keep up.
fn open(candidate: &Candidate, task: &Task, buffers: &[gst::Buffer]) -> Result<Pump, Fault> {
    let mut pump = match candidate.role {
        Role::Encoder => Encoder::start(candidate, task)?.into_pump(),
        Role::Decoder => decoder::start(candidate, task)?.0,
    };
    if let Some(first) = buffers.first() {
        pump.step(0, first.clone())?;
    }
    Ok(pump)
}

fn all_through(mut pump: Pump, buffers: &[gst::Buffer]) -> Result<Instant, Fault> {
    for (index, buffer) in buffers.iter().enumerate().skip(1) {
        pump.push(index as u64, buffer.clone())?;
    }
    pump.finish()?;
    Ok(edge::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_found_whatever_it_is() {
        for max in 1..=20 {
            for real in 0..=25 {
                assert_eq!(most(max, |count| count <= real), real.min(max), "{real} of {max}");
            }
        }
    }

    #[test]
    fn no_more_than_asked_are_tried() {
        most(5, |count| {
            assert!(count <= 5);
            true
        });
    }
}
