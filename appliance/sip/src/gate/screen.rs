//! Whether bytes are a SIP message that the stack can work with. What is not gets no answer (nonsense may carry a
//! forged source), except a well-formed request with a method that nobody knows: 501 (RFC 3261 §8.2.1).

use crate::text::{Address, header_parameter, split};
use rsipstack::sip::Method;
use std::net::SocketAddr;

/// Most headers of a message.
const MOST_HEADERS: usize = 120;
/// Longest header line in bytes.
const LONGEST_LINE: usize = 4096;
/// RFC 3261 §8.1.1.5.
const LARGEST_CSEQ: u32 = (1 << 31) - 1;

/// What bytes turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Screened {
    Message,
    /// CR and LF only (RFC 5626 §4.4.1).
    KeepAlive,
    /// Dropped, with the reason for the log.
    Nonsense(&'static str),
    /// The answer to a request with an unknown method.
    UnknownMethod(String),
}

/// Screens a datagram.
pub(crate) fn screen(bytes: &[u8], source: SocketAddr) -> Screened {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Screened::KeepAlive;
    }
    match Head::parse(bytes).and_then(|head| head.check(bytes.len(), source)) {
        Ok(screened) => screened,
        Err(reason) => Screened::Nonsense(reason),
    }
}

/// The part of a message before its body.
struct Head {
    start: String,
    /// Names in lower case and in their long form.
    headers: Vec<(String, String)>,
    /// Bytes up to the body.
    length: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no end of the headers")?;
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| "headers are not UTF-8")?;
        if text.contains('\0') {
            return Err("a NUL in the headers");
        }
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.len() > LONGEST_LINE || headers.len() >= MOST_HEADERS {
                return Err("too long");
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = headers.last_mut().ok_or("a folded line without a header")?;
                value.push(' ');
                value.push_str(line.trim());
            } else {
                let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
                headers.push((long_name(name.trim()), value.trim().to_owned()));
            }
        }
        Ok(Self { start, headers, length: end + 4 })
    }

    fn one(&self, name: &str) -> Result<&str, &'static str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Ok(value),
            _ => Err("a header that must be there once is missing or doubled"),
        }
    }

    fn check(&self, total: usize, source: SocketAddr) -> Result<Screened, &'static str> {
        let via = self.headers.iter().find(|(key, _)| key == "via").ok_or("no Via")?;
        let via = split(&via.1, ',').first().copied().ok_or("an empty Via")?;
        check_via(via)?;
        for name in ["to", "call-id"] {
            self.one(name)?;
        }
        let from = Address::parse(self.one("from")?).ok_or("From cannot be read")?;
        if from.parameter("tag").is_none_or(str::is_empty) {
            return Err("From has no tag");
        }
        Address::parse(self.one("to")?).ok_or("To cannot be read")?;
        let (number, method) = self.one("cseq")?.split_once([' ', '\t']).ok_or("CSeq cannot be read")?;
        if number.parse::<u32>().ok().is_none_or(|number| number > LARGEST_CSEQ) {
            return Err("the number of CSeq is out of range");
        }
        self.check_length(total)?;
        self.check_start(method.trim(), via, source)
    }

    /// RFC 3261 §18.3: a body shorter than announced is an error, a longer one is cut.
    fn check_length(&self, total: usize) -> Result<(), &'static str> {
        let Some((_, value)) = self.headers.iter().find(|(key, _)| key == "content-length") else {
            return Ok(());
        };
        let length: usize = value.parse().map_err(|_| "Content-Length is no number")?;
        if length > total - self.length { Err("shorter than its Content-Length") } else { Ok(()) }
    }

    fn check_start(
        &self,
        cseq_method: &str,
        via: &str,
        source: SocketAddr,
    ) -> Result<Screened, &'static str> {
        if let Some(rest) = self.start.strip_prefix("SIP/2.0 ") {
            let code = rest.split(' ').next().and_then(|code| code.parse::<u16>().ok());
            return match code {
                Some(100..=699) => Ok(Screened::Message),
                _ => Err("the status code is out of range"),
            };
        }
        let mut parts = self.start.split(' ');
        let (Some(method), Some(uri), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("not a request line");
        };
        if version != "SIP/2.0" || !is_token(method) || !is_token(cseq_method) {
            return Err("not SIP 2.0");
        }
        if uri.is_empty() || uri.contains(['<', '>']) {
            return Err("the Request-URI cannot be read");
        }
        if method != cseq_method {
            return Err("CSeq names another method");
        }
        if Method::all().iter().any(|known| known.to_string() == method) {
            return Ok(Screened::Message);
        }
        Ok(Screened::UnknownMethod(self.not_implemented(via, source)?))
    }

    /// 501, without state. The tag is the same for a retransmission, as RFC 3261 §8.2.7 wants.
    fn not_implemented(&self, via: &str, source: SocketAddr) -> Result<String, &'static str> {
        let mut text = String::from("SIP/2.0 501 Not Implemented\r\n");
        for (at, (_, value)) in self.headers.iter().filter(|(key, _)| key == "via").enumerate() {
            if at == 0 {
                let rest = value.strip_prefix(via).unwrap_or_default();
                let via =
                    split(via, ';').into_iter().filter(|part| !part.starts_with("rport")).collect::<Vec<_>>();
                let (ip, port) = (source.ip(), source.port());
                text += &format!("Via: {};received={ip};rport={port}{rest}\r\n", via.join(";"));
            } else {
                text += &format!("Via: {value}\r\n");
            }
        }
        let to = self.one("to")?;
        let tag =
            if Address::parse(to).is_some_and(|to| to.parameter("tag").is_some()) { "" } else { ";tag=501" };
        text += &format!("From: {}\r\nTo: {to}{tag}\r\n", self.one("from")?);
        text += &format!("Call-ID: {}\r\nCSeq: {}\r\n", self.one("call-id")?, self.one("cseq")?);
        text += &format!("Allow: {}\r\nContent-Length: 0\r\n\r\n", crate::stack::ALLOW);
        Ok(text)
    }
}

/// The top Via: version, transport, sent-by. `received` is ours to add: a request that brings one wants its answers sent
/// to somebody else.
fn check_via(via: &str) -> Result<(), &'static str> {
    let protocol = via.split(';').next().unwrap_or_default();
    let mut words = protocol.split_ascii_whitespace();
    let (Some(version), Some(sent_by)) = (words.next(), words.next()) else {
        return Err("Via cannot be read");
    };
    if !version.to_ascii_uppercase().starts_with("SIP/2.0/") || sent_by.is_empty() {
        return Err("Via cannot be read");
    }
    if header_parameter(via, "received").is_some() || header_parameter(via, "maddr").is_some() {
        return Err("Via asks for answers to another address");
    }
    Ok(())
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 32
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&c))
}

/// RFC 3261 §7.3.3.
fn long_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let long = match name.as_str() {
        "v" => "via",
        "f" => "from",
        "t" => "to",
        "i" => "call-id",
        "l" => "content-length",
        _ => return name,
    };
    long.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &str = "OPTIONS sip:10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\n\
        To: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

    fn look(text: &str) -> Screened {
        screen(text.as_bytes(), "10.0.0.2:5070".parse().unwrap())
    }

    #[test]
    fn messages_pass_in_long_and_short_form() {
        assert_eq!(look(OPTIONS), Screened::Message);
        let short = OPTIONS
            .replace("Via:", "v:")
            .replace("From:", "f:")
            .replace("Call-ID:", "i :")
            .replace("To:", "t:\r\n ");
        assert_eq!(look(&short), Screened::Message);
        assert_eq!(
            look(&OPTIONS.replace("OPTIONS sip:10.0.0.1 SIP/2.0", "SIP/2.0 200 OK")),
            Screened::Message
        );
        assert_eq!(look("\r\n\r\n"), Screened::KeepAlive);
    }

    #[test]
    fn nonsense_does_not() {
        for (from, to) in [
            ("Call-ID: x\r\n", ""),
            ("Call-ID: x\r\n", "Call-ID: x\r\nCall-ID: y\r\n"),
            (";tag=1", ""),
            ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
            ("CSeq: 1 ", "CSeq: 4294967295 "),
            ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"),
            (";rport", ";received=192.0.2.1"),
            ("Content-Length: 0", "Content-Length: 10"),
            ("Content-Length: 0", "Content-Length: -1"),
            ("\r\n\r\n", "\r\n"),
            ("To: <", "To: \0<"),
            ("OPTIONS sip:10.0.0.1", "OPTIONS <sip:10.0.0.1>"),
        ] {
            let text = OPTIONS.replacen(from, to, 1);
            assert!(matches!(look(&text), Screened::Nonsense(_)), "{from:?} → {to:?}: {:?}", look(&text));
        }
        for text in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "hello", "\u{0}\u{1}"] {
            assert!(matches!(look(text), Screened::Nonsense(_)), "{text}");
        }
    }

    #[test]
    fn an_unknown_method_is_answered_to_where_it_came_from() {
        let Screened::UnknownMethod(answer) = look(&OPTIONS.replace("OPTIONS", "TEACH")) else {
            panic!("no answer")
        };
        let read = rsip::Response::try_from(answer.as_str()).unwrap();
        assert_eq!(read.status_code, rsip::StatusCode::NotImplemented);
        assert!(
            answer
                .contains("Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;received=10.0.0.2;rport=5070\r\n"),
            "{answer}"
        );
    }
}
