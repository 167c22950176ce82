//! Listeners. The stack's own have no limits and no time-out of the TLS handshake, so connections are accepted here.

use super::SipAddresses;
use crate::{
    config::{SipConfig, SipError, SipTls},
    edge,
    gate::{ConnectionPlace, Gate, GatedSocket},
    registry::SipTransport,
};
use async_trait::async_trait;
use rsipstack::{
    sip::Transport,
    transaction::endpoint::Endpoint,
    transport::{
        SipAddr, SipConnection, TransportLayer, tcp::TcpConnection, tls::TlsConnection,
        transport_layer::DomainResolver, udp::UdpConnection,
    },
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after a failure to accept (no file descriptors are left), so that it does not spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks no name up: the stack would do so in its receive loop, for a Via that anybody can write.
pub(super) struct NoNames;

#[async_trait]
impl DomainResolver for NoNames {
    async fn resolve(&self, target: &SipAddr) -> rsipstack::Result<SipAddr> {
        Err(rsipstack::Error::DnsResolutionError(format!("names are not looked up: {}", target.addr)))
    }
}

/// Bound, not yet accepting.
pub(super) struct Listeners {
    tcp: TcpListener,
    tls: Option<(TcpListener, TlsAcceptor)>,
    gate: Arc<Gate>,
    cancel: CancellationToken,
}

impl Listeners {
    pub(super) async fn bind(
        config: &SipConfig,
        gate: Arc<Gate>,
        transports: &TransportLayer,
        cancel: &CancellationToken,
    ) -> Result<(Self, SipAddresses), SipError> {
        let failed = |transport, port| {
            move |error| SipError::Listen { transport, address: config.address, port, error }
        };
        let socket = UdpSocket::bind((config.address, config.udp_port))
            .await
            .map_err(failed("UDP", config.udp_port))?;
        let udp = socket.local_addr().map_err(failed("UDP", config.udp_port))?;
        let gated = Arc::new(GatedSocket::new(socket, gate.clone()));
        let connection = UdpConnection::from_socket(gated, None, Some(cancel.child_token()))
            .await
            .map_err(|error| failed("UDP", config.udp_port)(std::io::Error::other(error.to_string())))?;
        transports.add_transport(connection.into());
        let listen = async |transport, port| {
            let listener =
                TcpListener::bind((config.address, port)).await.map_err(failed(transport, port))?;
            let address = listener.local_addr().map_err(failed(transport, port))?;
            Ok::<_, SipError>((listener, address))
        };
        let (tcp, tcp_address) = listen("TCP", config.tcp_port).await?;
        let (mut tls, mut tls_address) = (None, None);
        if let Some(settings) = &config.tls {
            let (listener, address) = listen("TLS", settings.port).await?;
            tls = Some((listener, acceptor(settings)?));
            tls_address = Some(address);
        }
        let addresses = SipAddresses { udp, tcp: tcp_address, tls: tls_address };
        Ok((Self { tcp, tls, gate, cancel: cancel.clone() }, addresses))
    }

    pub(super) fn serve(self, endpoint: &Arc<Endpoint>) {
        let doors = [
            (Some(self.tcp), None),
            self.tls.map_or((None, None), |(listener, tls)| (Some(listener), Some(tls))),
        ];
        for (listener, tls) in doors {
            let Some(listener) = listener else { continue };
            let door = Door {
                tls,
                gate: self.gate.clone(),
                endpoint: endpoint.clone(),
                cancel: self.cancel.clone(),
            };
            tokio::spawn(Arc::new(door).accept(listener));
        }
    }
}

fn acceptor(settings: &SipTls) -> Result<TlsAcceptor, SipError> {
    let wrong = |error: &dyn std::fmt::Display| SipError::Certificate(error.to_string());
    let chain = CertificateDer::pem_slice_iter(settings.certificate_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(&error))?;
    let key = PrivateKeyDer::from_pem_slice(settings.key_pem.as_bytes()).map_err(|error| wrong(&error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| wrong(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// One listener's loop.
struct Door {
    tls: Option<TlsAcceptor>,
    gate: Arc<Gate>,
    endpoint: Arc<Endpoint>,
    cancel: CancellationToken,
}

impl Door {
    async fn accept(self: Arc<Self>, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.cancel.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, source)) => {
                    let Some(place) = self.gate.knock_connection(source.ip(), edge::now()) else {
                        debug!(%source, "a connection was refused");
                        continue;
                    };
                    tokio::spawn(self.clone().take(stream, source, place));
                }
                Err(error) => {
                    warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn take(self: Arc<Self>, stream: TcpStream, source: SocketAddr, place: ConnectionPlace) {
        // Small messages that must not wait for each other.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%source, %error, "a connection was gone at once");
            return;
        }
        match self.wrap(stream, source).await {
            Ok(connection) => {
                place.hand_over();
                self.endpoint.inner.transport_layer.add_connection(connection);
            }
            Err(error) => {
                self.gate.malformed();
                debug!(%source, error, "a connection came to nothing");
            }
        }
    }

    async fn wrap(&self, stream: TcpStream, source: SocketAddr) -> Result<SipConnection, String> {
        let local = stream.local_addr().map_err(|error| error.to_string())?;
        let token = Some(self.cancel.child_token());
        let Some(acceptor) = &self.tls else {
            let local = address(SipTransport::Tcp, local);
            return TcpConnection::from_stream(stream, local, token)
                .map(SipConnection::Tcp)
                .map_err(|error| error.to_string());
        };
        let stream = match timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err("the TLS handshake took too long".to_owned()),
        };
        let (local, source) = (address(SipTransport::Tls, local), address(SipTransport::Tls, source));
        TlsConnection::from_server_stream(stream, local, source, token)
            .await
            .map(SipConnection::Tls)
            .map_err(|error| error.to_string())
    }
}

/// An address as the stack writes it.
pub(super) fn address(transport: SipTransport, address: SocketAddr) -> SipAddr {
    let transport = match transport {
        SipTransport::Udp => Transport::Udp,
        SipTransport::Tcp => Transport::Tcp,
        SipTransport::Tls => Transport::Tls,
    };
    SipAddr::new(transport, address.into())
}
