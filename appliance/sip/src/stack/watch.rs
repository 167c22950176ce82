use super::SipAddresses;
use crate::{
    edge,
    gate::{Gate, Screened, screen},
};
use async_trait::async_trait;
use rsipstack::{
    sip::SipMessage,
    transaction::endpoint::TransportEventInspector,
    transport::{SipConnection, TransportEvent},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tracing::debug;

/// Who must hear of a 2xx to an INVITE even when its transaction is over: the ACK may have been lost (RFC 3261 §13.2.2.4).
pub(crate) trait Retransmissions: Send + Sync {
    /// A 2xx to an INVITE came in, for the first time or again. Must not block.
    fn success(&self, response: &rsipstack::sip::Response);
}

/// Looks at everything that transports hand to the transaction layer: the gate for TCP and TLS, whose bytes the stack
/// reads by itself.
pub(super) struct Watch {
    gate: Arc<Gate>,
    addresses: SipAddresses,
    retransmissions: Arc<dyn Retransmissions>,
}

impl Watch {
    pub(super) fn new(
        gate: Arc<Gate>,
        addresses: SipAddresses,
        retransmissions: Arc<dyn Retransmissions>,
    ) -> Self {
        Self { gate, addresses, retransmissions }
    }

    /// Whether a connection was opened by us: one that was accepted has a listener's port.
    fn is_ours(&self, connection: &SipConnection) -> bool {
        let listening = |port| {
            port == self.addresses.tcp.port() || self.addresses.tls.is_some_and(|tls| port == tls.port())
        };
        connection.get_addr().get_socketaddr().is_ok_and(|local| !listening(local.port()))
    }

    /// Whether a message on a connection is passed on. One that brought nonsense is closed: what follows on it cannot be
    /// told from what belongs to the nonsense (RFC 3261 §18.3).
    fn admits(&self, message: &SipMessage, connection: &SipConnection, source: SocketAddr) -> bool {
        if connection.cancel_token().is_some_and(|token| token.is_cancelled())
            || !self.gate.knock(source.ip(), edge::now())
        {
            return false;
        }
        // The stack has noted the source in Via by now; that is no sign of a lie here.
        let mut bare = message.clone();
        if let SipMessage::Request(request) = &mut bare {
            request.headers.iter_mut().for_each(without_received);
        }
        if let Screened::Nonsense(reason) = screen(&bare.to_bytes(), source) {
            self.gate.malformed();
            debug!(%source, reason, "a connection is closed for a message that cannot be read");
            close(connection.clone());
            return false;
        }
        self.gate.admitted();
        true
    }
}

/// The other end of a connection; none for UDP, where there are no connections.
fn remote(connection: &SipConnection) -> Option<IpAddr> {
    if matches!(connection, SipConnection::Udp(_)) {
        return None;
    }
    connection.get_remote_addr()?.get_socketaddr().ok().map(|remote| remote.ip())
}

/// In a task of its own: a peer that does not read would hold up everybody's messages here.
fn close(connection: SipConnection) {
    if let Some(token) = connection.cancel_token() {
        token.cancel();
    }
    tokio::spawn(async move {
        if let Err(error) = connection.close().await {
            debug!(%error, "a connection was closed by its peer already");
        }
    });
}

fn without_received(header: &mut rsipstack::sip::Header) {
    if let rsipstack::sip::Header::Via(via) = header {
        let kept: Vec<_> =
            via.value().split(';').filter(|part| !part.trim().starts_with("received=")).collect();
        let kept = kept.join(";");
        via.replace(kept);
    }
}

#[async_trait]
impl TransportEventInspector for Watch {
    async fn handle(&self, event: TransportEvent) -> Option<TransportEvent> {
        match &event {
            // An accepted one has counted from the first byte.
            TransportEvent::New(connection) if self.is_ours(connection) => {
                remote(connection).into_iter().for_each(|source| self.gate.connection_opened(source));
            }
            TransportEvent::Closed(connection) => {
                remote(connection).into_iter().for_each(|source| self.gate.connection_closed(source));
            }
            TransportEvent::New(_) | TransportEvent::Incoming(..) => {}
        }
        if let TransportEvent::Incoming(message, connection, source) = &event {
            let gated = matches!(connection, SipConnection::Udp(_));
            let source = source.get_socketaddr().ok()?;
            if !gated && !self.admits(message, connection, source) {
                return None;
            }
            if let SipMessage::Response(response) = message
                && (200..300).contains(&response.status_code.code())
            {
                self.retransmissions.success(response);
            }
        }
        Some(event)
    }
}
