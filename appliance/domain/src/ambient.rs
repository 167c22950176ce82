use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;

/// Where the time comes from: the system's clock in the box, a hand-moved one in tests.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// Where randomness comes from: the kernel in the box, a fixed sequence in tests.
pub trait Entropy: Send + Sync {
    /// Fills the bytes with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);

    /// 128 bits as base64url: secrets in links, and of seats.
    fn token128(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// 256 bits as base64url: session cookies.
    fn token256(&self) -> String {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Decimal digits, each equally likely.
    fn digits(&self, count: usize) -> String {
        let mut digits = String::with_capacity(count);
        while digits.len() < count {
            let mut byte = [0];
            self.fill(&mut byte);
            // 250 is the largest multiple of ten that a byte holds: above it, some digits would be likelier.
            if byte[0] < 250 {
                digits.push(char::from(b'0' + byte[0] % 10));
            }
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn every_digit_is_equally_likely() {
        let digits = Counting(AtomicU8::new(0)).digits(250 * 4);
        for digit in '0'..='9' {
            assert_eq!(digits.matches(digit).count(), 100, "{digit}");
        }
    }

    #[test]
    fn tokens_carry_all_their_bits() {
        let entropy = Counting(AtomicU8::new(7));
        assert_eq!(entropy.token128().len(), 22);
        assert_eq!(entropy.token256().len(), 43);
    }
}
