use super::{MailAddress, setup::Answers};
use serde::{Deserialize, Serialize};

/// What an office has where nothing was said: the users of a small one.
pub const USUAL_LICENCES: u16 = 5;

/// The licences that came with the box. What is ordered later is kept with the orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LicenceSettings {
    /// How many.
    pub count: u16,
}

impl Default for LicenceSettings {
    fn default() -> Self {
        Self { count: USUAL_LICENCES }
    }
}

impl LicenceSettings {
    pub(super) fn read(answers: &mut Answers) -> Self {
        Self { count: answers.number("licences.count", 1, 10_000).unwrap_or(USUAL_LICENCES) }
    }
}

/// Who bills what the office orders.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BillingSettings {
    /// Where orders are sent; without it they are exported and handed over.
    pub email: Option<MailAddress>,
}

impl BillingSettings {
    pub(super) fn read(answers: &mut Answers) -> Self {
        Self { email: answers.optional("billing.email", MailAddress::new) }
    }
}
