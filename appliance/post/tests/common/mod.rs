//! A mail server as offices have one, and the mails that it has got.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde::Deserialize;
use std::{path::Path, process::Stdio, time::Duration};
use tabellion_post::{SmtpConfig, SmtpCredentials, SmtpMailer, SmtpPatience, SmtpSecurity};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

const PASSWORD: &str = "secret";
/// What the slow server is longer than.
const SHORT: Duration = Duration::from_millis(200);

/// A mail server over TLS (`relay.py` says what it does with whom).
pub(crate) struct Relay {
    folder: tempfile::TempDir,
    security: SmtpSecurity,
    authority_pem: String,
    port: u16,
    running: Option<(Child, Lines<BufReader<ChildStdout>>)>,
}

/// A mail that it has got.
#[derive(Deserialize)]
pub(crate) struct Received {
    /// The envelope's sender.
    pub(crate) from: String,
    /// Its recipients.
    pub(crate) to: Vec<String>,
    /// Whether it came over TLS.
    pub(crate) tls: bool,
    /// What the box called itself.
    pub(crate) hello: String,
    /// The mail, as it came.
    pub(crate) data: String,
}

impl Relay {
    /// One that runs.
    pub(crate) async fn start(security: SmtpSecurity) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority_pem = certificate(folder.path());
        let mut relay = Self { folder, security, authority_pem, port: 0, running: None };
        relay.resume().await;
        relay
    }

    /// Is away from now on, its connections as well.
    pub(crate) async fn stop(&mut self) {
        let (mut child, _) = self.running.take().unwrap();
        child.kill().await.unwrap();
    }

    /// Is back, where it was.
    pub(crate) async fn resume(&mut self) {
        let security = if self.security == SmtpSecurity::Tls { "tls" } else { "starttls" };
        let mut child = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/relay.py"))
            .args([self.folder.path().join("certificate.pem"), self.folder.path().join("key.pem")])
            .args([security, PASSWORD, &self.port.to_string()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().expect("it runs: install Debian's python3-aiosmtpd");
        self.port = port.parse().unwrap();
        self.running = Some((child, lines));
    }

    /// The next mail that it has got.
    pub(crate) async fn next(&mut self) -> Received {
        let (_, lines) = self.running.as_mut().unwrap();
        let line =
            tokio::time::timeout(Duration::from_secs(10), lines.next_line()).await.expect("a mail comes");
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    }

    /// Nothing came that was not looked at, and nothing comes any more.
    pub(crate) async fn has_no_more(mut self) {
        let (mut child, mut lines) = self.running.take().unwrap();
        child.kill().await.unwrap();
        assert_eq!(lines.next_line().await.unwrap(), None);
    }

    /// How it is reached.
    pub(crate) fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "localhost".into(),
            port: self.port,
            security: self.security,
            credentials: Some(SmtpCredentials { username: "visio".into(), password: PASSWORD.into() }),
            from: "Office Notarial de la Place <visio@office.test>".into(),
            hello: "visio.tabellion.test".into(),
            authority_pem: Some(self.authority_pem.clone()),
        }
    }

    /// What sends by it.
    pub(crate) fn mailer(&self) -> SmtpMailer {
        SmtpMailer::new(self.config()).unwrap()
    }

    /// The same, without patience for a slow one.
    pub(crate) fn impatient_mailer(&self) -> SmtpMailer {
        self.mailer().with_patience(SmtpPatience { content: SHORT, ..SmtpPatience::default() })
    }
}

/// The server's, in the folder; its authority's.
fn certificate(folder: &Path) -> String {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key).unwrap();
    let issuer = Issuer::new(parameters, key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.join("certificate.pem"), own.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    authority.pem()
}
