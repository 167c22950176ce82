use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use std::{error::Error as _, time::Duration};

/// How long a farewell is waited for.
const FAREWELL: Duration = Duration::from_secs(2);
/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 300;

/// How long a server may take. What is broken off before the mail's end has not been handed over, and is sent again without harm; after it
/// nobody knows, so that the server has as long as RFC 5321 §4.5.3.2.6 gives it: else the mail would arrive twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmtpPatience {
    /// From the connection to the answer to DATA.
    pub greeting: Duration,
    /// From the mail's first byte to the answer to its last one.
    pub content: Duration,
}

impl Default for SmtpPatience {
    fn default() -> Self {
        Self { greeting: Duration::from_secs(60), content: Duration::from_secs(600) }
    }
}

/// How far a session has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Connection, TLS, login, the box's own address: the same whatever the mail.
    Greeting,
    /// RCPT.
    Recipient,
    /// The mail itself.
    Content,
}

/// Why a session has not ended with the mail in the server's hands.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Where.
    pub(crate) stage: Stage,
    /// What; none: no answer in time.
    pub(crate) cause: Option<Error>,
}

/// A server and how to speak with it.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) hello: ClientId,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) patience: SmtpPatience,
}

/// How the connection is protected.
#[derive(Clone)]
pub(crate) enum Security {
    None,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

impl Server {
    /// Hands a mail over. Once the server has taken it, nothing makes it a failure any more.
    pub(crate) async fn deliver(&self, message: &Message) -> Result<(), Failure> {
        let SmtpPatience { greeting, content } = self.patience;
        let mut stage = Stage::Greeting;
        let opened = tokio::time::timeout(greeting, self.open(message, &mut stage)).await;
        let mut connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(cause)) => return Err(Failure { stage, cause: Some(cause) }),
            Err(_) => return Err(Failure { stage, cause: None }),
        };
        let failed = |cause| Failure { stage: Stage::Content, cause };
        let mail = message.formatted();
        tokio::time::timeout(content, connection.message(&mail))
            .await
            .map_err(|_| failed(None))?
            .map_err(|cause| failed(Some(cause)))?;
        let _ = tokio::time::timeout(FAREWELL, connection.quit()).await;
        Ok(())
    }

    /// Up to where the server asks for the mail.
    async fn open(&self, message: &Message, stage: &mut Stage) -> Result<AsyncSmtpConnection, Error> {
        let mut connection = self.greet().await?;
        let (from, to) = (message.envelope().from(), message.envelope().to());
        // RFC 6531 §3.4: without the extension the server says itself what it makes of such an address.
        let international = to.iter().chain(from).any(|address| !address.to_string().is_ascii())
            && connection.server_info().supports_feature(Extension::SmtpUtfEight);
        let options = international.then_some(MailParameter::SmtpUtfEight);
        let mail = Mail::new(from.cloned(), options.into_iter().collect());
        connection.command(mail).await?;
        *stage = Stage::Recipient;
        for address in to {
            connection.command(Rcpt::new(address.clone(), Vec::new())).await?;
        }
        *stage = Stage::Content;
        connection.command(Data).await?;
        Ok(connection)
    }

    async fn greet(&self) -> Result<AsyncSmtpConnection, Error> {
        let at_once = match &self.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::None | Security::StartTls(_) => None,
        };
        let place = (self.host.as_str(), self.port);
        let patience = Some(self.patience.greeting);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, patience, &self.hello, at_once, None).await?;
        if let Security::StartTls(parameters) = &self.security {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

impl Failure {
    /// The answer's code (RFC 5321 §4.2), where there was an answer.
    pub(crate) fn code(&self) -> Option<u16> {
        self.cause.as_ref()?.status().map(u16::from)
    }

    /// Whether the mail, or its address, is refused for good (RFC 5321 §4.2.3, RFC 7504). A refused password, or a server that wants
    /// nothing to do with this box, is a fault of the settings: mails wait until it is mended.
    pub(crate) fn is_final(&self) -> bool {
        match self.stage {
            Stage::Greeting => false,
            Stage::Recipient => matches!(self.code(), Some(550 | 551 | 553 | 556)),
            Stage::Content => matches!(self.code(), Some(550 | 552 | 553 | 554)),
        }
    }

    /// What the server said, on one line: `550 5.1.1 no such user`.
    pub(crate) fn answer(&self) -> Option<String> {
        let code = self.code()?;
        let text = self.cause.as_ref()?.source().map(ToString::to_string).unwrap_or_default();
        let line: String =
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_ANSWER).collect();
        Some(format!("{code} {}", line.trim()).trim().to_owned())
    }

    /// For the log: without what the server said, which may name the address.
    pub(crate) fn detail(&self) -> String {
        let (doing, waited) = match self.stage {
            Stage::Greeting => ("being greeted", "before it took a recipient"),
            Stage::Recipient => ("naming the recipient", "after the recipient"),
            Stage::Content => ("handing over the mail", "to take the mail"),
        };
        match (&self.cause, self.code()) {
            (None, _) => format!("the mail server took too long {waited}"),
            (Some(_), Some(code)) => format!("the mail server answers {code} while {doing}"),
            (Some(cause), None) if cause.is_response() => {
                format!("the mail server's answer is not understood while {doing}")
            }
            (Some(cause), None) => {
                format!("the connection to the mail server failed while {doing}: {}", causes(cause))
            }
        }
    }
}

/// An error and what has led to it. With an answer's text: not for the log.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
