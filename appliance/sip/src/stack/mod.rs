//! The only place that knows `rsipstack`: its transactions, its connections, and their traps. Dialogs are our own (a
//! restart must find them again); the stack's are not used.

mod flows;
mod incoming;
mod listen;
mod message;
mod outgoing;
mod watch;

pub(crate) use flows::ProvenFlows;
pub(crate) use incoming::{Incoming, InviteEvent, InviteHandle};
pub(crate) use message::{Body, header, response};
pub(crate) use outgoing::{Flow, RequestError, transport_of};
pub(crate) use watch::Retransmissions;

use crate::{
    config::{SipConfig, SipError},
    gate::Gate,
    registry::SipTransport,
};
use listen::{Listeners, NoNames};
use rsipstack::{
    sip::Method,
    transaction::{
        TransactionReceiver,
        endpoint::{Endpoint, EndpointBuilder, EndpointOption},
    },
    transport::TransportLayer,
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};
use tabellion_domain::Entropy;
use tokio_util::sync::CancellationToken;

/// Methods that we answer, for the Allow header.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER";

/// A connection that was silent for so long is closed: a little more than the longest registration, so that a device
/// that registered over TCP or TLS stays reachable on its connection.
const STREAM_IDLE: Duration = Duration::from_secs(3_700);

/// Where the service listens; ports as they came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SipAddresses {
    /// UDP.
    pub udp: SocketAddr,
    /// TCP.
    pub tcp: SocketAddr,
    /// TLS, where there is a certificate.
    pub tls: Option<SocketAddr>,
}

/// The transaction layer with its transports. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Stack {
    endpoint: Arc<Endpoint>,
    pub addresses: SipAddresses,
    pub user_agent: Arc<str>,
    pub entropy: Arc<dyn Entropy>,
    pub proven: Arc<ProvenFlows>,
    address: IpAddr,
    cancel: CancellationToken,
    winding_down: CancellationToken,
    waiting: Arc<Mutex<Option<(Listeners, TransactionReceiver)>>>,
}

impl Stack {
    /// Binds the sockets; what arrives waits in the kernel until [`Self::serve`].
    pub(crate) async fn bind(
        config: &SipConfig,
        gate: Arc<Gate>,
        entropy: Arc<dyn Entropy>,
        retransmissions: Arc<dyn Retransmissions>,
    ) -> Result<Self, SipError> {
        if config.address.is_unspecified() || config.address.is_multicast() {
            return Err(SipError::Address(config.address));
        }
        // The stack's outgoing TLS uses the process's provider. Somebody may have set it already: the same one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let cancel = CancellationToken::new();
        let transports = TransportLayer::new_with_domain_resolver(cancel.clone(), Box::new(NoNames));
        transports.set_stream_idle_timeout(STREAM_IDLE);
        let (listeners, addresses) = Listeners::bind(config, gate.clone(), &transports, &cancel).await?;
        let endpoint = EndpointBuilder::new()
            .with_user_agent(&config.user_agent)
            .with_transport_layer(transports)
            .with_cancel_token(cancel.clone())
            // ACKs to a 2xx are ours: the stack would rebuild the peer's Contact and look its host up.
            .with_option(EndpointOption { auto_ack_2xx: false, ..EndpointOption::default() })
            .with_transport_inspector(Box::new(watch::Watch::new(gate, addresses, retransmissions)))
            .build();
        let incoming =
            endpoint.incoming_transactions().expect("a new endpoint's receiver was taken by nobody");
        Ok(Self {
            endpoint: Arc::new(endpoint),
            addresses,
            user_agent: config.user_agent.as_str().into(),
            entropy,
            proven: Arc::default(),
            address: config.address,
            cancel,
            winding_down: CancellationToken::new(),
            waiting: Arc::new(Mutex::new(Some((listeners, incoming)))),
        })
    }

    /// Starts to read. The requests that open a transaction come out.
    pub(crate) fn serve(&self) -> Result<TransactionReceiver, SipError> {
        let waiting = self.waiting.lock().expect("no panic while locked").take();
        let (listeners, incoming) = waiting.ok_or(SipError::Serving)?;
        let endpoint = self.endpoint.clone();
        tokio::spawn(async move { endpoint.serve().await });
        listeners.serve(&self.endpoint);
        Ok(incoming)
    }

    /// From now on nothing new begins; what is under way comes to an answer.
    pub(crate) fn wind_down(&self) {
        self.winding_down.cancel();
    }

    /// Whether [`Self::wind_down`] was called.
    pub(crate) fn winds_down(&self) -> bool {
        self.winding_down.is_cancelled()
    }

    /// Resolves once [`Self::wind_down`] was called.
    pub(crate) async fn winding_down(&self) {
        self.winding_down.cancelled().await;
    }

    /// Stops everything; calls are not ended.
    pub(crate) fn stop(&self) {
        self.cancel.cancel();
    }

    /// Resolves once [`Self::stop`] was called.
    pub(crate) async fn stopped(&self) {
        self.cancel.cancelled().await;
    }

    /// Requests that the stack works on, and has finished and keeps for retransmissions.
    pub(crate) fn transactions(&self) -> (usize, usize) {
        let stats = self.endpoint.inner.get_stats();
        (stats.running_transactions, stats.finished_transactions)
    }

    /// What Via and Contact say for a transport.
    pub(crate) fn our_address(&self, transport: SipTransport) -> SocketAddr {
        let port = match transport {
            SipTransport::Udp => self.addresses.udp.port(),
            SipTransport::Tcp => self.addresses.tcp.port(),
            SipTransport::Tls => self.addresses.tls.map_or(5061, |address| address.port()),
        };
        SocketAddr::new(self.address, port)
    }

    /// Value of our Contact, with the transport that it is reached by.
    pub(crate) fn contact(&self, user: &str, transport: SipTransport) -> String {
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let address = self.our_address(transport);
        match transport {
            SipTransport::Udp => format!("<sip:{user}{address}>"),
            other => format!("<sip:{user}{address};transport={}>", other.parameter()),
        }
    }

    /// A tag, branch or similar: 96 bits, safe in every header.
    pub(crate) fn token(&self) -> String {
        let mut bytes = [0; 12];
        self.entropy.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Methods that the stack knows and we do not answer.
pub(crate) fn is_refused(method: Method) -> bool {
    matches!(
        method,
        Method::Message
            | Method::Notify
            | Method::Publish
            | Method::Refer
            | Method::Subscribe
            | Method::PRack
    )
}
