//! From looks at processes to verdicts. Pure.

use crate::{
    run::Look,
    trend::{Trend, trend},
};
use serde::Serialize;

/// Memory that a process may grow by, KiB an hour: 24 MiB a day.
const GROWTH_KIB_AN_HOUR: f64 = 1_024.0;
/// In which caches, pools and the allocator's arenas fill: the first quarter of the time, within these limits in seconds.
const WARM_UP: (f64, f64) = (300.0, 900.0);
/// Memory that is looked at for less than this, in hours, may still be filling something: no verdict.
const SHORTEST: f64 = 1.0 / 6.0;
/// Fewer looks than this show no flatness.
const FEWEST: usize = 8;

/// What is said of one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// As it should be.
    Flat,
    /// It grows.
    Grows,
    /// The time was too short to tell.
    Undecided,
}

/// A number that should be the same at each look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Count {
    pub least: usize,
    pub most: usize,
    pub verdict: Verdict,
}

/// Memory, in KiB and hours.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub(crate) struct Memory {
    pub first_kib: u64,
    pub last_kib: u64,
    pub slope_kib_an_hour: Option<f64>,
    pub uncertainty_kib_an_hour: Option<f64>,
    pub verdict: Verdict,
}

/// One process over the time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Row {
    pub process: &'static str,
    pub pid: u32,
    pub looks: usize,
    pub threads: Count,
    pub descriptors: Count,
    pub memory: Memory,
}

impl Row {
    pub(crate) fn verdicts(&self) -> [Verdict; 3] {
        [self.threads.verdict, self.descriptors.verdict, self.memory.verdict]
    }
}

/// A row for each process. `length_s`: of the whole time.
pub(crate) fn judge(looks: &[Look], length_s: f64) -> Vec<Row> {
    // Of a run that is shorter than two warm-ups half is counted, so that there is something to be seen.
    let warm = (length_s / 4.0).clamp(WARM_UP.0, WARM_UP.1).min(length_s / 2.0);
    let mut seen: Vec<(&'static str, u32)> = Vec::new();
    for look in looks {
        if !seen.contains(&(look.process, look.pid)) {
            seen.push((look.process, look.pid));
        }
    }
    let row = |(process, pid): (&'static str, u32)| {
        let all: Vec<&Look> =
            looks.iter().filter(|look| (look.process, look.pid) == (process, pid)).collect();
        // A studio that came later warms up later.
        let from = all.first()?.at_s.max(0.0) + warm;
        let counted: Vec<&Look> =
            all.iter().copied().filter(|look| look.at_s >= from.min(length_s)).collect();
        let counted = if counted.is_empty() { all } else { counted };
        Some(Row {
            process,
            pid,
            looks: counted.len(),
            threads: count(&counted, |look| look.held.threads),
            descriptors: count(&counted, |look| look.held.descriptors),
            memory: memory(&counted)?,
        })
    };
    seen.into_iter().filter_map(row).collect()
}

/// Single looks may meet a thread that is about to end, or a connection that is about to close: what is there each time in the last
/// quarter, and was not each time in the first, has been kept.
fn count(looks: &[&Look], of: fn(&Look) -> usize) -> Count {
    let values: Vec<usize> = looks.iter().map(|look| of(look)).collect();
    let least_in = |part: &[usize]| part.iter().copied().min().unwrap_or_default();
    let quarter = values.len() / 4;
    let verdict = if values.len() < FEWEST {
        Verdict::Undecided
    } else if least_in(&values[values.len() - quarter..]) > least_in(&values[..quarter]) {
        Verdict::Grows
    } else {
        Verdict::Flat
    };
    Count { least: least_in(&values), most: values.iter().copied().max().unwrap_or_default(), verdict }
}

fn memory(looks: &[&Look]) -> Option<Memory> {
    let points: Vec<_> =
        looks.iter().map(|look| (look.at_s / 3_600.0, look.held.memory_kib as f64)).collect();
    let found = trend(&points);
    let span = points.last()?.0 - points.first()?.0;
    Some(Memory {
        first_kib: looks.first()?.held.memory_kib,
        last_kib: looks.last()?.held.memory_kib,
        slope_kib_an_hour: found.map(|found| found.slope),
        uncertainty_kib_an_hour: found.map(|found| found.uncertainty),
        verdict: found.filter(|_| span >= SHORTEST).map_or(Verdict::Undecided, told),
    })
}

/// Only what the points can carry.
fn told(found: Trend) -> Verdict {
    if found.slope - found.uncertainty > GROWTH_KIB_AN_HOUR {
        Verdict::Grows
    } else if found.slope + found.uncertainty < GROWTH_KIB_AN_HOUR {
        Verdict::Flat
    } else {
        Verdict::Undecided
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Held;

    const HOUR: f64 = 3_600.0;

    /// An hour with a look each half minute.
    fn hour(of: impl Fn(usize) -> Held) -> Vec<Look> {
        let look = |at: usize| Look { at_s: at as f64 * 30.0, process: "control", pid: 7, held: of(at) };
        (0..120).map(look).collect()
    }

    fn held(threads: usize, descriptors: usize, memory_kib: u64) -> Held {
        Held { threads, descriptors, memory_kib }
    }

    fn verdicts(looks: &[Look]) -> [Verdict; 3] {
        judge(looks, HOUR)[0].verdicts()
    }

    #[test]
    fn a_process_that_keeps_nothing_is_flat_although_it_breathes() {
        let looks = hour(|at| held(9 + at % 3, 40 + at % 5, 50_000 + (at as u64 * 37) % 200));
        assert_eq!(verdicts(&looks), [Verdict::Flat; 3]);
        let rows = judge(&looks, HOUR);
        assert_eq!((rows[0].threads.least, rows[0].threads.most, rows[0].looks), (9, 11, 90));
    }

    #[test]
    fn a_descriptor_a_visit_is_found_and_memory_that_grows_too() {
        assert_eq!(
            verdicts(&hour(|at| held(9, 40 + at, 50_000))),
            [Verdict::Flat, Verdict::Grows, Verdict::Flat]
        );
        let leak = hour(|at| held(9 + at / 80, 40, 50_000 + at as u64 * 20 + (at as u64 * 37) % 200));
        assert_eq!(verdicts(&leak), [Verdict::Grows, Verdict::Flat, Verdict::Grows], "2.4 MiB an hour");
    }

    #[test]
    fn what_is_filled_at_the_beginning_is_no_leak() {
        let looks = hour(|at| held(5 + at.min(20), 40 + at.min(25), 40_000 + at.min(28) as u64 * 900));
        assert_eq!(verdicts(&looks), [Verdict::Flat; 3]);
    }

    #[test]
    fn a_short_time_decides_nothing_about_memory() {
        let growing: Vec<_> = hour(|at| held(9, 40, 50_000 + at as u64 * 50)).into_iter().take(24).collect();
        let row = &judge(&growing, 720.0)[0];
        assert_eq!(row.memory.verdict, Verdict::Undecided, "{row:?}");
        assert!(row.memory.slope_kib_an_hour.unwrap() > 5_000.0, "but what was seen is told: {row:?}");
        assert_eq!(row.descriptors.verdict, Verdict::Flat);
        assert_eq!(verdicts(&growing[..5]), [Verdict::Undecided; 3]);
    }

    #[test]
    fn memory_that_wanders_more_than_it_may_grow_is_undecided() {
        let wandering = hour(|at| held(9, 40, 50_000 + (at as u64 / 10 % 4) * 1_500));
        assert_eq!(verdicts(&wandering)[2], Verdict::Undecided);
    }

    #[test]
    fn another_studio_is_another_process() {
        let mut looks = hour(|at| held(9, 40 + at / 60 * 50, 50_000));
        looks[60..].iter_mut().for_each(|look| look.pid = 8);
        assert_eq!(judge(&looks, HOUR).len(), 2);
        assert!(judge(&looks, HOUR).iter().all(|row| row.descriptors.verdict == Verdict::Flat));
    }
}
