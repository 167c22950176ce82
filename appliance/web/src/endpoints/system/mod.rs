//! The state of the box, for its administrators: what the firmware's programs write down about it.

mod reports;
pub(crate) mod settings;
pub(crate) mod show;

pub use reports::SystemReports;
