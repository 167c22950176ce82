//! What the rules and the services ask of this machine.

mod ambient;
pub(crate) mod local_time;
pub(crate) mod network;
mod registry;
pub(crate) mod service_manager;

pub(crate) use ambient::{KernelEntropy, SystemClock};
pub(crate) use registry::StoreRegistry;
