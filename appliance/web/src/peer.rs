use axum::{extract::FromRequestParts, http::request::Parts};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Who asks: the connection's address, or whom a reverse proxy asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The server puts it there for each connection; a request made without one, in a test, is this machine's.
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }
}

/// Who has opened the connection: a browser, or a reverse proxy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Connected(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for Connected {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        match parts.extensions.get::<Self>() {
            Some(found) => Ok(*found),
            None => Peer::from_request_parts(parts, state).await.map(|Peer(peer)| Self(peer)),
        }
    }
}

/// Which of the box's addresses was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reached(pub SocketAddr);

impl<S: Sync> FromRequestParts<S> for Reached {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(nowhere)))
    }
}
