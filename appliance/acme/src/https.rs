//! HTTP/1.1 over TLS, a connection a request: there are a dozen of them every two months.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, Uri,
    header::{HOST, HeaderValue, RETRY_AFTER},
};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// From the connection to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer of an authority or of a DNS provider is that large.
const LARGEST: usize = 1024 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A client that trusts the system's authorities, and one more where the settings name one.
#[derive(Clone)]
pub(crate) struct Https {
    connector: TlsConnector,
    /// `Retry-After` of the last answer that was none (RFC 9110 §10.2.3), in seconds only: what authorities send.
    retry_after: Arc<Mutex<Option<Duration>>>,
}

impl Https {
    /// # Errors
    /// The authority's certificate cannot be used, or the system's cannot be read.
    pub(crate) fn new(authority_pem: Option<&str>) -> Result<Self, Failure> {
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
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), retry_after: Arc::default() })
    }

    /// Asks, and waits for the whole answer.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let answer = answer.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))??;
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        if !answer.status().is_success() {
            *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner) = after.map(Duration::from_secs);
        }
        Ok(answer)
    }

    /// How long the last one that refused wants to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let (mut parts, body) = request.into_parts();
        if parts.uri.scheme_str() != Some("https") {
            return Err(format!("{} is no https address", parts.uri).into());
        }
        let authority = parts.uri.authority().ok_or("an address without a server")?.clone();
        let address = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(443));
        let name = ServerName::try_from(address.0.to_owned())?;
        let stream = TcpStream::connect(address).await?;
        let stream = self.connector.connect(name, stream).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        parts.headers.insert(HOST, HeaderValue::from_str(authority.as_str())?);
        parts.uri = parts.uri.path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>()?;
        let answered = async {
            let (parts, body) = sender.send_request(Request::from_parts(parts, body)).await?.into_parts();
            let body = Limited::new(body, LARGEST).collect().await?.to_bytes();
            Ok(Response::from_parts(parts, body))
        };
        // The connection moves the answer; whether it ends well does not matter once that is there.
        let moving = tokio::spawn(connection);
        let answer = answered.await;
        moving.abort();
        answer
    }
}

impl HttpClient for Https {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let client = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(never) => match never {},
            };
            let answer = client.send(Request::from_parts(parts, Full::new(body))).await;
            answer
                .map(|answer| BytesResponse::from(answer.map(Full::new)))
                .map_err(instant_acme::Error::Other)
        })
    }
}
