//! The box's own certificate authority: made once, signs the certificate of the web pages and of SIP over TLS.

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use std::{fs, io::Write, net::IpAddr, os::unix::fs::OpenOptionsExt, path::Path};
use time::{Duration, OffsetDateTime};

/// Browsers refuse leaf certificates that are valid for longer.
const LEAF_DAYS: i64 = 397;
const CA_DAYS: i64 = 3650;
/// A clock that is a little behind must not make a new certificate invalid.
const BACKDATED: Duration = Duration::days(1);

/// A certificate chain and its key, PEM.
pub(crate) struct Identity {
    pub certificate_pem: String,
    pub key_pem: String,
}

/// The certificate for these names and addresses, signed by the authority in `folder`, which is made where it is
/// missing. A new one at each start: the key never grows old, and the names are always today's.
pub(crate) fn identity(
    folder: &Path,
    names: &[String],
    addresses: &[IpAddr],
    now: OffsetDateTime,
) -> Result<Identity> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let authority = folder.join("ca.pem");
    let authority_key = folder.join("ca.key");
    if !authority.exists() || !authority_key.exists() {
        make_authority(&authority, &authority_key, now)?;
    }
    let issuer_pem = read(&authority)?;
    let issuer_key =
        KeyPair::from_pem(&read(&authority_key)?).context("the authority's key cannot be read")?;
    let issuer = Issuer::from_ca_cert_pem(&issuer_pem, issuer_key).context("the authority cannot be read")?;

    let alternative: Vec<String> =
        names.iter().cloned().chain(addresses.iter().map(ToString::to_string)).collect();
    let mut leaf = CertificateParams::new(alternative).context("a name cannot be put in a certificate")?;
    leaf.distinguished_name = called(names.first().map_or("tabellion", String::as_str));
    leaf.not_before = now - BACKDATED;
    leaf.not_after = now + Duration::days(LEAF_DAYS) - BACKDATED;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // SIP over TLS connects as a client, too.
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?;
    Ok(Identity {
        certificate_pem: format!("{}{issuer_pem}", certificate.pem()),
        key_pem: key.serialize_pem(),
    })
}

fn make_authority(certificate: &Path, key_file: &Path, now: OffsetDateTime) -> Result<()> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = called("Tabellion, autorité de la boîte");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.not_before = now - BACKDATED;
    authority.not_after = now + Duration::days(CA_DAYS);
    let key = KeyPair::generate()?;
    let signed = authority.self_signed(&key)?;
    // The key first: a certificate without its key would be taken for a whole authority that is broken.
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(key_file)
        .with_context(|| format!("cannot write {}", key_file.display()))?;
    file.write_all(key.serialize_pem().as_bytes())?;
    file.sync_all()?;
    fs::write(certificate, signed.pem()).with_context(|| format!("cannot write {}", certificate.display()))
}

fn called(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::OrganizationName, "Tabellion");
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_authority_is_made_once_and_its_key_is_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("tabellion-certificates-{}", std::process::id()));
        let now = datetime!(2026-11-23 12:00 UTC);
        let names = ["visio.tabellion.test".to_owned()];
        let first = identity(&folder, &names, &["10.77.0.1".parse().unwrap()], now).unwrap();
        let authority = fs::read(folder.join("ca.pem")).unwrap();
        let second = identity(&folder, &names, &[], now).unwrap();
        assert_eq!(fs::read(folder.join("ca.pem")).unwrap(), authority);
        assert_ne!(first.key_pem, second.key_pem);
        let mode = fs::metadata(folder.join("ca.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        fs::remove_dir_all(folder).unwrap();
    }
}
