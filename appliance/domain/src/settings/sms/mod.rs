//! What takes the box's SMS: a service that is asked by HTTP, or a modem with a SIM card.

mod request;
mod template;
#[cfg(test)]
mod tests;

pub use request::{SmsFormat, SmsMethod, SmsRequest};
pub use template::{SmsPart, SmsWords};

use super::{Refusal, setup::Answers};
use serde::{Deserialize, Serialize};

/// What takes SMS, where something does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SmsRelay {
    /// A service, by a request that the settings describe: each service has its own.
    Http(SmsRequest),
    /// The modem in this machine.
    Modem,
}

enum Kind {
    Http,
    Modem,
}

impl SmsRelay {
    /// None, also where a part is wrong: that is among the answers' errors then.
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        if !answers.has_section("sms") {
            return None;
        }
        match answers.required("sms.kind", kind)? {
            Kind::Http => SmsRequest::read(answers).map(Self::Http),
            Kind::Modem => Some(Self::Modem),
        }
    }
}

fn kind(text: &str) -> Result<Kind, Refusal> {
    match text.trim() {
        "http" => Ok(Kind::Http),
        "modem" => Ok(Kind::Modem),
        other => {
            let todo = "Écrivez « http » pour un service, « modem » pour un modem branché sur la boîte";
            Err(Refusal::new(format!("« {other} » n’est pas une façon d’envoyer des SMS"), todo))
        }
    }
}
