use axum::{extract::FromRequestParts, http::request::Parts};
use std::{convert::Infallible, net::IpAddr, net::Ipv4Addr};

/// Who asks: the connection's address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The server puts it there for each connection; a request made without one, in a test, is this machine's.
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }
}
