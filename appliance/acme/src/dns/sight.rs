//! Whether the zone's own servers give a record already: an authority that asks too early counts it as a failure.

use hickory_proto::{
    op::{Message, Query},
    rr::{Name, RData, RecordType},
};
use hickory_resolver::TokioResolver;
use std::{net::SocketAddr, str::FromStr, time::Duration};
use tokio::net::UdpSocket;
use tracing::warn;

/// A server that says nothing for this long did not hear.
const ANSWER: Duration = Duration::from_secs(3);
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// Providers say that their servers need up to a minute; an office's firewall may keep the box from asking them at all.
const PATIENCE: Duration = Duration::from_secs(90);

/// The addresses of a zone's servers, as the network says; none where it does not.
pub(super) async fn servers(zone: &str, port: u16) -> Vec<SocketAddr> {
    let found = tokio::time::timeout(3 * ANSWER, names(zone)).await.ok().flatten().unwrap_or_default();
    let mut addresses = Vec::new();
    for name in found {
        let host = name.to_utf8();
        if let Ok(of_one) = tokio::net::lookup_host((host.trim_end_matches('.'), port)).await {
            addresses.extend(of_one.take(1));
        }
    }
    addresses
}

async fn names(zone: &str) -> Option<Vec<Name>> {
    let resolver = TokioResolver::builder_tokio().ok()?.build().ok()?;
    let lookup = resolver.lookup(Name::from_str(&format!("{zone}.")).ok()?, RecordType::NS).await.ok()?;
    let server = |data: &RData| match data {
        RData::NS(name) => Some(name.0.clone()),
        _ => None,
    };
    Some(lookup.answers().iter().filter_map(|record| server(&record.data)).collect())
}

/// Ends when each server gives the record, or when waiting on is of no use.
pub(super) async fn until_seen(mut servers: Vec<SocketAddr>, name: &str, value: &str) {
    let waiting = async {
        while let Some(server) = servers.last().copied() {
            if gives(server, name, value).await {
                servers.pop();
            } else {
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
        warn!(
            "not every DNS server of the zone gives the challenge yet: the authority is asked all the same"
        );
    }
}

async fn gives(server: SocketAddr, name: &str, value: &str) -> bool {
    let Ok(name) = Name::from_str(&format!("{name}.")) else { return false };
    let mut question = Message::query();
    question.metadata.recursion_desired = false;
    question.add_query(Query::query(name, RecordType::TXT));
    let Ok(bytes) = question.to_vec() else { return false };
    let Some(answer) = ask(server, &bytes).await.and_then(|bytes| Message::from_vec(&bytes).ok()) else {
        return false;
    };
    answer.id == question.id && answer.answers.iter().any(|record| is_text(&record.data, value))
}

fn is_text(data: &RData, value: &str) -> bool {
    matches!(data, RData::TXT(text) if text.txt_data.concat() == value.as_bytes())
}

/// One question by UDP, and what came back; nothing within the time that an answer takes.
pub(super) async fn ask(server: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    let own: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(own).await.ok()?;
    socket.connect(server).await.ok()?;
    socket.send(question).await.ok()?;
    let mut answer = vec![0; 4096];
    let length = tokio::time::timeout(ANSWER, socket.recv(&mut answer)).await.ok()?.ok()?;
    answer.truncate(length);
    Some(answer)
}
