//! What we can do, as headers.

use crate::{
    stack::{ALLOW, header},
    text,
};
use rsipstack::sip::{Header, Request};

/// Extensions that a request may require.
const EXTENSIONS: [&str; 1] = ["timer"];
/// Bodies that we read.
const ACCEPT: &str =
    "application/sdp, application/dtmf-relay, application/dtmf, application/media_control+xml";

/// Allow, Supported.
pub(crate) fn abilities() -> Vec<Header> {
    vec![allow(), header("Supported", EXTENSIONS.join(", "))]
}

pub(crate) fn allow() -> Header {
    header("Allow", ALLOW)
}

/// Accept too: the answer to OPTIONS.
pub(crate) fn all() -> Vec<Header> {
    let mut headers = abilities();
    headers.extend([header("Accept", ACCEPT), header("Accept-Encoding", "identity")]);
    headers
}

pub(crate) fn accept() -> Header {
    header("Accept", "application/sdp")
}

/// The required extensions that we do not know, for 420 (RFC 3261 §8.2.2.3).
pub(crate) fn unsupported(request: &Request) -> Option<String> {
    let required = text::values(&request.headers, "Require").flat_map(|value| text::split(value, ','));
    let unknown: Vec<_> =
        required.filter(|name| !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(name))).collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}
