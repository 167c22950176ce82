pub(crate) mod forwarding;
pub(crate) mod joining;
pub(crate) mod latency;
pub(crate) mod meeting;

use crate::{clock::now, crowd::Crowd, engine::Engine};
use anyhow::Result;
use std::time::Duration;

/// What of a core an engine uses while the browsers go on for that time.
fn cores(crowd: &mut Crowd, engine: &dyn Engine, time: Duration) -> Result<f64> {
    let (began, before) = (now(), tabellion_measure::cpu(engine.process())?);
    crowd.run(time)?;
    let used = tabellion_measure::cpu(engine.process())?.saturating_sub(before);
    Ok(used.as_secs_f64() / (now() - began).as_secs_f64())
}
