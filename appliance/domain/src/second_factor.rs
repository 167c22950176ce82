use crate::Entropy;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

/// How long a code by SMS counts.
pub const SMS_CODE_VALIDITY: Duration = Duration::minutes(10);
/// How long until another SMS may be asked for (AUTH-03).
pub const SMS_RESEND_DELAY: Duration = Duration::seconds(60);
/// Wrong entries that use up an SMS code.
const SMS_ATTEMPTS: u32 = 5;
/// Length of a TOTP step (RFC 6238 §4.1).
const STEP_SECONDS: i64 = 30;
/// Steps before and after the current one that are accepted: clocks differ, people type slowly (RFC 6238 §5.2).
const TOLERANCE: i64 = 1;

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

/// A user's authenticator application: RFC 6238 with SHA-1, 30 s and 6 digits, as all of them know it.
#[derive(Clone)]
pub struct Totp {
    secret: Vec<u8>,
}

/// The text is no secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a TOTP secret is at least 16 characters of base32 (RFC 4648 §6)")]
pub struct TotpSecretError;

impl Totp {
    /// From its base32 form.
    ///
    /// # Errors
    /// [`TotpSecretError`].
    pub fn from_base32(text: &str) -> Result<Self, TotpSecretError> {
        let mut secret = Vec::new();
        let (mut bits, mut count) = (0_u32, 0_u32);
        for c in text.trim_end_matches('=').bytes() {
            let value = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a',
                b'2'..=b'7' => c - b'2' + 26,
                _ => return Err(TotpSecretError),
            };
            bits = (bits << 5) | u32::from(value);
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push(u8::try_from((bits >> count) & 0xff).map_err(|_| TotpSecretError)?);
            }
        }
        if secret.len() < 10 { Err(TotpSecretError) } else { Ok(Self { secret }) }
    }

    /// The code of a moment.
    #[must_use]
    pub fn code(&self, at: OffsetDateTime) -> String {
        self.code_of_step(step(at))
    }

    /// Checks a code. `last_used`: the step of the last code that was accepted; the outcome is the new one, to be
    /// committed before the login is acknowledged, so that a code counts once (RFC 6238 §5.2).
    ///
    /// # Errors
    /// [`CodeRefusal`]; a code of the last five minutes outside the tolerance is [`CodeRefusal::Expired`].
    pub fn check(&self, code: &str, now: OffsetDateTime, last_used: Option<i64>) -> Result<i64, CodeRefusal> {
        let code = normal(code);
        let current = step(now);
        let matching = |range: std::ops::RangeInclusive<i64>| {
            range.rev().find(|step| same(&self.code_of_step(*step), &code))
        };
        match matching(current - TOLERANCE..=current + TOLERANCE) {
            Some(step) if last_used.is_some_and(|last| step <= last) => Err(CodeRefusal::Used),
            Some(step) => Ok(step),
            None if matching(current - 10..=current - TOLERANCE - 1).is_some() => Err(CodeRefusal::Expired),
            None => Err(CodeRefusal::Wrong),
        }
    }

    /// RFC 4226 §5.3.
    fn code_of_step(&self, step: i64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash[19] & 0xf);
        let word = u32::from_be_bytes([hash[offset], hash[offset + 1], hash[offset + 2], hash[offset + 3]]);
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

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

fn step(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(STEP_SECONDS)
}

/// People type the code as the application shows it: in two groups.
fn normal(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Compares in a time that does not tell how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    #[test]
    fn rfc_6238_appendix_b() {
        // The RFC's secret is the ASCII string "12345678901234567890"; its codes have eight digits, of which ours
        // are the last six.
        let totp = Totp::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp.code(OffsetDateTime::from_unix_timestamp(seconds).unwrap()), code);
        }
    }

    #[test]
    fn a_totp_code_counts_once_and_for_a_step_around() {
        let totp = Totp::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
        let code = totp.code(NOON);
        let step = totp.check(&code, NOON, None).unwrap();
        assert_eq!(totp.check(&code, NOON, Some(step)), Err(CodeRefusal::Used));
        assert!(totp.check(&code, NOON + Duration::seconds(59), None).is_ok());
        assert!(totp.check(&code, NOON - Duration::seconds(30), None).is_ok());
        assert_eq!(totp.check(&code, NOON + Duration::seconds(60), None), Err(CodeRefusal::Expired));
        assert_eq!(totp.check(&code, NOON + Duration::minutes(9), None), Err(CodeRefusal::Wrong));
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert!(totp.check(&spaced, NOON, None).is_ok());
        assert_eq!(totp.check("", NOON, None), Err(CodeRefusal::Wrong));
    }

    #[test]
    fn a_short_or_strange_secret_is_refused() {
        assert!(Totp::from_base32("JBSWY3DPEHPK3PXP").is_ok());
        assert!(Totp::from_base32("JBSWY3DP").is_err());
        assert!(Totp::from_base32("JBSWY3DPEHPK3PX!").is_err());
    }

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
