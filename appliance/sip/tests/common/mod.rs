//! A SIP service on 127.0.0.1 with a registry in memory, and a phone that speaks raw SIP to it. Whatever the service sends
//! is read by crate `rsip`, which shares no code with the stack that wrote it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod wire;

#[allow(unused_imports, reason = "each test file uses its own part")]
pub use wire::Wire;

use async_trait::async_trait;
use rsip::prelude::{HeadersExt, UntypedHeader};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tabellion_domain::{Clock, Entropy};
use tabellion_sip::{
    Binding, Calls, Device, DigestAlgorithm, IncomingCall, Registry, RegistryError, Resolution, SipConfig,
    SipService, SipTls, ha1,
};
use time::OffsetDateTime;
use tokio::{net::UdpSocket, sync::mpsc, time::timeout};

pub const REALM: &str = "visio.test";
pub const MEETING: &str = "1099053523";
pub const PASSWORD: &str = "Lifesize-2026";
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The time of the machine.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "real peers live in real time")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// Never the same bytes twice within a run.
#[derive(Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number =
                self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
    }
}

/// Devices and bindings in memory.
#[derive(Default)]
pub struct MemoryRegistry {
    pub bindings: Mutex<Vec<Binding>>,
}

#[async_trait]
impl Registry for MemoryRegistry {
    async fn device(&self, username: &str) -> Result<Option<Device>, RegistryError> {
        let algorithm = match username {
            "salle" => DigestAlgorithm::Md5,
            "salle-256" => DigestAlgorithm::Sha256,
            _ => return Ok(None),
        };
        Ok(Some(Device {
            username: username.to_owned(),
            display_name: "Salle des actes".to_owned(),
            algorithm,
            ha1: ha1(algorithm, username, REALM, PASSWORD),
        }))
    }

    async fn save_binding(&self, binding: &Binding) -> Result<(), RegistryError> {
        self.remove_binding(&binding.device, &binding.contact).await?;
        self.bindings.lock().unwrap().push(binding.clone());
        Ok(())
    }

    async fn remove_binding(&self, device: &str, contact: &str) -> Result<(), RegistryError> {
        self.bindings.lock().unwrap().retain(|known| known.device != device || known.contact != contact);
        Ok(())
    }

    async fn bindings(&self, device: &str) -> Result<Vec<Binding>, RegistryError> {
        Ok(self.bindings.lock().unwrap().iter().filter(|known| known.device == device).cloned().collect())
    }
}

/// Hands calls to the test.
struct Switchboard(mpsc::Sender<IncomingCall>);

#[async_trait]
impl Calls for Switchboard {
    async fn resolve(&self, number: &str) -> Resolution {
        if number == MEETING { Resolution::Meeting } else { Resolution::Unknown }
    }

    async fn incoming(&self, call: IncomingCall) {
        let _ = self.0.send(call).await;
    }
}

/// The service under test.
pub struct TestBox {
    pub service: SipService,
    pub registry: Arc<MemoryRegistry>,
    pub calls: mpsc::Receiver<IncomingCall>,
}

pub fn config(address: IpAddr) -> SipConfig {
    SipConfig {
        address,
        udp_port: 0,
        tcp_port: 0,
        tls: None,
        domain: "visio.test".to_owned(),
        hosts: vec!["box.test".to_owned()],
        realm: REALM.to_owned(),
        user_agent: "Tabellion".to_owned(),
    }
}

pub fn certificate(names: &[&str]) -> SipTls {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    SipTls { port: 0, certificate_pem: made.cert.pem(), key_pem: made.signing_key.serialize_pem() }
}

impl TestBox {
    pub async fn bind(config: SipConfig) -> Self {
        let registry = Arc::new(MemoryRegistry::default());
        let (sender, calls) = mpsc::channel(16);
        let service = SipService::bind(
            config,
            registry.clone(),
            Arc::new(Switchboard(sender)),
            Arc::new(SystemClock),
            Arc::new(CountingEntropy::default()),
        )
        .await
        .unwrap();
        Self { service, registry, calls }
    }

    pub async fn start() -> Self {
        let this = Self::bind(config(IpAddr::V4(Ipv4Addr::LOCALHOST))).await;
        this.service.serve().unwrap();
        this
    }

    pub async fn call(&mut self) -> IncomingCall {
        timeout(PATIENCE, self.calls.recv()).await.expect("a call within 10 s").unwrap()
    }

    pub fn address(&self) -> SocketAddr {
        self.service.addresses().udp
    }
}

/// A phone that says exactly what it is told.
pub struct Phone {
    pub socket: UdpSocket,
    pub server: SocketAddr,
    /// Transport and address of its Via.
    pub via: String,
    pub contact: String,
    pub call_id: String,
    pub cseq: u32,
    pub from: String,
    pub to: String,
    pub uri: String,
}

pub const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";

static CALLS: AtomicU64 = AtomicU64::new(1);

impl Phone {
    pub async fn new(server: SocketAddr) -> Self {
        Self::at(server, Ipv4Addr::LOCALHOST).await
    }

    /// A phone with an address of its own: all of 127.0.0.0/8 is this machine.
    pub async fn at(server: SocketAddr, address: Ipv4Addr) -> Self {
        let socket = UdpSocket::bind((address, 0)).await.unwrap();
        let local = socket.local_addr().unwrap();
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        Self {
            socket,
            server,
            via: format!("UDP {local}"),
            contact: format!("<sip:bob%20b@{local};Transport=Udp;x=Y>"),
            call_id: format!("call-{number}@phone.example"),
            cseq: 0,
            from: format!("\"Étude\" <sip:bob@phone.example>;tag=phone{number}"),
            to: format!("<sip:{MEETING}@visio.test>"),
            uri: format!("sip:{MEETING}@visio.test"),
        }
    }

    /// A request with the next CSeq.
    pub fn request(&mut self, method: &str, headers: &[&str], body: &str) -> String {
        self.cseq += 1;
        self.numbered(method, self.cseq, headers, body)
    }

    pub fn numbered(&self, method: &str, cseq: u32, headers: &[&str], body: &str) -> String {
        let branch = CALLS.fetch_add(1, Ordering::Relaxed);
        let mut text = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/{};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: {}\r\n",
            self.uri, self.via, self.from, self.to, self.call_id, self.contact
        );
        for header in headers {
            text += &format!("{header}\r\n");
        }
        text + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    pub async fn send(&self, text: &str) {
        self.socket.send_to(text.as_bytes(), self.server).await.unwrap();
    }

    /// The next message, as `rsip` reads it.
    pub async fn receive(&self) -> rsip::SipMessage {
        self.receive_within(PATIENCE).await.expect("a message within 10 s")
    }

    pub async fn receive_within(&self, patience: Duration) -> Option<rsip::SipMessage> {
        let mut buffer = vec![0; 65_536];
        let (length, _) = timeout(patience, self.socket.recv_from(&mut buffer)).await.ok()?.unwrap();
        let text = std::str::from_utf8(&buffer[..length]).expect("what we send is UTF-8");
        Some(
            rsip::SipMessage::try_from(text)
                .unwrap_or_else(|error| panic!("rsip cannot read ({error}):\n{text}")),
        )
    }

    /// The code of the next response, 100 included.
    pub async fn any_code(&self) -> u16 {
        match self.receive().await {
            rsip::SipMessage::Response(response) => response.status_code.code(),
            rsip::SipMessage::Request(request) => panic!("a request in place of a response: {request}"),
        }
    }

    /// The next response that is not 100.
    pub async fn response(&self) -> rsip::Response {
        loop {
            match self.receive().await {
                rsip::SipMessage::Response(response) if response.status_code.code() > 100 => return response,
                rsip::SipMessage::Response(_) => {}
                rsip::SipMessage::Request(request) => panic!("a request in place of a response: {request}"),
            }
        }
    }

    /// The next request.
    pub async fn incoming(&self) -> rsip::Request {
        match self.receive().await {
            rsip::SipMessage::Request(request) => request,
            rsip::SipMessage::Response(response) => panic!("a response in place of a request: {response}"),
        }
    }

    /// Sends a request and gives the response's code.
    pub async fn ask(&mut self, method: &str, headers: &[&str], body: &str) -> rsip::Response {
        let request = self.request(method, headers, body);
        self.send(&request).await;
        self.response().await
    }

    /// Notes the dialog that a response opened.
    pub fn enter(&mut self, response: &rsip::Response) {
        self.to = response.to_header().unwrap().value().to_owned();
        let contact = response.contact_header().unwrap().value().to_owned();
        self.uri = contact.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }

    pub async fn acknowledge(&self, body: &str) {
        let headers: &[&str] = if body.is_empty() { &[] } else { &["Content-Type: application/sdp"] };
        let ack = self.numbered("ACK", self.cseq, headers, body);
        self.send(&ack).await;
    }

    /// 200 to a request of the service.
    pub async fn accept(&self, request: &rsip::Request) {
        self.send(&ok(request)).await;
    }
}

/// 200 to a request.
pub fn ok(request: &rsip::Request) -> String {
    let mut text = "SIP/2.0 200 OK\r\n".to_owned();
    for header in request.headers.iter() {
        let line = header.to_string();
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if ["via", "from", "to", "call-id", "cseq"].contains(&name.as_str()) {
            text += &format!("{line}\r\n");
        }
    }
    text + "Content-Length: 0\r\n\r\n"
}

pub fn code(response: &rsip::Response) -> u16 {
    response.status_code.code()
}

/// A header's value by its name, for those that `rsip` has no type for.
pub fn header(headers: &rsip::Headers, name: &str) -> Option<String> {
    headers.iter().find_map(|header| {
        let line = header.to_string();
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// Authorization for a challenge, computed here and not by the service's code.
pub fn authorization(
    challenge: &rsip::Response,
    username: &str,
    password: &str,
    method: &str,
    uri: &str,
    nc: u32,
) -> String {
    let challenge = header(&challenge.headers, "WWW-Authenticate").unwrap();
    let nonce = challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    let algorithm =
        if challenge.contains("SHA-256") { DigestAlgorithm::Sha256 } else { DigestAlgorithm::Md5 };
    let request = rsip::services::DigestGenerator {
        username,
        password,
        algorithm: match algorithm {
            DigestAlgorithm::Md5 => rsip::headers::auth::Algorithm::Md5,
            DigestAlgorithm::Sha256 => rsip::headers::auth::Algorithm::Sha256,
        },
        nonce,
        method: &method.parse::<rsip::Method>().unwrap(),
        qop: Some(&rsip::headers::auth::AuthQop::Auth {
            cnonce: "abc".to_owned(),
            nc: u8::try_from(nc).unwrap(),
        }),
        uri: &rsip::Uri::try_from(uri).unwrap(),
        realm: REALM,
    };
    let response = request.compute();
    format!(
        "Authorization: Digest username=\"{username}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", algorithm={}, qop=auth, nc={nc:08x}, cnonce=\"abc\"",
        algorithm.name()
    )
}
