use crate::{Envelope, Mail, Mailer, SendError};
use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// A server that says nothing for this long is away.
const TIMEOUT: Duration = Duration::from_secs(30);

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

/// Sends mails by SMTP.
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// Does not connect yet.
    ///
    /// # Errors
    /// [`SmtpConfigError`].
    pub fn new(config: SmtpConfig) -> Result<Self, SmtpConfigError> {
        let from = config.from.parse().map_err(|_| SmtpConfigError::Sender(config.from.clone()))?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.clone())
            .port(config.port)
            .hello_name(ClientId::Domain(config.hello.clone()))
            .timeout(Some(TIMEOUT))
            .tls(tls(&config)?);
        if let Some(SmtpCredentials { username, password }) = config.credentials {
            builder = builder.credentials(Credentials::new(username, password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Hands over one mail, for somebody who waits for the answer.
    ///
    /// # Errors
    /// [`SmtpFault`].
    pub async fn attempt(&self, mail: &Mail, envelope: Envelope) -> Result<(), SmtpFault> {
        let no_form = |error: SendError| SmtpFault { code: None, reached: true, detail: error.to_string() };
        let message = self.message(mail, envelope).map_err(no_form)?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            let code = error.status().map(u16::from);
            SmtpFault { code, reached: code.is_some() || error.is_response(), detail: causes(&error) }
        })
    }

    /// The same at each attempt, so that a mailbox shows a mail once that went out twice; and no other mail's, also
    /// after the database was made anew (RFC 5322 §3.6.4).
    fn message_id(&self, envelope: Envelope) -> String {
        let micros = envelope.queued_at.unix_timestamp_nanos() / 1000;
        format!("<{micros}.{}@{}>", envelope.id, self.from.email.domain())
    }

    fn message(&self, mail: &Mail, envelope: Envelope) -> Result<Message, SendError> {
        let to: Mailbox =
            mail.to.parse().map_err(|_| SendError::Permanent("not a mail address".to_owned()))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .date(envelope.queued_at.into())
            .message_id(Some(self.message_id(envelope)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.clone())
            .map_err(|error| SendError::Permanent(format!("the mail has no valid form: {error}")))
    }
}

fn tls(config: &SmtpConfig) -> Result<Tls, SmtpConfigError> {
    let parameters = || -> Result<TlsParameters, SmtpConfigError> {
        let mut builder = TlsParameters::builder(config.host.clone());
        if let Some(pem) = &config.authority_pem {
            builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
        }
        Ok(builder.build()?)
    };
    Ok(match config.security {
        SmtpSecurity::StartTls => Tls::Required(parameters()?),
        SmtpSecurity::Tls => Tls::Wrapper(parameters()?),
        SmtpSecurity::Plain => Tls::None,
    })
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send_mail(&self, mail: &Mail, envelope: Envelope) -> Result<(), SendError> {
        let message = self.message(mail, envelope)?;
        self.transport.send(message).await.map(drop).map_err(|error| kind_of(&error))
    }
}

/// Only these say that the recipient is wrong (RFC 5321 §4.2.3). A refused password or a server that wants nothing
/// to do with this box is a fault of the settings: mails wait until it is mended.
fn kind_of(error: &lettre::transport::smtp::Error) -> SendError {
    match error.status().map(u16::from) {
        Some(code @ (550 | 551 | 553)) => SendError::Permanent(format!("the mail server answers {code}")),
        Some(code) => SendError::Temporary(format!("the mail server answers {code}")),
        None => SendError::Temporary(format!("the mail server cannot be reached: {}", causes(error))),
    }
}

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
