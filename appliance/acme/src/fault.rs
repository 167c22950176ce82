use instant_acme::Error;
use std::{fmt, time::Duration};
use tabellion_domain::settings::Refusal;

/// Why there is no certificate. Never holds a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What is wrong and what to do, for the office, in French.
    pub refusal: Refusal,
    /// For the support, in English.
    pub detail: String,
    /// How long the authority wants to be left alone, where it says so.
    pub wait: Option<Duration>,
}

impl Fault {
    pub(crate) fn new(what: impl AsRef<str>, todo: impl AsRef<str>, detail: impl fmt::Display) -> Self {
        Self { refusal: Refusal::new(what, todo), detail: detail.to_string(), wait: None }
    }

    /// From the authority, or on the way to it.
    pub(crate) fn of_authority(error: &Error, retry_after: Option<Duration>) -> Self {
        let Error::Api(problem) = error else {
            return Self::new(
                "l’autorité de certification ne répond pas comme prévu",
                "Vérifiez l’adresse de l’annuaire ACME et que le pare-feu de l’office laisse la boîte joindre Internet en HTTPS",
                causes(error),
            );
        };
        let kind = problem.r#type.as_deref().unwrap_or_default();
        Self { wait: retry_after, ..Self::of_problem(kind, problem) }
    }

    /// A problem document (RFC 8555 §6.7).
    pub(crate) fn of_problem(kind: &str, detail: &dyn fmt::Display) -> Self {
        let (what, todo) = match kind.rsplit(':').next().unwrap_or_default() {
            "rateLimited" => (
                "l’autorité a reçu trop de demandes pour ce nom",
                "Attendez : la boîte redemandera d’elle-même quand l’autorité l’acceptera",
            ),
            "dns" | "unauthorized" | "incorrectResponse" | "connection" => (
                "l’autorité n’a pas trouvé dans le DNS l’enregistrement que la boîte a publié",
                "Vérifiez que l’hébergeur DNS choisi est celui qui répond pour ce nom sur Internet",
            ),
            "caa" => (
                "le DNS interdit à cette autorité de certifier ce nom (enregistrement CAA)",
                "Ajoutez cette autorité aux enregistrements CAA du domaine, ou choisissez-en une qui y est",
            ),
            "rejectedIdentifier" => (
                "l’autorité ne certifie pas ce nom",
                "Donnez à la boîte un nom public d’un domaine que l’office possède",
            ),
            "invalidContact" | "unsupportedContact" => (
                "l’autorité n’accepte pas l’adresse de contact",
                "Indiquez une adresse électronique qui existe",
            ),
            "externalAccountRequired" => (
                "cette autorité demande un compte ouvert d’avance, ce que cette version ne sait pas faire",
                "Choisissez une autorité qui n’en demande pas",
            ),
            "userActionRequired" => (
                "l’autorité a de nouvelles conditions d’utilisation",
                "Lisez-les à l’adresse que donnent les détails, puis prévenez le support",
            ),
            _ => ("l’autorité a refusé la demande", "Lisez les détails, ou prévenez le support"),
        };
        Self::new(what, todo, format!("{kind}: {detail}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.refusal, self.detail)
    }
}

impl std::error::Error for Fault {}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
