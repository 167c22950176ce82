use super::{DomainName, MailAddress, Refusal, Secret, Server, setup::Answers};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Control's file with the certificate that an ACME authority has given, and its key: JSON, in its state folder.
pub const ACME_CERTIFICATE: &str = "acme-certificate.json";

/// What the box proves its name with.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Certificate {
    /// Signed by the box's own authority.
    #[default]
    Own,
    /// Given by the office.
    Uploaded {
        /// PEM, leaf first. That the key belongs to it and that it is valid is for whoever loads it to check.
        chain_pem: String,
        /// PEM, not encrypted.
        key_pem: Secret,
    },
    /// Fetched and renewed by ACME (RFC 8555) with the `dns-01` challenge: the box needs not be reached from outside.
    Acme {
        /// `https://acme-v02.api.letsencrypt.org/directory`.
        directory: String,
        /// Whom the authority writes to.
        contact: MailAddress,
        /// Who publishes the challenge.
        dns: DnsProvider,
        /// PEM of the certification authority of the directory's server, where the public ones do not vouch for it: an
        /// authority of the office's own.
        #[serde(default)]
        authority_pem: Option<String>,
    },
}

/// Who publishes records in the DNS for the box.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum DnsProvider {
    /// The office's own server, by dynamic update (RFC 2136) with a TSIG key (RFC 8945).
    Rfc2136 {
        /// The server.
        server: Server,
        /// The key's name.
        key_name: DomainName,
        /// The key's secret, base64; HMAC-SHA-256.
        key_secret: Secret,
    },
    /// OVHcloud.
    Ovh {
        /// Application key.
        application_key: Secret,
        /// Application secret.
        application_secret: Secret,
        /// Consumer key.
        consumer_key: Secret,
    },
    /// Gandi.
    Gandi {
        /// Personal access token.
        token: Secret,
    },
}

impl Certificate {
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        let kind = answers.optional("certificate.kind", |text| match text.trim() {
            kind @ ("own" | "uploaded" | "acme") => Ok(kind.to_owned()),
            other => Err(Refusal::new(
                format!("« {other} » n’est pas une origine de certificat"),
                "Écrivez « own » (autorité de la boîte), « uploaded » (certificat fourni) ou « acme »",
            )),
        });
        match kind.as_deref() {
            // It was refused above.
            None if answers.has("certificate.kind") => None,
            Some("uploaded") => {
                let chain_pem = answers.required("certificate.chain", chain);
                let key_pem = answers.required("certificate.key", key);
                Some(Self::Uploaded { chain_pem: chain_pem?, key_pem: key_pem? })
            }
            Some("acme") => {
                let directory = answers.required("certificate.directory", directory);
                let contact = answers.required("certificate.contact", MailAddress::new);
                let dns = DnsProvider::read(answers);
                let authority_pem = answers.optional("certificate.authority", chain);
                Some(Self::Acme { directory: directory?, contact: contact?, dns: dns?, authority_pem })
            }
            _ => {
                superfluous(answers);
                Some(Self::Own)
            }
        }
    }
}

/// A key or a chain beside `own` is a mistake: the one who wrote it believes that it is used.
fn superfluous(answers: &mut Answers) {
    for key in [
        "certificate.chain",
        "certificate.key",
        "certificate.directory",
        "certificate.dns_provider",
        "certificate.authority",
    ] {
        if answers.has(key) {
            let todo = "Retirez cette ligne, ou choisissez « uploaded » ou « acme »";
            answers.refuse(key, Refusal::new("ce réglage ne sert pas avec « own »", todo));
        }
    }
}

impl DnsProvider {
    fn read(answers: &mut Answers) -> Option<Self> {
        let provider = answers.required("certificate.dns_provider", |text| match text.trim() {
            provider @ ("rfc2136" | "ovh" | "gandi") => Ok(provider.to_owned()),
            other => Err(Refusal::new(
                format!("« {other} » n’est pas un hébergeur DNS connu"),
                "Écrivez « rfc2136 », « ovh » ou « gandi »",
            )),
        })?;
        let mut secret = |key: &'static str| answers.required(key, secret);
        match provider.as_str() {
            "ovh" => {
                let application_key = secret("certificate.ovh.application_key");
                let application_secret = secret("certificate.ovh.application_secret");
                let consumer_key = secret("certificate.ovh.consumer_key");
                Some(Self::Ovh {
                    application_key: application_key?,
                    application_secret: application_secret?,
                    consumer_key: consumer_key?,
                })
            }
            "gandi" => Some(Self::Gandi { token: secret("certificate.gandi.token")? }),
            _ => {
                let key_secret = secret("certificate.rfc2136.key_secret");
                let server = answers.required("certificate.rfc2136.server", Server::new);
                let key_name = answers.required("certificate.rfc2136.key_name", DomainName::new);
                Some(Self::Rfc2136 { server: server?, key_name: key_name?, key_secret: key_secret? })
            }
        }
    }
}

fn secret(text: &str) -> Result<Secret, Refusal> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 500 && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    Err(Refusal::new("cette clé ne peut pas être lue", "Recopiez-la telle que l’hébergeur l’a donnée"))
}

fn directory(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let host =
        text.strip_prefix("https://").and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    if Server::new(host).is_ok() && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    let todo = "Écrivez son adresse, par exemple https://acme-v02.api.letsencrypt.org/directory";
    Err(Refusal::new(format!("« {text} » n’est pas une adresse d’annuaire ACME"), todo))
}

/// One or more certificates, PEM.
pub(super) fn chain(text: &str) -> Result<String, Refusal> {
    match labels(text) {
        Some(labels) if !labels.is_empty() && labels.iter().all(|label| label == "CERTIFICATE") => {
            Ok(format!("{}\n", text.trim()))
        }
        _ => Err(Refusal::new(
            "ce n’est pas une suite de certificats PEM",
            "Recopiez le fichier entier, de « -----BEGIN CERTIFICATE----- » à « -----END CERTIFICATE----- »",
        )),
    }
}

fn key(text: &str) -> Result<Secret, Refusal> {
    let labels = labels(text).unwrap_or_default();
    match labels.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"] => {
            Ok(Secret::new(format!("{}\n", text.trim())))
        }
        ["ENCRYPTED PRIVATE KEY"] => Err(Refusal::new(
            "la clé est protégée par un mot de passe",
            "Fournissez-la déchiffrée : « openssl pkey -in cle.pem » l’écrit ainsi",
        )),
        _ => Err(Refusal::new(
            "ce n’est pas une clé privée PEM",
            "Recopiez le fichier entier, de « -----BEGIN PRIVATE KEY----- » à « -----END PRIVATE KEY----- »",
        )),
    }
}

/// The labels of PEM blocks (RFC 7468), where each block is whole and holds a DER sequence.
fn labels(text: &str) -> Option<Vec<String>> {
    let mut labels = Vec::new();
    let mut rest = text.trim();
    while let Some(begin) = rest.find("-----BEGIN ") {
        let (label, body) = rest[begin + 11..].split_once("-----")?;
        let (body, after) = body.split_once(&format!("-----END {label}-----"))?;
        let base64: String = body.split_whitespace().collect();
        let der = STANDARD.decode(base64).ok()?;
        // 0x30: a sequence (X.690 §8.9), which certificates and keys are alike.
        if der.first() != Some(&0x30) {
            return None;
        }
        labels.push(label.to_owned());
        rest = after;
    }
    Some(labels)
}
