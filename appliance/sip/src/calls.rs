use crate::leg::{Leg, LegEvent};
use async_trait::async_trait;
use std::net::IpAddr;
use tokio::sync::mpsc;

/// What a dialled number is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    /// A meeting that can be entered.
    Meeting,
    /// Nothing: 404 before anything rings.
    Unknown,
    /// It cannot be said right now: 503.
    Unavailable,
}

/// Who calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The registered device's username, proven by its digest. None for a caller from outside.
    pub device: Option<String>,
    /// What its From header calls it (a registered device: its name in the registry). May be empty; not proven.
    pub display_name: String,
    /// Its address, as `sip:user@host`; not proven for a caller from outside.
    pub address: String,
}

/// A call that came in, is known to dial a number that exists, and rings nowhere yet.
pub struct IncomingCall {
    /// The dialled number: the user part of the Request-URI.
    pub number: String,
    /// Who calls.
    pub caller: Caller,
    /// The address that the INVITE came from.
    pub source: IpAddr,
    /// The SDP offer; none when the caller leaves the offer to us.
    pub offer: Option<String>,
    /// The call's handle.
    pub leg: Leg,
    /// What happens to it. Dropping this ends the call.
    pub events: mpsc::Receiver<LegEvent>,
}

/// Who takes the calls. The conference implements it.
#[async_trait]
pub trait Calls: Send + Sync {
    /// Resolves a dialled number, before anything rings and before a digest is asked for.
    async fn resolve(&self, number: &str) -> Resolution;
    /// Takes a call.
    async fn incoming(&self, call: IncomingCall);
}
