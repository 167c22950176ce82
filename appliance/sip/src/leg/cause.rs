use crate::{sdp::SdpRefusal, stack::header};
use rsipstack::sip::Header;

/// How we end a call: the response before the answer, the BYE's reason after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndCause {
    /// 4xx–6xx (RFC 3261 §21).
    pub code: u16,
    /// For the peer's log, in English as in RFC 3261.
    pub reason: &'static str,
    warning: Option<(u16, &'static str)>,
}

impl EndCause {
    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason, warning: None }
    }

    /// There is no such number.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// The called side is in another call.
    #[must_use]
    pub const fn busy() -> Self {
        Self::new(486, "Busy Here")
    }

    /// The called side does not want to.
    #[must_use]
    pub const fn declined() -> Self {
        Self::new(603, "Decline")
    }

    /// Nobody answered.
    #[must_use]
    pub const fn no_answer() -> Self {
        Self::new(480, "Temporarily Unavailable")
    }

    /// This box carries as many calls as it can.
    #[must_use]
    pub const fn no_capacity() -> Self {
        Self::new(503, "Service Unavailable")
    }

    /// The media engine cannot carry it.
    #[must_use]
    pub const fn media_failed() -> Self {
        Self::new(500, "Media Failure")
    }

    /// The meeting or the call is over.
    #[must_use]
    pub const fn finished() -> Self {
        Self::new(480, "Call Completed")
    }

    /// Their offer leads to no media.
    #[must_use]
    pub fn not_acceptable(refusal: &SdpRefusal) -> Self {
        Self { code: refusal.code(), reason: "Not Acceptable Here", warning: Some(refusal.warning()) }
    }

    /// Headers of the refusing response.
    pub(super) fn response_headers(&self, host: &str) -> Vec<Header> {
        let mut headers = Vec::new();
        if let Some((code, text)) = self.warning {
            headers.push(header("Warning", format!("{code} {host} \"{text}\"")));
        }
        if self.code == 503 {
            headers.push(header("Retry-After", "30"));
        }
        headers
    }

    /// Value of the BYE's Reason header (RFC 3326).
    pub(super) fn bye_reason(&self) -> String {
        format!("SIP;cause={};text=\"{}\"", self.code, self.reason)
    }
}
