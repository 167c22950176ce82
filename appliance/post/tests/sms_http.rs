//! The service that the settings describe, played by a server on loopback that shows what it was asked.
#![expect(clippy::unwrap_used, reason = "tests")]

use tabellion_domain::settings::{Secret, SmsFormat, SmsMethod, SmsRequest};
use tabellion_post::{Envelope, HttpSms, SendError, Sms, SmsFaultKind, SmsGateway};
use time::macros::datetime;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

/// Answers one request; gives what it was.
async fn service(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !whole(&asked) {
            assert_ne!(stream.read_buf(&mut asked).await.unwrap(), 0, "a request that breaks off");
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    (url, asked)
}

fn whole(asked: &[u8]) -> bool {
    let text = String::from_utf8_lossy(asked);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn posted(url: &str) -> SmsRequest {
    SmsRequest {
        url: format!("{url}/v1/sms"),
        method: SmsMethod::Post,
        headers: vec![("X-Api-Key".to_owned(), "{secret}".to_owned())],
        body: r#"{"to": "{number}", "message": "{text}"}"#.to_owned(),
        format: SmsFormat::Json,
        secret: Some(Secret::new("s3cret")),
        accepted: None,
        authority_pem: None,
    }
}

fn code() -> Sms {
    Sms { to: "+33612345678".to_owned(), text: "Votre \"code\" : 123456 & plus".to_owned(), not_after: None }
}

async fn attempt(request: SmsRequest) -> Result<(), tabellion_post::SmsFault> {
    HttpSms::new(request).unwrap().attempt(&code()).await
}

#[tokio::test]
async fn a_service_is_asked_as_the_settings_say() {
    let (url, asked) = service("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await;
    attempt(posted(&url)).await.unwrap();
    let asked = asked.await.unwrap();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/sms HTTP/1.1\r\n"), "{head}");
    for header in ["x-api-key: s3cret", "content-type: application/json", &format!("host: {}", &url[7..])] {
        assert!(head.to_lowercase().contains(header), "{header}: {head}");
    }
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, serde_json::json!({ "to": "+33612345678", "message": code().text }));

    let (url, asked) = service("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let url = format!("{url}/send?to={{digits}}&text={{text}}&key={{secret}}");
    attempt(SmsRequest {
        url,
        method: SmsMethod::Get,
        headers: Vec::new(),
        body: String::new(),
        ..posted("")
    })
    .await
    .unwrap();
    let line = asked.await.unwrap().lines().next().unwrap().to_owned();
    assert_eq!(
        line,
        "GET /send?to=33612345678&text=Votre%20%22code%22%20%3A%20123456%20%26%20plus&key=s3cret HTTP/1.1"
    );
}

#[tokio::test]
async fn a_no_is_a_no_also_with_a_good_status() {
    let (url, _) =
        service("HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"status\": \"insufficient funds\"}").await;
    let fault =
        attempt(SmsRequest { accepted: Some("queued".to_owned()), ..posted(&url) }).await.unwrap_err();
    assert_eq!(fault.kind, SmsFaultKind::Refused { status: 200 });
    assert!(fault.detail.contains("insufficient funds"), "{fault}");
    let (url, _) = service("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"status\": \"queued\"}").await;
    attempt(SmsRequest { accepted: Some("queued".to_owned()), ..posted(&url) }).await.unwrap();
}

#[tokio::test]
async fn what_is_not_taken_waits_and_the_log_learns_no_number() {
    let (url, _) =
        service("HTTP/1.1 401 Unauthorized\r\ncontent-length: 22\r\n\r\nnobody is +33612345678").await;
    let gateway = HttpSms::new(posted(&url)).unwrap();
    let now = datetime!(2026-11-23 9:00 UTC);
    let envelope = Envelope { id: 1, queued_at: now, at: now };
    let Err(SendError::Temporary(trouble)) = gateway.send_sms(&code(), envelope).await else {
        panic!("it was taken")
    };
    let logged = trouble.to_string();
    assert!(logged.contains("401") && !logged.contains("336"), "{logged}");
    // Nobody listens any more.
    let fault = gateway.attempt(&code()).await.unwrap_err();
    assert_eq!(fault.kind, SmsFaultKind::Away, "{fault}");
}
