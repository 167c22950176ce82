//! What the rules and the services ask of this machine.

mod ambient;
mod registry;

pub(crate) use ambient::{KernelEntropy, SystemClock};
pub(crate) use registry::StoreRegistry;
