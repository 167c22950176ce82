//! What strangers send: no crash, no answer to nonsense, and everybody else is served.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{Phone, TestBox, Wire, certificate, code, config};
use std::{net::Ipv4Addr, time::Duration};

async fn alive(server: &TestBox) {
    let mut phone = Phone::new(server.address()).await;
    assert_eq!(code(&phone.ask("OPTIONS", &[], "").await), 200);
}

#[tokio::test]
async fn nonsense_gets_no_answer() {
    let server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    let good = phone.request("OPTIONS", &[], "");
    let broken = [
        "hello".to_owned(),
        "GET / HTTP/1.1\r\nHost: box\r\n\r\n".to_owned(),
        "INVITE\r\n\r\n".to_owned(),
        "SIP/2.0 9999 What\r\n\r\n".to_owned(),
        good.replace("Via:", "Vla:"),
        good.replace("Call-ID", "Call"),
        good.replace("CSeq: 1 OPTIONS", "CSeq: one OPTIONS"),
        good.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
        good.replace(";tag=", ";gat="),
        good.replace("SIP/2.0\r\n", "SIP/3.0\r\n"),
        good.replace(";rport", ";rport;received=192.0.2.7"),
        good.replace("Content-Length: 0", "Content-Length: 400"),
        good.replace("\r\n\r\n", "\r\n"),
        format!("{}\u{0}", good.replace("To:", "To\u{0}:")),
        good.replace("Max-Forwards: 70\r\n", &"X-Filler: y\r\n".repeat(400)),
        good.replace("Max-Forwards: 70", &format!("X-Filler: {}", "y".repeat(9_000))),
    ];
    let sent = u64::try_from(broken.len()).unwrap();
    for text in &broken {
        phone.send(text).await;
    }
    phone.socket.send_to(&[0xff, 0xfe, 0x00, 0x80], phone.server).await.unwrap();
    assert!(phone.receive_within(Duration::from_millis(500)).await.is_none(), "nonsense was answered");
    alive(&server).await;
    assert_eq!(server.service.status().gate.malformed, sent + 1);
    assert_eq!(server.service.status().running_transactions, 0);
}

#[tokio::test]
async fn an_unknown_method_is_answered_without_a_transaction() {
    let server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    assert_eq!(code(&phone.ask("TEACH", &[], "").await), 501);
    let status = server.service.status();
    assert_eq!((status.running_transactions, status.finished_transactions), (0, 0));
}

#[tokio::test]
async fn a_flood_is_cut_before_the_transactions() {
    let server = TestBox::start().await;
    let mut phone = Phone::new(server.address()).await;
    for _ in 0..2_000 {
        let text = phone.request("OPTIONS", &[], "");
        phone.send(&text).await;
    }
    let mut answered = 0;
    while phone.receive_within(Duration::from_millis(300)).await.is_some() {
        answered += 1;
    }
    assert!((1..600).contains(&answered), "{answered} of 2000 were answered");
    assert!(server.service.status().gate.limited > 1_000);
}

#[tokio::test]
async fn random_changes_of_messages_do_no_harm() {
    let server = TestBox::start().await;
    let mut seed = 0x51_0f_u64;
    let mut roll = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % sides
    };
    let mut phone = Phone::new(server.address()).await;
    for method in ["INVITE", "REGISTER", "OPTIONS", "BYE", "INFO"].iter().cycle().take(1_000) {
        let mut bytes = phone.request(method, &["Content-Type: application/sdp"], common::SDP).into_bytes();
        for _ in 0..=roll(8) {
            let at = roll(bytes.len());
            bytes[at] = [b';', b'<', b'"', b'\r', b'\n', 0, 0xff, b'%', b',', b':'][roll(10)];
        }
        phone.socket.send_to(&bytes, phone.server).await.unwrap();
        if roll(150) == 0 {
            // Keeps below the gate's limit, so that the stack sees the messages.
            while phone.receive_within(Duration::from_millis(20)).await.is_some() {}
        }
    }
    let other = std::net::UdpSocket::bind("127.0.0.2:0").unwrap();
    other.set_nonblocking(true).unwrap();
    phone.socket = tokio::net::UdpSocket::from_std(other).unwrap();
    assert_eq!(code(&phone.ask("OPTIONS", &[], "").await), 200, "it still lives");
}

/// What no equipment says. Each closes its connection.
fn nonsense_for_connections(good: &str) -> Vec<Vec<u8>> {
    let long = "y".repeat(70_000);
    let texts = [
        "GET / HTTP/1.1\r\nHost: box\r\n\r\n".to_owned(),
        "hello\r\n\r\n".to_owned(),
        "SIP/2.0 9999 What\r\n\r\n".to_owned(),
        good.replace("Via:", "Vla:"),
        good.replace("Call-ID", "Call"),
        good.replace("CSeq: 1 OPTIONS", "CSeq: one OPTIONS"),
        good.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
        good.replace(";tag=", ";gat="),
        good.replace("SIP/2.0\r\n", "SIP/3.0\r\n"),
        good.replace("To: <", "To: \0<"),
        good.replace("Content-Length: 0", "Content-Length: -1"),
        good.replace("Content-Length: 0", "Content-Length: many"),
        // Never complete, and longer than any message.
        good.replace("Content-Length: 0\r\n\r\n", &format!("Content-Length: 4000000000\r\n\r\n{long}")),
        format!("OPTIONS sip:box SIP/2.0\r\nX-Filler: {long}"),
    ];
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    all.push(b"\xff\xfe\x00\x80\r\n\r\n".to_vec());
    all
}

/// Somebody who behaves is answered, on a connection that was there before as on a new one.
async fn answered(wire: &mut Wire, phone: &mut Phone, transport: &str) {
    phone.via = format!("{transport} {}", wire.local);
    let text = phone.request("OPTIONS", &[], "");
    // In two pieces, as the network may bring it.
    let (first, second) = text.split_at(100);
    wire.send(first).await;
    wire.send(second).await;
    assert_eq!(code(&wire.response().await), 200);
}

#[tokio::test]
async fn nonsense_on_a_connection_closes_it_and_no_other() {
    let mut settings = config(Ipv4Addr::LOCALHOST.into());
    let own = certificate(&["127.0.0.1"]);
    settings.tls = Some(own.clone());
    let server = TestBox::bind(settings).await;
    server.service.serve().unwrap();
    let addresses = server.service.addresses();
    let mut phone = Phone::new(server.address()).await;
    for transport in ["TCP", "TLS"] {
        let connect = async || match transport {
            "TCP" => Wire::tcp(addresses.tcp).await,
            _ => Wire::tls(addresses.tls.unwrap(), &own).await,
        };
        let mut other = connect().await;
        answered(&mut other, &mut phone, transport).await;
        phone.cseq = 0;
        let good = phone.request("OPTIONS", &[], "");
        for nonsense in nonsense_for_connections(&good) {
            let mut wire = connect().await;
            wire.send(&nonsense).await;
            let (shown, answer) = (String::from_utf8_lossy(&nonsense), wire.rest().await);
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.is_empty(), "{transport}: {:.80} was answered: {answer}", shown);
        }
        answered(&mut other, &mut phone, transport).await;
        answered(&mut connect().await, &mut phone, transport).await;
    }
    assert_eq!(server.service.status().running_transactions, 0);
}

#[tokio::test]
async fn who_speaks_no_tls_where_tls_is_spoken_hears_no_sip() {
    let mut settings = config(Ipv4Addr::LOCALHOST.into());
    settings.tls = Some(certificate(&["127.0.0.1"]));
    let server = TestBox::bind(settings).await;
    server.service.serve().unwrap();
    let mut phone = Phone::new(server.address()).await;
    for nonsense in
        [phone.request("OPTIONS", &[], "").as_str(), "\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{5}hello"]
    {
        let mut wire = Wire::tcp(server.service.addresses().tls.unwrap()).await;
        wire.send(nonsense).await;
        let answer = wire.rest().await;
        assert!(!String::from_utf8_lossy(&answer).contains("SIP"), "{answer:?}");
    }
    alive(&server).await;
}
