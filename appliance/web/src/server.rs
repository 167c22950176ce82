use crate::{
    connections::{Connections, Place},
    peer::{Peer, Reached},
};
use axum::{Router, body::Body};
use hyper::{Request, body::Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{sync::Arc, time::Duration};
use tabellion_domain::settings::Access;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::{debug, warn};

/// A client that connects speaks TLS, and then sends its headers, within these.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
const HEADER_PATIENCE: Duration = Duration::from_secs(10);
/// An HTTP/2 client that does not answer pings at this pace is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Requests at once on one HTTP/2 connection.
const LARGEST_CROWD: u32 = 64;
/// Headers of one request, in bytes; HTTP/1.1's buffer, which they have to fit in, is as large.
const LARGEST_HEADERS: u32 = 32 * 1024;
/// Connections that end by themselves after the server's end is asked for have this long.
const FAREWELL: Duration = Duration::from_secs(3);
/// After a failing accept (no descriptors left), so that the loop does not spin.
const BREATH: Duration = Duration::from_millis(100);

/// Certificate chain and key, PEM.
pub struct TlsIdentity {
    /// Leaf first.
    pub certificate_pem: String,
    /// PKCS #8.
    pub key_pem: String,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate or its key cannot be used.
    #[error("the certificate of the web pages cannot be used: {0}")]
    Certificate(String),
}

/// Serves until `shutdown`, then lets running requests end. `access`: whose settings name the reverse proxies.
///
/// # Errors
/// [`ServeError`], before anything is served.
pub async fn serve(
    listener: TcpListener,
    identity: &TlsIdentity,
    router: Router,
    access: &Access,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let acceptor = TlsAcceptor::from(Arc::new(tls(identity)?));
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(access);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = connections.take(peer.ip()) else {
                    debug!("a connection is refused: there are too many");
                    continue;
                };
                let (acceptor, router, watcher) = (acceptor.clone(), router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    if let Err(error) =
                        connection(stream, Peer(peer.ip()), acceptor, router, watcher, place).await
                    {
                        debug!(error, "a connection ended badly");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    // New connections are refused from here on, not left waiting. WebSockets end with this process, and their pages
    // come back by themselves.
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    acceptor: TlsAcceptor,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
    place: Place,
) -> Result<(), String> {
    let reached = Reached(stream.local_addr().map_err(|error| error.to_string())?);
    // Small messages at once: signalling is what people wait for.
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let handshake = tokio::time::timeout(HANDSHAKE_PATIENCE, acceptor.accept(stream)).await;
    let stream = handshake.map_err(|_| "no TLS handshake in time")?.map_err(|error| error.to_string())?;
    // Kept by the WebSocket that a request may turn into, and so by the connection as long as it lasts.
    let place = Arc::new(place);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(reached);
        request.extensions_mut().insert(place.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(usize::try_from(LARGEST_HEADERS).unwrap_or(usize::MAX));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(LARGEST_CROWD)
        .max_header_list_size(LARGEST_HEADERS)
        .keep_alive_interval(Some(KEEP_ALIVE));
    let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
    watcher.watch(served).await.map_err(|error| error.to_string())
}

fn tls(identity: &TlsIdentity) -> Result<ServerConfig, ServeError> {
    let fault = |error: &dyn std::fmt::Display| ServeError::Certificate(error.to_string());
    let chain = CertificateDer::pem_slice_iter(identity.certificate_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fault(&error))?;
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes()).map_err(|error| fault(&error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| fault(&error))?;
    // WebSockets are HTTP/1.1's.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;
    use crate::testing::{Served, TestBox, identity};
    use http_body_util::BodyExt;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::Instant,
    };

    #[tokio::test]
    async fn a_browser_is_served_over_tls_and_the_end_waits_for_nobody_who_does_nothing() {
        let mut served = Served::start(&TestBox::new().await).await;
        let mut idle = served.connect().await;
        let mut browser = served.connect().await;
        browser.write_all(b"GET /api/health HTTP/1.1\r\nHost: box.test\r\n\r\n").await.unwrap();
        let mut answer = [0; 2_000];
        let length = browser.read(&mut answer).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK\r\n"));
        served.end().await.unwrap();
        let mut rest = Vec::new();
        let _ = idle.read_to_end(&mut rest).await;
        assert!(rest.is_empty());
        assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_browser_that_speaks_http_2_is_served_many_answers_at_once() {
        let served = Served::start(&TestBox::new().await).await;
        let stream = served.connect_for(&[b"h2", b"http/1.1"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        let client = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (asking, connection) = client.unwrap();
        tokio::spawn(connection);
        let answers = (0..10).map(|_| {
            let request = Request::get("https://box.test/api/health").body(Body::empty()).unwrap();
            let mut asking = asking.clone();
            tokio::spawn(async move { asking.send_request(request).await.unwrap() })
        });
        for answer in answers.collect::<Vec<_>>() {
            let body = answer.await.unwrap().into_body().collect().await.unwrap().to_bytes();
            assert!(body.starts_with(b"{\"status\":\"ok\""));
        }
    }

    #[tokio::test]
    async fn who_sends_headers_without_an_end_is_cut_off() {
        let served = Served::start(&TestBox::new().await).await;
        let mut slow = served.connect().await;
        slow.write_all(b"GET /api/health HTTP/1.1\r\nHost: box.test\r\nX-Slow: ").await.unwrap();
        tokio::task::yield_now().await;
        tokio::time::pause();
        let since = Instant::now();
        let mut answer = Vec::new();
        let _ = slow.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
        assert!(since.elapsed() <= HEADER_PATIENCE + Duration::from_secs(1), "{:?}", since.elapsed());
    }

    #[tokio::test]
    async fn who_sends_a_body_without_an_end_is_cut_off() {
        let served = Served::start(&TestBox::new().await).await;
        let mut slow = served.connect().await;
        let head = b"POST /api/session HTTP/1.1\r\nHost: box.test\r\nX-Tabellion: 1\r\n\
                     Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        slow.write_all(head).await.unwrap();
        tokio::time::pause();
        let mut answer = vec![0; 2_000];
        let length = slow.read(&mut answer).await.unwrap();
        assert!(
            answer[..length].starts_with(b"HTTP/1.1 408 "),
            "{}",
            String::from_utf8_lossy(&answer[..length])
        );
    }

    #[tokio::test]
    async fn who_never_speaks_tls_is_cut_off() {
        let served = Served::start(&TestBox::new().await).await;
        let mut silent = TcpStream::connect(served.address).await.unwrap();
        tokio::task::yield_now().await;
        tokio::time::pause();
        let since = Instant::now();
        assert_eq!(silent.read(&mut [0; 10]).await.unwrap_or(0), 0);
        assert!(since.elapsed() <= HANDSHAKE_PATIENCE + Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_certificate_that_cannot_be_used_is_told_at_the_start() {
        let good = identity();
        for (certificate_pem, key_pem) in [
            (good.certificate_pem.clone(), identity().key_pem),
            (good.certificate_pem.clone(), "nonsense".to_owned()),
            (String::new(), good.key_pem),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let identity = TlsIdentity { certificate_pem, key_pem };
            let served =
                serve(listener, &identity, Router::new(), &Access::default(), std::future::pending()).await;
            assert!(matches!(served, Err(ServeError::Certificate(_))));
        }
    }
}
