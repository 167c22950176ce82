//! A connection to the service, or from it, over TCP or TLS.

use super::{PATIENCE, SipTls};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsConnector;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Messages over a connection.
pub struct Wire {
    stream: Box<dyn Stream>,
    pub local: SocketAddr,
    read: Vec<u8>,
}

impl Wire {
    pub async fn tcp(to: SocketAddr) -> Self {
        Self::on(TcpStream::connect(to).await.unwrap())
    }

    /// From an address of its own.
    pub async fn tcp_from(from: Ipv4Addr, to: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        Self::on(socket.connect(to).await.unwrap())
    }

    pub fn on(stream: TcpStream) -> Self {
        let local = stream.local_addr().unwrap();
        Self { stream: Box::new(stream), local, read: Vec::new() }
    }

    /// To a service with this certificate, which is checked.
    pub async fn tls(to: SocketAddr, certificate: &SipTls) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate.certificate_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(to).await.unwrap();
        let local = stream.local_addr().unwrap();
        let name = ServerName::from(to.ip());
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        Self { stream: Box::new(stream), local, read: Vec::new() }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Whether anything at all comes back on what may be closed already.
    pub async fn is_answered(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
            && self.stream.read_buf(&mut self.read).await.is_ok_and(|length| length > 0)
    }

    /// The next message, as `rsip` reads it.
    pub async fn receive(&mut self) -> rsip::SipMessage {
        loop {
            if let Some(length) = self.whole() {
                let message: Vec<u8> = self.read.drain(..length).collect();
                let text = std::str::from_utf8(&message).expect("what we send is UTF-8");
                return rsip::SipMessage::try_from(text).unwrap_or_else(|e| panic!("{e}:\n{text}"));
            }
            let more = timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
            assert!(more.expect("a message within 10 s").unwrap() > 0, "the connection was closed");
        }
    }

    /// Length of the first message, where all of it is there.
    fn whole(&self) -> Option<usize> {
        let head = self.read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let body = text.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let length = head + body.trim().parse::<usize>().unwrap();
        (self.read.len() >= length).then_some(length)
    }

    /// The next response that is not 100.
    pub async fn response(&mut self) -> rsip::Response {
        loop {
            match self.receive().await {
                rsip::SipMessage::Response(response) if response.status_code.code() > 100 => return response,
                rsip::SipMessage::Response(_) => {}
                rsip::SipMessage::Request(request) => panic!("a request in place of a response: {request}"),
            }
        }
    }

    /// The next request.
    pub async fn incoming(&mut self) -> rsip::Request {
        match self.receive().await {
            rsip::SipMessage::Request(request) => request,
            rsip::SipMessage::Response(response) => panic!("a response in place of a request: {response}"),
        }
    }

    /// All that comes until the other side closes.
    pub async fn rest(mut self) -> Vec<u8> {
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut self.read)).await;
        // Closed without a farewell is closed, too.
        let _ = read.expect("the connection is closed within 10 s");
        self.read
    }
}
