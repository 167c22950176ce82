//! Who gets an attestation of video-conference (CERT-01, CERT-02), and what its number looks like.

use crate::{Entropy, directory::DirectoryEntry};
use std::fmt;

/// Crockford's base 32: no letter that is taken for a digit, or for another one.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Drawn signs: 40 bits, so that nobody who tries numbers comes upon one.
const DRAWN: usize = 8;
/// Characters of what is typed into «CRPCEN» at most, as in the directory.
const LONGEST_CRPCEN: usize = 40;

/// A paper's number: `2026-7K3Q-9XTM`. The year is the one of the day that it is issued on.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PaperNumber(String);

impl PaperNumber {
    /// A new one; that it was never given is for whoever keeps them to say.
    #[must_use]
    pub fn draw(year: i32, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; DRAWN];
        entropy.fill(&mut bytes);
        // 256 is a multiple of 32: every sign is equally likely.
        let signs: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let (first, second) = signs.split_at(DRAWN / 2);
        Self(format!("{year:04}-{first}-{second}"))
    }

    /// From what somebody typed or followed: case, spaces and hyphens do not matter, and what looks like a digit is one. None where
    /// it can be no number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut signs = String::new();
        for c in text.chars().filter(|c| !matches!(c, '-' | ' ' | '\u{a0}')) {
            let sign = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if !sign.is_ascii() || !ALPHABET.contains(&(sign as u8)) || signs.len() == 4 + DRAWN {
                return None;
            }
            signs.push(sign);
        }
        let (year, drawn) = (signs.get(..4)?, signs.get(4..)?);
        if drawn.len() != DRAWN || !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self(format!("{year}-{}-{}", &drawn[..DRAWN / 2], &drawn[DRAWN / 2..])))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PaperNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An office that gets its attestation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttestedOffice {
    /// Its name.
    pub name: String,
    /// Text, leading zeros kept.
    pub crpcen: String,
    /// Empty where it is not known.
    pub postal_code: String,
    /// Empty where it is not known.
    pub town: String,
    /// Its people in the directory who can be called, in the directory's order: name and number.
    pub users: Vec<(String, String)>,
}

/// Why there is no attestation; for the user, in French.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AttestationRefusal {
    /// Nothing was typed.
    #[error("Saisissez le n° de CRPCEN de l’office.")]
    Missing,
    /// No office of the directory has it.
    #[error(
        "Aucun office de l’annuaire ADSN n’a le CRPCEN «\u{a0}{0}\u{a0}». Vérifiez-le, zéros compris, ou cherchez l’office dans l’annuaire."
    )]
    Unknown(String),
    /// Nobody of the office can be called.
    #[error(
        "L’office «\u{a0}{0}\u{a0}» n’a aucun compte de visioconférence dans l’annuaire ADSN\u{a0}: il n’a pas droit à l’attestation. S’il vient de s’abonner, réessayez après la mise à jour de l’annuaire."
    )]
    NotEntitled(String),
}

/// What was typed into «CRPCEN», to be looked up.
///
/// # Errors
/// [`AttestationRefusal`]: nothing, or more than any directory has.
pub fn typed_crpcen(text: &str) -> Result<&str, AttestationRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AttestationRefusal::Missing);
    }
    if text.chars().count() > LONGEST_CRPCEN || text.chars().any(char::is_control) {
        let begun = text.chars().filter(|c| !c.is_control()).take(LONGEST_CRPCEN).collect();
        return Err(AttestationRefusal::Unknown(begun));
    }
    Ok(text)
}

/// Decides on an attestation. `own`: the name of the box's own office where it is asked for, which needs no entry in the directory.
/// `entries`: those that the directory has under the CRPCEN.
///
/// # Errors
/// [`AttestationRefusal`].
pub fn attested_office(
    crpcen: &str,
    own: Option<&str>,
    entries: &[DirectoryEntry],
) -> Result<AttestedOffice, AttestationRefusal> {
    let first_of = |field: fn(&DirectoryEntry) -> &String| {
        entries.iter().map(field).find(|text| !text.is_empty()).cloned().unwrap_or_default()
    };
    let listed = first_of(|entry| &entry.office);
    let name = match own {
        Some(own) => own.to_owned(),
        None if entries.is_empty() => return Err(AttestationRefusal::Unknown(crpcen.to_owned())),
        None if listed.is_empty() => crpcen.to_owned(),
        None => listed,
    };
    let users: Vec<_> = entries
        .iter()
        .filter(|entry| entry.account.bytes().any(|b| b.is_ascii_digit()))
        .map(|entry| {
            (if entry.name.is_empty() { name.clone() } else { entry.name.clone() }, entry.account.clone())
        })
        .collect();
    if users.is_empty() && own.is_none() {
        return Err(AttestationRefusal::NotEntitled(name));
    }
    Ok(AttestedOffice {
        name,
        crpcen: crpcen.to_owned(),
        postal_code: first_of(|entry| &entry.postal_code),
        town: first_of(|entry| &entry.town),
        users,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{directory::Field, testing::FakeEntropy};

    fn entry(name: &str, office: &str, account: &str) -> DirectoryEntry {
        let mut entry = DirectoryEntry::default();
        for (field, text) in [(Field::Name, name), (Field::Office, office), (Field::Account, account)] {
            entry.set(field, text);
        }
        entry.set(Field::Town, "Annonay");
        entry
    }

    #[test]
    fn a_number_is_read_however_it_is_written() {
        let drawn = PaperNumber::draw(2026, &FakeEntropy::seeded(1));
        assert_ne!(drawn, PaperNumber::draw(2026, &FakeEntropy::seeded(2)));
        let text = drawn.as_str();
        assert!(text.len() == 14 && text.starts_with("2026-"), "{text}");
        for written in [text.to_owned(), text.to_lowercase(), text.replace('-', " "), text.replace('0', "o")]
        {
            assert_eq!(PaperNumber::parse(&written), Some(drawn.clone()), "{written}");
        }
        assert_eq!(PaperNumber::parse("2026-ILO0-0000").unwrap().as_str(), "2026-1100-0000");
        for wrong in [
            "",
            "2026",
            "2026-7K3Q-9XT",
            "2026-7K3Q-9XTMM",
            "abcd-7K3Q-9XTM",
            "2026-7K3U-9XTM",
            "2026-7K3é-9XTM",
        ] {
            assert_eq!(PaperNumber::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_office_with_somebody_who_can_be_called_is_attested_with_those_alone() {
        let entries = [
            entry("DUPONT Marie", "Étude du Parc", "1099000200"),
            entry("MARTIN Luc", "Étude du Parc", ""),
            entry("", "Étude du Parc", "1099000201@visio.example"),
        ];
        let office = attested_office("99002", None, &entries).unwrap();
        assert_eq!((office.name.as_str(), office.town.as_str()), ("Étude du Parc", "Annonay"));
        let users: Vec<_> =
            office.users.iter().map(|(name, number)| (name.as_str(), number.as_str())).collect();
        assert_eq!(users, [("DUPONT Marie", "1099000200"), ("Étude du Parc", "1099000201@visio.example")]);
    }

    #[test]
    fn who_is_unknown_or_has_no_account_is_refused_and_ones_own_office_is_not() {
        let refused = attested_office("12345", None, &[]).unwrap_err();
        assert_eq!(refused, AttestationRefusal::Unknown("12345".into()));
        let nobody = [entry("MARTIN Luc", "Étude du Parc", "–")];
        let refused = attested_office("99002", None, &nobody).unwrap_err();
        assert_eq!(refused, AttestationRefusal::NotEntitled("Étude du Parc".into()));
        let own = attested_office("99001", Some("Office de la Place"), &[]).unwrap();
        assert!(own.users.is_empty() && own.name == "Office de la Place" && own.town.is_empty());
    }

    #[test]
    fn what_is_typed_is_a_text_with_its_zeros() {
        assert_eq!(typed_crpcen(" 01234 "), Ok("01234"));
        assert_eq!(typed_crpcen(" \n"), Err(AttestationRefusal::Missing));
        assert!(
            matches!(typed_crpcen(&"1".repeat(41)), Err(AttestationRefusal::Unknown(told)) if told.len() == 40)
        );
        assert_eq!(typed_crpcen("a\0b"), Err(AttestationRefusal::Unknown("ab".into())));
    }
}
