use super::{
    BoxAddress,
    tls::{self, Trust},
};
use crate::fault::{Fault, Outcome, Side};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Method, Request, body::Bytes, header};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use serde_json::Value;
use std::sync::Arc;
use tokio::{net::TcpStream, task::JoinSet};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::client::IntoClientRequest};

/// Largest answer that is read, bytes.
const LARGEST_ANSWER: usize = 1 << 20;

/// An answer of the box.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The body; null where there is none.
    pub body: Value,
}

impl Answer {
    /// The error's code, for programs; empty where there is none.
    pub(super) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The answer as an error that nothing better is known of.
    pub(super) fn fault(&self, asked: &str) -> Fault {
        let (status, code, message) = (self.status, self.code(), &self.body["error"]["message"]);
        let what = format!("{asked}: {status} {code} {}", message.as_str().unwrap_or_default());
        Fault::new(Side::Control, what.trim_end(), "look at the box's log of that moment")
    }
}

/// A client of one box, with its cookie. A connection a request: there are few.
pub(crate) struct Client {
    /// Where the box is.
    pub at: BoxAddress,
    trust: Arc<ClientConfig>,
    cookie: Option<String>,
}

impl Client {
    /// For a box, and whom to believe that it is the one.
    ///
    /// # Errors
    /// Nobody can be believed.
    pub(crate) fn new(at: BoxAddress, trusted: Trust<'_>) -> Outcome<Self> {
        Ok(Self { at, trust: tls::trust(trusted)?, cookie: None })
    }

    /// Sends a request and reads the answer, whatever it says.
    pub(super) async fn call(&mut self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Answer> {
        let broken = |why: &dyn std::fmt::Display| {
            let what = format!("{path} of {} was not answered ({why})", self.at.authority());
            Fault::new(Side::Control, what, "is the box's control process running?")
        };
        let stream = tls::connect(&self.at, &self.trust).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|e| broken(&e))?;
        // Ends with this call.
        let mut carrier = JoinSet::new();
        carrier.spawn(connection);
        let request = self.request(method, path, body).map_err(|e| broken(&e))?;
        let response = sender.send_request(request).await.map_err(|e| broken(&e))?;
        let (head, body) = response.into_parts();
        let read = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|e| broken(&e))?;
        // The session's is set before a device's.
        if let Some(cookie) = head.headers.get(header::SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|cookie| cookie.split(';').next());
            self.cookie = pair.map(str::to_owned);
        }
        let body = serde_json::from_slice(&read.to_bytes()).unwrap_or(Value::Null);
        Ok(Answer { status: head.status.as_u16(), body })
    }

    /// As [`Self::call`]; anything but success is an error.
    pub(super) async fn expect(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Outcome<Value> {
        let asked = format!("{method} {path}");
        let answer = self.call(method, path, body).await?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(answer.fault(&asked)) }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> hyper::http::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.at.authority())
            // What only the box's own pages send; without it the box refuses changes.
            .header("X-Tabellion", "1");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        request.body(Full::new(text.into()))
    }

    /// Opens the WebSocket of a seat.
    ///
    /// # Errors
    /// The box does not take it.
    pub(crate) async fn seat_socket(&self) -> Outcome<WebSocketStream<TlsStream<TcpStream>>> {
        let broken = |why: &dyn std::fmt::Display| {
            Fault::new(
                Side::Control,
                format!("the WebSocket of {} was refused ({why})", self.at.authority()),
                "is there a proxy on the way that takes no WebSockets?",
            )
        };
        let url = format!("wss://{}/api/seat", self.at.authority());
        let mut request = url.into_client_request().map_err(|e| broken(&e))?;
        let origin = format!("https://{}", self.at.authority());
        let headers = request.headers_mut();
        headers.insert(header::ORIGIN, origin.parse().map_err(|e: header::InvalidHeaderValue| broken(&e))?);
        if let Some(cookie) = &self.cookie {
            headers
                .insert(header::COOKIE, cookie.parse().map_err(|e: header::InvalidHeaderValue| broken(&e))?);
        }
        let stream = tls::connect(&self.at, &self.trust).await?;
        let (socket, _) = client_async(request, stream).await.map_err(|e| broken(&e))?;
        Ok(socket)
    }
}
