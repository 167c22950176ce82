//! The box's own certificate authority: made once, signs the certificate of the web pages and of SIP over TLS.

use crate::renewal::Lasts;
use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{fs, io::Write, net::IpAddr, os::unix::fs::OpenOptionsExt, path::Path};
use time::{Duration, OffsetDateTime, macros::datetime};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// Some browsers refuse leaf certificates that are valid for longer.
const LEAF: Duration = Duration::days(397);
/// How far behind the clock of whoever looks at it may be: a phone's, or this box's own, once it hears the time.
const BACKDATED: Duration = Duration::days(30);

/// The authority's time does not depend on the clock of its first start, which may be wrong by years: no box is older than
/// the first release's year, and the authority outlives them all, because a new one has to be carried to every machine of an
/// office.
const AUTHORITY: Lasts =
    Lasts { from: datetime!(2026-01-01 00:00 UTC), until: datetime!(2056-01-01 00:00 UTC) };

/// A certificate chain and its key, PEM.
pub(crate) struct Identity {
    pub certificate_pem: String,
    pub key_pem: String,
    /// How long, where the next start makes a new one.
    pub lasts: Option<Lasts>,
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
    let (issuer_pem, issuer_key) = authority(folder, now)?;
    let issuer = Issuer::from_ca_cert_pem(&issuer_pem, issuer_key).context("the authority cannot be read")?;

    let alternative: Vec<String> =
        names.iter().cloned().chain(addresses.iter().map(ToString::to_string)).collect();
    let mut leaf = CertificateParams::new(alternative).context("a name cannot be put in a certificate")?;
    leaf.distinguished_name = called(names.first().map_or("tabellion", String::as_str));
    let lasts = Lasts { from: now - BACKDATED, until: now - BACKDATED + LEAF };
    (leaf.not_before, leaf.not_after) = (lasts.from, lasts.until);
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // SIP over TLS connects as a client, too.
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &issuer)?;
    Ok(Identity {
        certificate_pem: format!("{}{issuer_pem}", certificate.pem()),
        key_pem: key.serialize_pem(),
        lasts: Some(lasts),
    })
}

/// The authority's certificate, which an office imports into its machines; made where it is missing, because nothing has
/// needed it yet.
///
/// # Errors
/// It can neither be read nor made.
pub(crate) fn authority_pem(folder: &Path, now: OffsetDateTime) -> Result<String> {
    authority(folder, now).map(|(pem, _)| pem)
}

/// The authority's certificate and key. One that is not valid now was made by a wrong clock: it is signed anew, with the same
/// name and key.
fn authority(folder: &Path, now: OffsetDateTime) -> Result<(String, KeyPair)> {
    let (certificate, key_file) = (folder.join("ca.pem"), folder.join("ca.key"));
    if !certificate.exists() || !key_file.exists() {
        let key = KeyPair::generate()?;
        // The key first: a certificate without its key would be taken for a whole authority that is broken.
        write(&key_file, &key.serialize_pem())?;
        write(&certificate, &signed_by_itself(&key)?)?;
        return Ok((read(&certificate)?, key));
    }
    let key = KeyPair::from_pem(&read(&key_file)?).context("the authority's key cannot be read")?;
    if !lasts(&read(&certificate)?)?.holds(now) {
        write(&certificate, &signed_by_itself(&key)?)?;
    }
    Ok((read(&certificate)?, key))
}

fn signed_by_itself(key: &KeyPair) -> Result<String> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = called("Tabellion, autorité de la boîte");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (authority.not_before, authority.not_after) = (AUTHORITY.from, AUTHORITY.until);
    Ok(authority.self_signed(key)?.pem())
}

/// From when to when the first certificate of a chain can be used.
pub(crate) fn lasts(pem: &str) -> Result<Lasts> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).context("the authority cannot be read")?;
    let (_, certificate) = X509Certificate::from_der(&der).context("the authority cannot be read")?;
    let validity = certificate.validity();
    Ok(Lasts { from: validity.not_before.to_datetime(), until: validity.not_after.to_datetime() })
}

/// Whole or not at all, and for the owner only: half an authority would stop every start after a power cut.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let making = path.with_extension("making");
    let written = || {
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&making)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&making, path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
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
    use std::os::unix::fs::PermissionsExt;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn made(folder: &Path, now: OffsetDateTime) -> Identity {
        let names = ["visio.tabellion.test".to_owned()];
        identity(folder, &names, &["10.77.0.1".parse().unwrap()], now).unwrap()
    }

    fn authority_lasts(folder: &Path) -> Lasts {
        lasts(&read(&folder.join("ca.pem")).unwrap()).unwrap()
    }

    #[test]
    fn the_authority_is_made_once_and_its_key_is_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = made(folder.path(), NOW);
        let authority = fs::read(folder.path().join("ca.pem")).unwrap();
        let second = made(folder.path(), NOW);
        assert_eq!(fs::read(folder.path().join("ca.pem")).unwrap(), authority);
        assert_ne!(first.key_pem, second.key_pem);
        let mode = fs::metadata(folder.path().join("ca.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn an_authority_that_a_wrong_clock_has_made_is_valid_when_the_clock_is_right() {
        for wrong in [datetime!(2035-06-01 00:00 UTC), datetime!(2000-01-01 00:00 UTC)] {
            let folder = tempfile::tempdir().unwrap();
            made(folder.path(), wrong);
            assert!(authority_lasts(folder.path()).holds(NOW), "{wrong}");
        }
    }

    #[test]
    fn one_that_is_not_valid_now_is_signed_anew_with_the_same_key() {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut future = CertificateParams::default();
        future.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        future.not_before = datetime!(2035-06-01 00:00 UTC);
        fs::write(folder.path().join("ca.pem"), future.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(folder.path().join("ca.key"), key.serialize_pem()).unwrap();
        made(folder.path(), NOW);
        assert!(authority_lasts(folder.path()).holds(NOW));
        assert_eq!(read(&folder.path().join("ca.key")).unwrap(), key.serialize_pem());
    }

    #[test]
    fn a_certificate_says_how_long_it_lasts_and_is_no_longer_than_browsers_take() {
        let folder = tempfile::tempdir().unwrap();
        let identity = made(folder.path(), NOW);
        let said = identity.lasts.unwrap();
        assert_eq!(
            lasts(&identity.certificate_pem).unwrap(),
            Lasts { from: datetime!(2026-10-24 12:00 UTC), until: datetime!(2027-11-25 12:00 UTC) }
        );
        assert_eq!(said, lasts(&identity.certificate_pem).unwrap());
    }
}
