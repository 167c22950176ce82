//! What control and the updater (`tabellion-firmware`, as root) say to each other: files in /run. So control needs no right
//! over units, disks or the boot loader, and the updater listens to no port.

mod client;
mod unpacking;
mod words;

pub use client::{AskError, Known, Rejection, Trial, Updater};
pub use unpacking::{UnpackError, Unpacking};
pub use words::{Goal, Look, Progress, Request, Source};
