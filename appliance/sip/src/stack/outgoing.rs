//! Requests that we send.

use super::{Body, Stack, header, listen::address, message::finish};
use crate::registry::SipTransport;
use rsipstack::{
    sip::{
        Domain, Header, Headers, Host, HostWithPort, Method, Request, Response, Scheme, SipMessage,
        Transport, Uri, Version,
    },
    transaction::{
        key::{TransactionKey, TransactionRole},
        transaction::Transaction,
    },
    transport::SipConnection,
};
use std::{net::SocketAddr, time::Duration};
use tokio::time::timeout;

/// Time to open a connection, the TLS handshake included.
const CONNECT: Duration = Duration::from_secs(10);

/// A way to a peer: over the connection that it opened, or over a new one.
#[derive(Clone)]
pub(crate) struct Flow {
    pub transport: SipTransport,
    pub peer: SocketAddr,
    connection: Option<SipConnection>,
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
    #[error("the request cannot be written: {0}")]
    Malformed(String),
    #[error("the peer does not answer")]
    NoAnswer,
}

impl Flow {
    /// None for connections that are not SIP's here.
    pub(super) fn of(connection: &SipConnection) -> Option<Self> {
        let transport = match connection {
            SipConnection::Udp(_) => SipTransport::Udp,
            SipConnection::Tcp(_) => SipTransport::Tcp,
            SipConnection::Tls(_) => SipTransport::Tls,
            _ => return None,
        };
        let peer = connection.get_remote_addr()?.get_socketaddr().ok()?;
        Some(Self { transport, peer, connection: Some(connection.clone()) })
    }

    /// Whether the connection that it is made of still is one.
    pub(crate) fn lives(&self) -> bool {
        let connection = self.connection.as_ref();
        connection.is_some_and(|known| known.cancel_token().is_none_or(|token| !token.is_cancelled()))
    }

    /// A peer that is to be reached anew.
    pub(crate) fn new(transport: SipTransport, peer: SocketAddr) -> Self {
        Self { transport, peer, connection: None }
    }
}

impl Stack {
    /// Via for a new request.
    fn via(&self, transport: SipTransport) -> Header {
        let (version, address) = (transport.via(), self.our_address(transport));
        header("Via", format!("SIP/2.0/{version} {address};branch=z9hG4bK{};rport", self.token()))
    }

    /// A request with these headers, to which Via, Max-Forwards, User-Agent and the body's are added.
    pub(crate) fn make_request(
        &self,
        method: Method,
        uri: &str,
        flow: &Flow,
        headers: Vec<Header>,
        body: Option<Body>,
    ) -> Request {
        let mut all = Headers::default();
        all.push(self.via(flow.transport));
        all.push(header("Max-Forwards", "70"));
        all.extend(headers);
        all.push(header("User-Agent", &*self.user_agent));
        finish(&mut all, body.as_ref());
        let body = body.map(|body| body.text.into_bytes()).unwrap_or_default();
        Request { method, uri: verbatim(uri), version: Version::V2, headers: all, body }
    }

    /// Sends a request and waits for its final answer, up to 32 s (RFC 3261 §17.1).
    pub(crate) async fn request(&self, request: Request, flow: &Flow) -> Result<Response, RequestError> {
        let connection = self.connect(flow).await?;
        let key = TransactionKey::from_request(&request, TransactionRole::Client)
            .map_err(|error| RequestError::Malformed(error.to_string()))?;
        let mut transaction =
            Transaction::new_client(key, request, self.endpoint.inner.clone(), Some(connection));
        transaction.destination = Some(address(flow.transport, flow.peer));
        transaction.send().await.map_err(|error| RequestError::Unreachable(error.to_string()))?;
        let last = async {
            while let Some(message) = transaction.receive().await {
                if let SipMessage::Response(response) = message
                    && response.status_code.code() >= 200
                {
                    return Ok(response);
                }
            }
            Err(RequestError::NoAnswer)
        };
        tokio::select! {
            outcome = last => outcome,
            () = self.stopped() => Err(RequestError::NoAnswer),
        }
    }

    /// Sends a message outside of any transaction: the ACK to a 2xx.
    pub(crate) async fn send(&self, request: Request, flow: &Flow) -> Result<(), RequestError> {
        let connection = self.connect(flow).await?;
        let to = address(flow.transport, flow.peer);
        connection
            .send(request.into(), Some(&to))
            .await
            .map_err(|error| RequestError::Unreachable(error.to_string()))
    }

    /// The flow's own connection while it lives, else one that exists to the same address, else a new one.
    async fn connect(&self, flow: &Flow) -> Result<SipConnection, RequestError> {
        if let Some(connection) = flow.connection.as_ref().filter(|_| flow.lives()) {
            return Ok(connection.clone());
        }
        let to = address(flow.transport, flow.peer);
        match timeout(CONNECT, self.endpoint.inner.transport_layer.lookup(&to, None)).await {
            Ok(Ok((connection, _))) => Ok(connection),
            Ok(Err(error)) => Err(RequestError::Unreachable(error.to_string())),
            Err(_) => Err(RequestError::Unreachable("no connection could be opened in time".to_owned())),
        }
    }
}

/// A URI that is written exactly as it came: the stack's own form escapes what is escaped already and folds cases. What
/// follows the scheme goes where a host name would, which it writes unchanged.
fn verbatim(uri: &str) -> Uri {
    let (scheme, rest) = match uri.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sips") => (Scheme::Sips, rest),
        Some((_, rest)) => (Scheme::Sip, rest),
        None => (Scheme::Sip, uri),
    };
    let host = Host::Domain(Domain::from(rest));
    Uri {
        scheme: Some(scheme),
        auth: None,
        host_with_port: HostWithPort { host, port: None },
        params: vec![],
        headers: vec![],
    }
}

/// The transport that a URI asks for (RFC 3261 §19.1.1).
pub(crate) fn transport_of(uri: &str) -> SipTransport {
    let asked =
        crate::text::UriParts::parse(uri).and_then(|parts| parts.parameter("transport")).unwrap_or("udp");
    match asked.parse::<Transport>() {
        _ if uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sips:")) => SipTransport::Tls,
        Ok(Transport::Tcp) => SipTransport::Tcp,
        Ok(Transport::Tls) => SipTransport::Tls,
        _ => SipTransport::Udp,
    }
}
