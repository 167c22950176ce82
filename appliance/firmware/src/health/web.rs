use anyhow::{Context, Result, ensure};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
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

/// The web pages answer over TLS, with a certificate of the box's own authority.
pub(super) fn answers(address: IpAddr, port: u16, authority: &Path) -> Result<String> {
    let stream = TcpStream::connect_timeout(&SocketAddr::new(address, port), PATIENCE)
        .with_context(|| format!("TCP port {port} of {address} does not answer"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from("localhost")?;
    let connection = ClientConnection::new(Arc::new(trusting(authority)?), name)?;
    let mut tls = StreamOwned::new(connection, stream);
    tls.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .context("TLS with the web pages failed")?;
    let mut answer = Vec::new();
    // Some servers end without TLS's own farewell: what was read counts.
    let _ = tls.take(LONGEST).read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status == "HTTP/1.1 200 OK", "the web pages answer {status:?}");
    Ok(status.to_owned())
}

fn trusting(authority: &Path) -> Result<ClientConfig> {
    let certificate = CertificateDer::from_pem_file(authority)
        .with_context(|| format!("the authority's certificate {} cannot be read", authority.display()))?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
