//! What went wrong, whose fault it is, and what to do: the only kind of error of this program.

use std::fmt::{self, Display};

/// Where a fault lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    /// What this program was told: logins, tokens, files.
    Caller,
    /// Between this program and the box: routes, ports, firewalls.
    Network,
    /// The box's control process: pages' interface, waiting room, SIP.
    Control,
    /// The box's switchboard: the browsers' media.
    Switchboard,
    /// The box's studio: room systems' media.
    Studio,
    /// This machine's GStreamer: a plug-in is missing, an encoder fails.
    Machine,
}

impl Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "the caller",
            Self::Network => "the network",
            Self::Control => "the box's control process",
            Self::Switchboard => "the box's switchboard",
            Self::Studio => "the box's studio",
            Self::Machine => "this machine",
        })
    }
}

/// An error: what happened, where the fault lies, what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} [fault of {side}: {advice}]")]
pub(crate) struct Fault {
    /// Whose.
    pub side: Side,
    /// What happened, with the name of what it happened to.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl Fault {
    /// A fault of a side.
    pub(crate) fn new(side: Side, what: impl Display, advice: impl Display) -> Self {
        Self { side, what: what.to_string(), advice: advice.to_string() }
    }

    /// This machine cannot do what the program needs of it.
    pub(crate) fn machine(what: impl Display) -> Self {
        Self::new(
            Side::Machine,
            what,
            "are GStreamer's plug-ins (base, good, bad, ugly, libav, nice) installed?",
        )
    }
}

/// What everything here gives.
pub(crate) type Outcome<T> = Result<T, Fault>;
