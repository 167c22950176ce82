//! The box's REST interface, for what a test prepares.

use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, header};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A user who is logged in.
pub struct Rest {
    runtime: tokio::runtime::Runtime,
    authority: String,
    trust: Arc<ClientConfig>,
    cookie: String,
}

impl Rest {
    /// Logs in by SMS, which the demonstration shows: the one-time codes are the self-test's.
    pub fn log_in(url: &str, ca: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        CertificateDer::pem_file_iter(ca).unwrap().for_each(|one| roots.add(one.unwrap()).unwrap());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let trust = Arc::new(config.unwrap().with_root_certificates(roots).with_no_client_auth());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let authority = url.trim_start_matches("https://").to_owned();
        let mut rest = Self { runtime, authority, trust, cookie: String::new() };
        let who = json!({ "login": "julien.petit", "password": "Tabellion-2026!" });
        rest.call("POST", "/api/session", Some(who));
        rest.call("POST", "/api/session/sms", None);
        let digits = rest.sms_code();
        let second = json!({ "method": "sms", "code": digits });
        rest.call("POST", "/api/session/second-factor", Some(second));
        rest
    }

    /// The six digits of the SMS, as soon as the outbox has sent it.
    fn sms_code(&mut self) -> String {
        for _ in 0..200 {
            let messages = self.call("GET", "/api/demonstration/messages", None);
            let text = messages["messages"][0]["text"].as_str().unwrap_or_default();
            let mut parts = text.split(|c: char| !c.is_ascii_digit());
            if let Some(digits) = parts.find(|part| part.len() == 6) {
                return digits.to_owned();
            }
            self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(50)).await });
        }
        panic!("no SMS within 10 s");
    }

    /// Asks for something that succeeds.
    pub fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.authority)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Tabellion", "1")
            .body(Full::<Bytes>::from(body.map(|body| body.to_string()).unwrap_or_default()))
            .unwrap();
        let (authority, connector) = (self.authority.clone(), TlsConnector::from(self.trust.clone()));
        let (head, body) = self.runtime.block_on(async move {
            let tcp = TcpStream::connect(&authority).await.unwrap();
            let tls = connector.connect(ServerName::try_from("127.0.0.1").unwrap(), tcp).await.unwrap();
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(tls)).await.unwrap();
            let carried = tokio::spawn(connection);
            let (head, body) = sender.send_request(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            carried.abort();
            (head, body)
        });
        assert!(head.status.is_success(), "{method} {path}: {} {body:?}", head.status);
        if let Some(cookie) = head.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    /// The demonstration's meeting: its number in the box, an organizer's seat, and a guest's.
    pub fn seats(&mut self) -> (i64, String, String) {
        let meeting = self.call("GET", "/api/permanent-meetings", None)["items"][0].clone();
        let id = meeting["id"].as_i64().unwrap();
        let link = meeting["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let token = |grant: Value| grant["seat_token"].as_str().unwrap().to_owned();
        let path = format!("/api/permanent-meetings/{id}/seat");
        let organizer = token(self.call("POST", &path, Some(json!({}))));
        let form = json!({ "first_name": "Bob", "last_name": "Martin", "code": meeting["code"] });
        let guest = token(self.call("POST", &format!("/api/links/{link}/requests"), Some(form)));
        (id, organizer, guest)
    }

    /// «Réunion active» off.
    pub fn switch_off(&mut self, id: i64) {
        self.call("PATCH", &format!("/api/permanent-meetings/{id}"), Some(json!({ "active": false })));
    }
}
