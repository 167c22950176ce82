//! A pipeline that is built again when it fails.

use crate::pipeline::{Pipeline, PipelineError};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tracing::warn;

/// Between two attempts to build a pipeline that fails.
const RETRY: Duration = Duration::from_secs(1);

/// Told of a pipeline's failure.
pub type Failed = Box<dyn Fn(String) + Send + Sync>;

type Build = Box<dyn FnMut(Failed) -> Result<Pipeline, PipelineError> + Send>;

/// A pipeline that is built again when it fails.
pub struct Restarting {
    what: &'static str,
    build: Build,
    running: Option<Pipeline>,
    failed: Arc<AtomicBool>,
    built_at: Option<Instant>,
}

impl Restarting {
    /// Builds with `build` when it is first needed; it is handed what a failure must be told to. `what`: for the log.
    #[must_use]
    pub fn new(what: &'static str, build: Build) -> Self {
        Self { what, build, running: None, failed: Arc::default(), built_at: None }
    }

    /// The pipeline, where it runs; and whether it is a new one, which begins with nothing.
    pub fn running(&mut self, now: Instant) -> Option<(&Pipeline, bool)> {
        if self.failed.swap(false, Ordering::AcqRel)
            && let Some(pipeline) = self.running.take()
        {
            put_away(pipeline);
        }
        let may_try = self.built_at.is_none_or(|at| now.saturating_duration_since(at) >= RETRY);
        let new = self.running.is_none() && may_try;
        if new {
            self.built_at = Some(now);
            self.start();
        }
        self.running.as_ref().map(|pipeline| (pipeline, new))
    }

    /// Puts bytes in. Whether the pipeline is a new one.
    pub fn push(&mut self, bytes: Vec<u8>, now: Instant) -> bool {
        let Some((pipeline, new)) = self.running(now) else { return false };
        pipeline.push_bytes(bytes);
        new
    }

    /// Ends one whose element may hang.
    pub fn abandon(mut self) {
        if let Some(pipeline) = self.running.take() {
            put_away(pipeline);
        }
    }

    fn start(&mut self) {
        let (failed, what) = (Arc::clone(&self.failed), self.what);
        let on_failure = move |reason: String| {
            warn!(what, reason, "a pipeline failed and is started again");
            failed.store(true, Ordering::Release);
        };
        match (self.build)(Box::new(on_failure)) {
            Ok(pipeline) => self.running = Some(pipeline),
            Err(error) => warn!(what = self.what, %error, "a pipeline cannot be started"),
        }
    }
}

/// A driver that hangs may not come back from being stopped: nobody waits for it.
fn put_away(pipeline: Pipeline) {
    // Where no thread is to be had it is dropped here.
    let _ = thread::Builder::new().name("end of a pipeline".into()).spawn(move || drop(pipeline));
}
