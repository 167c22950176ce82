use super::Finding;
use anyhow::{Context, Result, ensure};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, StreamOwned,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{
    io::{Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// For connecting, and for each read.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read: the health endpoint's has some dozens of bytes.
const LONGEST: u64 = 64 * 1024;

/// The web pages answer over TLS, with a certificate of the box's own authority, or with the very one that the office gave
/// (PEM, leaf first).
pub(super) fn answers(address: IpAddr, port: u16, authority: &Path, given: Option<&str>) -> Result<Finding> {
    let stream = TcpStream::connect_timeout(&SocketAddr::new(address, port), PATIENCE)
        .with_context(|| format!("TCP port {port} of {address} does not answer"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from("localhost")?;
    let connection = ClientConnection::new(Arc::new(trusting(authority, given)?), name)?;
    let mut tls = StreamOwned::new(connection, stream);
    tls.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .context("TLS with the web pages failed")?;
    let mut answer = Vec::new();
    // Some servers end without TLS's own farewell: what was read counts.
    let _ = tls.take(LONGEST).read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status == "HTTP/1.1 200 OK", "the web pages answer {status:?}");
    Ok(Finding::Passed(status.to_owned()))
}

fn trusting(authority: &Path, given: Option<&str>) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let Some(given) = given else {
        return Ok(config.with_root_certificates(roots(authority)?).with_no_client_auth());
    };
    let leaf =
        CertificateDer::from_pem_slice(given.as_bytes()).context("the settings hold no certificate")?;
    // A box that was given a certificate from its first start on has never made an authority.
    let own = match authority.exists() {
        true => {
            let roots = Arc::new(roots(authority)?);
            Some(WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build()?)
        }
        false => None,
    };
    let verifier = Arc::new(OwnOrGiven { leaf, own, provider });
    Ok(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn roots(authority: &Path) -> Result<RootCertStore> {
    let certificate = CertificateDer::from_pem_file(authority)
        .with_context(|| format!("the authority's certificate {} cannot be read", authority.display()))?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    Ok(roots)
}

/// Who vouches for the office's certificate is not this box's to say: it has to be the one that was given. Control falls back
/// on its own authority where that one cannot be used (any more), which is no reason to take an update back.
#[derive(Debug)]
struct OwnOrGiven {
    leaf: CertificateDer<'static>,
    own: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OwnOrGiven {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.leaf {
            return Ok(ServerCertVerified::assertion());
        }
        let own = self.own.as_ref().ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        own.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use rustls::{ServerConfig, ServerConnection, pki_types::PrivateKeyDer};
    use std::net::TcpListener;

    /// A certificate that nobody vouches for, and its key.
    fn made(name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// What a look says of pages that answer with this certificate.
    fn look((certificate, key): &(String, String), authority: &Path, given: Option<&str>) -> Result<Finding> {
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let pages = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
            // A look that refuses the certificate hangs up: its own word counts.
            let _ = tls.read(&mut [0; 512]);
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            tls.conn.send_close_notify();
            let _ = tls.flush();
        });
        let looked = answers(address.ip(), address.port(), authority, given);
        pages.join().unwrap();
        looked
    }

    #[test]
    fn the_very_certificate_that_the_office_gave_passes_and_no_other_stranger() {
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("ca.pem");
        std::fs::write(&authority, made("authority").0).unwrap();
        let (office, stranger) = (made("visio.office.fr"), made("localhost"));
        let none = folder.path().join("none.pem");
        let passed = Finding::Passed("HTTP/1.1 200 OK".to_owned());
        assert_eq!(look(&office, &none, Some(&office.0)).unwrap(), passed);
        assert!(look(&stranger, &none, Some(&office.0)).is_err());
        assert_eq!(look(&office, &authority, Some(&office.0)).unwrap(), passed);
        assert!(look(&stranger, &authority, Some(&office.0)).is_err());
        assert!(look(&office, &authority, None).is_err());
    }
}
