use super::{MailAddress, Refusal, Secret, Server, certificate, setup::Answers};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The server that takes the box's mails.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailRelay {
    /// Name or address; with TLS, the name in its certificate.
    pub host: Server,
    /// 587 with STARTTLS, 465 with TLS, 25 without, where nothing else is said.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// Where the server asks for them.
    pub login: Option<MailLogin>,
    /// What the mails come from.
    pub sender: Sender,
    /// PEM of a certification authority of the office's own, where the public ones do not vouch for the server.
    #[serde(default)]
    pub authority_pem: Option<String>,
}

/// How the connection to the mail server is protected. Never opportunistic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// Not at all: a relay on the box's own wire.
    None,
    /// STARTTLS, without which nothing is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// Name and password at the mail server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailLogin {
    /// The name.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// A sender: `Office Notarial de la Place <visio@office.fr>`, or the address alone (RFC 5322 §3.4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sender {
    /// What is shown before the address; may be empty.
    pub name: String,
    /// The address.
    pub address: MailAddress,
}

impl MailSecurity {
    /// The usual port.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }

    fn new(text: &str) -> Result<Self, Refusal> {
        match text.trim() {
            "none" => Ok(Self::None),
            "starttls" => Ok(Self::StartTls),
            "tls" => Ok(Self::Tls),
            other => {
                let todo = "Écrivez « none », « starttls » ou « tls »";
                Err(Refusal::new(format!("« {other} » n’est pas une protection connue"), todo))
            }
        }
    }
}

impl Sender {
    fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        if name.chars().any(|c| c.is_control() || matches!(c, '"' | '\\' | '<' | '>')) {
            let todo = "Écrivez un nom simple puis l’adresse, par exemple Office Notarial <visio@office.fr>";
            return Err(Refusal::new("le nom de l’expéditeur contient un signe qui n’est pas accepté", todo));
        }
        Ok(Self { name: name.to_owned(), address: MailAddress::new(address)? })
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => self.address.fmt(f),
            // Quoted where a sign has a meaning in addresses.
            name if name.contains(|c| "()[]:;@,.".contains(c)) => write!(f, "\"{name}\" <{}>", self.address),
            name => write!(f, "{name} <{}>", self.address),
        }
    }
}

impl MailRelay {
    /// None, also where a part is wrong: that is among the answers' errors then.
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        if !answers.has_section("mail") {
            return None;
        }
        let host = answers.required("mail.host", Server::new);
        let sender = answers.required("mail.sender", Sender::new);
        let security = answers.optional("mail.security", MailSecurity::new).unwrap_or(MailSecurity::StartTls);
        let port = answers.number("mail.port", 1, u16::MAX).unwrap_or(security.port());
        let login = MailLogin::read(answers, security);
        let authority_pem = answers.optional("mail.authority", certificate::chain);
        Some(Self { host: host?, port, security, login, sender: sender?, authority_pem })
    }
}

impl MailLogin {
    fn read(answers: &mut Answers, security: MailSecurity) -> Option<Self> {
        if !answers.has("mail.login") && !answers.has("mail.password") {
            return None;
        }
        let name = answers.required("mail.login", super::line);
        let password = answers.required("mail.password", password);
        if security == MailSecurity::None {
            let todo = "Choisissez « starttls » ou « tls », ou retirez l’identifiant et le mot de passe";
            answers.refuse(
                "mail.security",
                Refusal::new("le mot de passe passerait en clair sur le réseau", todo),
            );
        }
        Some(Self { name: name?, password: password? })
    }
}

fn password(text: &str) -> Result<Secret, Refusal> {
    if (1..=500).contains(&text.len()) && !text.chars().any(char::is_control) {
        return Ok(Secret::new(text));
    }
    Err(Refusal::new("ce mot de passe ne peut pas être lu", "Recopiez-le sur une seule ligne"))
}
