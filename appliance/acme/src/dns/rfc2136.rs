//! The office's own DNS server, by dynamic update (RFC 2136) with a TSIG key (RFC 8945).

use super::{Published, sight};
use crate::Fault;
use base64::{Engine, engine::general_purpose::STANDARD};
use hickory_proto::{
    op::{Message, Query, ResponseCode, update_message},
    rr::{
        Name, RData, Record, RecordSet, RecordType, TSigner,
        rdata::{TXT, tsig::TsigAlgorithm},
    },
};
use std::{net::SocketAddr, str::FromStr};
use tabellion_domain::settings::Secret;
use time::OffsetDateTime;

/// How far the two clocks may be apart, in seconds (RFC 8945 §10).
const FUDGE: u16 = 300;
/// In seconds: the record is there for minutes.
const TTL: u32 = 60;
/// UDP loses some.
const ATTEMPTS: u32 = 3;

pub(super) struct Rfc2136 {
    server: String,
    port: u16,
    signer: TSigner,
}

impl Rfc2136 {
    pub(super) fn new(server: &str, port: u16, key_name: &str, secret: &Secret) -> Result<Self, Fault> {
        let unusable = |detail: String| {
            Fault::new(
                "la clé TSIG ne peut pas servir",
                "Recopiez le nom et le secret de la clé tels qu’ils sont sur le serveur DNS (HMAC-SHA-256, secret en base64)",
                detail,
            )
        };
        let key = STANDARD.decode(secret.reveal()).map_err(|_| unusable("not base64".to_owned()))?;
        let name = fqdn(key_name).ok_or_else(|| unusable("no name".to_owned()))?;
        let signer = TSigner::new(key, TsigAlgorithm::HmacSha256, name, FUDGE)
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self { server: server.to_owned(), port, signer })
    }

    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Fault> {
        match tokio::net::lookup_host((self.server.as_str(), self.port)).await {
            Ok(addresses) => Ok(addresses.take(1).collect()),
            Err(error) => Err(silent(error)),
        }
    }

    pub(super) async fn publish(
        &self,
        name: &str,
        value: &str,
        now: OffsetDateTime,
    ) -> Result<Published, Fault> {
        let owner = fqdn(name).ok_or_else(|| wrong_zone(name))?;
        let zone = self.zone(&owner).await?;
        let message = update_message::append(record(&owner, value), zone.clone(), false, false);
        self.update(message, now).await?;
        let zone = zone.to_ascii().trim_end_matches('.').to_owned();
        Ok(Published { zone, name: name.to_owned(), value: value.to_owned(), id: None })
    }

    pub(super) async fn remove(&self, published: &Published, now: OffsetDateTime) -> Result<(), Fault> {
        let (Some(owner), Some(zone)) = (fqdn(&published.name), fqdn(&published.zone)) else { return Ok(()) };
        let message = update_message::delete_by_rdata(record(&owner, &published.value), zone, false);
        self.update(message, now).await
    }

    /// The zone that a name is in: the owner of the SOA record that the server gives with every answer (RFC 2308 §3).
    async fn zone(&self, name: &Name) -> Result<Name, Fault> {
        let mut question = Message::query();
        question.metadata.recursion_desired = false;
        question.add_query(Query::query(name.clone(), RecordType::SOA));
        let answer = self.ask(&question).await?;
        let answer = Message::from_vec(&answer).map_err(|error| silent(&error))?;
        let soa = answer.answers.iter().chain(&answer.authorities).find(|record| is_soa(&record.data));
        let zone = soa.map(|record| record.name.clone()).filter(|zone| zone.zone_of(name));
        zone.ok_or_else(|| wrong_zone(&format!("{}: {}", name, answer.response_code)))
    }

    async fn update(&self, mut message: Message, now: OffsetDateTime) -> Result<(), Fault> {
        let now = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        let verifier = message.finalize(&self.signer, now).map_err(|error| silent(&error))?;
        let bytes = self.ask(&message).await?;
        let answer = Message::from_vec(&bytes).map_err(|error| silent(&error))?;
        match answer.response_code {
            ResponseCode::NoError => {}
            // BADKEY, BADSIG and BADTIME come as this (RFC 8945 §5.3).
            ResponseCode::NotAuth => return Err(no_right(&answer)),
            ResponseCode::Refused => return Err(no_right(&answer)),
            ResponseCode::NotZone => return Err(wrong_zone("NOTZONE")),
            other => return Err(silent(format!("the server answers {other}"))),
        }
        let mut verifier = verifier.ok_or_else(|| silent("the update was not signed"))?;
        // An answer that says «done» and is not signed may be anybody's.
        verifier.verify(&bytes).map(drop).map_err(|error| silent(format!("an unproven answer: {error}")))
    }

    async fn ask(&self, message: &Message) -> Result<Vec<u8>, Fault> {
        let bytes = message.to_vec().map_err(|error| silent(&error))?;
        for address in self.addresses().await? {
            for _ in 0..ATTEMPTS {
                if let Some(answer) = sight::ask(address, &bytes).await {
                    return Ok(answer);
                }
            }
        }
        Err(silent("no answer"))
    }
}

fn fqdn(name: &str) -> Option<Name> {
    Name::from_str(&format!("{}.", name.trim_end_matches('.'))).ok()
}

fn record(owner: &Name, value: &str) -> RecordSet {
    RecordSet::from(Record::from_rdata(owner.clone(), TTL, RData::TXT(TXT::new(vec![value.to_owned()]))))
}

fn is_soa(data: &RData) -> bool {
    matches!(data, RData::SOA(_))
}

fn silent(detail: impl std::fmt::Display) -> Fault {
    Fault::new(
        "le serveur DNS de l’office ne répond pas comme prévu",
        "Vérifiez l’adresse du serveur, et qu’il accepte les mises à jour dynamiques (RFC 2136) de la boîte",
        detail,
    )
}

fn no_right(answer: &Message) -> Fault {
    let why = answer.signature.as_ref().map(|signature| signature.data.to_string()).unwrap_or_default();
    Fault::new(
        "le serveur DNS de l’office refuse la clé TSIG",
        "Vérifiez le nom et le secret de la clé, l’heure du serveur, et que cette clé a le droit de changer la zone",
        format!("{} {why}", answer.response_code),
    )
}

fn wrong_zone(detail: &str) -> Fault {
    Fault::new(
        "le serveur DNS de l’office ne tient pas la zone de ce nom",
        "Indiquez le serveur principal de la zone, ou corrigez le nom public de la boîte",
        detail,
    )
}
