//! The rules of updates: when the box looks for one, installs it and restarts into it by itself, what it does on request,
//! and what a file that is brought to it must look like. Whether an update is ours, newer and for this machine is judged by
//! who installs it.

mod container;
mod names;
mod restart;
mod step;
mod upload;

pub use container::{Container, ContainerError, Piece};
pub use names::{LIST, is_update_file};
pub use restart::{RestartRefusal, may_restart};
pub use step::{Failed, Situation, Step};
pub use upload::{LARGEST_UPDATE, UploadRefusal, may_upload};
