use super::{CodeRefusal, normal};
use crate::Entropy;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

/// How long a code by SMS counts.
pub const SMS_CODE_VALIDITY: Duration = Duration::minutes(10);
/// How long until another SMS may be asked for (AUTH-03).
pub const SMS_RESEND_DELAY: Duration = Duration::seconds(60);
/// Wrong entries that use up an SMS code.
const SMS_ATTEMPTS: u32 = 5;

/// A code sent by SMS: six digits, ten minutes, once, five attempts. Its hash is what is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SmsCode {
    /// SHA-256 of the salt and the digits.
    pub hash: [u8; 32],
    /// Against tables of all million hashes.
    pub salt: [u8; 16],
    /// When it was sent.
    pub sent_at: OffsetDateTime,
    /// Wrong entries so far.
    pub attempts: u32,
    /// Whether it was accepted once.
    pub used: bool,
}

impl SmsCode {
    /// A new one, and its digits for the message.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy, now: OffsetDateTime) -> (Self, String) {
        let digits = entropy.digits(6);
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        (Self { hash: hash(&salt, &digits), salt, sent_at: now, attempts: 0, used: false }, digits)
    }

    /// Checks a code and notes the outcome, which has to be committed before it is acknowledged.
    ///
    /// # Errors
    /// [`CodeRefusal`]; a code with too many wrong entries behind it is [`CodeRefusal::Expired`].
    pub fn check(&mut self, code: &str, now: OffsetDateTime) -> Result<(), CodeRefusal> {
        if self.attempts >= SMS_ATTEMPTS {
            return Err(CodeRefusal::Expired);
        }
        if hash(&self.salt, &normal(code)) != self.hash {
            self.attempts += 1;
            return Err(CodeRefusal::Wrong);
        }
        if self.used {
            return Err(CodeRefusal::Used);
        }
        if now - self.sent_at >= SMS_CODE_VALIDITY {
            return Err(CodeRefusal::Expired);
        }
        self.used = true;
        Ok(())
    }

    /// How long until another SMS may be asked for; none where it may be asked for now.
    #[must_use]
    pub fn resend_delay(&self, now: OffsetDateTime) -> Option<Duration> {
        Some(self.sent_at + SMS_RESEND_DELAY - now).filter(|left| left.is_positive())
    }
}

fn hash(salt: &[u8; 16], digits: &str) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(digits.as_bytes()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn an_sms_code_counts_once_for_ten_minutes_and_five_attempts() {
        let (code, digits) = SmsCode::draw(&Zero, NOON);
        let mut used = code.clone();
        assert_eq!(used.check(&digits, NOON), Ok(()));
        assert_eq!(used.check(&digits, NOON), Err(CodeRefusal::Used));
        let mut late = code.clone();
        assert_eq!(late.check(&digits, NOON + SMS_CODE_VALIDITY), Err(CodeRefusal::Expired));
        let mut guessed = code.clone();
        for _ in 0..5 {
            assert_eq!(guessed.check("999999", NOON), Err(CodeRefusal::Wrong));
        }
        assert_eq!(guessed.check(&digits, NOON), Err(CodeRefusal::Expired));
        assert_eq!(code.resend_delay(NOON + Duration::seconds(20)), Some(Duration::seconds(40)));
        assert_eq!(code.resend_delay(NOON + Duration::seconds(60)), None);
    }
}
