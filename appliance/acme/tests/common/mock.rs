use super::Trust;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

/// What was asked: method, path, body, and a header's values by name.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) headers: hyper::HeaderMap,
}

/// A provider's interface, or an authority's, in shape only.
pub(crate) struct Mock {
    pub(crate) url: String,
    pub(crate) trust: Trust,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer of JSON.
pub(crate) fn json(status: u16, body: &Value) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::from(body.to_string())).unwrap()
}

impl Mock {
    /// `answer` is told its own address, too.
    pub(crate) async fn start(
        answer: impl Fn(&Asked, &str) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        let trust = Trust::new();
        let chain = vec![CertificateDer::from_pem_slice(trust.certificate_pem.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(trust.key_pem.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, noted, own) = (Arc::new(answer), asked.clone(), url.clone());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                let (noted, own) = (noted.clone(), own.clone());
                tokio::spawn(async move {
                    // One that does not trust this server goes away here.
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request: Request<Incoming>| {
                        let (answer, noted, own) = (answer.clone(), noted.clone(), own.clone());
                        async move {
                            let (parts, body) = request.into_parts();
                            let bytes = body.collect().await?.to_bytes();
                            let asked = Asked {
                                method: parts.method.to_string(),
                                path: parts.uri.path().to_owned(),
                                body: serde_json::from_slice(&bytes).unwrap_or_default(),
                                headers: parts.headers,
                            };
                            let response = answer(&asked, &own);
                            noted.lock().unwrap().push(asked);
                            Ok::<_, hyper::Error>(response)
                        }
                    });
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, trust, asked, task }
    }
}
