use super::{PageUrl, Refusal, line, setup::Answers};
use serde::{Deserialize, Serialize};

/// A text that is agreed to: where it stands, and which version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegalText {
    /// The page with it.
    pub url: PageUrl,
    /// What is kept of it with the agreement.
    pub version: String,
}

/// The texts that an administrator agrees to for each user (USER-03).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LegalSettings {
    /// «Nos CGV».
    pub terms: Option<LegalText>,
    /// «Responsabilité».
    pub liability: Option<LegalText>,
}

impl LegalText {
    /// What is kept where there is no text but the neutral one of the pages.
    pub const NEUTRAL_VERSION: &str = "neutral-1";

    fn read(answers: &mut Answers, url_key: &'static str, version_key: &'static str) -> Option<Self> {
        let url = answers.optional(url_key, PageUrl::new);
        let version = answers.optional(version_key, line);
        match (answers.has(url_key), answers.has(version_key)) {
            (true, false) => {
                let todo = "Indiquez la version du texte, par exemple sa date";
                answers.refuse(version_key, Refusal::new("une adresse sans version ne prouve rien", todo));
            }
            (false, true) => {
                let todo = "Indiquez l’adresse du texte, ou retirez sa version";
                answers.refuse(url_key, Refusal::new("une version sans adresse ne mène à rien", todo));
            }
            _ => {}
        }
        Some(Self { url: url?, version: version? })
    }
}

impl LegalSettings {
    pub(super) fn read(answers: &mut Answers) -> Self {
        Self {
            terms: LegalText::read(answers, "legal.terms_url", "legal.terms_version"),
            liability: LegalText::read(answers, "legal.liability_url", "legal.liability_version"),
        }
    }
}
