use anyhow::{Context, Result};
use std::sync::Arc;
use tabellion_domain::settings::{MailRelay, MailSecurity, Settings};
use tabellion_post::{Mailer, SmtpConfig, SmtpCredentials, SmtpMailer, SmtpSecurity, Unconfigured};

/// The mail server of the settings, or one that says that there is none.
///
/// # Errors
/// The sender or the authority's certificate cannot be used.
pub(crate) fn mailer(settings: &Settings) -> Result<Arc<dyn Mailer>> {
    let Some(relay) = &settings.mail else { return Ok(Arc::new(Unconfigured)) };
    let hello = settings.names.public.as_ref().map_or(settings.names.host.as_str(), |name| name.as_str());
    let mailer = SmtpMailer::new(config(relay, hello)).context("the mail settings cannot be used")?;
    Ok(Arc::new(mailer))
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
