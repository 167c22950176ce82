//! For tests that play strangers: what a datagram passes through before anybody has proven who they are, without sockets.

use crate::{
    digest::{DigestServer, ha1},
    gate::{Screened, screen},
    leg, options, registrar,
    registry::{Device, DigestAlgorithm},
    stack::response,
    text::{UriParts, value},
};
use rsipstack::{
    sip::{Request, Response, SipMessage},
    transaction::key::{TransactionKey, TransactionRole},
};
use std::net::SocketAddr;
use tabellion_domain::Entropy;
use time::OffsetDateTime;

/// What became of a datagram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// The gate dropped it, or the stack cannot read it.
    Dropped,
    /// A keep-alive, or a response to a request of ours.
    Heard,
    /// A request, and the bytes of an answer to it.
    Answered(Vec<u8>),
}

/// Reads what strangers send.
pub struct Reader {
    digest: DigestServer,
    /// The account that everybody claims to be.
    device: Device,
    now: OffsetDateTime,
}

impl Reader {
    /// A box's, with one device `salle` in the realm `box`.
    #[must_use]
    pub fn new(entropy: &dyn Entropy, now: OffsetDateTime) -> Self {
        let algorithm = DigestAlgorithm::Md5;
        let device = Device {
            username: "salle".to_owned(),
            display_name: "Salle".to_owned(),
            algorithm,
            ha1: ha1(algorithm, "salle", "box", "secret"),
        };
        Self { digest: DigestServer::new("box".to_owned(), entropy), device, now }
    }

    /// Takes a datagram through gate, stack, and everything here that looks into a message.
    #[must_use]
    pub fn read(&self, bytes: &[u8], source: SocketAddr) -> Reading {
        match screen(bytes, source) {
            Screened::Nonsense(_) => return Reading::Dropped,
            Screened::KeepAlive => return Reading::Heard,
            Screened::UnknownMethod(answer) => return Reading::Answered(answer.into_bytes()),
            Screened::Message => {}
        }
        match SipMessage::try_from(bytes) {
            Ok(SipMessage::Request(request)) => self.request(&request),
            Ok(SipMessage::Response(response)) => heard(&response),
            Err(_) => Reading::Dropped,
        }
    }

    fn request(&self, request: &Request) -> Reading {
        if TransactionKey::from_request(request, TransactionRole::Server).is_err() {
            return Reading::Dropped;
        }
        let headers = &request.headers;
        let _ = UriParts::parse(&request.uri.to_string()).map(|uri| uri.parameter("transport").is_some());
        let _ = (leg::cseq(request), leg::DialogKey::of_request(headers), leg::SessionTimer::agree(headers));
        let kind = value(headers, "Content-Type").unwrap_or_default();
        let _ = leg::read_info(kind, &String::from_utf8_lossy(&request.body));
        let code = match registrar::wishes(headers, &[]) {
            Err(refused) => refused.code,
            Ok(_) if options::unsupported(request).is_some() => 420,
            Ok(_) if self.is_proven(request) => 200,
            Ok(_) => 401,
        };
        let answer = response(request, code, Some("tag"), "Tabellion", options::all(), None);
        Reading::Answered(answer.to_bytes())
    }

    fn is_proven(&self, request: &Request) -> bool {
        let method = request.method.to_string();
        let claim = self.digest.claimed(crate::auth::credentials(&request.headers));
        claim.is_some_and(|claim| {
            let verdict = self.digest.check(&claim, &method, Some(&self.device), self.now);
            verdict == crate::digest::Verdict::Proven
        })
    }
}

fn heard(response: &Response) -> Reading {
    let headers = &response.headers;
    let _ = TransactionKey::from_response(response, TransactionRole::Client);
    let _ = (leg::DialogKey::of_response(headers), leg::SessionTimer::agreed(headers));
    Reading::Heard
}
