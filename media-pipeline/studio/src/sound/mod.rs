//! The room's sound: 48 kHz, one channel, 16 bit, in steps of 20 ms.

pub mod desk;
mod mix;
mod ring;
mod shift;

pub use mix::{mix_minus, sum};
pub use ring::Ring;
pub use shift::{Shift, Spare};

use std::time::Duration;

/// Samples a second.
pub const RATE: usize = 48_000;
/// Samples of one step.
pub const STEP: usize = RATE / 50;
/// Between two steps.
pub const PERIOD: Duration = Duration::from_millis(20);
/// One step's sound.
pub type Step = [i16; STEP];
