//! A certificate that the office gave: whether this box can prove its name with it, told in French before it is applied.

use crate::certificates::Identity;
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
    sign::CertifiedKey,
};
use tabellion_domain::settings::{Refusal, Secret, SetupError};
use time::{OffsetDateTime, macros::format_description};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

/// What a set-up file calls them.
const CHAIN: &str = "certificate.chain";
const KEY: &str = "certificate.key";

/// The chain and its key, ready to be served under the name `host`.
///
/// A certificate whose time has not come yet is let through: a box whose clock has lost its battery starts in the past.
///
/// # Errors
/// What is wrong, for the key of the set-up file that it is about.
pub(crate) fn load(
    chain_pem: &str,
    key_pem: &Secret,
    host: &str,
    now: OffsetDateTime,
) -> Result<Identity, SetupError> {
    let chain = chain(chain_pem)?;
    let parsed = chain.iter().map(parsed).collect::<Result<Vec<_>, _>>()?;
    in_order(&parsed)?;
    fits(&chain, key_pem)?;
    for certificate in &parsed {
        not_expired(certificate, now)?;
    }
    covers(&chain[0], &parsed[0], host)?;
    Ok(Identity { certificate_pem: chain_pem.to_owned(), key_pem: key_pem.reveal().to_owned(), lasts: None })
}

fn refuse(key: &str, what: impl AsRef<str>, todo: impl AsRef<str>) -> SetupError {
    SetupError::new(key, Refusal::new(what, todo))
}

fn unreadable() -> SetupError {
    let todo =
        "Recopiez le fichier entier, de « -----BEGIN CERTIFICATE----- » à « -----END CERTIFICATE----- »";
    refuse(CHAIN, "un des certificats ne peut pas être lu", todo)
}

fn chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(unreadable)
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, SetupError> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|_| unreadable())
}

/// Each is signed by the next (RFC 8446 §4.4.2): browsers that have never met the authority between find it in no other
/// way.
fn in_order(chain: &[X509Certificate]) -> Result<(), SetupError> {
    if chain.windows(2).all(|pair| pair[0].issuer() == pair[1].subject()) {
        return Ok(());
    }
    let todo = "Mettez celui de la boîte d’abord, puis celui de l’autorité qui l’a signé, et ainsi de suite";
    Err(refuse(CHAIN, "les certificats ne sont pas dans l’ordre", todo))
}

fn fits(chain: &[CertificateDer<'static>], key_pem: &Secret) -> Result<(), SetupError> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = PrivateKeyDer::from_pem_slice(key_pem.reveal().as_bytes())
        .map_err(|_| refuse(KEY, "la clé privée ne peut pas être lue", "Recopiez le fichier entier"))?;
    let signing = provider.key_provider.load_private_key(key).map_err(|_| {
        let todo = "Fournissez une clé RSA d’au moins 2048 bits, ou ECDSA P-256 ou P-384";
        refuse(KEY, "cette sorte de clé ne peut pas servir", todo)
    })?;
    CertifiedKey::new(chain.to_vec(), signing).keys_match().map_err(|_| {
        let todo = "Fournissez la clé avec laquelle ce certificat a été demandé";
        refuse(KEY, "cette clé n’est pas celle du premier certificat de la chaîne", todo)
    })
}

fn not_expired(certificate: &X509Certificate, now: OffsetDateTime) -> Result<(), SetupError> {
    let end = certificate.validity().not_after.to_datetime();
    if now < end {
        return Ok(());
    }
    let (end, now) = (day(end), day(now));
    let todo = "Fournissez un certificat en cours de validité, ou vérifiez la date de la boîte";
    Err(refuse(CHAIN, format!("un des certificats a expiré le {end}, et la boîte est au {now}"), todo))
}

fn day(time: OffsetDateTime) -> String {
    let form = format_description!("[day]/[month]/[year]");
    time.format(form).expect("a date has a day, a month and a year")
}

fn covers(leaf: &CertificateDer, parsed: &X509Certificate, host: &str) -> Result<(), SetupError> {
    let certificate = ParsedCertificate::try_from(leaf).map_err(|_| unreadable())?;
    let name = ServerName::try_from(host).map_err(|_| unreadable())?;
    if verify_server_name(&certificate, &name).is_ok() {
        return Ok(());
    }
    let todo = match names(parsed).as_slice() {
        [] => "Fournissez un certificat qui porte ce nom parmi ses « noms alternatifs du sujet »".to_owned(),
        names => format!(
            "Fournissez un certificat pour ce nom, ou donnez à « names.public » un des siens : {}",
            names.join(", ")
        ),
    };
    Err(refuse(CHAIN, format!("le certificat ne vaut pas pour {host}, le nom public de la boîte"), todo))
}

fn names(certificate: &X509Certificate) -> Vec<String> {
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    };
    alternative.value.general_names.iter().filter_map(name).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    /// A chain of an authority between, and its key: `(leaf, authority, key)`.
    pub(crate) fn given(name: &str, until: OffsetDateTime) -> (String, String, String) {
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "Autorité de l’office");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
        let issuer = Issuer::new(authority, authority_key);
        let mut leaf = CertificateParams::new([name.to_owned()]).unwrap();
        leaf.not_before = until - Duration::days(90);
        leaf.not_after = until;
        let key = KeyPair::generate().unwrap();
        let leaf_pem = leaf.signed_by(&key, &issuer).unwrap().pem();
        (leaf_pem, authority_pem, key.serialize_pem())
    }

    fn told(chain: &str, key: &str, host: &str) -> String {
        let error = load(chain, &Secret::new(key), host, NOW).err().expect("it is refused");
        error.to_string().replace('\u{a0}', " ")
    }

    #[test]
    fn a_chain_with_its_key_is_served_as_it_is() {
        let (leaf, authority, key) = given("*.office.fr", NOW + Duration::days(60));
        let chain = leaf + &authority;
        let identity = load(&chain, &Secret::new(key.clone()), "visio.office.fr", NOW).unwrap();
        assert_eq!((identity.certificate_pem, identity.key_pem), (chain, key));
    }

    #[test]
    fn one_of_tomorrow_is_taken_by_a_box_whose_clock_is_behind() {
        let (leaf, _, key) = given("visio.office.fr", NOW + Duration::days(900));
        assert!(load(&leaf, &Secret::new(key), "visio.office.fr", NOW).is_ok());
    }

    #[test]
    fn what_cannot_be_served_is_told_by_its_key() {
        let (leaf, authority, key) = given("visio.office.fr", NOW + Duration::days(60));
        let (_, _, other_key) = given("visio.office.fr", NOW + Duration::days(60));
        let (old, _, old_key) = given("visio.office.fr", NOW - Duration::days(1));
        let host = "visio.office.fr";
        assert_eq!(
            told(&leaf, &other_key, host),
            "Réglages, certificat › clé privée (certificate.key) : cette clé n’est pas celle du premier certificat \
             de la chaîne. Fournissez la clé avec laquelle ce certificat a été demandé."
        );
        assert_eq!(
            told(&leaf, &key, "salle.office.fr"),
            "Réglages, certificat › chaîne de certificats (certificate.chain) : le certificat ne vaut pas pour \
             salle.office.fr, le nom public de la boîte. Fournissez un certificat pour ce nom, ou donnez à \
             « names.public » un des siens : visio.office.fr."
        );
        assert!(told(&old, &old_key, host).contains("a expiré le 22/11/2026, et la boîte est au 23/11/2026"));
        assert!(told(&format!("{authority}{leaf}"), &key, host).contains("ne sont pas dans l’ordre"));
        let nonsense = "-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----\n";
        assert!(told(nonsense, &key, host).contains("ne peut pas être lu"));
        let nonsense = "-----BEGIN PRIVATE KEY-----\nMAUCAQECAQI=\n-----END PRIVATE KEY-----\n";
        assert!(told(&leaf, nonsense, host).contains("cette sorte de clé ne peut pas servir"));
    }
}
