use crate::{
    registry::DigestAlgorithm,
    text::{split, unquote},
};

/// Longest header that is read, in bytes.
const LONGEST: usize = 2048;

/// An `Authorization` or `Proxy-Authorization` header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Credentials {
    pub username: String,
    pub realm: String,
    pub nonce: String,
    /// As written: it goes into the hash byte for byte.
    pub uri: String,
    pub response: String,
    pub algorithm: DigestAlgorithm,
    /// `nc` and `cnonce`, where `qop=auth` was used; without, RFC 2069.
    pub protection: Option<Protection>,
}

/// Of `qop=auth`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Protection {
    /// As written, eight hexadecimal digits.
    pub nc: String,
    pub cnonce: String,
    pub count: u32,
}

impl Credentials {
    /// None for another scheme, a missing part, an unknown algorithm, or a qop other than `auth`.
    pub(super) fn parse(header: &str) -> Option<Self> {
        if header.len() > LONGEST {
            return None;
        }
        let (scheme, rest) = header.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let parts = split(rest, ',');
        let get = |name: &str| {
            parts.iter().find_map(|part| {
                let (key, value) = part.split_once('=')?;
                key.trim().eq_ignore_ascii_case(name).then(|| unquote(value))
            })
        };
        let algorithm = match get("algorithm") {
            Some(name) => DigestAlgorithm::parse(&name)?,
            None => DigestAlgorithm::Md5,
        };
        let protection = match get("qop") {
            Some(qop) if qop.eq_ignore_ascii_case("auth") => Some(protection(get("nc")?, get("cnonce")?)?),
            Some(_) => return None,
            None => None,
        };
        Some(Self {
            username: get("username")?,
            realm: get("realm")?,
            nonce: get("nonce")?,
            uri: get("uri")?,
            response: get("response")?,
            algorithm,
            protection,
        })
    }

    /// Which use of the nonce this is. Without qop a nonce serves once.
    pub(super) fn count(&self) -> u32 {
        self.protection.as_ref().map_or(u32::MAX, |protection| protection.count)
    }
}

fn protection(nc: String, cnonce: String) -> Option<Protection> {
    if nc.len() != 8 || !nc.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let count = u32::from_str_radix(&nc, 16).ok()?;
    Some(Protection { nc, cnonce, count })
}
