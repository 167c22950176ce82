use super::{CodeRefusal, base32, normal};
use crate::{Entropy, uri::percent_encoded};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use time::OffsetDateTime;

/// Length of a TOTP step (RFC 6238 §4.1).
const STEP_SECONDS: i64 = 30;
/// Steps before and after the current one that are accepted: clocks differ, people type slowly (RFC 6238 §5.2).
const TOLERANCE: i64 = 1;
/// Bytes of a new secret: as many as SHA-1 gives (RFC 4226 §4, R6).
const SECRET_BYTES: usize = 20;

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
        let secret = base32::decode(text).ok_or(TotpSecretError)?;
        if secret.len() < 10 { Err(TotpSecretError) } else { Ok(Self { secret }) }
    }

    /// A new one, for an application that is being enrolled.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut secret = vec![0; SECRET_BYTES];
        entropy.fill(&mut secret);
        Self { secret }
    }

    /// Its base32 form, without padding: to be stored, and to be typed where no camera reads the QR code.
    #[must_use]
    pub fn to_base32(&self) -> String {
        base32::encode(&self.secret)
    }

    /// What the QR code holds: the «key URI» that authenticators know (Google Authenticator's wiki, «Key Uri Format»).
    /// Algorithm, digits and period are RFC 6238's defaults, and are said all the same: not every application has them
    /// as its own.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (uri_text(issuer), uri_text(account));
        let secret = self.to_base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}"
        )
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

fn step(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().div_euclid(STEP_SECONDS)
}

/// A colon separates issuer and account, and some applications look for it after decoding.
fn uri_text(text: &str) -> String {
    percent_encoded(&text.replace(':', " "))
}

/// Compares in a time that does not tell how much was right.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;
    use time::{Duration, macros::datetime};

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

    #[test]
    fn a_new_secret_is_typed_as_it_is_stored() {
        let entropy = FakeEntropy::default();
        let (one, other) = (Totp::draw(&entropy), Totp::draw(&entropy));
        assert_ne!(one.to_base32(), other.to_base32());
        assert_eq!(one.to_base32().len(), 32, "160 bits");
        let typed = Totp::from_base32(&one.to_base32().to_lowercase()).unwrap();
        assert_eq!(typed.code(NOON), one.code(NOON));
    }

    #[test]
    fn the_application_is_told_whose_secret_it_is() {
        let totp = Totp::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
        assert_eq!(
            totp.uri("Étude : Moreau & fils", "claire.moreau"),
            "otpauth://totp/%C3%89tude%20%20%20Moreau%20%26%20fils:claire.moreau\
             ?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=%C3%89tude%20%20%20Moreau%20%26%20fils\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
