//! str0m's DTLS, which is handed whole handshake messages, one by one.
//!
//! dimpl 0.9 puts pieces of a message together only where each begins where the one before ends, though pieces may overlap (RFC 6347
//! §4.2.3), and drops a datagram that begins with a message it knows, whatever follows. OpenSSL fills datagrams with pieces first, and
//! repeats messages one by one, cut elsewhere: where a datagram with a piece of its CertificateVerify was lost, the handshake never came
//! to its end.

use super::handshake::Pieces;
use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};
use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion},
    from_feature_flags,
};

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(CryptoProvider { dtls_provider: &Whole, ..from_feature_flags() }));

/// str0m's cryptography, with this DTLS.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::clone(&PROVIDER)
}

#[derive(Debug)]
struct Whole;

impl DtlsProvider for Whole {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = from_feature_flags().dtls_provider.new_dtls(cert, now, dtls_version, mtu)?;
        Ok(Box::new(WholeMessages { inner, pieces: Pieces::default() }))
    }
}

#[derive(Debug)]
struct WholeMessages {
    inner: Box<dyn DtlsInstance>,
    pieces: Pieces,
}

impl DtlsInstance for WholeMessages {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.pieces.join(packet).iter().try_for_each(|whole| self.inner.handle_packet(whole))
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.inner.poll_output(buf)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use super::super::handshake::cut;
    use super::*;
    use std::time::Duration;

    /// CertificateVerify (RFC 5246 §7.4): its number in the client's flight.
    const VERIFY: u16 = 3;

    fn new(provider: &CryptoProvider, active: bool, now: Instant) -> Box<dyn DtlsInstance> {
        let dtls = provider.dtls_provider;
        let certificate = dtls.generate_certificate().unwrap();
        let mut made = dtls.new_dtls(&certificate, now, DtlsVersion::Dtls12, None).unwrap();
        made.set_active(active);
        made.handle_timeout(now).unwrap();
        made
    }

    /// What it sends now, and whether it is connected.
    fn sent(dtls: &mut dyn DtlsInstance) -> (Vec<Vec<u8>>, bool) {
        let (mut sent, mut connected) = (Vec::new(), false);
        let mut buffer = [0; 2_000];
        loop {
            match dtls.poll_output(&mut buffer) {
                DtlsOutput::Packet(packet) => sent.push(packet.to_vec()),
                DtlsOutput::Connected => connected = true,
                DtlsOutput::Timeout(_) => return (sent, connected),
                _ => {}
            }
        }
    }

    /// The client cuts its CertificateVerify in two, in a datagram each, and repeats it in one piece. Whether the server is
    /// connected in the end, where the datagram with this part of it was lost.
    fn connects_without(part: usize, server: &CryptoProvider) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
        let mut now = Instant::now();
        let (mut client, mut server) = (new(&from_feature_flags(), true, now), new(server, false, now));
        client.handle_packet(&[]).unwrap();
        let (mut was_cut, mut connected) = (false, false);
        for second in 0..4 {
            client.handle_timeout(now).unwrap();
            server.handle_timeout(now).unwrap();
            loop {
                let (own, _) = sent(&mut *client);
                for packet in &own {
                    let mut parts = if was_cut { vec![packet.clone()] } else { cut(packet, VERIFY) };
                    if parts.len() > 1 {
                        was_cut = true;
                        parts.remove(part);
                    }
                    parts.iter().for_each(|arrived| server.handle_packet(arrived).unwrap());
                }
                let (answers, is_connected) = sent(&mut *server);
                connected |= is_connected;
                answers.iter().for_each(|answer| client.handle_packet(answer).unwrap());
                if own.is_empty() && answers.is_empty() {
                    break;
                }
            }
            now += Duration::from_millis(1_300) * (1 << second);
        }
        assert!(was_cut, "the handshake did not come so far");
        connected
    }

    #[test]
    fn a_lost_piece_of_a_message_that_is_cut_elsewhere_when_repeated_is_made_good() {
        for part in [0, 1] {
            assert!(connects_without(part, &provider()), "without part {part}");
        }
    }

    #[test]
    fn str0m_alone_does_not_come_to_an_end_there() {
        for part in [0, 1] {
            let alone = connects_without(part, &from_feature_flags());
            assert!(!alone, "dimpl takes messages however they are cut by now: this file can go");
        }
    }
}
