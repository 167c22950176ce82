use super::BoxAddress;
use crate::fault::{Fault, Outcome, Side};
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme, WantsVerifier,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Whom to believe.
#[derive(Clone, Copy)]
pub(crate) enum Trust<'a> {
    /// The authorities that this system trusts.
    System,
    /// The authorities of a file, PEM.
    Authorities(&'a Path),
    /// Whoever has this very certificate, PEM, leaf first: whatever it is called, and whoever vouches for it.
    Certificate(&'a str),
}

/// # Errors
/// There is nobody to believe: the file or the certificate is no PEM; the system has none.
pub(super) fn trust(whom: Trust<'_>) -> Outcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match whom {
        Trust::Certificate(pem) => return pinned(pem),
        Trust::Authorities(file) => add_file(&mut roots, file)?,
        Trust::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let advice = "install ca-certificates, or name the box's authority with --ca FILE";
        return Err(Fault::new(Side::Caller, "there is no authority to trust", advice));
    }
    Ok(Arc::new(builder(provider())?.with_root_certificates(roots).with_no_client_auth()))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn builder(provider: Arc<CryptoProvider>) -> Outcome<ConfigBuilder<ClientConfig, WantsVerifier>> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::machine(format!("TLS cannot be set up ({error})")))
}

fn pinned(pem: &str) -> Outcome<Arc<ClientConfig>> {
    let leaf = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
        let what = format!("the box's certificate cannot be read ({error})");
        Fault::new(Side::Caller, what, "give it as PEM")
    })?;
    let provider = provider();
    let verifier = Arc::new(Pinned { leaf, provider: provider.clone() });
    Ok(Arc::new(
        builder(provider)?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth(),
    ))
}

/// One certificate, whose key the other end has to have.
#[derive(Debug)]
struct Pinned {
    leaf: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let it = *end_entity == self.leaf;
        it.then(ServerCertVerified::assertion)
            .ok_or(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
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

fn add_file(roots: &mut RootCertStore, file: &Path) -> Outcome<()> {
    let bad = |why: String| {
        let what = format!("{} cannot be used as an authority ({why})", file.display());
        Fault::new(Side::Caller, what, "name the box's authority, a PEM file, with --ca")
    };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    Ok(())
}

/// A connection to the box whose certificate has been verified.
///
/// # Errors
/// The box cannot be reached, or is not who it should be.
pub(super) async fn connect(to: &BoxAddress, config: &Arc<ClientConfig>) -> Outcome<TlsStream<TcpStream>> {
    let unreachable = |why: &dyn std::fmt::Display| {
        Fault::new(
            Side::Network,
            format!("{} cannot be reached ({why})", to.authority()),
            "is the box on, and its TCP port open on the way?",
        )
    };
    let tcp = TcpStream::connect((to.host.as_str(), to.port)).await.map_err(|error| unreachable(&error))?;
    // Small messages, each waited for.
    tcp.set_nodelay(true).map_err(|error| unreachable(&error))?;
    let name = ServerName::try_from(to.host.clone()).map_err(|error| unreachable(&error))?;
    TlsConnector::from(config.clone()).connect(name, tcp).await.map_err(|error| {
        Fault::new(
            Side::Caller,
            format!("{} did not prove who it is ({error})", to.authority()),
            "name the box's authority with --ca FILE, and the box by the name or address in its certificate",
        )
    })
}
