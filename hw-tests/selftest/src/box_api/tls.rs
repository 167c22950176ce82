use super::BoxAddress;
use crate::fault::{Fault, Outcome, Side};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Whom to believe: the authorities of a file, or those of the system.
///
/// # Errors
/// The file is no PEM; the system has none.
pub(super) fn trust(authorities: Option<&Path>) -> Outcome<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Some(file) => add_file(&mut roots, file)?,
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let advice = "install ca-certificates, or name the box's authority with --ca FILE";
        return Err(Fault::new(Side::Caller, "there is no authority to trust", advice));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::machine(format!("TLS cannot be set up ({error})")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
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
