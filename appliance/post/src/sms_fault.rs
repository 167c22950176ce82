use crate::SendError;

/// Why an SMS has not gone.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct SmsFault {
    /// Where the fault lies.
    pub kind: SmsFaultKind,
    /// For whoever tries the settings, in English or in the service's words: may hold the number.
    pub detail: String,
}

/// Where a fault lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmsFaultKind {
    /// The settings make no request.
    Unusable,
    /// The service, or the modem's own service, is not reached.
    Away,
    /// The service says no, or nothing that counts as yes.
    Refused {
        /// Of HTTP.
        status: u16,
    },
    /// There is no modem.
    NoModem,
    /// Its SIM card asks for a code.
    SimLocked,
    /// It is in no network.
    NoNetwork,
    /// The network, or the modem, does not take it.
    NotSent,
}

impl SmsFault {
    /// For the log: no number, nothing that a service has quoted.
    #[must_use]
    pub fn logged(&self) -> String {
        match self.kind {
            SmsFaultKind::Refused { status } => {
                format!("the SMS service answers {status}, and not as the settings expect")
            }
            SmsFaultKind::Unusable => "the SMS settings make no request".to_owned(),
            SmsFaultKind::Away => format!("the SMS service is not reached: {}", self.detail),
            SmsFaultKind::NoModem => "there is no modem that sends SMS".to_owned(),
            SmsFaultKind::SimLocked => "the modem's SIM card asks for a code".to_owned(),
            SmsFaultKind::NoNetwork => "the modem is in no mobile network".to_owned(),
            SmsFaultKind::NotSent => "the modem has not sent it".to_owned(),
        }
    }
}

impl From<SmsFault> for SendError {
    /// Nothing is refused for good: a key, an account or a template are mended by people, and no status says for certain that a number
    /// does not exist. A code that comes too late is given up by its own limit.
    fn from(fault: SmsFault) -> Self {
        match fault.kind {
            SmsFaultKind::Refused { .. } | SmsFaultKind::NotSent => Self::Temporary(fault.logged().into()),
            _ => Self::Away(fault.logged().into()),
        }
    }
}
