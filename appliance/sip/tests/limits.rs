//! Who may have how many calls: strangers leave room for each other, and all of them for the office's own equipment.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{
    MEETING, PASSWORD, PATIENCE, Phone, SDP, TestBox, Wire, authorization, certificate, code, config, header,
};
use std::net::{Ipv4Addr, SocketAddr};
use tabellion_sip::{DialogRecord, EndCause, IncomingCall};

const TYPE: &str = "Content-Type: application/sdp";
const RETRY: &str = "Retry-After";

/// The response that refuses a call; none where it was let through.
async fn dial(server: &mut TestBox, address: Ipv4Addr) -> Result<(Phone, IncomingCall), rsip::Response> {
    let mut phone = Phone::at(server.address(), address).await;
    let invite = phone.request("INVITE", &[TYPE], SDP);
    phone.send(&invite).await;
    let_through(server, phone).await
}

async fn let_through(server: &mut TestBox, phone: Phone) -> Result<(Phone, IncomingCall), rsip::Response> {
    tokio::select! {
        call = server.call() => Ok((phone, call)),
        refused = phone.response() => {
            phone.acknowledge("").await;
            Err(refused)
        }
    }
}

/// The device «salle» dials from here, with its password.
async fn device_dials(
    server: &mut TestBox,
    address: Ipv4Addr,
) -> Result<(Phone, IncomingCall), rsip::Response> {
    let mut phone = Phone::at(server.address(), address).await;
    phone.from = "<sip:salle@visio.test>;tag=device".to_owned();
    let challenge = phone.ask("INVITE", &[TYPE], SDP).await;
    assert_eq!(code(&challenge), 401);
    phone.acknowledge("").await;
    let proof =
        authorization(&challenge, "salle", PASSWORD, "INVITE", &format!("sip:{MEETING}@visio.test"), 1);
    let invite = phone.request("INVITE", &[TYPE, &proof], SDP);
    phone.send(&invite).await;
    let_through(server, phone).await
}

fn stranger(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, last)
}

#[tokio::test]
async fn a_stranger_with_four_calls_is_busy_and_nobody_else_is() {
    let mut server = TestBox::start().await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(dial(&mut server, stranger(1)).await.unwrap());
    }
    let refused = dial(&mut server, stranger(1)).await.err().unwrap();
    assert_eq!((code(&refused), header(&refused.headers, RETRY).as_deref()), (486, Some("30")));
    assert!(dial(&mut server, stranger(2)).await.is_ok(), "another one");
    let (_, call) = device_dials(&mut server, stranger(1)).await.unwrap();
    assert_eq!(call.caller.device.as_deref(), Some("salle"), "the same address, with a password");
    let (phone, ended) = held.pop().unwrap();
    ended.leg.end(EndCause::declined()).await;
    assert_eq!(code(&phone.response().await), 603);
    assert!(dial(&mut server, stranger(1)).await.is_ok(), "the place of the call that is over");
}

#[tokio::test]
async fn many_strangers_leave_room_for_registered_devices() {
    let mut server = TestBox::start().await;
    let mut held = Vec::new();
    for number in 0..50 {
        held.push(dial(&mut server, stranger(1 + number / 4)).await.unwrap());
    }
    let refused = dial(&mut server, stranger(99)).await.err().unwrap();
    assert_eq!((code(&refused), header(&refused.headers, RETRY).as_deref()), (503, Some("30")));
    for _ in 0..4 {
        held.push(device_dials(&mut server, stranger(99)).await.unwrap());
    }
    let refused = device_dials(&mut server, stranger(98)).await.err().unwrap();
    assert_eq!((code(&refused), header(&refused.headers, RETRY).as_deref()), (486, Some("30")));
}

#[tokio::test]
async fn a_call_that_is_taken_up_again_still_counts() {
    let mut former = TestBox::start().await;
    let (mut phone, call) = dial(&mut former, stranger(1)).await.unwrap();
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let answer = phone.response().await;
    phone.enter(&answer);
    phone.acknowledge("").await;
    let stored = serde_json::to_string(&call.leg.record().await.unwrap()).unwrap();

    let mut server = TestBox::start().await;
    let record: DialogRecord = serde_json::from_str(&stored).unwrap();
    let _restored = server.service.restore(record).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(dial(&mut server, stranger(1)).await.unwrap());
    }
    let refused = dial(&mut server, stranger(1)).await.err().unwrap();
    assert_eq!(code(&refused), 486);
}

/// The stranger's connections that are closed are not noticed at once.
async fn until_there_is_room(tcp: SocketAddr, phone: &mut Phone) {
    let again = async {
        loop {
            let mut wire = Wire::tcp_from(stranger(1), tcp).await;
            if wire.is_answered(phone.request("OPTIONS", &[], "")).await {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("room after one was closed");
}

#[tokio::test]
async fn one_source_does_not_take_all_connections() {
    let server = TestBox::start().await;
    let address = server.service.addresses().tcp;
    let mut phone = Phone::new(server.address()).await;
    let mut held = Vec::new();
    for _ in 0..32 {
        let mut wire = Wire::tcp_from(stranger(1), address).await;
        // Answered: the service knows of it.
        phone.via = format!("TCP {}", wire.local);
        wire.send(phone.request("OPTIONS", &[], "")).await;
        assert_eq!(code(&wire.response().await), 200);
        held.push(wire);
    }
    assert!(Wire::tcp_from(stranger(1), address).await.rest().await.is_empty(), "one too many is closed");
    let mut other = Wire::tcp_from(stranger(2), address).await;
    other.send(phone.request("OPTIONS", &[], "")).await;
    assert_eq!(code(&other.response().await), 200);

    drop(held.pop());
    until_there_is_room(address, &mut phone).await;
}

/// The burst that one source is allowed must not become as many connections: each handshake has ten seconds.
#[tokio::test]
async fn connections_that_say_nothing_count_from_the_start() {
    let certificate = certificate(&["127.0.0.1"]);
    let mut settings = config(Ipv4Addr::LOCALHOST.into());
    settings.tls = Some(certificate.clone());
    let server = TestBox::bind(settings).await;
    server.service.serve().unwrap();
    let address = server.service.addresses().tls.unwrap();
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(Wire::tcp_from(stranger(1), address).await);
    }
    for refused in silent.split_off(32) {
        assert!(refused.rest().await.is_empty());
    }
    assert_eq!(server.service.status().gate.limited, 32);

    let mut phone = Phone::new(server.address()).await;
    let mut other = Wire::tls(address, &certificate).await;
    phone.via = format!("TLS {}", other.local);
    other.send(phone.request("OPTIONS", &[], "")).await;
    assert_eq!(code(&other.response().await), 200);
    drop(silent);
    until_there_is_room(server.service.addresses().tcp, &mut phone).await;
}
