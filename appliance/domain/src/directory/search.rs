/// Characters that are searched for at most.
const LONGEST: usize = 100;
/// Words that are searched for at most: each costs a look through all that begin like it.
const MOST_WORDS: usize = 8;

/// What somebody looks for in the directory: words, all of which an entry's CRPCEN, office and name hold together, each at the
/// beginning of one of theirs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DirectorySearch {
    words: Vec<String>,
    nothing: bool,
}

/// Why nothing is searched for; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SearchRefusal {
    /// Over 100 characters.
    #[error("La recherche compte {LONGEST} caractères au plus. Raccourcissez-la.")]
    TooLong,
    /// Over 8 words.
    #[error("La recherche compte {MOST_WORDS} mots au plus. Retirez-en.")]
    TooManyWords,
}

impl DirectorySearch {
    /// From what was typed. Nothing but white space looks for everybody.
    ///
    /// # Errors
    /// [`SearchRefusal`].
    pub fn new(text: &str) -> Result<Self, SearchRefusal> {
        if text.chars().count() > LONGEST {
            return Err(SearchRefusal::TooLong);
        }
        let typed: Vec<_> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|part| !part.is_empty())
            .collect();
        let mut words: Vec<String> = Vec::new();
        for word in typed.iter().filter(|part| is_a_word(part)) {
            if !words.iter().any(|known| known == word) {
                words.push((*word).to_owned());
            }
        }
        let nothing = words.is_empty() && !typed.is_empty();
        if words.len() > MOST_WORDS {
            return Err(SearchRefusal::TooManyWords);
        }
        Ok(Self { words, nothing })
    }

    /// The words, without white space and control characters; none: everybody is looked for, unless
    /// [`DirectorySearch::finds_nothing`].
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether there is something typed that no entry can hold: punctuation alone.
    #[must_use]
    pub fn finds_nothing(&self) -> bool {
        self.nothing
    }
}

/// Punctuation by itself stands between words, and is none.
fn is_a_word(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        DirectorySearch::new(text).unwrap().words().to_vec()
    }

    #[test]
    fn words_are_what_stands_between_white_space() {
        assert_eq!(words("  Étude\u{a0}d’Ormesson \t – etude\u{0}Étude "), ["Étude", "d’Ormesson", "etude"]);
        assert_eq!(words("a* OR b:\""), ["a*", "OR", "b:\""]);
        assert!(words(" \n").is_empty() && !DirectorySearch::new(" \n").unwrap().finds_nothing());
        assert!(DirectorySearch::new(" – \" * ").unwrap().finds_nothing());
        assert!(!DirectorySearch::new("– a").unwrap().finds_nothing());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert_eq!(DirectorySearch::new(&"é".repeat(101)), Err(SearchRefusal::TooLong));
        assert!(DirectorySearch::new(&"é".repeat(100)).is_ok());
        assert_eq!(DirectorySearch::new("a b c d e f g h i"), Err(SearchRefusal::TooManyWords));
        assert_eq!(words("a b c d e f g h a").len(), 8);
    }
}
