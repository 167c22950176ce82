//! Calls over connections, of which a restart leaves none: how their peers still hear of the end.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{
    MEETING, PASSWORD, PATIENCE, Phone, SDP, TestBox, Wire, authorization, certificate, code, config, ok,
};
use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};
use tabellion_sip::{DialogRecord, EndCause, IncomingCall, Leg, LegEvent, SipTls};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

const TYPE: &str = "Content-Type: application/sdp";

async fn start(tls: &SipTls) -> TestBox {
    let mut settings = config(Ipv4Addr::LOCALHOST.into());
    settings.tls = Some(tls.clone());
    let server = TestBox::bind(settings).await;
    server.service.serve().unwrap();
    server
}

/// A phone that speaks over this connection, and says to be called back at `contact`.
async fn phone(server: &TestBox, wire: &Wire, transport: &str, contact: SocketAddr) -> Phone {
    let mut phone = Phone::new(server.address()).await;
    phone.via = format!("{} {}", transport.to_ascii_uppercase(), wire.local);
    phone.contact = format!("<sip:bob@{contact};transport={transport}>");
    phone
}

/// A call that was answered and acknowledged; what would be stored of it.
async fn talk(server: &mut TestBox, phone: &mut Phone, wire: &mut Wire, headers: &[&str]) -> String {
    wire.send(phone.request("INVITE", &[&[TYPE], headers].concat(), SDP)).await;
    let call: IncomingCall = server.call().await;
    call.leg.answer(SDP.to_owned()).await.unwrap();
    let answer = wire.response().await;
    assert_eq!(code(&answer), 200);
    phone.enter(&answer);
    wire.send(phone.numbered("ACK", phone.cseq, &[], "")).await;
    // Before the ACK nobody hangs up: a request within the call is answered after it.
    wire.send(phone.request("OPTIONS", &[], "")).await;
    assert_eq!(code(&wire.response().await), 200);
    let stored = serde_json::to_string(&call.leg.record().await.unwrap()).unwrap();
    server.service.stop().await;
    stored
}

/// The device's answer to a challenge.
async fn proven(phone: &mut Phone, wire: &mut Wire, method: &str) -> String {
    phone.from = "<sip:salle@visio.test>;tag=device".to_owned();
    wire.send(phone.request(method, &[TYPE], SDP)).await;
    let challenge = wire.response().await;
    assert_eq!(code(&challenge), 401);
    if method == "INVITE" {
        wire.send(phone.numbered("ACK", phone.cseq, &[], "")).await;
    }
    authorization(&challenge, "salle", PASSWORD, method, &phone.uri, 1)
}

async fn restore(server: &TestBox, stored: &str) -> (Leg, mpsc::Receiver<LegEvent>) {
    let record: DialogRecord = serde_json::from_str(stored).unwrap();
    server.service.restore(record).await.unwrap()
}

async fn expect_bye(wire: &mut Wire, phone: &Phone) {
    let bye = wire.incoming().await;
    assert_eq!(bye.method.to_string(), "BYE");
    assert!(bye.to_string().contains(&phone.call_id), "of this call: {bye}");
    wire.send(ok(&bye)).await;
}

async fn accepted(listener: &TcpListener) -> Wire {
    Wire::on(timeout(PATIENCE, listener.accept()).await.expect("a connection within 10 s").unwrap().0)
}

#[tokio::test]
async fn over_tcp_a_peer_is_called_back_where_it_listens() {
    let mut former = TestBox::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::tcp(former.service.addresses().tcp).await;
    let mut phone = phone(&former, &wire, "tcp", listener.local_addr().unwrap()).await;
    let stored = talk(&mut former, &mut phone, &mut wire, &[]).await;

    let server = TestBox::start().await;
    let (leg, _events) = restore(&server, &stored).await;
    leg.end(EndCause::finished()).await;
    expect_bye(&mut accepted(&listener).await, &phone).await;
}

#[tokio::test]
async fn a_peer_behind_a_translation_is_reached_over_the_connection_that_it_opens() {
    let mut former = TestBox::start().await;
    let mut wire = Wire::tcp(former.service.addresses().tcp).await;
    let mut phone = phone(&former, &wire, "tcp", "192.0.2.7:5060".parse().unwrap()).await;
    let stored = talk(&mut former, &mut phone, &mut wire, &[]).await;

    let server = TestBox::start().await;
    let (leg, mut events) = restore(&server, &stored).await;
    let mut wire = Wire::tcp(server.service.addresses().tcp).await;
    phone.via = format!("TCP {}", wire.local);
    wire.send(phone.request("INFO", &["Content-Type: application/dtmf"], "5")).await;
    assert_eq!(code(&wire.response().await), 200);
    assert!(matches!(timeout(PATIENCE, events.recv()).await.unwrap(), Some(LegEvent::Digit('5'))));
    leg.end(EndCause::finished()).await;
    expect_bye(&mut wire, &phone).await;
}

#[tokio::test]
async fn over_tls_a_device_is_reached_over_the_connection_that_it_registered_on() {
    let tls = certificate(&["127.0.0.1"]);
    let mut former = start(&tls).await;
    let mut wire = Wire::tls(former.service.addresses().tls.unwrap(), &tls).await;
    let mut phone = phone(&former, &wire, "tls", "127.0.0.1:9".parse().unwrap()).await;
    let proof = proven(&mut phone, &mut wire, "INVITE").await;
    let stored = talk(&mut former, &mut phone, &mut wire, &[&proof]).await;

    let server = start(&tls).await;
    let (leg, _events) = restore(&server, &stored).await;
    let mut wire = Wire::tls(server.service.addresses().tls.unwrap(), &tls).await;
    let mut registration = self::phone(&server, &wire, "tls", "127.0.0.1:9".parse().unwrap()).await;
    registration.uri = "sip:visio.test".to_owned();
    registration.to = "<sip:salle@visio.test>".to_owned();
    let proof = proven(&mut registration, &mut wire, "REGISTER").await;
    wire.send(registration.request("REGISTER", &[&proof], "")).await;
    assert_eq!(code(&wire.response().await), 200);
    leg.end(EndCause::finished()).await;
    expect_bye(&mut wire, &phone).await;
}

/// What is logged on this thread, as long as it is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn over_tls_nobody_is_written_to_unproven_and_the_log_says_so() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(move || writer.clone())
        .finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let tls = certificate(&["127.0.0.1"]);
    let mut former = start(&tls).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut wire = Wire::tls(former.service.addresses().tls.unwrap(), &tls).await;
    let mut phone = phone(&former, &wire, "tls", listener.local_addr().unwrap()).await;
    let stored = talk(&mut former, &mut phone, &mut wire, &[]).await;

    let server = start(&tls).await;
    let (leg, _events) = restore(&server, &stored).await;
    leg.end(EndCause::finished()).await;
    // Somebody answers there with a certificate that nobody vouches for.
    let impostor = tokio_rustls::TlsAcceptor::from(Arc::new(server_config(&certificate(&["127.0.0.1"]))));
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.expect("a connection within 10 s").unwrap();
    assert!(impostor.accept(stream).await.is_err(), "it was trusted");
    let said = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let told = timeout(PATIENCE, async {
        while !said().contains("could not be told that its call is over") {
            tokio::task::yield_now().await;
        }
    });
    told.await.expect("a line in the log");
    assert!(!said().contains(MEETING));
}

fn server_config(own: &SipTls) -> rustls::ServerConfig {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let chain = vec![CertificateDer::from_pem_slice(own.certificate_pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(own.key_pem.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap()
}
