//! OVHcloud's interface (<https://eu.api.ovh.com/console/>), each request signed (<https://help.ovhcloud.com/csm/fr-api-getting-started-ovhcloud-api>).

use super::{Published, within, zones};
use crate::{Fault, https::Https};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use tabellion_domain::settings::Secret;

/// The shortest that OVHcloud takes, in seconds.
const TTL: u32 = 60;

pub(super) struct Ovh {
    pub base: String,
    pub https: Https,
    pub application_key: Secret,
    pub application_secret: Secret,
    pub consumer_key: Secret,
}

impl Ovh {
    pub(super) async fn publish(&self, name: &str, value: &str) -> Result<Published, Fault> {
        let zone = self.zone(name).await?;
        let record =
            json!({ "fieldType": "TXT", "subDomain": within(name, &zone), "target": value, "ttl": TTL });
        let answer = self.call(Method::POST, &format!("/domain/zone/{zone}/record"), Some(record)).await?;
        let id = done(&answer)?["id"].as_u64();
        let published = Published { zone, name: name.to_owned(), value: value.to_owned(), id };
        self.refresh(&published).await?;
        Ok(published)
    }

    pub(super) async fn remove(&self, published: &Published) -> Result<(), Fault> {
        let Some(id) = published.id else { return Ok(()) };
        let path = format!("/domain/zone/{}/record/{id}", published.zone);
        done(&self.call(Method::DELETE, &path, None).await?)?;
        self.refresh(published).await
    }

    /// Without it nothing that was changed is served.
    async fn refresh(&self, published: &Published) -> Result<(), Fault> {
        let path = format!("/domain/zone/{}/refresh", published.zone);
        done(&self.call(Method::POST, &path, None).await?).map(drop)
    }

    async fn zone(&self, name: &str) -> Result<String, Fault> {
        for zone in zones(name) {
            let answer = self.call(Method::GET, &format!("/domain/zone/{zone}"), None).await?;
            match answer.status() {
                StatusCode::OK => return Ok(zone.to_owned()),
                StatusCode::NOT_FOUND => {}
                _ => return Err(fault(&answer)),
            }
        }
        Err(Fault::new(
            "le compte OVHcloud ne contient pas le domaine de ce nom",
            "Vérifiez le nom public de la boîte, et que les clés sont celles du compte qui tient ce domaine",
            format!("no zone of {name}"),
        ))
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Response<Bytes>, Fault> {
        let url = format!("{}{path}", self.base);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let time = self.time().await?;
        let request = Request::builder()
            .method(method.clone())
            .uri(&url)
            .header(CONTENT_TYPE, "application/json")
            .header("X-Ovh-Application", self.application_key.reveal())
            .header("X-Ovh-Consumer", self.consumer_key.reveal())
            .header("X-Ovh-Timestamp", &time)
            .header("X-Ovh-Signature", self.signature(method.as_str(), &url, &body, &time))
            .body(Full::from(body))
            .map_err(|_| bad_keys("a key cannot be sent"))?;
        self.https.send(request).await.map_err(silent)
    }

    /// Theirs: the box's clock may be wrong, and a signature lasts for seconds.
    async fn time(&self) -> Result<String, Fault> {
        let request = Request::get(format!("{}/auth/time", self.base)).body(Full::default());
        let answer = self.https.send(request.map_err(|error| silent(error.into()))?).await.map_err(silent)?;
        let text = String::from_utf8_lossy(answer.body()).trim().to_owned();
        if answer.status().is_success() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(text);
        }
        Err(fault(&answer))
    }

    fn signature(&self, method: &str, url: &str, body: &str, time: &str) -> String {
        let (secret, consumer) = (self.application_secret.reveal(), self.consumer_key.reveal());
        let hash = Sha1::digest([secret, consumer, method, url, body, time].join("+"));
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("$1${hex}")
    }
}

fn done(answer: &Response<Bytes>) -> Result<Value, Fault> {
    if answer.status().is_success() {
        return Ok(serde_json::from_slice(answer.body()).unwrap_or_default());
    }
    Err(fault(answer))
}

fn fault(answer: &Response<Bytes>) -> Fault {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let detail =
        format!("OVHcloud answers {} {}", answer.status(), body["errorCode"].as_str().unwrap_or_default());
    // A wrong application key is a 400.
    let keys =
        matches!(answer.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if keys { bad_keys(&detail) } else { silent(detail.into()) }
}

fn bad_keys(detail: &str) -> Fault {
    Fault::new(
        "OVHcloud refuse les clés d’accès",
        "Créez chez OVHcloud des clés qui ont les droits GET, POST et DELETE sur /domain/zone/*, et copiez-les dans les réglages",
        detail,
    )
}

fn silent(failure: Box<dyn std::error::Error + Send + Sync>) -> Fault {
    Fault::new(
        "OVHcloud ne répond pas comme prévu",
        "Vérifiez que le pare-feu de l’office laisse la boîte joindre eu.api.ovh.com ; sinon, attendez",
        failure,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_as_the_documentation_says() {
        let ovh = Ovh {
            base: String::new(),
            https: Https::new(None).unwrap(),
            application_key: Secret::new("7kbG7Bk7S9Nt7ZSV"),
            application_secret: Secret::new("EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF"),
            consumer_key: Secret::new("MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"),
        };
        // sha1sum of the parts, joined by «+».
        let signature = ovh.signature("GET", "https://eu.api.ovh.com/1.0/domains/", "", "1366560945");
        assert_eq!(signature, "$1$d3705e8afb27a0d2970a322b96550abfc67bb798");
    }
}
