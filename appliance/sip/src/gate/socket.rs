use super::{Gate, Screened, screen};
use crate::edge;
use async_trait::async_trait;
use rsipstack::platform::net::UdpSocket as StackSocket;
use std::{net::SocketAddr, sync::Arc};
use tokio::net::UdpSocket;
use tracing::debug;

/// The UDP socket as the stack sees it: what the gate drops never reaches it.
pub(crate) struct GatedSocket {
    socket: UdpSocket,
    gate: Arc<Gate>,
}

impl GatedSocket {
    pub(crate) fn new(socket: UdpSocket, gate: Arc<Gate>) -> Self {
        Self { socket, gate }
    }

    /// Whether the stack may see this datagram.
    async fn admits(&self, datagram: &[u8], room: usize, source: SocketAddr) -> bool {
        if !self.gate.knock(source.ip(), edge::now()) {
            return false;
        }
        // A datagram that fills the buffer was cut.
        let screened =
            if datagram.len() >= room { Screened::Nonsense("too long") } else { screen(datagram, source) };
        match screened {
            Screened::Message | Screened::KeepAlive => {
                self.gate.admitted();
                return true;
            }
            Screened::Nonsense(reason) => {
                self.gate.malformed();
                debug!(%source, reason, "a datagram was dropped");
            }
            Screened::UnknownMethod(answer) => {
                self.gate.admitted();
                if let Err(error) = self.socket.send_to(answer.as_bytes(), source).await {
                    debug!(%source, %error, "an answer could not be sent");
                }
            }
        }
        false
    }
}

#[async_trait]
impl StackSocket for GatedSocket {
    async fn recv_from(&self, buffer: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        loop {
            let (length, source) = self.socket.recv_from(buffer).await?;
            if self.admits(&buffer[..length], buffer.len(), source).await {
                return Ok((length, source));
            }
        }
    }

    async fn send_to(&self, bytes: &[u8], to: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.socket.send_to(bytes, to).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}
