//! A datagram at the SIP port: the gate, the stack's reader, and everything of ours that looks into a message of a stranger.

use crate::Target;
use std::{net::SocketAddr, sync::OnceLock};
use tabellion_domain::testing::FakeEntropy;
use tabellion_sip::testing::{Reader, Reading};
use time::macros::datetime;

pub(crate) const TARGET: Target = Target { name: "sip_messages", run, seeds, words: WORDS, costs: 100 };

fn run(input: &[u8]) {
    static READER: OnceLock<Reader> = OnceLock::new();
    let reader = READER.get_or_init(|| Reader::new(&FakeEntropy::default(), datetime!(2026-11-23 12:00 UTC)));
    let source = SocketAddr::from(([10, 77, 0, 2], 5_060));
    if let Reading::Answered(answer) = reader.read(input, source) {
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("SIP/2.0 "), "an answer is a response:\n{text}");
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has an end of its headers");
        assert!(body.is_empty(), "nothing of a stranger's becomes a body:\n{text}");
        assert_eq!(head.matches("\r\nContent-Length:").count(), 1, "nor a second length:\n{text}");
    }
}

fn message(method: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} sip:1099053523@10.77.0.1;transport=udp SIP/2.0\r\nVia: SIP/2.0/UDP 10.77.0.2:5060;branch=z9hG4bK776asdhds;rport\r\n\
         Max-Forwards: 70\r\nFrom: \"Salle, \\\"des\\\" actes\" <sip:salle@10.77.0.1>;tag=1928\r\nTo: <sip:salle@10.77.0.1>\r\n\
         Call-ID: a84b4c76e66710\r\nCSeq: 314159 {method}\r\nContact: <sip:a%20b@10.77.0.2:5060;transport=udp>;expires=300\r\n{more}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn seeds() -> Vec<Vec<u8>> {
    let credentials = "Authorization: Digest username=\"salle\", realm=\"box\", nonce=\"AAAA\", uri=\"sip:box\", \
        response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"0a4f\"\r\n";
    let timer = "Session-Expires: 1800;refresher=uas\r\nSupported: timer, replaces\r\nRequire: timer\r\nAllow: INVITE, UPDATE\r\n\
        Record-Route: <sip:10.0.0.1;lr>, <sip:[2001:db8::1]:5061;lr>\r\nContent-Type: application/sdp\r\n";
    let response = String::from_utf8(message("INVITE", "", "")).expect("it was text");
    let (_, headers) = response.split_once("\r\n").expect("it has lines");
    let response = format!("SIP/2.0 200 OK\r\n{headers}").into_bytes();
    vec![
        message("REGISTER", credentials, ""),
        message("REGISTER", "Contact: *\r\nExpires: 0\r\n", ""),
        message("INVITE", timer, "v=0\r\n"),
        message("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\nDuration=160\r\n"),
        message("OPTIONS", "v: SIP/2.0/TCP 10.0.0.3;branch=z9hG4bKx\r\nX-Folded: a\r\n b\r\n", ""),
        message("TEACH", "", ""),
        response,
        b"\r\n\r\n".to_vec(),
    ]
}

const WORDS: &[&str] = &[
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "REGISTER",
    "INFO",
    "UPDATE",
    "SIP/2.0",
    "SIP/2.0 200 OK\r\n",
    "\r\nVia: SIP/2.0/TLS ",
    "\r\nv: ",
    "\r\nf: ",
    "\r\nt: ",
    "\r\ni: ",
    "\r\nl: ",
    "\r\nm: ",
    "\r\nFrom: ",
    "\r\nTo: ",
    "\r\nCall-ID: ",
    "\r\nCSeq: ",
    "\r\nContact: ",
    "\r\nExpires: ",
    "\r\nRequire: ",
    "\r\nSupported: ",
    "\r\nAuthorization: Digest ",
    "\r\nProxy-Authorization: Digest ",
    "\r\nSession-Expires: ",
    "\r\nContent-Type: ",
    "\r\nRecord-Route: ",
    "\r\nContent-Length: ",
    "application/dtmf-relay",
    "application/media_control+xml",
    "picture_fast_update",
    "Signal=",
    ";tag=",
    ";branch=z9hG4bK",
    ";rport",
    ";received=",
    ";maddr=",
    ";expires=",
    ";lr",
    "sips:",
    "sip:",
    "tel:",
    "<>",
    "\"\\\"",
    "%00",
    "\r\n ",
    "[::1]",
    "username=\"",
    "realm=\"box\"",
    "qop=auth",
    "nc=ffffffff",
    "4294967295",
    "18446744073709551615",
];
