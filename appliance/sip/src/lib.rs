//! SIP: the gate, the registrar, call legs, offer and answer.
//!
//! ```text
//! sockets → gate → transactions (rsipstack, behind `stack`) → registrar
//!                                                           → legs (one actor each) ↔ the conference
//! ```
//!
//! Knows no media engine, no store and no meeting: devices come from a [`Registry`], calls go to [`Calls`]. Time and
//! randomness come in as parameters. Nothing here looks a host name up.

mod auth;
mod calls;
mod config;
mod digest;
mod edge;
mod gate;
mod leg;
mod options;
mod places;
mod registrar;
mod registry;
pub mod sdp;
mod service;
mod stack;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;

pub use calls::{Caller, Calls, IncomingCall, Resolution};
pub use config::{SipConfig, SipError, SipTls};
pub use digest::ha1;
pub use gate::GateCounters;
pub use leg::{DialogRecord, EndCause, Leg, LegError, LegEvent};
pub use registry::{Binding, Device, DigestAlgorithm, Registry, RegistryError, SipTransport};
pub use sdp::{LocalMedia, Negotiated, SdpRefusal};
pub use service::{RestoreError, SipService, SipStatus};
pub use stack::SipAddresses;
