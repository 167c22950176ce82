//! One certificate, from the account to the chain.

use crate::{Fault, Publisher, dns::Published, https::Https};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};
use time::OffsetDateTime;
use tracing::warn;

/// How long an authority may take to look at the challenge, and then to sign.
const POLL: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_secs(1)).timeout(Duration::from_secs(120));

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The authority's directory.
    pub directory: &'a str,
    /// Whom it writes to: a mail address.
    pub contact: &'a str,
    /// The name in the certificate.
    pub host: &'a str,
    /// An authority's certificate, PEM, that vouches for the directory's server where the public ones do not.
    pub authority_pem: Option<&'a str>,
}

/// A certificate and its key, PEM.
pub struct Obtained {
    /// Leaf first.
    pub chain_pem: String,
    /// PKCS #8.
    pub key_pem: String,
}

/// The account, as it is kept: its key among the rest, so for the owner only.
#[derive(Serialize, Deserialize)]
struct Kept {
    directory: String,
    contact: String,
    credentials: AccountCredentials,
}

/// Gets a certificate. The account's key is kept in `account`, which is made where it is missing or belongs to another
/// authority. What is published is taken away again, however this ends.
///
/// # Errors
/// [`Fault`].
pub async fn obtain(
    wanted: &Wanted<'_>,
    publisher: &Publisher,
    account: &Path,
    now: OffsetDateTime,
) -> Result<Obtained, Fault> {
    let https = Https::new(wanted.authority_pem).map_err(|failure| no_tls(&failure))?;
    let told = |error: Error| Fault::of_authority(&error, https.retry_after());
    let account = signed_in(wanted, &https, account).await?;
    let name = [Identifier::Dns(wanted.host.to_owned())];
    let mut order = account.new_order(&NewOrder::new(&name)).await.map_err(told)?;
    let mut published = Vec::new();
    let outcome = prove_and_fetch(&mut order, wanted.host, publisher, &mut published, &https, now).await;
    for record in &published {
        if let Err(fault) = publisher.remove(record, now).await {
            warn!(%fault, "the challenge's record stays in the DNS: it does no harm there");
        }
    }
    outcome
}

/// The account at this authority, opened where there is none.
async fn signed_in(wanted: &Wanted<'_>, https: &Https, path: &Path) -> Result<Account, Fault> {
    let told = |error: Error| Fault::of_authority(&error, https.retry_after());
    let builder = || Account::builder_with_http(Box::new(https.clone()));
    let kept = read(path).map_err(|error| no_disk(&error))?;
    if let Some(kept) =
        kept.filter(|kept| kept.directory == wanted.directory && kept.contact == wanted.contact)
    {
        return builder().from_credentials(kept.credentials).await.map_err(told);
    }
    let contact = format!("mailto:{}", wanted.contact);
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) =
        builder().create(&new, wanted.directory.to_owned(), None).await.map_err(told)?;
    let kept =
        Kept { directory: wanted.directory.to_owned(), contact: wanted.contact.to_owned(), credentials };
    let text = serde_json::to_string(&kept).map_err(|error| no_disk(&error.into()))?;
    write(path, &text).map_err(|error| no_disk(&error))?;
    Ok(account)
}

async fn prove_and_fetch(
    order: &mut Order,
    host: &str,
    publisher: &Publisher,
    published: &mut Vec<Published>,
    https: &Https,
    now: OffsetDateTime,
) -> Result<Obtained, Fault> {
    let told = |error: Error| Fault::of_authority(&error, https.retry_after());
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(told)?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let mut challenge = authorization.challenge(ChallengeType::Dns01).ok_or_else(no_challenge)?;
        let value = challenge.key_authorization().dns_value();
        let record = publisher.publish(&format!("_acme-challenge.{host}"), &value, now).await?;
        published.push(record.clone());
        publisher.until_seen(&record).await;
        challenge.set_ready().await.map_err(told)?;
    }
    if order.poll_ready(&POLL).await.map_err(told)? != OrderStatus::Ready {
        return Err(refused(order, https).await);
    }
    let (csr, key) = request(host).map_err(|error| {
        Fault::new("la demande de certificat ne peut pas être faite", "Prévenez le support", error)
    })?;
    order.finalize_csr(&csr).await.map_err(told)?;
    let chain_pem = order.poll_certificate(&POLL).await.map_err(told)?;
    Ok(Obtained { chain_pem, key_pem: key.serialize_pem() })
}

/// Why the authority was not convinced.
async fn refused(order: &mut Order, https: &Https) -> Fault {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if let Err(error) = authorization.refresh().await {
            return Fault::of_authority(&error, https.retry_after());
        }
        if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref())
        {
            return Fault::of_problem(problem.r#type.as_deref().unwrap_or_default(), problem);
        }
    }
    Fault::of_problem("", &"the order is invalid")
}

fn request(host: &str) -> Result<(Vec<u8>, KeyPair), rcgen::Error> {
    let mut parameters = CertificateParams::new(vec![host.to_owned()])?;
    parameters.distinguished_name = DistinguishedName::new();
    let key = KeyPair::generate()?;
    Ok((parameters.serialize_request(&key)?.der().to_vec(), key))
}

fn read(path: &Path) -> io::Result<Option<Kept>> {
    match fs::read_to_string(path) {
        // One that cannot be understood is of no use: another account is opened.
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whole or not at all, and for the owner only.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let making = path.with_extension("making");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&making)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&making, path)
}

pub(crate) fn no_tls(failure: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        "une connexion protégée à l’autorité de certification ne peut pas être préparée",
        "Vérifiez le certificat d’autorité des réglages ; s’il n’y en a pas, prévenez le support",
        failure,
    )
}

fn no_disk(error: &io::Error) -> Fault {
    Fault::new("le compte ACME ne peut pas être enregistré", "Prévenez le support", error)
}

fn no_challenge() -> Fault {
    Fault::new(
        "cette autorité ne vérifie pas les noms par le DNS",
        "Choisissez une autorité qui offre le défi « dns-01 »",
        "no dns-01 challenge",
    )
}
