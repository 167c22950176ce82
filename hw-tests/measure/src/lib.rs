//! What the load generators measure with, and how they tell it.

mod clock;
mod process;
mod report;
mod statistics;

pub use clock::{now, pause};
pub use process::{cpu, memory};
pub use report::{exit, print};
pub use statistics::{median, most, percentile};
