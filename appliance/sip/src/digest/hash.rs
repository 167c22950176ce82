use super::credentials::Credentials;
use crate::registry::DigestAlgorithm;
use md5::Md5;
use sha2::Sha256;
use std::fmt::Write;

/// H(A1) of an account (RFC 7616 §3.4.2): what is stored in place of the password.
#[must_use]
pub fn ha1(algorithm: DigestAlgorithm, username: &str, realm: &str, password: &str) -> String {
    hash(algorithm, &format!("{username}:{realm}:{password}"))
}

/// The `response` that these credentials must carry (RFC 7616 §3.4.1).
pub(super) fn response(
    algorithm: DigestAlgorithm,
    ha1: &str,
    method: &str,
    credentials: &Credentials,
) -> String {
    let ha2 = hash(algorithm, &format!("{method}:{}", credentials.uri));
    let nonce = &credentials.nonce;
    let text = match &credentials.protection {
        Some(used) => format!("{ha1}:{nonce}:{}:{}:auth:{ha2}", used.nc, used.cnonce),
        None => format!("{ha1}:{nonce}:{ha2}"),
    };
    hash(algorithm, &text)
}

fn hash(algorithm: DigestAlgorithm, text: &str) -> String {
    match algorithm {
        DigestAlgorithm::Md5 => hex(&<Md5 as md5::Digest>::digest(text.as_bytes())),
        DigestAlgorithm::Sha256 => hex(&<Sha256 as sha2::Digest>::digest(text.as_bytes())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
        text
    })
}
