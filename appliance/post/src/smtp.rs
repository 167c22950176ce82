use crate::{
    Envelope, Mail, Mailer, SendError, mime,
    smtp_session::{Failure, Security, Server, SmtpPatience, Stage, causes},
};
use async_trait::async_trait;
use lettre::{
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, TlsParameters},
        extension::ClientId,
    },
};
use serde::{Deserialize, Serialize};
use std::fmt;
use tabellion_store::MessageTrouble;

/// The office's mail server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmtpConfig {
    /// Name or address; with TLS, the name in its certificate.
    pub host: String,
    /// 587 with STARTTLS, 465 with TLS, as a rule.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Where the server asks for them.
    pub credentials: Option<SmtpCredentials>,
    /// Sender: `Office Notarial de la Place <visio@office.fr>`, or the address alone.
    pub from: String,
    /// This box's name in EHLO (RFC 5321 §4.1.1.1).
    pub hello: String,
    /// PEM of a certification authority of the office's own, where the public ones do not vouch for the server.
    pub authority_pem: Option<String>,
}

/// How the connection is protected. Never opportunistic: whoever sits between could take the offer away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// STARTTLS, without which nothing is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None: a relay on the box's own wire.
    Plain,
}

/// Name and password at the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpCredentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for SmtpCredentials {
    /// A password has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpCredentials(…)")
    }
}

/// A setting that cannot be used: whoever set it has to change it.
#[derive(Debug, thiserror::Error)]
pub enum SmtpConfigError {
    /// The sender is no mailbox.
    #[error("the mail sender {0:?} is not a mail address")]
    Sender(String),
    /// The authority's certificate, or the server's name.
    #[error("the mail server's TLS settings cannot be used: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Why a mail server has not taken a mail.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct SmtpFault {
    /// The server's answer (RFC 5321 §4.2), where it has given one.
    pub code: Option<u16>,
    /// Whether a server was reached at all.
    pub reached: bool,
    /// For the support, in English.
    pub detail: String,
}

/// Sends mails by SMTP, each over a connection of its own.
#[derive(Clone)]
pub struct SmtpMailer {
    server: Server,
    from: Mailbox,
}

impl SmtpMailer {
    /// Does not connect yet.
    ///
    /// # Errors
    /// [`SmtpConfigError`].
    pub fn new(config: SmtpConfig) -> Result<Self, SmtpConfigError> {
        let from = config.from.parse().map_err(|_| SmtpConfigError::Sender(config.from.clone()))?;
        let security = security(&config)?;
        let credentials = config
            .credentials
            .map(|SmtpCredentials { username, password }| Credentials::new(username, password));
        let hello = ClientId::Domain(config.hello);
        let patience = SmtpPatience::default();
        let server = Server { host: config.host, port: config.port, security, hello, credentials, patience };
        Ok(Self { server, from })
    }

    /// With another patience than the usual one.
    #[must_use]
    pub fn with_patience(mut self, patience: SmtpPatience) -> Self {
        self.server.patience = patience;
        self
    }

    /// Hands over one mail, for somebody who waits for the answer.
    ///
    /// # Errors
    /// [`SmtpFault`].
    pub async fn attempt(&self, mail: &Mail, envelope: Envelope) -> Result<(), SmtpFault> {
        let no_form = |error: SendError| SmtpFault { code: None, reached: true, detail: error.to_string() };
        let message = mime::message(mail, &self.from, envelope).map_err(no_form)?;
        self.server.deliver(&message).await.map_err(|failure| {
            let Failure { cause, .. } = &failure;
            let code = failure.code();
            let reached =
                code.is_some() || cause.as_ref().is_some_and(lettre::transport::smtp::Error::is_response);
            let detail = cause.as_ref().map_or_else(|| failure.detail(), |cause| causes(cause));
            SmtpFault { code, reached, detail }
        })
    }
}

fn security(config: &SmtpConfig) -> Result<Security, SmtpConfigError> {
    let parameters = || -> Result<TlsParameters, SmtpConfigError> {
        let mut builder = TlsParameters::builder(config.host.clone());
        if let Some(pem) = &config.authority_pem {
            builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
        }
        Ok(builder.build()?)
    };
    Ok(match config.security {
        SmtpSecurity::StartTls => Security::StartTls(parameters()?),
        SmtpSecurity::Tls => Security::Tls(parameters()?),
        SmtpSecurity::Plain => Security::None,
    })
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send_mail(&self, mail: &Mail, envelope: Envelope) -> Result<(), SendError> {
        let message = mime::message(mail, &self.from, envelope)?;
        self.server.deliver(&message).await.map_err(kind_of)
    }
}

fn kind_of(failure: Failure) -> SendError {
    let trouble = MessageTrouble { detail: failure.detail(), answer: failure.answer() };
    match failure.stage {
        _ if failure.is_final() => SendError::Permanent(trouble),
        Stage::Greeting => SendError::Away(trouble),
        Stage::Recipient | Stage::Content => SendError::Temporary(trouble),
    }
}
