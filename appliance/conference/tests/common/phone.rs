//! A room system: SIP over UDP, said and read by hand.

use super::{PATIENCE, TestRoom};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::net::UdpSocket;

/// Sound alone: G.711 and its keys.
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";

static NUMBERS: AtomicU64 = AtomicU64::new(1);

fn number() -> u64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

pub(crate) struct Phone {
    socket: UdpSocket,
    server: SocketAddr,
    call_id: String,
    cseq: u32,
    /// Of the last request's transaction.
    branch: u64,
    from: String,
    to: String,
    uri: String,
    /// Whether the box has said BYE.
    over: bool,
}

impl Phone {
    /// A call that is answered.
    pub(crate) async fn calls(room: &TestRoom, from: &str) -> Self {
        let mut phone = Self::new(room, from, room.meeting.number.as_str()).await;
        let (code, answer) = phone.asks("INVITE", "application/sdp", SDP).await;
        assert_eq!(code, 200, "{answer}");
        phone.to = header(&answer, "To").to_owned();
        let contact = header(&answer, "Contact");
        phone.uri = contact.trim_start_matches('<').split('>').next().unwrap().to_owned();
        phone.acknowledges(code).await;
        phone
    }

    /// The code that refuses a call to a number.
    pub(crate) async fn is_refused(room: &TestRoom, dialled: &str) -> u16 {
        let mut phone = Self::new(room, "127.0.0.1", dialled).await;
        let (code, answer) = phone.asks("INVITE", "application/sdp", SDP).await;
        phone.to = header(&answer, "To").to_owned();
        phone.acknowledges(code).await;
        code
    }

    async fn new(room: &TestRoom, from: &str, dialled: &str) -> Self {
        let socket = UdpSocket::bind((from, 0)).await.unwrap();
        let server = room.sip.addresses().udp;
        let (call_id, tag) = (format!("call-{}", number()), number());
        let from = format!("\"Salle des actes\" <sip:salle@phone.test>;tag={tag}");
        let uri = format!("sip:{dialled}@127.0.0.1");
        let to = format!("<{uri}>");
        Self { socket, server, call_id, cseq: 0, branch: 0, from, to, uri, over: false }
    }

    /// Presses keys, told by INFO.
    pub(crate) async fn dials(&mut self, keys: &str) {
        for key in keys.chars() {
            let body = format!("Signal={key}\r\nDuration=160\r\n");
            assert_eq!(self.asks("INFO", "application/dtmf-relay", &body).await.0, 200);
        }
    }

    /// Offers sound at another port (re-INVITE). The answer's code.
    pub(crate) async fn moves_to(&mut self, port: u16) -> u16 {
        let offer = SDP.replace("40000", &port.to_string());
        let (code, _) = self.asks("INVITE", "application/sdp", &offer).await;
        self.acknowledges(code).await;
        code
    }

    pub(crate) async fn hangs_up(&mut self) {
        assert_eq!(self.asks("BYE", "text/plain", "").await.0, 200);
    }

    /// Waits until the box ends the call.
    pub(crate) async fn is_hung_up(&mut self) {
        while !self.over {
            let text = self.receives().await;
            self.hears(&text).await;
        }
    }

    /// After a restart: where the box is now.
    pub(crate) fn finds(&mut self, room: &TestRoom) {
        self.server = room.sip.addresses().udp;
    }

    async fn asks(&mut self, method: &str, kind: &str, body: &str) -> (u16, String) {
        self.cseq += 1;
        self.branch = number();
        self.says(method, kind, body).await;
        let wanted = format!("{} {method}", self.cseq);
        loop {
            let text = self.receives().await;
            self.hears(&text).await;
            let code: u16 = text.strip_prefix("SIP/2.0 ").map_or(0, |rest| rest[..3].parse().unwrap());
            if code >= 200 && header(&text, "CSeq") == wanted {
                return (code, text);
            }
        }
    }

    /// A refusal within the INVITE's transaction, a 200 in one of its own (RFC 3261 §17.1.1.3, §13.2.2.4).
    async fn acknowledges(&mut self, code: u16) {
        if code < 300 {
            self.branch = number();
        }
        self.says("ACK", "text/plain", "").await;
    }

    async fn says(&self, method: &str, kind: &str, body: &str) {
        let (here, branch) = (self.socket.local_addr().unwrap(), self.branch);
        let text = format!(
            "{method} {} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {method}\r\nContact: <sip:salle@{here}>\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            self.uri,
            self.from,
            self.to,
            self.call_id,
            self.cseq,
            body.len()
        );
        self.socket.send_to(text.as_bytes(), self.server).await.unwrap();
    }

    /// Says yes to whatever the box asks.
    async fn hears(&mut self, text: &str) {
        if text.starts_with("SIP/2.0") {
            return;
        }
        self.over |= text.starts_with("BYE");
        let mut answer = "SIP/2.0 200 OK\r\n".to_owned();
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            answer += &format!("{name}: {}\r\n", header(text, name));
        }
        answer += "Content-Length: 0\r\n\r\n";
        self.socket.send_to(answer.as_bytes(), self.server).await.unwrap();
    }

    async fn receives(&self) -> String {
        let mut bytes = vec![0; 65_536];
        let received = tokio::time::timeout(PATIENCE, self.socket.recv(&mut bytes));
        let length = received.await.expect("the box says something within 5 s").unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }
}

fn header<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .unwrap_or_else(|| panic!("no {name} in {text}"))
}
