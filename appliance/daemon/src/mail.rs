use async_trait::async_trait;
use std::sync::Arc;
use tabellion_domain::settings::{MailRelay, MailSecurity, Settings};
use tabellion_post::{
    Envelope, Mail, Mailer, SendError, SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpMailer,
    SmtpSecurity, Unconfigured,
};
use tracing::error;

/// The mail server of the settings, or one that says that there is none, or why there is none: mails wait in the outbox
/// then, and everything else goes on.
pub(crate) fn mailer(settings: &Settings) -> Arc<dyn Mailer> {
    let Some(relay) = &settings.mail else { return Arc::new(Unconfigured) };
    match smtp(relay, settings) {
        Ok(mailer) => Arc::new(mailer),
        Err(problem) => {
            error!(%problem, "the mail settings cannot be used: mails wait until they are mended");
            Arc::new(Unusable(problem.to_string()))
        }
    }
}

/// The mail server itself. Does not connect.
///
/// # Errors
/// The sender or the authority's certificate cannot be used.
pub(crate) fn smtp(relay: &MailRelay, settings: &Settings) -> Result<SmtpMailer, SmtpConfigError> {
    let hello = settings.names.public.as_ref().map_or(settings.names.host.as_str(), |name| name.as_str());
    SmtpMailer::new(config(relay, hello))
}

/// Stands where the settings of the mail server cannot be used, and says why.
struct Unusable(String);

#[async_trait]
impl Mailer for Unusable {
    async fn send_mail(&self, _: &Mail, _: Envelope) -> Result<(), SendError> {
        Err(SendError::Away(format!("the mail settings cannot be used: {}", self.0).into()))
    }
}

fn config(relay: &MailRelay, hello: &str) -> SmtpConfig {
    SmtpConfig {
        host: relay.host.as_str().to_owned(),
        port: relay.port,
        security: match relay.security {
            MailSecurity::None => SmtpSecurity::Plain,
            MailSecurity::StartTls => SmtpSecurity::StartTls,
            MailSecurity::Tls => SmtpSecurity::Tls,
        },
        credentials: relay.login.as_ref().map(|login| SmtpCredentials {
            username: login.name.clone(),
            password: login.password.reveal().to_owned(),
        }),
        from: relay.sender.to_string(),
        hello: hello.to_owned(),
        authority_pem: relay.authority_pem.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::{MailAddress, Sender, Server};
    use time::macros::datetime;

    #[tokio::test]
    async fn a_relay_that_cannot_be_used_keeps_the_mails_and_says_why() {
        let relay = MailRelay {
            host: Server::new("smtp.office.fr").unwrap(),
            port: 465,
            security: MailSecurity::Tls,
            login: None,
            sender: Sender { name: String::new(), address: MailAddress::new("visio@office.fr").unwrap() },
            authority_pem: Some(
                "-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----\n".to_owned(),
            ),
        };
        let settings = Settings { mail: Some(relay), ..Settings::default() };
        let mail = Mail::plain("a@office.fr".to_owned(), String::new(), String::new());
        let now = datetime!(2026-11-23 12:00 UTC);
        let envelope = Envelope { id: 1, queued_at: now, at: now };
        let answer = mailer(&settings).send_mail(&mail, envelope).await;
        let Err(SendError::Away(trouble)) = answer else { panic!("{answer:?}") };
        assert!(
            trouble.detail.contains("the mail settings cannot be used: the mail server's TLS settings"),
            "{trouble}"
        );
    }
}
