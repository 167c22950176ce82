//! HTTP/1.1, a connection a request, without redirections: what a box asks (an ACME authority, a DNS provider, an SMS service) is
//! asked seldom, and only where its settings say.

pub use bytes::Bytes;
pub use http_body_util::Full;
pub use hyper::{Request, Response, StatusCode, Uri, http::uri::Scheme};

use http_body_util::{BodyExt, Limited};
use hyper::{
    header::{HOST, HeaderValue},
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// From the connection to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer of theirs is that large.
const LARGEST: usize = 1024 * 1024;

/// Why there is no answer: for the log and the support, in English. Never holds a part of the request but its server.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A client that trusts the system's authorities, and those that the settings name.
#[derive(Clone)]
pub struct HttpClient {
    connector: TlsConnector,
}

impl HttpClient {
    /// # Errors
    /// The authority's certificate cannot be used, or the system's cannot be read.
    pub fn new(authority_pem: Option<&str>) -> Result<Self, Failure> {
        let extra = match authority_pem {
            Some(pem) => CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>()?,
            None => Vec::new(),
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(extra, provider.clone())?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)) })
    }

    /// Asks, and waits for the whole answer, whatever its status: up to 30 s, up to 1 MiB. What an `http` address is sent can be
    /// read on its way: whoever does not want that looks at the scheme before.
    ///
    /// # Errors
    /// The server is not reached, does not prove its name, or does not answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        answer.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let (mut parts, body) = request.into_parts();
        let authority = parts.uri.authority().ok_or("an address without a server")?.clone();
        let scheme = parts.uri.scheme().cloned();
        parts.headers.insert(HOST, HeaderValue::from_str(authority.as_str())?);
        parts.uri = parts.uri.path_and_query().map_or("/", |path| path.as_str()).parse()?;
        let request = Request::from_parts(parts, body);
        let host = authority.host().trim_matches(['[', ']']);
        match scheme {
            Some(scheme) if scheme == Scheme::HTTPS => {
                let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(443))).await?;
                let name = ServerName::try_from(host.to_owned())?;
                converse(self.connector.connect(name, stream).await?, request).await
            }
            Some(scheme) if scheme == Scheme::HTTP => {
                converse(TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?, request).await
            }
            _ => Err("an address that is neither https nor http".into()),
        }
    }
}

async fn converse<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure>
where
    TokioIo<S>: Read + Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let answered = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, LARGEST).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    // The connection moves the answer; whether it ends well does not matter once that is there.
    let moving = tokio::spawn(connection);
    let answer = answered.await;
    moving.abort();
    answer
}
