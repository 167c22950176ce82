//! A room system registers, and nobody else does.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{PASSWORD, Phone, TestBox, authorization, code, header};
use std::time::Duration;

const REGISTRAR: &str = "sip:visio.test";

async fn device(server: &TestBox, username: &str) -> Phone {
    let mut phone = Phone::new(server.address()).await;
    phone.uri = REGISTRAR.to_owned();
    phone.to = format!("<sip:{username}@visio.test>");
    phone
}

/// A REGISTER with its digest; the final answer.
async fn register(phone: &mut Phone, username: &str, password: &str, headers: &[&str]) -> rsip::Response {
    let challenge = phone.ask("REGISTER", headers, "").await;
    if code(&challenge) != 401 {
        return challenge;
    }
    let credentials = authorization(&challenge, username, password, "REGISTER", REGISTRAR, 1);
    let mut headers = headers.to_vec();
    headers.push(&credentials);
    phone.ask("REGISTER", &headers, "").await
}

#[tokio::test]
async fn a_device_registers_with_either_hash_and_its_contact_stays_as_it_wrote_it() {
    let server = TestBox::start().await;
    for (username, hash) in [("salle", "algorithm=MD5"), ("salle-256", "algorithm=SHA-256")] {
        let mut phone = device(&server, username).await;
        let challenge = phone.ask("REGISTER", &[], "").await;
        let text = header(&challenge.headers, "WWW-Authenticate").unwrap();
        assert!(text.contains(hash) && text.contains("qop=\"auth\""), "{text}");
        let accepted = register(&mut phone, username, PASSWORD, &["Expires: 600"]).await;
        assert_eq!(code(&accepted), 200);
        let contact = header(&accepted.headers, "Contact").unwrap();
        assert!(contact.starts_with(&phone.contact), "{contact} is not {}", phone.contact);
        let bindings = server.registry.bindings.lock().unwrap();
        let binding = bindings.iter().find(|binding| binding.device == username).unwrap();
        assert_eq!(binding.source, phone.socket.local_addr().unwrap());
    }
}

#[tokio::test]
async fn expiry_has_limits_and_zero_removes() {
    let server = TestBox::start().await;
    let mut phone = device(&server, "salle").await;
    let brief = register(&mut phone, "salle", PASSWORD, &["Expires: 30"]).await;
    assert_eq!((code(&brief), header(&brief.headers, "Min-Expires").as_deref()), (423, Some("60")));
    let long = register(&mut phone, "salle", PASSWORD, &["Expires: 99999"]).await;
    let expires: u32 =
        header(&long.headers, "Contact").unwrap().rsplit_once("expires=").unwrap().1.parse().unwrap();
    assert!((3590..=3600).contains(&expires), "{expires}");
    let gone = register(&mut phone, "salle", PASSWORD, &["Expires: 0"]).await;
    assert_eq!((code(&gone), header(&gone.headers, "Contact")), (200, None));
}

#[tokio::test]
async fn several_bindings_are_fetched_and_removed_at_once() {
    let server = TestBox::start().await;
    let mut first = device(&server, "salle").await;
    let mut second = device(&server, "salle").await;
    assert_eq!(code(&register(&mut first, "salle", PASSWORD, &[]).await), 200);
    let both = register(&mut second, "salle", PASSWORD, &[]).await;
    let contacts = both.headers.iter().filter(|header| header.to_string().starts_with("Contact")).count();
    assert_eq!(contacts, 2);
    // A fetch has no Contact; a star stands alone and with Expires 0.
    for (contact, expires, expected, left) in
        [("", "", 200, 2), ("Contact: *", "Expires: 60", 400, 2), ("Contact: *", "Expires: 0", 200, 0)]
    {
        let challenge = first.ask("REGISTER", &[], "").await;
        let credentials = authorization(&challenge, "salle", PASSWORD, "REGISTER", REGISTRAR, 1);
        let own = format!("Contact: {}", first.contact);
        let extra = [contact, expires].map(|line| if line.is_empty() { "X-None: 0" } else { line });
        let text = first
            .request("REGISTER", &[&credentials, extra[0], extra[1]], "")
            .replace(&format!("{own}\r\n"), "");
        first.send(&text).await;
        assert_eq!(code(&first.response().await), expected, "{contact:?} {expires:?}");
        assert_eq!(server.registry.bindings.lock().unwrap().len(), left, "{contact:?} {expires:?}");
    }
}

#[tokio::test]
async fn wrong_passwords_and_unknown_devices_get_the_same_refusal() {
    let server = TestBox::start().await;
    for username in ["salle", "nobody"] {
        let mut phone = device(&server, username).await;
        assert_eq!(code(&register(&mut phone, username, "wrong", &[]).await), 403, "{username}");
    }
    let mut phone = device(&server, "salle-256").await;
    assert_eq!(code(&register(&mut phone, "salle", PASSWORD, &[]).await), 403, "another device's bindings");
    assert!(server.registry.bindings.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_nonce_cannot_be_used_twice_the_same_way() {
    let server = TestBox::start().await;
    let mut phone = device(&server, "salle").await;
    let challenge = phone.ask("REGISTER", &[], "").await;
    let first = authorization(&challenge, "salle", PASSWORD, "REGISTER", REGISTRAR, 1);
    assert_eq!(code(&phone.ask("REGISTER", &[&first], "").await), 200);
    let again = phone.ask("REGISTER", &[&first], "").await;
    assert_eq!(code(&again), 401);
    assert!(header(&again.headers, "WWW-Authenticate").unwrap().contains("stale=true"));
    let second = authorization(&challenge, "salle", PASSWORD, "REGISTER", REGISTRAR, 2);
    assert_eq!(code(&phone.ask("REGISTER", &[&second], "").await), 200);
}

#[tokio::test]
async fn guessing_ends_in_silence() {
    let server = TestBox::start().await;
    let mut phone = device(&server, "salle").await;
    for _ in 0..10 {
        assert_eq!(code(&register(&mut phone, "salle", "guess", &[]).await), 403);
    }
    let request = phone.request("REGISTER", &[], "");
    phone.send(&request).await;
    assert!(
        phone.receive_within(Duration::from_millis(500)).await.is_none(),
        "a banned source is not answered"
    );
    assert!(server.service.status().gate.banned > 0);
}

#[tokio::test]
async fn another_domain_is_not_served() {
    let server = TestBox::start().await;
    let mut phone = device(&server, "salle").await;
    phone.uri = "sip:elsewhere.example".to_owned();
    assert_eq!(code(&phone.ask("REGISTER", &[], "").await), 404);
}
