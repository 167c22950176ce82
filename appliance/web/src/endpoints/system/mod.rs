//! The state of the box, for its administrators: what the firmware's programs write down about it.

pub(crate) mod backup;
pub(crate) mod console;
pub(crate) mod factory_reset;
pub(crate) mod recovery_key;
mod reports;
mod requests;
pub(crate) mod restore;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod show;
pub(crate) mod updates;

pub use reports::SystemReports;
