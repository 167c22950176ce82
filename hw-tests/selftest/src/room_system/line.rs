use crate::fault::{Fault, Outcome, Side};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::{net::UdpSocket, task::JoinSet};

/// Pairs of ports tried before there seem to be none.
const ATTEMPTS: u32 = 50;
/// Larger datagrams are no RTP on any network here, bytes.
const LARGEST: usize = 2_048;

/// The sockets of one m-line: RTP on an even port, RTCP on the one above (RFC 3550 §11).
#[derive(Clone)]
pub(super) struct Line {
    pub rtp: Arc<UdpSocket>,
    pub rtcp: Arc<UdpSocket>,
}

impl Line {
    /// Binds a free pair.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn bind(own: IpAddr) -> Outcome<Self> {
        for _ in 0..ATTEMPTS {
            let Ok(rtp) = UdpSocket::bind((own, 0)).await else { break };
            let port = rtp.local_addr().map_or(1, |address| address.port());
            if port % 2 == 1 {
                continue;
            }
            if let Ok(rtcp) = UdpSocket::bind((own, port + 1)).await {
                return Ok(Self { rtp: Arc::new(rtp), rtcp: Arc::new(rtcp) });
            }
        }
        let what = format!("no pair of UDP ports is free on {own}");
        Err(Fault::new(Side::Machine, what, "end programs that hold many ports"))
    }

    /// The even port; 0 where the system does not know it.
    pub(super) fn port(&self) -> u16 {
        self.rtp.local_addr().map_or(0, |address| address.port())
    }
}

/// Sends a datagram from whatever thread; a network that does not take it loses it.
pub(super) fn send(socket: &UdpSocket, packet: &[u8], to: SocketAddr) {
    let _ = socket.try_send_to(packet, to);
}

/// Where RTCP belongs to RTP.
pub(super) fn rtcp_of(rtp: SocketAddr) -> SocketAddr {
    SocketAddr::new(rtp.ip(), rtp.port().saturating_add(1))
}

/// Hands on each datagram that comes from the peer's address.
pub(super) fn receive(
    tasks: &mut JoinSet<()>,
    socket: Arc<UdpSocket>,
    peer: IpAddr,
    mut take: impl FnMut(&[u8]) + Send + 'static,
) {
    tasks.spawn(async move {
        let mut buffer = vec![0; LARGEST];
        loop {
            match socket.recv_from(&mut buffer).await {
                Ok((length, from)) if from.ip() == peer => take(&buffer[..length]),
                Ok(_) => {}
                // The peer's port is not open yet (ICMP): it will be.
                Err(error) => tracing::debug!(%error, "nothing received"),
            }
        }
    });
}
