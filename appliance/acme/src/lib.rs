//! Certificates from an ACME authority (RFC 8555) by the `dns-01` challenge (§8.4): the box needs not be reached from outside,
//! but has to be allowed to publish a record for its name.
//!
//! [`obtain`] gets one. When one is due, and what becomes of it, is for the caller.

mod dns;
mod fault;
mod https;
mod order;

pub use dns::{Endpoints, Publisher};
pub use fault::Fault;
pub use order::{Obtained, Wanted, obtain};
