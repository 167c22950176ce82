use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use time::OffsetDateTime;

/// Hash of a device's digests (RFC 7616). MD5 is the default: older equipment stops registering when it is offered
/// SHA-256 beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum DigestAlgorithm {
    /// RFC 2617.
    #[default]
    #[serde(rename = "MD5")]
    Md5,
    /// RFC 7616.
    #[serde(rename = "SHA-256")]
    Sha256,
}

impl DigestAlgorithm {
    /// As in digest headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// From a digest header or the store, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }
}

/// A room system's account.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    /// Digest username, and the user part of its address.
    pub username: String,
    /// «Salle des actes».
    pub display_name: String,
    /// Hash of its digests.
    pub algorithm: DigestAlgorithm,
    /// H(username:realm:password) in lower-case hexadecimal (RFC 7616 §3.4.2); [`crate::ha1`] makes it.
    pub ha1: String,
}

/// Where a device can be reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// The device's username.
    pub device: String,
    /// The Contact's URI, byte for byte as the device wrote it.
    pub contact: String,
    /// Where its REGISTER came from: requests to it go there (RFC 3581, RFC 5626).
    pub source: SocketAddr,
    /// The transport of its REGISTER.
    pub transport: SipTransport,
    /// Of the REGISTER that set it: an older one must not change it (RFC 3261 §10.3).
    pub call_id: String,
    /// As above.
    pub cseq: u32,
    /// What the device says that it is, for the status page.
    pub user_agent: String,
    /// Until when.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
}

/// How SIP travels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SipTransport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl SipTransport {
    /// As in `transport=`.
    pub(crate) fn parameter(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// As in Via.
    pub(crate) fn via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// The registry cannot be used right now: this box's fault, may be tried again.
#[derive(Debug, thiserror::Error)]
#[error("the registry of devices cannot be used: {0}")]
pub struct RegistryError(pub String);

/// Accounts and bindings of room systems. The appliance implements it over its store.
#[async_trait]
pub trait Registry: Send + Sync {
    /// The account with this username.
    async fn device(&self, username: &str) -> Result<Option<Device>, RegistryError>;
    /// Stores a binding in place of the one with the same device and contact.
    async fn save_binding(&self, binding: &Binding) -> Result<(), RegistryError>;
    /// Removes one contact of a device; nothing happens where there is none.
    async fn remove_binding(&self, device: &str, contact: &str) -> Result<(), RegistryError>;
    /// A device's bindings. Those that have expired may be among them.
    async fn bindings(&self, device: &str) -> Result<Vec<Binding>, RegistryError>;
}
