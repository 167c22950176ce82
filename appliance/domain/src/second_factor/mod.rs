//! Second factors: an authenticator application, a code by SMS, and which of them an account has (AUTH-02, AUTH-03).

mod base32;
mod factors;
pub mod recovery;
mod sms;
mod totp;

pub use factors::SecondFactors;
pub use sms::{SMS_CODE_VALIDITY, SMS_RESEND_DELAY, SmsCode};
pub use totp::{Totp, TotpSecretError};

/// Why a code is refused (AUTH-02).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeRefusal {
    /// It is not the code.
    #[error("wrong code")]
    Wrong,
    /// It was the code, too long ago.
    #[error("expired code")]
    Expired,
    /// It was the code, and has been used.
    #[error("used code")]
    Used,
}

/// People type the code as the application shows it: in two groups.
fn normal(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}
