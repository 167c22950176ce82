//! What strangers send: no crash, no answer to nonsense, and everybody else is served.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{Phone, TestBox, code};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

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

#[tokio::test]
async fn nonsense_on_a_connection_closes_it_and_requests_are_answered() {
    let server = TestBox::start().await;
    let address = server.service.addresses().tcp;
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nHost: box\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(common::PATIENCE, connection.read_to_end(&mut answer)).await.unwrap();
    assert!(
        read.is_err() || answer.is_empty(),
        "nonsense was answered: {}",
        String::from_utf8_lossy(&answer)
    );
    let mut phone = Phone::new(server.address()).await;
    let text = phone.request("OPTIONS", &[], "").replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    let mut connection = TcpStream::connect(address).await.unwrap();
    // In two pieces, as TCP may bring it.
    let (first, second) = text.split_at(100);
    connection.write_all(first.as_bytes()).await.unwrap();
    connection.flush().await.unwrap();
    connection.write_all(second.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 4096];
    let length = tokio::time::timeout(common::PATIENCE, connection.read(&mut buffer)).await.unwrap().unwrap();
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    assert_eq!(code(&rsip::Response::try_from(text).unwrap()), 200);
}
