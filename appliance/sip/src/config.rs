use std::net::IpAddr;

/// What the SIP service is told at its start.
#[derive(Clone, Debug)]
pub struct SipConfig {
    /// The address to listen on; peers are told to call back here, so it is one address, never `0.0.0.0`.
    pub address: IpAddr,
    /// 5060; 0 for any free port.
    pub udp_port: u16,
    /// 5060; 0 for any free port.
    pub tcp_port: u16,
    /// SIP over TLS, where there is a certificate.
    pub tls: Option<SipTls>,
    /// The office's domain: `1099053523@domain`.
    pub domain: String,
    /// Further names of this box in a Request-URI: its host name, the address it has behind a translation.
    pub hosts: Vec<String>,
    /// Realm of the digests; a device's H(A1) holds it.
    pub realm: String,
    /// What `Server` and `User-Agent` say.
    pub user_agent: String,
}

/// Certificate of SIP over TLS. Versions 1.2 and 1.3.
#[derive(Clone)]
pub struct SipTls {
    /// 5061; 0 for any free port.
    pub port: u16,
    /// The chain, leaf first.
    pub certificate_pem: String,
    /// The private key (PKCS #8, PKCS #1 or SEC 1).
    pub key_pem: String,
}

impl std::fmt::Debug for SipTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipTls").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Why the SIP service cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// The settings name no address that peers can call back.
    #[error("SIP needs one address to listen on, not {0}: give the address of the office's network")]
    Address(IpAddr),
    /// A port is in use, or the address is not this box's.
    #[error("SIP cannot listen on {transport} {address}:{port}: {error}")]
    Listen {
        /// `UDP`, `TCP` or `TLS`.
        transport: &'static str,
        /// Where.
        address: IpAddr,
        /// Which port.
        port: u16,
        /// The system's words.
        error: std::io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("the certificate of SIP over TLS cannot be used: {0}")]
    Certificate(String),
    /// The service was started twice.
    #[error("the SIP service serves already")]
    Serving,
}
