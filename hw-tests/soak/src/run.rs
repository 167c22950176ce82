//! The time itself: somebody stays, others come and go, and between two visits the processes are looked at.

use crate::{
    Arguments,
    appliance::Appliance,
    now, pause,
    people::{Resident, visit},
    process::{self, Held},
};
use anyhow::{Context, Result};
use serde::Serialize;
use std::{
    fs,
    io::{Write, stderr},
    time::{Duration, Instant},
};

/// How soon the studio of a meeting that is over has to be gone.
const CLEARING: Duration = Duration::from_secs(20);
/// Until what ends with a visit by itself has ended: closed connections, threads that wait for more work (tokio keeps those of
/// blocking calls for 10 s).
const SETTLING: Duration = Duration::from_secs(3);
/// Between two visits that fail.
const PAUSE: Duration = Duration::from_secs(5);

/// One look at one process.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(crate) struct Look {
    /// Seconds since the box carried its first meeting.
    pub at_s: f64,
    pub process: &'static str,
    pub pid: u32,
    pub held: Held,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Observed {
    pub looks: Vec<Look>,
    pub visits: usize,
    /// Why visitors could not meet, those who stayed had to leave, a process was not there any more, or a studio was left.
    pub failures: Vec<String>,
    /// Lines of the box's log.
    pub complaints: Vec<String>,
    pub restarted: Vec<String>,
}

/// Runs for as long as is wanted.
///
/// # Errors
/// The box does not start, or nothing can be measured here.
pub(crate) fn run(arguments: &Arguments) -> Result<Observed> {
    fs::create_dir_all(&arguments.logs).with_context(|| format!("no {}", arguments.logs.display()))?;
    let appliance = Appliance::start(arguments)?;
    let mut observed = Observed::default();
    let begun = now();
    let end = begun + arguments.time();
    let mut residents = 1;
    let mut resident = Resident::comes(arguments, &appliance, arguments.time(), residents)?;
    while now() < end {
        if let Some(why) = resident.gone()? {
            observed
                .failures
                .extend((!why.is_empty()).then(|| format!("a meeting that went on broke: {why}")));
            residents += 1;
            resident =
                Resident::comes(arguments, &appliance, end.saturating_duration_since(now()), residents)?;
        }
        let failed = visit(arguments, &appliance, observed.visits).err();
        observed.visits += 1;
        if let Some(problem) = failed {
            tell(&format!("visit {}: {problem:#}", observed.visits));
            observed.failures.push(format!("visit {}: {problem:#}", observed.visits));
            pause(PAUSE);
            continue;
        }
        look(&appliance, begun, &mut observed);
        tell(&format!("{:5.0} s, {} visits", (now() - begun).as_secs_f64(), observed.visits));
    }
    observed.failures.extend(resident.leaves()?);
    observed.complaints = appliance.complaints()?;
    observed.restarted = appliance.restarted();
    Ok(observed)
}

/// Looks at all processes, once the visitors' studio is gone: when only those who stay are there.
fn look(appliance: &Appliance, begun: Instant, observed: &mut Observed) {
    let patience = now() + CLEARING;
    let studios = loop {
        let studios = process::children(appliance.studios_starter()).unwrap_or_default();
        if studios.len() <= 1 || now() > patience {
            break studios;
        }
        pause(Duration::from_millis(200));
    };
    pause(SETTLING);
    let [studio] = studios.as_slice() else {
        // None: those who stay are just coming, or coming back, which is counted elsewhere.
        if studios.len() > 1 {
            observed.failures.push(format!("{} studios are left of one meeting", studios.len()));
        }
        return;
    };
    let at_s = (now() - begun).as_secs_f64();
    for (process, pid) in appliance.processes().into_iter().chain([("studio", *studio)]) {
        match process::held(pid) {
            Ok(held) => observed.looks.push(Look { at_s, process, pid, held }),
            Err(problem) => observed.failures.push(format!("{process}: {problem:#}")),
        }
    }
}

fn tell(what: &str) {
    // Where nobody listens, the report still comes.
    let _ = writeln!(stderr(), "  {what}");
}
