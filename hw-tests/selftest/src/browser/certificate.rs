use crate::fault::{Fault, Outcome, Side};
use gstreamer::{glib, prelude::*};
use gstreamer_webrtc::WebRTCDTLSTransport;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sha2::{Digest, Sha256};

/// An own certificate for DTLS, and its fingerprint.
///
/// webrtcbin makes itself an RSA one, which the switchboard's DTLS does not take from clients, and announces a
/// fingerprint that covers the key's text as well; so both are made here, and put in place of its own.
#[derive(Clone)]
pub(super) struct Certificate {
    /// Certificate and PKCS #8 key, PEM.
    pub pem: String,
    /// `AB:CD:…` (RFC 8122 §5), SHA-256.
    pub fingerprint: String,
}

impl Certificate {
    /// A new ECDSA P-256 certificate, signed by itself.
    ///
    /// # Errors
    /// The cryptographic library fails.
    pub(super) fn generate() -> Outcome<Self> {
        let made = rcgen::generate_simple_self_signed(Vec::new())
            .map_err(|error| Fault::machine(format!("no certificate can be made ({error})")))?;
        let pem = made.cert.pem() + &made.signing_key.serialize_pem();
        Ok(Self { pem, fingerprint: fingerprint(made.cert.der()) })
    }
}

fn fingerprint(der: &[u8]) -> String {
    let bytes: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Whether the other end of a connected transport is who the SDP announced: webrtcbin 1.26 does not compare.
///
/// # Errors
/// It is not, or shows no certificate.
pub(super) fn verify_peer(webrtc: &gstreamer::Element, answer: &str) -> Outcome<()> {
    let shown = remote_certificate(webrtc)
        .as_deref()
        .and_then(|pem| CertificateDer::from_pem_slice(pem.as_bytes()).ok().map(|der| fingerprint(&der)));
    let announced = announced(answer);
    if shown.is_some() && shown == announced {
        return Ok(());
    }
    let what = format!(
        "the DTLS certificate's fingerprint is {}, the answer announced {}",
        shown.as_deref().unwrap_or("missing"),
        announced.as_deref().unwrap_or("none")
    );
    Err(Fault::new(
        Side::Switchboard,
        what,
        "is it the box's? somebody may stand between this machine and it",
    ))
}

/// The answer's SHA-256 fingerprint, in capitals.
fn announced(answer: &str) -> Option<String> {
    let value = answer.lines().find_map(|line| line.trim().strip_prefix("a=fingerprint:sha-256 "))?;
    Some(value.to_ascii_uppercase())
}

fn remote_certificate(webrtc: &gstreamer::Element) -> Option<String> {
    let pad = webrtc.sink_pads().into_iter().next()?;
    let transceiver: gstreamer_webrtc::WebRTCRTPTransceiver = pad.property("transceiver");
    let transport: WebRTCDTLSTransport = transceiver.sender()?.transport()?;
    let certificate: Option<glib::GString> = transport.property("remote-certificate");
    certificate.map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_of_the_certificate_alone() {
        let made = Certificate::generate().unwrap();
        let der = CertificateDer::from_pem_slice(made.pem.as_bytes()).unwrap();
        assert_eq!(made.fingerprint, fingerprint(&der));
        assert_eq!(made.fingerprint.len(), 95);
        assert!(made.pem.contains("PRIVATE KEY"));
    }

    #[test]
    fn the_answers_fingerprint_is_read() {
        let answer = "v=0\r\na=ice-lite\r\na=fingerprint:sha-256 0a:ff\r\n";
        assert_eq!(announced(answer).as_deref(), Some("0A:FF"));
    }
}
