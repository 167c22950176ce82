//! What a password that people choose must be: one that zxcvbn (Wheeler, USENIX Security 2016) finds hard to guess, with its
//! 30,000 most frequent passwords of leaks, the ones of France, and what the box knows of its owner.

use super::{LONGEST, SHORTEST};
use zxcvbn::{
    Score,
    feedback::{Suggestion, Warning},
    zxcvbn,
};

/// Frequent passwords and their words in France, in no other list; most frequent first.
const FRENCH: &str = include_str!("french.txt");
/// Letters from which on a part of a name is looked for: «de» is in many words.
const SHORTEST_PART: usize = 4;

/// How hard a password is to guess.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    /// A few guesses.
    VeryWeak,
    /// Under 10⁶ guesses.
    Weak,
    /// Under 10⁸ guesses.
    Fair,
    /// Under 10¹⁰ guesses: what is asked for at least.
    Strong,
    /// More.
    VeryStrong,
}

/// Why a password is not taken; for the user, in French.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WeakPassword {
    /// Outside [`SHORTEST`]..=[`LONGEST`].
    #[error("Le mot de passe compte de {SHORTEST} à {LONGEST} caractères.")]
    Length,
    /// Among the passwords of leaks.
    #[error(
        "Ce mot de passe figure dans les listes de mots de passe divulgués, que les pirates essaient d’abord. \
         Choisissez-en un autre."
    )]
    Leaked,
    /// Made of its owner's name, login or office.
    #[error(
        "Ce mot de passe contient votre nom, votre identifiant ou celui de l’office. Choisissez d’autres mots."
    )]
    Personal,
    /// Guessed too soon, by this.
    #[error("Ce mot de passe se devine trop facilement\u{a0}: {0}")]
    Guessable(&'static str),
}

/// What is thought of a password. `about`: names, login, mail address of its owner, the office's name.
///
/// Takes about a millisecond of CPU, however long it is: its first 100 characters are looked at. The year that dates are compared
/// with is read by the library itself.
#[must_use]
pub fn judge(password: &str, about: &[&str]) -> (Strength, Option<WeakPassword>) {
    let parts: Vec<String> = about.iter().flat_map(|text| parts(text)).collect();
    let known: Vec<&str> = parts.iter().map(String::as_str).chain(FRENCH.lines()).collect();
    let found = zxcvbn(password, &known);
    let strength = strength(found.score());
    let feedback = found.feedback();
    let warning = feedback.and_then(|feedback| feedback.warning());
    let fault = if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        Some(WeakPassword::Length)
    } else if strength >= Strength::Strong {
        None
    } else if is_leaked(password, warning) {
        Some(WeakPassword::Leaked)
    } else if contains(password, &parts) {
        Some(WeakPassword::Personal)
    } else {
        let suggestions = feedback.map(|feedback| feedback.suggestions()).unwrap_or_default();
        Some(WeakPassword::Guessable(reason(warning, suggestions)))
    };
    (strength, fault)
}

fn strength(score: Score) -> Strength {
    match score {
        Score::Zero => Strength::VeryWeak,
        Score::One => Strength::Weak,
        Score::Two => Strength::Fair,
        Score::Three => Strength::Strong,
        _ => Strength::VeryStrong,
    }
}

/// The whole, and its parts: «claire.moreau@office.fr», «claire», «moreau», «office».
fn parts(text: &str) -> impl Iterator<Item = String> {
    let whole = text.to_lowercase();
    let split: Vec<String> = whole.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    std::iter::once(whole).chain(split).filter(|part| part.chars().count() >= SHORTEST_PART)
}

fn contains(password: &str, parts: &[String]) -> bool {
    let password = password.to_lowercase();
    parts.iter().any(|part| password.contains(part.as_str()))
}

fn is_leaked(password: &str, warning: Option<Warning>) -> bool {
    let frequent = matches!(
        warning,
        Some(Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword)
    );
    let lower = password.to_lowercase();
    frequent || FRENCH.lines().any(|known| known == lower)
}

fn reason(warning: Option<Warning>, suggestions: &[Suggestion]) -> &'static str {
    match warning {
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            "il suit les touches du clavier. Ajoutez des mots sans rapport entre eux."
        }
        Some(
            Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess,
        ) => "il se répète. Ajoutez des mots sans rapport entre eux.",
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => {
            "il contient une suite comme abc ou 6543. Ajoutez des mots sans rapport entre eux."
        }
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            "il est fait d’une date. Ajoutez des mots sans rapport entre eux."
        }
        Some(
            Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => "il est fait d’un nom ou d’un prénom. Ajoutez des mots sans rapport entre eux.",
        Some(
            Warning::ThisIsSimilarToACommonlyUsedPassword
            | Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword,
        ) => "il ressemble à un mot de passe très répandu. Ajoutez des mots sans rapport entre eux.",
        Some(Warning::AWordByItselfIsEasyToGuess) => {
            "un mot seul ne suffit pas. Ajoutez des mots sans rapport avec lui."
        }
        None if suggestions.contains(&Suggestion::AvoidRepeatedWordsAndCharacters) => {
            "il se répète. Ajoutez des mots sans rapport entre eux."
        }
        None => "il est trop court ou trop courant. Ajoutez des mots sans rapport entre eux.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: [&str; 4] = ["Claire", "Moreau", "claire.moreau@office.fr", "Office Notarial de la Place"];

    fn fault(password: &str) -> Option<WeakPassword> {
        judge(password, &ABOUT).1
    }

    #[test]
    fn words_without_a_link_between_them_are_taken() {
        for good in
            ["cheval agrafe pile correct", "Bien-trop-secret-2026", "qX7!mPz0wLk", "ثلاثة كلمات طويلة جدا"]
        {
            assert_eq!(fault(good), None, "{good}");
        }
        assert_eq!(judge("cheval agrafe pile correct", &[]).0, Strength::VeryStrong);
    }

    #[test]
    fn what_is_in_the_lists_of_leaks_is_told_as_such() {
        for leaked in ["qwertyuiop", "1234567890", "motdepasse", "MotDePasse", "azertyuiop", "administrateur"]
        {
            let fault = fault(leaked);
            assert_eq!(fault, Some(WeakPassword::Leaked), "{leaked}");
        }
    }

    #[test]
    fn ones_own_name_is_no_password() {
        for own in ["clairemoreau", "Moreau2026", "OfficeNotarial", "claire.moreau@office.fr"] {
            assert_eq!(fault(own), Some(WeakPassword::Personal), "{own}");
        }
        assert_eq!(fault("Moreau agrafe cheval pile"), None, "beside three other words it does no harm");
    }

    #[test]
    fn weak_ones_say_why() {
        for (weak, why) in [
            ("aaaaaaaaaaaa", "se répète"),
            ("abcdefghijkl", "une suite"),
            ("24-12-1987", "une date"),
            ("Motdepasse9", "trop courant"),
        ] {
            let told = fault(weak).unwrap().to_string();
            assert!(told.contains(why) && told.ends_with('.'), "{weak}: {told}");
        }
        assert_eq!(fault("qX7!mPz0w"), Some(WeakPassword::Length));
        assert_eq!(fault(""), Some(WeakPassword::Length));
        assert_eq!(fault(&"cheval agrafe pile ".repeat(11)), Some(WeakPassword::Length));
    }
}
