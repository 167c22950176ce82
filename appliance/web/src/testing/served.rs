use super::TestBox;
use crate::server::{ServeError, TlsIdentity, serve};
use futures_util::{SinkExt, StreamExt};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tabellion_domain::settings::Access;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// A certificate for `box.test`, made for this test.
pub(crate) fn identity() -> TlsIdentity {
    let made = rcgen::generate_simple_self_signed(["box.test".to_owned()]).unwrap();
    TlsIdentity { certificate_pem: made.cert.pem(), key_pem: made.signing_key.serialize_pem() }
}

/// The box behind a real port, with TLS.
pub(crate) struct Served {
    pub address: SocketAddr,
    trust: ClientConfig,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), ServeError>>,
}

/// A page's WebSocket.
pub(crate) struct Page(pub WebSocketStream<TlsStream<TcpStream>>);

impl Served {
    pub(crate) async fn start(test: &TestBox) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, identity) = (listener.local_addr().unwrap(), identity());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(identity.certificate_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let trust =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let trust = trust.with_root_certificates(roots).with_no_client_auth();
        let (end, ended) = oneshot::channel::<()>();
        let router = crate::router(test.state.clone());
        let running = tokio::spawn(async move {
            serve(listener, &identity, router, &Access::default(), async { drop(ended.await) }).await
        });
        Self { address, trust, end: Some(end), running }
    }

    /// A connection with TLS that speaks HTTP/1.1.
    pub(crate) async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_for(&[b"http/1.1"]).await
    }

    /// A connection with TLS that offers these protocols.
    pub(crate) async fn connect_for(&self, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
        let mut trust = self.trust.clone();
        trust.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("box.test").unwrap();
        TlsConnector::from(Arc::new(trust)).connect(name, stream).await.unwrap()
    }

    /// A page of this origin opens its WebSocket, with these further headers.
    pub(crate) async fn page(&self, headers: &[(&'static str, &str)]) -> Result<Page, tungstenite::Error> {
        self.page_at("/api/seat", headers).await
    }

    /// The same, of another WebSocket.
    pub(crate) async fn page_at(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Page, tungstenite::Error> {
        let mut request = format!("wss://box.test:8443{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = self.connect().await;
        tokio_tungstenite::client_async(request, stream).await.map(|(socket, _)| Page(socket))
    }

    /// Asks the server to end, and waits until it did.
    pub(crate) async fn end(&mut self) -> Result<(), ServeError> {
        drop(self.end.take());
        (&mut self.running).await.unwrap()
    }
}

impl Page {
    pub(crate) async fn say(&mut self, message: Value) {
        self.text(message.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: String) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Takes a seat; what follows the reply is left to be heard.
    pub(crate) async fn attach(&mut self, seat_token: &str, after: Option<u64>) {
        self.say(json!({ "id": 1, "type": "attach", "seat_token": seat_token, "after": after })).await;
        assert_eq!(self.hear().await, json!({ "reply_to": 1, "type": "done" }));
    }

    /// The next JSON message.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match self.0.next().await.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Waits for the box to close the connection, and says with which code.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return code.into(),
                Some(Ok(_)) => {}
                other => panic!("closed without a code: {other:?}"),
            }
        }
    }
}
