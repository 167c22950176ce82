//! Fuzz targets: every parser that reads bytes from strangers, and what must hold whatever the bytes are.
//!
//! A [`Target`] is a plain function of bytes, so that it is run in two ways: by libFuzzer, guided by coverage, for as long as
//! somebody likes (`make fuzz`); and by the tests of this crate, over its seeds and hundreds to thousands of their mutations, so that it
//! cannot rot. It fails by a panic, by using more memory than a box has, or by not coming to an end.

mod script;
mod targets;

use std::{sync::OnceLock, time::Instant};

/// A parser with what is known of its input.
pub struct Target {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Reads the bytes.
    pub run: fn(&[u8]),
    /// Inputs that get far, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of its language.
    pub words: &'static [&'static str],
    /// What a run costs beside what it reads, as if it were so many bytes more: the tests have a budget.
    pub costs: usize,
}

/// All of them.
pub const TARGETS: [Target; 15] = [
    targets::switchboard::TARGET,
    targets::offers::TARGET,
    targets::payloads::TARGET,
    targets::streams::TARGET,
    targets::handshakes::TARGET,
    targets::links::TARGET,
    targets::studio_rtp::TARGET,
    targets::sip_messages::TARGET,
    targets::sip_sdp::TARGET,
    targets::set_up::TARGET,
    targets::update_file::TARGET,
    targets::backup::TARGET,
    targets::seat::TARGET,
    targets::typed::TARGET,
    targets::directory::TARGET,
];

/// The target with this name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    static ALL: [Target; 15] = TARGETS;
    ALL.iter().find(|target| target.name == name)
}

/// The beginning of each run's time, which goes on by what the input says.
#[expect(clippy::disallowed_methods, reason = "an origin: only what has passed since is looked at")]
fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}
