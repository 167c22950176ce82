use super::{Accent, Refusal, line, setup::Answers};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The service's name where nothing else is said.
const SERVICE: &str = "Service de visioconférence";
/// Bytes of a logo at most: it is part of the settings, which are read whole.
const LARGEST_LOGO: usize = 32 * 1024;
/// Characters of a legal text at most.
const LONGEST_TEXT: usize = 30_000;
/// What an SVG needs for a drawing and has no part in: scripts, other documents, other servers.
const FOREIGN: [&str; 7] =
    ["<script", "<foreignobject", "<!doctype", "<!entity", "javascript:", "<iframe", "@import"];

/// In whose name the service is given (AUTH-06): whoever runs it says so, the program has no brand of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Brand {
    /// The service's name.
    pub service: String,
    /// An SVG document; empty: none.
    pub logo: String,
    /// The pages' colour.
    pub accent: Accent,
    /// What papers say of an approval, word for word; empty: nothing, since not everybody may say so.
    pub approval: String,
    /// «CGV», as plain text; empty: none.
    pub terms: String,
    /// «Responsabilité», as plain text; empty: none.
    pub responsibility: String,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            service: SERVICE.to_owned(),
            logo: String::new(),
            accent: Accent::default(),
            approval: String::new(),
            terms: String::new(),
            responsibility: String::new(),
        }
    }
}

impl Brand {
    /// What an agreement to a text names (USER-03): another text has another one. Without a text pages show one of their own.
    #[must_use]
    pub fn version(text: &str) -> String {
        if text.is_empty() {
            return "neutral-1".to_owned();
        }
        let hash = Sha256::digest(text);
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn read(answers: &mut Answers) -> Self {
        let usual = Self::default();
        Self {
            service: answers.optional("brand.service", line).unwrap_or(usual.service),
            logo: answers.optional("brand.logo", logo).unwrap_or_default(),
            accent: answers.optional("brand.accent", Accent::new).unwrap_or_default(),
            approval: answers.optional("brand.approval", line).unwrap_or_default(),
            terms: answers.optional("brand.terms", legal).unwrap_or_default(),
            responsibility: answers.optional("brand.responsibility", legal).unwrap_or_default(),
        }
    }
}

/// A drawing, and nothing that could act. Pages show it as a picture, in which nothing acts; somebody may open it by its address.
fn logo(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.len() > LARGEST_LOGO {
        return Err(Refusal::new("ce logo est trop volumineux", "Simplifiez-le : 32 Ko au plus"));
    }
    let lower = text.to_ascii_lowercase();
    let begins = lower.starts_with("<svg") || (lower.starts_with("<?xml") && lower.contains("<svg"));
    if !begins || !lower.trim_end().ends_with("</svg>") {
        return Err(Refusal::new("ce logo n’est pas un dessin SVG", "Enregistrez-le au format SVG"));
    }
    if FOREIGN.iter().any(|foreign| lower.contains(foreign))
        || has_handler(&lower)
        || refers_elsewhere(&lower)
    {
        let todo = "Enregistrez-le comme « SVG simple », sans script ni lien vers un autre fichier";
        return Err(Refusal::new("ce logo contient autre chose qu’un dessin", todo));
    }
    Ok(text.to_owned())
}

/// `onload=` and its like, however they are written.
fn has_handler(lower: &str) -> bool {
    lower.match_indices("on").any(|(at, _)| {
        let stands_alone = !lower[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let name = lower[at..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
        stands_alone && name.trim_start().starts_with('=')
    })
}

/// A link to anything but a part of the drawing (`#…`) or a picture inside it (`data:image/…`).
fn refers_elsewhere(lower: &str) -> bool {
    lower.match_indices("href").any(|(at, name)| {
        let rest = lower[at + name.len()..].trim_start();
        let Some(value) = rest.strip_prefix('=') else { return false };
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        !(value.starts_with('#') || value.starts_with("data:image/"))
    })
}

/// Paragraphs of plain text, with one empty line at most between them.
fn legal(text: &str) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::new("ce texte est trop long", "Gardez 30 000 caractères au plus"));
    }
    if text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || crate::name::is_invisible(c)) {
        return Err(Refusal::new(
            "ce texte contient des signes invisibles",
            "Recopiez-le sans mise en forme",
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><defs><path id=\"a\" d=\"M0 0h2v2z\"/></defs><use href=\"#a\"/></svg>";

    #[test]
    fn a_drawing_is_taken_as_it_is() {
        assert_eq!(logo(&format!(" {DRAWING}\n")).unwrap(), DRAWING);
        assert!(logo(&format!("<?xml version=\"1.0\"?>\n{DRAWING}")).is_ok());
        assert_eq!(logo(" ").unwrap(), "");
    }

    #[test]
    fn what_acts_or_comes_from_elsewhere_is_no_drawing() {
        for wrong in [
            "<svg><script>alert(1)</script></svg>",
            "<svg onload=\"alert(1)\"></svg>",
            "<svg\nONLOAD = 'x'></svg>",
            "<svg/onload='alert(1)'></svg>",
            "<svg><image href=\"https://ailleurs.example/a.png\"/></svg>",
            "<svg><image xlink:href = 'http://ailleurs.example'/></svg>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg></svg>",
            "<svg><foreignObject/></svg>",
            "\u{89}PNG",
            "<svg>",
        ] {
            assert!(logo(wrong).is_err(), "{wrong}");
        }
        let large = format!("<svg>{}</svg>", "<g/>".repeat(9_000));
        assert!(logo(&large).unwrap_err().to_string().contains("32"), "{:?}", logo(&large));
    }

    #[test]
    fn an_agreement_names_the_text_as_it_was() {
        assert_eq!(Brand::version(""), "neutral-1");
        let (first, second) = (Brand::version("Article 1"), Brand::version("Article 1 bis"));
        assert!(first != second && first.len() == 16, "{first}, {second}");
    }

    #[test]
    fn legal_texts_have_paragraphs_and_no_tricks() {
        assert_eq!(legal("Article 1\r\n\r\nTexte. \n").unwrap(), "Article 1\n\nTexte.");
        assert!(
            legal("a\u{202e}b").is_err() && legal("a\0b").is_err() && legal(&"a".repeat(30_001)).is_err()
        );
    }
}
