//! An authority (pebble), a DNS server that takes updates, and DNS providers' interfaces, on loopback.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test uses what it needs")]

pub(crate) mod dns;
pub(crate) mod mock;
pub(crate) mod pebble;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// A certification authority of the test's own, and a certificate for 127.0.0.1 of it.
pub(crate) struct Trust {
    pub(crate) authority_pem: String,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

impl Trust {
    pub(crate) fn new() -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate_pem = leaf.signed_by(&key, &issuer).unwrap().pem();
        Self { authority_pem, certificate_pem, key_pem: key.serialize_pem() }
    }
}
