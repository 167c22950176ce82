//! str0m's DTLS, which is handed whole handshake messages, one by one, in an order in which it takes them, and does not wait long for
//! an answer.
//!
//! dimpl 0.9 puts pieces of a message together only where each begins where the one before ends, though pieces may overlap (RFC 6347
//! §4.2.3), and drops a datagram that begins with a message it knows, whatever follows. OpenSSL fills datagrams with pieces first, and
//! repeats messages one by one, cut elsewhere: where a datagram with a piece of its CertificateVerify was lost, the handshake never came
//! to its end.

use super::{early::Early, final_flight::FinalFlight, handshake::Pieces};
use dimpl::{Config, Dtls};
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion},
    from_feature_flags,
};

/// Until a flight without an answer is sent again, the first time; then twice as long each time. A second is for who knows nothing of
/// the way (RFC 9147 §5.8.2); the browser's checks have just been over it, and Chromium's BoringSSL waits 50 ms. On a longer way a
/// datagram goes twice. dimpl also answers what is repeated to it once in so long a time alone, twice as long each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// How often it is sent again. As with a second and dimpl's own four times, somebody who has gone quiet is given up after half a minute;
/// its limit for the whole handshake is 40 s.
const REPEATS: usize = 6;

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
        let DtlsVersion::Dtls12 = dtls_version else {
            return Err(CryptoError::Other(format!("DTLS 1.2 alone, not {dtls_version}")));
        };
        // A browser's checks have shown that it is where it says: no cookies.
        let mut config = Config::builder().use_server_cookie(false);
        config = config.flight_start_rto(FIRST_WAIT).flight_retries(REPEATS);
        if let Some(mtu) = mtu {
            config = config.mtu(mtu);
        }
        let config = config.build().map_err(|error| CryptoError::Other(error.to_string()))?;
        let inner = Dtls::new_12(Arc::new(config), cert.clone(), now);
        let (pieces, early, last) = Default::default();
        Ok(Box::new(WholeMessages { inner, pieces, early, last, now, idle_until: None }))
    }
}

#[derive(Debug)]
struct WholeMessages {
    inner: Dtls,
    pieces: Pieces,
    early: Early,
    last: FinalFlight,
    now: Instant,
    /// When dimpl has something to do, where it has said all that it has to say until then. str0m asks twice for each packet that it sends.
    idle_until: Option<Instant>,
}

impl WholeMessages {
    /// dimpl, which is told something and may have something to say then.
    fn told(&mut self) -> &mut Dtls {
        self.idle_until = None;
        &mut self.inner
    }
}

impl DtlsInstance for WholeMessages {
    fn set_active(&mut self, active: bool) {
        self.told().set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.last.heard();
        let mut records = self.pieces.join(packet);
        if !self.last.has_ended() {
            records = self.early.after(records);
        }
        let inner = self.told();
        records.iter().try_for_each(|whole| inner.handle_packet(whole))
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        if let Some(again) = self.last.due()
            && again.len() <= buf.len()
        {
            let place = &mut buf[..again.len()];
            place.copy_from_slice(&again);
            return DtlsOutput::Packet(place);
        }
        let output = match self.idle_until {
            Some(at) => DtlsOutput::Timeout(at),
            None => self.inner.poll_output(buf),
        };
        if let DtlsOutput::Timeout(at) = output {
            self.idle_until = Some(at);
        }
        self.last.note(&output, self.now);
        match (output, self.last.deadline()) {
            (DtlsOutput::Timeout(at), Some(again)) => DtlsOutput::Timeout(at.min(again)),
            (output, _) => output,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.now = now;
        self.last.advance(now);
        self.told().handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.told().send_application_data(data)
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
        self.last.stop();
        self.told().close()
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

    /// The client's flight comes as two datagrams in the wrong order, cut in its CertificateVerify: the second part, with all that
    /// follows, and then the first. Whether the server is connected without asking for anything again.
    fn connects_in_the_wrong_order(provider: &CryptoProvider) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
        let now = Instant::now();
        let (mut client, mut server) = (new(&from_feature_flags(), true, now), new(provider, false, now));
        client.handle_packet(&[]).unwrap();
        client.handle_timeout(now).unwrap();
        for _ in 0..4 {
            for packet in sent(&mut *client).0 {
                cut(&packet, VERIFY).iter().rev().for_each(|part| server.handle_packet(part).unwrap());
            }
            let (answers, is_connected) = sent(&mut *server);
            if is_connected {
                return true;
            }
            answers.iter().for_each(|answer| client.handle_packet(answer).unwrap());
        }
        false
    }

    #[test]
    fn what_comes_before_what_it_rests_on_is_not_waited_for_again() {
        assert!(connects_in_the_wrong_order(&provider()));
        assert!(!connects_in_the_wrong_order(&from_feature_flags()), "str0m alone");
    }

    /// What the server sends `waited` after its first flight, which was lost; none where it has given up.
    fn repeated(provider: &CryptoProvider, waited: Duration) -> Option<usize> {
        #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
        let begin = Instant::now();
        let (mut client, mut server) = (new(&from_feature_flags(), true, begin), new(provider, false, begin));
        client.handle_packet(&[]).unwrap();
        client.handle_timeout(begin).unwrap();
        for hello in sent(&mut *client).0 {
            server.handle_packet(&hello).unwrap();
        }
        assert!(!sent(&mut *server).0.is_empty(), "it answers a ClientHello");
        let mut repeated = 0;
        for millisecond in 1..=waited.as_millis() as u64 {
            server.handle_timeout(begin + Duration::from_millis(millisecond)).ok()?;
            repeated += sent(&mut *server).0.len();
        }
        Some(repeated)
    }

    #[test]
    fn what_is_not_answered_is_sent_again_after_a_quarter_of_a_second() {
        let wait = Duration::from_millis(320);
        assert_eq!(repeated(&from_feature_flags(), wait), Some(0), "str0m alone waits for a second");
        assert!(repeated(&provider(), wait) > Some(0));
    }

    /// Whether a client that repeats nothing is connected in the end, where what the server sent last was lost.
    fn connects_without_the_last_flight(provider: &CryptoProvider) -> bool {
        #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
        let begin = Instant::now();
        let (mut client, mut server) = (new(&from_feature_flags(), true, begin), new(provider, false, begin));
        client.handle_packet(&[]).unwrap();
        client.handle_timeout(begin).unwrap();
        let mut connected = false;
        for millisecond in 0..400 {
            server.handle_timeout(begin + Duration::from_millis(millisecond)).unwrap();
            loop {
                let (own, client_is_connected) = sent(&mut *client);
                own.iter().for_each(|packet| server.handle_packet(packet).unwrap());
                let (answers, server_is_connected) = sent(&mut *server);
                if client_is_connected {
                    return true;
                }
                if server_is_connected {
                    connected = true;
                    assert!(!answers.is_empty(), "the last flight");
                    break;
                }
                answers.iter().for_each(|answer| client.handle_packet(answer).unwrap());
                if own.is_empty() && answers.is_empty() {
                    break;
                }
            }
        }
        assert!(connected, "the handshake did not come so far");
        false
    }

    #[test]
    fn the_last_flight_is_repeated_unasked() {
        assert!(connects_without_the_last_flight(&provider()));
        assert!(!connects_without_the_last_flight(&from_feature_flags()), "str0m alone");
    }

    #[test]
    fn who_has_gone_quiet_is_waited_for_as_long_as_by_str0m_alone() {
        for provider in [Arc::new(from_feature_flags()), provider()] {
            assert!(repeated(&provider, Duration::from_secs(20)).is_some());
            assert!(repeated(&provider, Duration::from_secs(45)).is_none());
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
