use crate::uri::percent_encoded;

/// What is put into a request in the place of its words in braces.
#[derive(Clone, Copy, Debug)]
pub struct SmsWords<'a> {
    /// E.164: `+33612345678`.
    pub number: &'a str,
    /// What the SMS says.
    pub text: &'a str,
    /// What the service knows the office by; empty where there is none.
    pub secret: &'a str,
}

/// The part of a request that a word is put into: each has signs of its own that may not come in by a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmsPart {
    /// A URL, or a body of `application/x-www-form-urlencoded`.
    Encoded,
    /// A text within JSON.
    Json,
    /// A header's value: the words are written as they are, and have no line breaks.
    Header,
}

/// Their names. Other braces are the template's own: JSON is full of them.
pub(super) const NUMBER: &str = "{number}";
pub(super) const DIGITS: &str = "{digits}";
pub(super) const TEXT: &str = "{text}";
pub(super) const SECRET: &str = "{secret}";

impl SmsWords<'_> {
    /// The template with its words: `{number}` (+33612345678), `{digits}` (33612345678), `{text}`, `{secret}`. What a word brings in
    /// is not looked at again.
    #[must_use]
    pub fn fill(&self, template: &str, part: SmsPart) -> String {
        let mut filled = String::with_capacity(template.len() + self.text.len());
        let mut rest = template;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            match self.word(rest) {
                Some((name, value)) => {
                    filled.push_str(&part.escaped(value));
                    rest = &rest[name.len()..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled + rest
    }

    fn word(&self, text: &str) -> Option<(&'static str, &str)> {
        let digits = self.number.trim_start_matches('+');
        [(NUMBER, self.number), (DIGITS, digits), (TEXT, self.text), (SECRET, self.secret)]
            .into_iter()
            .find(|(name, _)| text.starts_with(name))
    }
}

impl SmsPart {
    fn escaped(self, value: &str) -> String {
        match self {
            Self::Encoded => percent_encoded(value),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Header => value.to_owned(),
        }
    }
}
