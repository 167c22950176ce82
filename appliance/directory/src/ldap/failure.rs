use super::super::csv::MOST_ENTRIES;
use ldap3::LdapError;

/// Why a look at the server gave nothing that is better than the former copy; for the administrator, in French. Where the settings are not
/// named, the next look may succeed.
#[derive(Debug, thiserror::Error)]
pub enum LdapFailure {
    /// Nobody answers there, or the connection broke.
    #[error(
        "le serveur d’annuaire ne répond pas. Vérifiez le réseau, et l’adresse du serveur dans les réglages."
    )]
    Unreachable(#[source] LdapError),
    /// No encryption that can be trusted.
    #[error(
        "la connexion au serveur d’annuaire ne peut pas être protégée. Vérifiez son certificat, et l’autorité indiquée dans \
         les réglages."
    )]
    Untrusted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The settings' name or password is wrong.
    #[error("le serveur d’annuaire refuse l’identifiant ou le mot de passe. Corrigez-les dans les réglages.")]
    Login,
    /// The server does not do what is asked (RFC 4511 §4.1.9).
    #[error(
        "le serveur d’annuaire refuse la recherche (code {code}). Vérifiez la base, le filtre et les droits de l’identifiant."
    )]
    Refused {
        /// Its result code.
        code: u32,
    },
    /// The filter of the settings is none (RFC 4515).
    #[error("le filtre des réglages n’est pas un filtre LDAP. Corrigez-le.")]
    Filter,
    /// The server takes its time.
    #[error("le serveur d’annuaire est trop lent\u{a0}: la recherche a été abandonnée. Elle sera reprise.")]
    Slow,
    /// What it says is no LDAP.
    #[error(
        "ce qui répond n’est pas un serveur LDAP, ou il est en panne. Vérifiez son adresse dans les réglages."
    )]
    Nonsense,
    /// More entries than are kept.
    #[error(
        "le serveur d’annuaire donne plus de {MOST_ENTRIES} entrées. Resserrez la base ou le filtre dans les réglages."
    )]
    TooMany,
    /// None that can be taken.
    #[error(
        "le serveur d’annuaire ne donne aucune entrée utilisable ({refused} sans CRPCEN, office ni nom, ou illisibles). Vérifiez \
         la base, le filtre et les attributs dans les réglages."
    )]
    Nothing {
        /// How many were refused.
        refused: u64,
    },
    /// So few that the server is probably ill.
    #[error(
        "le serveur d’annuaire ne donne plus que {found} entrées, au lieu de {former}. L’annuaire d’avant est gardé\u{a0}; si c’est \
         voulu, changez le filtre dans les réglages."
    )]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many there were.
        former: usize,
    },
}

impl From<LdapError> for LdapFailure {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::FilterParsing => Self::Filter,
            LdapError::Timeout { .. } => Self::Slow,
            LdapError::Rustls { .. } | LdapError::DNSName { .. } => Self::Untrusted(Box::new(error)),
            LdapError::LdapResult { result } => Self::Refused { code: result.rc },
            LdapError::Io { ref source } => match source.get_ref() {
                Some(inner) if inner.is::<rustls::Error>() => Self::Untrusted(Box::new(error)),
                _ => Self::Unreachable(error),
            },
            other => Self::Unreachable(other),
        }
    }
}
