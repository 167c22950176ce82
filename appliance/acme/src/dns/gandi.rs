//! Gandi's LiveDNS (<https://api.gandi.net/docs/livedns/>), with a personal access token.

use super::{Published, within, zones};
use crate::{Fault, https::Https};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};
use tabellion_domain::settings::Secret;

/// The shortest that Gandi takes, in seconds.
const TTL: u32 = 300;

pub(super) struct Gandi {
    pub base: String,
    pub https: Https,
    pub token: Secret,
}

impl Gandi {
    pub(super) async fn publish(&self, name: &str, value: &str) -> Result<Published, Fault> {
        let zone = self.zone(name).await?;
        let published = Published { zone, name: name.to_owned(), value: value.to_owned(), id: None };
        let mut values = self.values(&published).await?;
        values.push(value.to_owned());
        self.put(&published, &values).await?;
        Ok(published)
    }

    /// Others may have records of the same name: another box, another program.
    pub(super) async fn remove(&self, published: &Published) -> Result<(), Fault> {
        let mut values = self.values(published).await?;
        values.retain(|value| *value != published.value);
        if !values.is_empty() {
            return self.put(published, &values).await;
        }
        let answer = self.call(Method::DELETE, &path(published), None).await?;
        done(&answer)
    }

    async fn zone(&self, name: &str) -> Result<String, Fault> {
        for zone in zones(name) {
            let answer = self.call(Method::GET, &format!("/domains/{zone}"), None).await?;
            match answer.status() {
                StatusCode::OK => return Ok(zone.to_owned()),
                StatusCode::NOT_FOUND => {}
                _ => return Err(fault(&answer)),
            }
        }
        Err(Fault::new(
            "le compte Gandi ne contient pas le domaine de ce nom",
            "Vérifiez le nom public de la boîte, et que le jeton a été créé pour l’organisation qui tient ce domaine",
            format!("no zone of {name}"),
        ))
    }

    async fn values(&self, published: &Published) -> Result<Vec<String>, Fault> {
        let answer = self.call(Method::GET, &path(published), None).await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Vec::new()),
            _ => return Err(fault(&answer)),
        }
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let values = body["rrset_values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        // They come back in quotation marks.
        Ok(values.map(|value| value.trim_matches('"').to_owned()).collect())
    }

    async fn put(&self, published: &Published, values: &[String]) -> Result<(), Fault> {
        let body = json!({ "rrset_ttl": TTL, "rrset_values": values });
        done(&self.call(Method::PUT, &path(published), Some(body)).await?)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Response<Bytes>, Fault> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, format!("Bearer {}", self.token.reveal()))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(body.map(|body| body.to_string()).unwrap_or_default()))
            // The token may hold a sign that no header can; the error does not quote it.
            .map_err(|_| bad_token("the token cannot be sent"))?;
        self.https.send(request).await.map_err(silent)
    }
}

fn path(published: &Published) -> String {
    let Published { zone, name, .. } = published;
    format!("/domains/{zone}/records/{}/TXT", within(name, zone))
}

fn done(answer: &Response<Bytes>) -> Result<(), Fault> {
    if answer.status().is_success() { Ok(()) } else { Err(fault(answer)) }
}

fn fault(answer: &Response<Bytes>) -> Fault {
    match answer.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            bad_token(&format!("Gandi answers {}", answer.status()))
        }
        other => silent(format!("Gandi answers {other}").into()),
    }
}

fn bad_token(detail: &str) -> Fault {
    Fault::new(
        "Gandi refuse le jeton d’accès",
        "Créez chez Gandi un jeton d’accès personnel qui peut gérer les enregistrements DNS du domaine, et copiez-le dans les réglages",
        detail,
    )
}

fn silent(failure: Box<dyn std::error::Error + Send + Sync>) -> Fault {
    Fault::new(
        "Gandi ne répond pas comme prévu",
        "Vérifiez que le pare-feu de l’office laisse la boîte joindre api.gandi.net ; sinon, attendez",
        failure,
    )
}
