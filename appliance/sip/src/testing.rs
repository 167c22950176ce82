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

/// What baresip 1.1.0 sends: mode 0 only, no feedback.
pub const BARESIP: &str = "v=0\r\no=- 1 2 IN IP4 10.77.0.2\r\ns=-\r\nc=IN IP4 10.77.0.2\r\nt=0 0\r\n\
a=tool:baresip 1.1.0\r\nm=audio 11000 RTP/AVP 96 9 8 0 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1;sprop-stereo=1\r\n\
a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
a=rtcp:11001\r\na=sendrecv\r\na=label:1\r\nm=video 11002 RTP/AVP 97\r\nb=TIAS:512000\r\na=rtpmap:97 H264/90000\r\n\
a=fmtp:97 packetization-mode=0;profile-level-id=42001f\r\na=rtcp:11003\r\na=framerate:25.00\r\na=sendrecv\r\n";

/// The shape of a Lifesize Icon's: modes 0 and 1 side by side, feedback on plain AVP, BFCP and slides.
pub const LIFESIZE: &str = "v=0\r\no=LifeSize 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nb=AS:1152\r\nt=0 0\r\n\
m=audio 60000 RTP/AVP 9 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\nm=video 60002 RTP/AVP 109 110 111 34\r\n\
a=rtpmap:109 H264/90000\r\na=fmtp:109 profile-level-id=428016;packetization-mode=1;max-mbps=108000;max-fs=3600\r\n\
a=rtpmap:110 H264/90000\r\na=fmtp:110 profile-level-id=428016;max-mbps=108000;max-fs=3600\r\n\
a=rtpmap:111 H264/90000\r\na=fmtp:111 profile-level-id=64001f;packetization-mode=1\r\na=rtpmap:34 H263/90000\r\n\
a=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm fir\r\na=content:main\r\n\
m=application 60004 UDP/BFCP *\r\na=floorctrl:c-s\r\nm=video 60006 RTP/AVP 109\r\na=rtpmap:109 H264/90000\r\na=content:slides\r\n";
