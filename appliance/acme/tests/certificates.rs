//! Certificates of a real ACME server, by each way of publishing the challenge; and what goes wrong on the way.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{
    dns::{DnsServer, KEY, KEY_NAME, ZONE},
    mock::{Asked, Mock, json},
    pebble::Pebble,
};
use http_body_util::Full;
use hyper::Response;
use serde_json::json;
use std::{collections::BTreeSet, os::unix::fs::PermissionsExt, sync::Mutex, time::Duration};
use tabellion_acme::{Endpoints, Fault, Obtained, Publisher, Wanted, obtain};
use tabellion_domain::settings::{DnsProvider, DomainName, Secret, Server};
use time::OffsetDateTime;
use x509_parser::{extensions::GeneralName, parse_x509_certificate, pem::parse_x509_pem};

const HOST: &str = "visio.office.test";
const RECORD: &str = "_acme-challenge.visio.office.test";

/// The DNS server checks how far the clocks are apart.
#[expect(clippy::disallowed_methods, reason = "a real server looks at the real time")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn rfc2136(key: &[u8]) -> DnsProvider {
    DnsProvider::Rfc2136 {
        server: Server::new("127.0.0.1").unwrap(),
        key_name: DomainName::new(KEY_NAME).unwrap(),
        key_secret: Secret::new(STANDARD.encode(key)),
    }
}

fn publisher(settings: &DnsProvider, dns_port: u16, mock: Option<&Mock>) -> Publisher {
    let url = mock.map_or_else(String::new, |mock| mock.url.clone());
    let endpoints = Endpoints { gandi: url.clone(), ovh: url, dns_port };
    Publisher::new(settings, mock.map(|mock| mock.trust.authority_pem.as_str()), endpoints).unwrap()
}

/// An office that asks an authority.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    async fn asks(
        &self,
        directory: &str,
        authority_pem: &str,
        host: &str,
        publisher: &Publisher,
    ) -> Result<Obtained, Fault> {
        let authority_pem = Some(authority_pem);
        let wanted = Wanted { directory, contact: "informatique@office.test", host, authority_pem };
        obtain(&wanted, publisher, &self.folder.path().join("account.json"), now()).await
    }
}

#[track_caller]
fn is_for(obtained: &Obtained, host: &str) {
    let (_, pem) = parse_x509_pem(obtained.chain_pem.as_bytes()).unwrap();
    let (_, certificate) = parse_x509_certificate(&pem.contents).unwrap();
    let names = certificate.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName(host)]);
    let key = rcgen::KeyPair::from_pem(&obtained.key_pem).unwrap();
    assert_eq!(
        certificate.public_key().subject_public_key.data.as_ref(),
        rcgen::PublicKeyData::der_bytes(&key)
    );
    assert!(obtained.chain_pem.matches("BEGIN CERTIFICATE").count() >= 2, "with the authority between");
}

fn told(outcome: Result<Obtained, Fault>) -> String {
    outcome.map(drop).unwrap_err().to_string().replace('\u{a0}', " ")
}

#[tokio::test]
async fn the_offices_own_dns_server_publishes_the_challenge_and_forgets_it() {
    let dns = DnsServer::start().await;
    let pebble = Pebble::start(dns.port).await;
    let office = Office::new();
    let publisher = publisher(&rfc2136(KEY), dns.port, None);
    let trusted = &pebble.trust.authority_pem;
    let first = office.asks(&pebble.directory, trusted, HOST, &publisher).await.unwrap();
    is_for(&first, HOST);
    assert_eq!(dns.ever.lock().unwrap().iter().filter(|(name, _)| name == RECORD).count(), 1);
    assert!(dns.texts.lock().unwrap().is_empty(), "it is taken away");

    let account = office.folder.path().join("account.json");
    let mode = std::fs::metadata(&account).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "the account's key is the owner's");
    let before = std::fs::read(&account).unwrap();
    let second = office.asks(&pebble.directory, trusted, HOST, &publisher).await.unwrap();
    assert_ne!(first.key_pem, second.key_pem, "each certificate has a key of its own");
    assert_eq!(std::fs::read(&account).unwrap(), before, "by the same account");
}

/// Gandi's interface in front of a DNS server, as its documentation describes it.
async fn gandi(dns: &DnsServer) -> Mock {
    let (texts, ever) = (dns.texts.clone(), dns.ever.clone());
    Mock::start(move |asked, _| {
        if asked.headers.get("authorization").is_none_or(|token| token != "Bearer bon-jeton") {
            return json(401, &json!({ "object": "HTTPUnauthorized", "code": 401 }));
        }
        let missing = || json(404, &json!({ "object": "HTTPNotFound", "code": 404 }));
        let path = asked.path.strip_prefix("/domains/").unwrap();
        let (zone, record) = path.split_once('/').unwrap_or((path, ""));
        if zone != ZONE {
            return missing();
        }
        let Some(record) = record.strip_prefix("records/").and_then(|record| record.strip_suffix("/TXT"))
        else {
            return json(200, &json!({ "fqdn": ZONE }));
        };
        let name = format!("{record}.{ZONE}");
        let mut texts = texts.lock().unwrap();
        let values: BTreeSet<String> =
            texts.iter().filter(|(owner, _)| *owner == name).map(|(_, text)| format!("\"{text}\"")).collect();
        match asked.method.as_str() {
            "GET" if values.is_empty() => missing(),
            "GET" => json(200, &json!({ "rrset_name": record, "rrset_type": "TXT", "rrset_values": values })),
            "DELETE" => {
                texts.retain(|(owner, _)| *owner != name);
                Response::builder().status(204).body(Full::default()).unwrap()
            }
            _ => {
                texts.retain(|(owner, _)| *owner != name);
                for value in asked.body["rrset_values"].as_array().unwrap() {
                    let entry = (name.clone(), value.as_str().unwrap().trim_matches('"').to_owned());
                    ever.lock().unwrap().insert(entry.clone());
                    texts.insert(entry);
                }
                json(201, &json!({ "message": "DNS Record Created" }))
            }
        }
    })
    .await
}

#[tokio::test]
async fn gandi_publishes_the_challenge_beside_what_others_have_there() {
    let dns = DnsServer::start().await;
    let others = (RECORD.to_owned(), "une-autre-valeur".to_owned());
    dns.texts.lock().unwrap().insert(others.clone());
    let (pebble, gandi) = (Pebble::start(dns.port).await, gandi(&dns).await);
    let settings = DnsProvider::Gandi { token: Secret::new("bon-jeton") };
    let publisher = publisher(&settings, dns.port, Some(&gandi));
    let trusted = &pebble.trust.authority_pem;
    let obtained = Office::new().asks(&pebble.directory, trusted, HOST, &publisher).await.unwrap();
    is_for(&obtained, HOST);
    assert_eq!(*dns.texts.lock().unwrap(), [others].into());
}

/// OVHcloud's interface in front of a DNS server: it serves what was refreshed.
async fn ovh(dns: &DnsServer) -> Mock {
    let texts = dns.texts.clone();
    let records: Mutex<Vec<(u64, String, String)>> = Mutex::default();
    Mock::start(move |asked, _| {
        if asked.path == "/auth/time" {
            return Response::new(Full::from("1700000000"));
        }
        let signed = asked.headers["x-ovh-signature"].to_str().unwrap().len() == 3 + 40;
        if !signed
            || asked.headers["x-ovh-application"] != "application"
            || asked.headers["x-ovh-timestamp"] != "1700000000"
        {
            return json(
                403,
                &json!({ "errorCode": "INVALID_CREDENTIAL", "message": "This credential is not valid" }),
            );
        }
        let mut records = records.lock().unwrap();
        let path = asked.path.strip_prefix("/domain/zone/").unwrap();
        let (zone, what) = path.split_once('/').unwrap_or((path, ""));
        if zone != ZONE {
            return json(404, &json!({ "message": "This service does not exist" }));
        }
        match (asked.method.as_str(), what) {
            ("POST", "record") => {
                let (name, value) = (&asked.body["subDomain"], &asked.body["target"]);
                assert_eq!((&asked.body["fieldType"], &asked.body["ttl"]), (&json!("TXT"), &json!(60)));
                let name = format!("{}.{ZONE}", name.as_str().unwrap());
                records.push((4711, name, value.as_str().unwrap().to_owned()));
                json(200, &json!({ "id": 4711, "zone": ZONE }))
            }
            ("POST", "refresh") => {
                *texts.lock().unwrap() =
                    records.iter().map(|(_, name, value)| (name.clone(), value.clone())).collect();
                json(200, &json!(null))
            }
            ("DELETE", "record/4711") => {
                records.clear();
                json(200, &json!(null))
            }
            _ => json(200, &json!({ "name": ZONE })),
        }
    })
    .await
}

fn ovh_settings(application: &str) -> DnsProvider {
    DnsProvider::Ovh {
        application_key: Secret::new(application),
        application_secret: Secret::new("secret"),
        consumer_key: Secret::new("consumer"),
    }
}

#[tokio::test]
async fn ovh_publishes_the_challenge_and_forgets_it() {
    let dns = DnsServer::start().await;
    let (pebble, ovh) = (Pebble::start(dns.port).await, ovh(&dns).await);
    let publisher = publisher(&ovh_settings("application"), dns.port, Some(&ovh));
    let trusted = &pebble.trust.authority_pem;
    let obtained = Office::new().asks(&pebble.directory, trusted, HOST, &publisher).await.unwrap();
    is_for(&obtained, HOST);
    assert!(dns.texts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_the_dns_is_told_and_the_challenge_is_not_left_there() {
    let dns = DnsServer::start().await;
    let pebble = Pebble::start(dns.port).await;
    let office = Office::new();
    let (directory, trusted) = (&pebble.directory, &pebble.trust.authority_pem);

    let wrong_key = publisher(&rfc2136(b"another key"), dns.port, None);
    assert!(told(office.asks(directory, trusted, HOST, &wrong_key).await).contains("refuse la clé TSIG"));
    let right = publisher(&rfc2136(KEY), dns.port, None);
    let elsewhere = office.asks(directory, trusted, "visio.ailleurs.test", &right).await;
    assert!(told(elsewhere).contains("ne tient pas la zone de ce nom"));

    let gandi = gandi(&dns).await;
    let wrong_token = publisher(&DnsProvider::Gandi { token: Secret::new("faux") }, dns.port, Some(&gandi));
    assert!(
        told(office.asks(directory, trusted, HOST, &wrong_token).await).contains("Gandi refuse le jeton")
    );
    let right = publisher(&DnsProvider::Gandi { token: Secret::new("bon-jeton") }, dns.port, Some(&gandi));
    let elsewhere = office.asks(directory, trusted, "visio.ailleurs.test", &right).await;
    assert!(told(elsewhere).contains("ne contient pas le domaine"));
    let ovh = ovh(&dns).await;
    let wrong_key = publisher(&ovh_settings("fausse"), dns.port, Some(&ovh));
    assert!(
        told(office.asks(directory, trusted, HOST, &wrong_key).await).contains("OVHcloud refuse les clés")
    );

    // A provider that is not the one that answers for the name on the internet.
    let other_dns = DnsServer::start().await;
    let misled = publisher(&rfc2136(KEY), other_dns.port, None);
    let refused = told(office.asks(directory, trusted, HOST, &misled).await);
    assert!(refused.contains("n’a pas trouvé dans le DNS"), "{refused}");
    assert!(other_dns.texts.lock().unwrap().is_empty(), "taken away after a failure, too");
}

#[tokio::test]
async fn an_authority_that_is_away_or_not_trusted_is_told() {
    let dns = DnsServer::start().await;
    let publisher = publisher(&rfc2136(KEY), dns.port, None);
    let pebble = Pebble::start(dns.port).await;
    let stranger = common::Trust::new().authority_pem;
    let untrusted = told(Office::new().asks(&pebble.directory, &stranger, HOST, &publisher).await);
    assert!(untrusted.contains("l’autorité de certification ne répond pas comme prévu"), "{untrusted}");
    assert!(untrusted.contains("invalid peer certificate"), "{untrusted}");
    let (directory, trusted) = (pebble.directory.clone(), pebble.trust.authority_pem.clone());
    drop(pebble);
    let away = told(Office::new().asks(&directory, &trusted, HOST, &publisher).await);
    assert!(away.contains("laisse la boîte joindre Internet"), "{away}");
}

#[tokio::test]
async fn an_authority_that_is_asked_too_often_says_how_long_to_wait() {
    let authority = Mock::start(|asked: &Asked, own: &str| match asked.path.as_str() {
        "/dir" => {
            let at = |path: &str| format!("{own}{path}");
            json(200, &json!({ "newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/order") }))
        }
        "/nonce" => Response::builder().header("replay-nonce", "bm9uY2U").body(Full::default()).unwrap(),
        _ => {
            let problem = json!({ "type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many", "status": 429 });
            let mut answer = json(429, &problem);
            answer.headers_mut().insert("retry-after", "7200".parse().unwrap());
            answer
        }
    })
    .await;
    let publisher = publisher(&rfc2136(KEY), 9, None);
    let directory = format!("{}/dir", authority.url);
    let refused = Office::new().asks(&directory, &authority.trust.authority_pem, HOST, &publisher).await;
    let fault = refused.map(drop).unwrap_err();
    assert_eq!(fault.wait, Some(Duration::from_secs(7200)));
    assert!(fault.refusal.what.contains("trop de demandes"), "{fault}");
}
