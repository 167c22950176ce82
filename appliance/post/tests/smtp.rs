//! Mails over a real connection, to a server that speaks just enough SMTP (RFC 5321).

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use tabellion_post::{
    Envelope, Mail, Mailer, SendError, SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpMailer, SmtpSecurity,
};
use time::macros::datetime;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

const ENVELOPE: Envelope =
    Envelope { id: 7, queued_at: datetime!(2026-11-23 9:00 UTC), at: datetime!(2026-11-23 9:05 UTC) };

/// Serves one connection: `recipient` answers RCPT, `password` answers AUTH. What it was told comes back at its end.
async fn server(password: &'static str, recipient: &'static str) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test ESMTP\r\n").await.unwrap();
        let (mut told, mut in_data) = (Vec::new(), false);
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.as_str() {
                "." => {
                    in_data = false;
                    "250 taken"
                }
                _ if in_data => "",
                "DATA" => {
                    in_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                command if command.starts_with("EHLO") => "250-test\r\n250 AUTH PLAIN",
                command if command.starts_with("AUTH") => password,
                command if command.starts_with("RCPT") => recipient,
                _ => "250 ok",
            };
            told.push(line);
            if !answer.is_empty() {
                write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
        told
    });
    (port, told)
}

fn config(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::Plain,
        credentials: Some(SmtpCredentials { username: "visio".into(), password: "secret".into() }),
        from: "Office Notarial de la Place <visio@office.test>".into(),
        hello: "visio.tabellion.test".into(),
        authority_pem: None,
    }
}

fn mail() -> Mail {
    Mail::plain("bob@example.test".into(), "Réunion".into(), "Bonjour,\n.\nà demain".into())
}

async fn sent(config: SmtpConfig) -> Result<(), SendError> {
    let mailer = SmtpMailer::new(config).unwrap();
    mailer.send_mail(&mail(), ENVELOPE).await
}

#[tokio::test]
async fn a_mail_arrives_whole_with_its_sender_and_a_number_that_stays() {
    let (port, told) = server("235 welcome", "250 ok").await;
    sent(config(port)).await.unwrap();
    let told = told.await.unwrap();
    let has = |line: &str| assert!(told.iter().any(|told| told == line), "{line} in {told:#?}");
    has("EHLO visio.tabellion.test");
    has("RCPT TO:<bob@example.test>");
    assert!(told.iter().any(|line| line.starts_with("MAIL FROM:<visio@office.test>")), "{told:#?}");
    has("From: \"Office Notarial de la Place\" <visio@office.test>");
    has("Date: Mon, 23 Nov 2026 09:00:00 +0000");
    has("Message-ID: <1795424400000000.7@office.test>");
    assert!(told.iter().any(|line| line.starts_with("Subject: =?utf-8?b?")), "{told:#?}");
    assert_eq!(told.iter().filter(|line| *line == ".").count(), 1, "a point in the text does not end it");
}

#[tokio::test]
async fn an_unknown_recipient_is_final_and_a_busy_server_or_a_refused_password_is_not() {
    let refusals = [
        ("235 welcome", "550 no such mailbox", true),
        ("235 welcome", "451 again later", false),
        ("235 welcome", "554 not from you", false),
        ("535 wrong password", "250 ok", false),
    ];
    for (password, recipient, is_final) in refusals {
        let (port, _told) = server(password, recipient).await;
        let error = sent(config(port)).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Permanent(_)), is_final, "{password}, {recipient}: {error}");
        assert!(!error.to_string().contains("bob"), "{error}");
    }
}

#[tokio::test]
async fn without_the_tls_that_was_asked_for_nothing_is_sent() {
    let (port, told) = server("235 welcome", "250 ok").await;
    let error = sent(SmtpConfig { security: SmtpSecurity::StartTls, ..config(port) }).await.unwrap_err();
    assert!(matches!(error, SendError::Away(_)), "{error}");
    let told = told.await.unwrap();
    assert!(!told.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{told:#?}");
}

#[tokio::test]
async fn a_server_that_is_away_and_a_wrong_setting_are_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert!(matches!(sent(config(port)).await, Err(SendError::Away(_))));
    let wrong = SmtpMailer::new(SmtpConfig { from: "nobody".into(), ..config(25) });
    assert!(matches!(wrong, Err(SmtpConfigError::Sender(_))));
}

#[tokio::test]
async fn a_trial_is_answered_with_what_the_server_said_or_that_nobody_did() {
    let mail = tabellion_post::texts::trial("a@office.fr".to_owned(), "Office");
    let (port, _told) = server("235 welcome", "250 ok").await;
    SmtpMailer::new(config(port)).unwrap().attempt(&mail, ENVELOPE).await.unwrap();
    let (port, _told) = server("535 no", "250 ok").await;
    let fault = SmtpMailer::new(config(port)).unwrap().attempt(&mail, ENVELOPE).await.unwrap_err();
    assert_eq!((fault.code, fault.reached), (Some(535), true), "{fault:?}");
    assert!(tabellion_post::texts::not_taken(&fault).contains("le mot de passe"), "{fault:?}");
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let fault = SmtpMailer::new(config(nobody)).unwrap().attempt(&mail, ENVELOPE).await.unwrap_err();
    assert_eq!((fault.code, fault.reached), (None, false), "{fault:?}");
    assert!(tabellion_post::texts::not_taken(&fault).contains("ne répond pas"), "{fault:?}");
}
