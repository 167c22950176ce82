//! The one-time code that opens the set-up page of a box without settings: shown on the attached screen only, so that whoever
//! types it stands in front of the box, or speaks with somebody who does.

use crate::Entropy;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Digits and letters that nobody mistakes for one another (Crockford's base 32).
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 40 bits: at the pace that is allowed, somebody who guesses for a year finds one code in 400 000.
const LENGTH: usize = 8;
/// Wrong codes until there is a new one,
const TRIES: u32 = 5;
/// and how long nobody can try then. Short: it keeps the right person out as well.
const PAUSE: Duration = Duration::minutes(1);

/// The code in force, and who has tried. One for the whole box: on its network everybody can have as many addresses as
/// they like.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetupCode {
    code: String,
    wrong: u32,
    #[serde(with = "time::serde::timestamp::option")]
    replaced_at: Option<OffsetDateTime>,
}

/// What control tells the attached screen of a box without settings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetupNotice {
    /// The code that opens the set-up page, with what was tried: a restart of control changes neither.
    pub code: SetupCode,
    /// Whether settings are tried out, and wait for somebody to come back to the page where the box is now.
    pub to_confirm: bool,
}

/// What becomes of a code that was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeVerdict {
    /// It is the one in force.
    Right,
    /// It is not. How many may still be tried before there is a new one: 1 up.
    Wrong {
        /// See there.
        left: u32,
    },
    /// It was not looked at, or was the last wrong one: after this long, a new one can be given. More than zero.
    Pause(Duration),
}

impl SetupCode {
    /// A code that nobody has seen.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self { code: signs(entropy), wrong: 0, replaced_at: None }
    }

    /// As it is read and typed: `K7QF-2MXP`.
    #[must_use]
    pub fn shown(&self) -> String {
        let (first, second) = self.code.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }

    /// Looks at a code. The last wrong one puts a new one in force.
    pub fn check(&mut self, given: &str, now: OffsetDateTime, entropy: &dyn Entropy) -> CodeVerdict {
        if let Some(pause) = self.pause(now) {
            return CodeVerdict::Pause(pause);
        }
        if same(&meant(given), &self.code) {
            self.wrong = 0;
            return CodeVerdict::Right;
        }
        self.wrong += 1;
        if self.wrong < TRIES {
            return CodeVerdict::Wrong { left: TRIES - self.wrong };
        }
        *self = Self { code: signs(entropy), wrong: 0, replaced_at: Some(now) };
        CodeVerdict::Pause(PAUSE)
    }

    /// A clock that was set back behind the last wrong code, as at the first contact with a time server, pauses nobody.
    fn pause(&self, now: OffsetDateTime) -> Option<Duration> {
        let passed = now - self.replaced_at?;
        (Duration::ZERO..PAUSE).contains(&passed).then(|| PAUSE - passed)
    }
}

fn signs(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; LENGTH];
    entropy.fill(&mut bytes);
    // 32 signs: each is as likely as any other.
    bytes.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

/// What somebody meant who reads it from a screen: in whatever case, with or without the hyphen, and O for 0.
fn meant(given: &str) -> String {
    let given = given.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1);
    let sign = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    given.map(sign).collect()
}

/// In the same time wherever the first difference is.
fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn code() -> (SetupCode, FakeEntropy) {
        let entropy = FakeEntropy::seeded(3);
        (SetupCode::new(&entropy), entropy)
    }

    #[test]
    fn it_is_taken_however_it_is_typed() {
        let (mut code, entropy) = code();
        code.code = "K01F2MXP".to_owned();
        assert_eq!(code.shown(), "K01F-2MXP");
        for typed in ["K01F-2MXP", "k01f2mxp", " kOlf 2mxp ", "KOIF-2MXP"] {
            assert_eq!(code.check(typed, NOON, &entropy), CodeVerdict::Right, "{typed}");
        }
        for (typed, left) in [("", 4), ("K01F-2MX", 3), ("K01F-2MXPP", 2), ("Ｋ01F-2MXP", 1)] {
            assert_eq!(code.check(typed, NOON, &entropy), CodeVerdict::Wrong { left }, "{typed}");
        }
    }

    #[test]
    fn after_five_wrong_ones_there_is_another_and_a_pause() {
        let (mut code, entropy) = code();
        let former = code.shown();
        for left in (1..TRIES).rev() {
            assert_eq!(code.check("wrong", NOON, &entropy), CodeVerdict::Wrong { left });
        }
        assert_eq!(code.check("wrong", NOON, &entropy), CodeVerdict::Pause(PAUSE));
        let shown = code.shown();
        assert_ne!(shown, former);
        let late = NOON + PAUSE - Duration::SECOND;
        assert_eq!(code.check(&shown, late, &entropy), CodeVerdict::Pause(Duration::SECOND));
        assert_eq!(code.check(&former, NOON + PAUSE, &entropy), CodeVerdict::Wrong { left: 4 });
        assert_eq!(code.check(&shown, NOON + PAUSE, &entropy), CodeVerdict::Right);
        assert_eq!(code.check("wrong", NOON, &entropy), CodeVerdict::Pause(PAUSE), "the pause is remembered");
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out() {
        let (mut code, entropy) = code();
        for _ in 0..TRIES {
            code.check("wrong", NOON, &entropy);
        }
        let shown = code.shown();
        assert_eq!(code.check(&shown, datetime!(2001-01-01 00:00 UTC), &entropy), CodeVerdict::Right);
    }

    #[test]
    fn it_survives_a_restart() {
        let (mut code, entropy) = code();
        for _ in 0..=TRIES {
            code.check("wrong", NOON, &entropy);
        }
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(serde_json::from_str::<SetupCode>(&json).unwrap(), code);
    }
}
