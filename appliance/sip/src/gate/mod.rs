//! What stands before the transaction layer: it costs 1.4 kB and 32 s of memory for each request that it answers, so
//! floods, nonsense and guessers of passwords are dropped here, silently, and counted.

mod connections;
mod screen;
mod socket;
mod sources;

pub(crate) use connections::ConnectionPlace;
pub(crate) use screen::{Screened, screen};
pub(crate) use socket::GatedSocket;

use connections::Connections;
use sources::Sources;
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::time::Instant;

/// What the gate has seen since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GateCounters {
    /// Messages let through.
    pub admitted: u64,
    /// Messages dropped because their source sent too many, and connections refused because it, or all, have too many.
    pub limited: u64,
    /// Messages dropped because they are not SIP, or lie about where they come from.
    pub malformed: u64,
    /// Messages dropped because their source guessed passwords.
    pub banned: u64,
}

/// The gate. All transports share it.
#[derive(Default)]
pub(crate) struct Gate {
    sources: Mutex<Sources>,
    connections: Arc<Connections>,
    admitted: AtomicU64,
    limited: AtomicU64,
    malformed: AtomicU64,
    banned: AtomicU64,
}

/// Whether a source may be listened to now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admission {
    Admitted,
    Limited,
    Banned,
}

impl Gate {
    /// Takes one message's worth from the source's allowance.
    pub(crate) fn knock(&self, source: IpAddr, now: Instant) -> bool {
        let admission = self.sources.lock().expect("no panic while locked").knock(source, now);
        match admission {
            Admission::Admitted => return true,
            Admission::Limited => count(&self.limited),
            Admission::Banned => count(&self.banned),
        }
        false
    }

    /// The place of a new connection, where it may be taken; costs what a message does.
    pub(crate) fn knock_connection(&self, source: IpAddr, now: Instant) -> Option<ConnectionPlace> {
        let place = self.connections.take(source);
        if place.is_none() {
            count(&self.limited);
        }
        place.filter(|_| self.knock(source, now))
    }

    /// A connection was opened by us.
    pub(crate) fn connection_opened(&self, to: IpAddr) {
        self.connections.opened(to);
    }

    /// A connection of the stack is gone, whoever opened it.
    pub(crate) fn connection_closed(&self, source: IpAddr) {
        self.connections.closed(source);
    }

    pub(crate) fn admitted(&self) {
        count(&self.admitted);
    }

    pub(crate) fn malformed(&self) {
        count(&self.malformed);
    }

    /// A digest was wrong. Enough of them, and the source is not listened to for a while.
    pub(crate) fn wrong_password(&self, source: IpAddr, now: Instant) {
        self.sources.lock().expect("no panic while locked").wrong_password(source, now);
    }

    /// A digest was right: the source's mistakes are forgotten.
    pub(crate) fn right_password(&self, source: IpAddr) {
        self.sources.lock().expect("no panic while locked").right_password(source);
    }

    pub(crate) fn counters(&self) -> GateCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        GateCounters {
            admitted: read(&self.admitted),
            limited: read(&self.limited),
            malformed: read(&self.malformed),
            banned: read(&self.banned),
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
