use age::secrecy::SecretString;
use bech32::{ToBase32, Variant};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use tabellion_domain::Entropy;

/// RFC 4648 §6: letters that are not taken for one another once a nought and a one are read as letters.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of a key: 140 bits, which nobody tries out.
const LETTERS: usize = 28;
/// Letters that are shown together.
const GROUP: usize = 4;
/// What makes the identity of the schedule's backups differ from anything else that a key may once be used for.
const CONTEXT: &[u8] = b"tabellion backup key v1\0";

/// What opens a backup. Shown once, and noted by the administrator: the box does not keep it.
#[derive(Clone, PartialEq, Eq)]
pub struct BackupKey(String);

impl BackupKey {
    /// A new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; LETTERS];
        entropy.fill(&mut bytes);
        // 32 divides 256: each letter is as likely as any other.
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 0x1f)])).collect())
    }

    /// As somebody typed it: case, spaces and hyphens do not matter. None: no key looks like this.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let read: String = letters
            .map(|c| match c.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                other => other,
            })
            .collect();
        let known = read.chars().all(|c| u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte)));
        (known && read.len() == LETTERS).then_some(Self(read))
    }

    /// `ABCD-EFGH-…`, seven groups of four; also the passphrase that any age program opens a downloaded backup with.
    #[must_use]
    pub fn shown(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
    }

    /// What backups that nobody is there for are encrypted to: public, `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.identity().to_public().to_string()
    }

    pub(crate) fn passphrase(&self) -> SecretString {
        self.shown().into()
    }

    /// The X25519 identity that the recipient belongs to.
    pub(crate) fn identity(&self) -> age::x25519::Identity {
        let secret = Sha256::new().chain_update(CONTEXT).chain_update(self.0.as_bytes()).finalize();
        let text = bech32::encode("age-secret-key-", secret.to_base32(), Variant::Bech32)
            .expect("the prefix has lower-case letters only");
        age::x25519::Identity::from_str(&text.to_uppercase()).expect("32 bytes are an X25519 secret")
    }
}

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::testing::FakeEntropy;

    #[test]
    fn a_key_is_read_from_paper_however_it_is_typed() {
        let key = BackupKey::draw(&FakeEntropy::default());
        let shown = key.shown();
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 7], "{shown}");
        for typed in
            [shown.to_lowercase(), shown.replace('-', " "), shown.replace('O', "0").replace('I', "1")]
        {
            assert_eq!(BackupKey::typed(&typed).unwrap(), key, "{typed}");
        }
        for wrong in ["", "ABCD", &shown[1..], &format!("{shown}A"), &shown.replace(&shown[..1], "!")] {
            assert_eq!(BackupKey::typed(wrong), None, "{wrong}");
        }
        assert!(!format!("{key:?}").contains(&shown[..4]));
    }

    #[test]
    fn a_key_has_one_recipient_and_another_key_another() {
        let entropy = FakeEntropy::default();
        let (one, other) = (BackupKey::draw(&entropy), BackupKey::draw(&entropy));
        assert!(one.recipient().starts_with("age1"));
        assert_eq!(one.recipient(), BackupKey::typed(&one.shown()).unwrap().recipient());
        assert_ne!(one.recipient(), other.recipient());
    }
}
