//! What sound and picture m-lines have in common.

use sdp_types::{Media, Session};
use std::net::{IpAddr, SocketAddr};

/// Where the peer receives, and who sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Peer {
    pub remote: SocketAddr,
    /// Whether we send: the peer receives.
    pub send: bool,
    /// Whether the peer sends.
    pub receive: bool,
}

impl Peer {
    /// None where this m-line cannot be carried: refused, not plain RTP, or without a usable address.
    pub(super) fn read(session: &Session, media: &Media) -> Option<Self> {
        if media.port == 0 || !is_plain_rtp(media) {
            return None;
        }
        let connection = media.connections.first().or(session.connection.as_ref())?;
        let address: IpAddr = connection.connection_address.split('/').next()?.trim().parse().ok()?;
        if address.is_multicast() || (address.is_ipv4() && address.to_string() == "255.255.255.255") {
            return None;
        }
        let (peer_sends, peer_receives) = direction(session, media);
        // RFC 3264 §8.4: the old way to put a call on hold.
        let held = address.is_unspecified();
        Some(Self {
            remote: SocketAddr::new(address, media.port),
            send: peer_receives && !held,
            receive: peer_sends,
        })
    }

    /// The attribute that says our side of it (RFC 3264 §6.1).
    pub(super) fn our_direction(&self) -> &'static str {
        match (self.send, self.receive) {
            (true, true) => "sendrecv",
            (true, false) => "sendonly",
            (false, true) => "recvonly",
            (false, false) => "inactive",
        }
    }
}

/// Whether the peer sends, and receives.
fn direction(session: &Session, media: &Media) -> (bool, bool) {
    let of = |has: &dyn Fn(&str) -> bool| {
        [
            ("sendrecv", (true, true)),
            ("sendonly", (true, false)),
            ("recvonly", (false, true)),
            ("inactive", (false, false)),
        ]
        .into_iter()
        .find_map(|(name, value)| has(name).then_some(value))
    };
    of(&|name| media.has_attribute(name))
        .or_else(|| of(&|name| session.has_attribute(name)))
        .unwrap_or((true, true))
}

fn is_plain_rtp(media: &Media) -> bool {
    matches!(media.proto.as_str(), "RTP/AVP" | "RTP/AVPF")
}

/// SDES or DTLS-SRTP.
pub(super) fn is_encrypted(media: &Media) -> bool {
    media.port != 0 && media.proto.contains("SAVP")
}

/// A second picture stream, for presentations (RFC 4796).
pub(super) fn is_presentation(media: &Media) -> bool {
    matches!(media.get_first_attribute_value("content"), Some(Some("slides" | "alt")))
}

/// One payload type of an m-line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Format {
    pub payload_type: u8,
    /// Upper case.
    pub name: String,
    /// In Hz.
    pub clock: u32,
    /// Parameters of `a=fmtp`, as written.
    pub parameters: String,
}

impl Format {
    /// A parameter's value by its name in any case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.split(';').find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The payload types in the order of preference in which they were sent. Those without a meaning known here are left out.
pub(super) fn formats(media: &Media) -> Vec<Format> {
    media
        .fmt
        .split_ascii_whitespace()
        .filter_map(|number| number.parse().ok().filter(|number: &u8| *number < 128))
        .filter_map(|payload_type| {
            let (name, clock) = mapped(media, payload_type).or_else(|| fixed(payload_type))?;
            let parameters = value_of(media, "fmtp", payload_type).unwrap_or_default().to_owned();
            Some(Format { payload_type, name, clock, parameters })
        })
        .collect()
}

fn mapped(media: &Media, payload_type: u8) -> Option<(String, u32)> {
    let mut parts = value_of(media, "rtpmap", payload_type)?.split('/');
    Some((parts.next()?.trim().to_ascii_uppercase(), parts.next()?.trim().parse().ok()?))
}

/// Payload types that need no `a=rtpmap` (RFC 3551 §6).
fn fixed(payload_type: u8) -> Option<(String, u32)> {
    let name = match payload_type {
        0 => "PCMU",
        8 => "PCMA",
        9 => "G722",
        _ => return None,
    };
    Some((name.to_owned(), 8000))
}

/// What follows the payload type in an attribute such as `a=fmtp:96 …`.
fn value_of<'a>(media: &'a Media, attribute: &'a str, payload_type: u8) -> Option<&'a str> {
    media.get_attribute_values(attribute).flatten().find_map(|value| {
        let (number, rest) = value.trim().split_once(' ')?;
        (number.parse() == Ok(payload_type)).then(|| rest.trim())
    })
}
