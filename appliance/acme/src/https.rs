//! TLS or nothing: what an authority and a DNS provider are told is worth the box's name.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, header::RETRY_AFTER, http::uri::Scheme};
use instant_acme::{BodyWrapper, BytesResponse};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tabellion_http_client::{Failure, HttpClient};

/// A client that trusts the system's authorities, and one more where the settings name one.
#[derive(Clone)]
pub(crate) struct Https {
    client: HttpClient,
    /// `Retry-After` of the last answer that was none (RFC 9110 §10.2.3), in seconds only: what authorities send.
    retry_after: Arc<Mutex<Option<Duration>>>,
}

impl Https {
    /// # Errors
    /// The authority's certificate cannot be used, or the system's cannot be read.
    pub(crate) fn new(authority_pem: Option<&str>) -> Result<Self, Failure> {
        Ok(Self { client: HttpClient::new(authority_pem)?, retry_after: Arc::default() })
    }

    /// Asks, and waits for the whole answer.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Failure> {
        if request.uri().scheme() != Some(&Scheme::HTTPS) {
            return Err(format!("{} is no https address", request.uri()).into());
        }
        let answer = self.client.send(request).await?;
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
}

impl instant_acme::HttpClient for Https {
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
