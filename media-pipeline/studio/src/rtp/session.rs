use super::{Feedback, Latch, Packet, Reception, Report, continuity::ticks};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The first report comes early, so that the peer can align sound and picture.
const FIRST_REPORT: Duration = Duration::from_millis(500);
/// Between reports (RFC 3550 §6.2: five seconds at the least for small sessions, from the second one on).
const REPORTS: Duration = Duration::from_secs(5);

/// One m-line's RTP session with its peer.
#[derive(Debug)]
pub struct Session {
    /// What we send under.
    pub ssrc: u32,
    cname: String,
    clock_rate: u32,
    latch: Latch,
    feedback_latch: Latch,
    reception: Option<Reception>,
    heard_at: Option<Instant>,
    sent: Option<(u32, Instant)>,
    packets: u32,
    octets: u32,
    report_at: Instant,
}

impl Session {
    /// A session with a peer whose RTP comes from and goes to `remote`, RTCP a port above.
    #[must_use]
    pub fn new(ssrc: u32, cname: String, clock_rate: u32, remote: SocketAddr, now: Instant) -> Self {
        let mut above = remote;
        above.set_port(remote.port().saturating_add(1));
        Self {
            ssrc,
            cname,
            clock_rate,
            latch: Latch::new(remote),
            feedback_latch: Latch::new(above),
            reception: None,
            heard_at: None,
            sent: None,
            packets: 0,
            octets: 0,
            report_at: now + FIRST_REPORT,
        }
    }

    /// Takes a datagram from the RTP port; gives it as a packet where it is the peer's.
    pub fn receive<'a>(&mut self, from: SocketAddr, bytes: &'a [u8], now: Instant) -> Option<Packet<'a>> {
        let packet = Packet::parse(bytes)?;
        if !self.latch.accept(from, now) {
            return None;
        }
        self.heard_at = Some(now);
        let clock_rate = self.clock_rate;
        let reception = match &mut self.reception {
            Some(reception) if reception.ssrc == packet.ssrc => reception,
            other => other.insert(Reception::new(&packet, clock_rate, now)),
        };
        reception.received(&packet, now);
        Some(packet)
    }

    /// Takes a datagram from the RTCP port; gives what it asks for where it is the peer's.
    pub fn receive_feedback(&mut self, from: SocketAddr, bytes: &[u8], now: Instant) -> Option<Feedback> {
        let feedback = Feedback::parse(bytes)?;
        if !self.feedback_latch.accept(from, now) {
            return None;
        }
        if let (Some((ssrc, ntp)), Some(reception)) = (feedback.sender_report, &mut self.reception)
            && reception.ssrc == ssrc
        {
            reception.sender_report(ntp, now);
        }
        // Equipment that suppresses silence, with its camera off, sends nothing else for as long as nobody speaks.
        self.heard_at = Some(now);
        Some(feedback)
    }

    /// Counts a packet that is sent; gives where to.
    pub fn send(&mut self, bytes: &[u8], now: Instant) -> SocketAddr {
        if let Some(packet) = Packet::parse(bytes) {
            self.sent = Some((packet.timestamp, now));
            self.packets = self.packets.wrapping_add(1);
            let octets = u32::try_from(packet.payload.len()).unwrap_or(0);
            self.octets = self.octets.wrapping_add(octets);
        }
        self.latch.destination()
    }

    /// Where RTCP goes.
    #[must_use]
    pub fn feedback_destination(&self) -> SocketAddr {
        self.feedback_latch.destination()
    }

    /// A report, where it is time for one.
    pub fn poll_report(&mut self, now: Instant, ntp: u64) -> Option<Vec<u8>> {
        if now < self.report_at {
            return None;
        }
        self.report_at = now + REPORTS;
        Some(self.report(now, ntp).into_bytes())
    }

    /// A request for a key frame, where the peer has sent anything.
    pub fn picture_loss(&mut self, now: Instant, ntp: u64) -> Option<Vec<u8>> {
        let of = self.reception.as_ref()?.ssrc;
        let ssrc = self.ssrc;
        Some(self.report(now, ntp).picture_loss(ssrc, of).into_bytes())
    }

    /// A farewell.
    pub fn bye(&mut self, now: Instant, ntp: u64) -> Vec<u8> {
        let ssrc = self.ssrc;
        self.report(now, ntp).bye(ssrc).into_bytes()
    }

    /// When the peer's latest packet came, RTP or RTCP.
    #[must_use]
    pub fn heard_at(&self) -> Option<Instant> {
        self.heard_at
    }

    fn report(&mut self, now: Instant, ntp: u64) -> Report {
        let block = self.reception.as_mut().map(|reception| reception.block(now));
        let report = match self.sent {
            Some((timestamp, at)) => {
                let elapsed = ticks(now.saturating_duration_since(at), self.clock_rate);
                let sent = (self.packets, self.octets);
                Report::sender(self.ssrc, ntp, timestamp.wrapping_add(elapsed), sent, block)
            }
            None => Report::receiver(self.ssrc, block),
        };
        report.described(self.ssrc, &self.cname)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn packet(ssrc: u32, timestamp: u32) -> Vec<u8> {
        Packet { payload_type: 8, marker: false, sequence: 1, timestamp, ssrc, payload: &[0; 160] }.build()
    }

    fn session(now: Instant) -> Session {
        Session::new(5, "studio".into(), 8_000, "10.0.0.1:5000".parse().unwrap(), now)
    }

    #[test]
    fn reports_tell_what_was_sent_at_the_present_time() {
        let start = Instant::now();
        let mut session = session(start);
        session.send(&packet(5, 1_000), start);
        assert_eq!(session.poll_report(start, 0), None);
        let bytes = session.poll_report(start + FIRST_REPORT, 1 << 32).unwrap();
        assert_eq!(bytes[1], 200);
        assert_eq!(&bytes[16..20], &5_000_u32.to_be_bytes(), "half a second later");
        assert_eq!(&bytes[20..28], &[0, 0, 0, 1, 0, 0, 0, 160]);
        assert_eq!(session.poll_report(start + FIRST_REPORT * 2, 0), None);
    }

    #[test]
    fn a_key_frame_is_asked_of_the_source_that_is_heard() {
        let start = Instant::now();
        let mut session = session(start);
        assert_eq!(session.picture_loss(start, 0), None, "nobody to ask");
        assert!(session.receive("10.0.0.1:5000".parse().unwrap(), &packet(77, 0), start).is_some());
        let bytes = session.picture_loss(start, 0).unwrap();
        assert!(bytes.ends_with(&[0x81, 206, 0, 2, 0, 0, 0, 5, 0, 0, 0, 77]));
        assert_eq!(session.feedback_destination(), "10.0.0.1:5001".parse().unwrap());
    }

    #[test]
    fn who_only_reports_is_heard() {
        let start = Instant::now();
        let mut session = session(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        let _ = session.receive("10.0.0.1:5000".parse().unwrap(), &packet(77, 0), start);
        let report = Report::receiver(77, None).into_bytes();
        assert!(session.receive_feedback("10.0.0.1:5001".parse().unwrap(), &report, at(5)).is_some());
        assert_eq!(session.heard_at(), Some(at(5)));
        assert!(session.receive_feedback("10.9.9.9:5001".parse().unwrap(), &report, at(6)).is_none());
        assert_eq!(session.heard_at(), Some(at(5)), "a stranger's report");
    }

    #[test]
    fn strangers_are_not_heard() {
        let start = Instant::now();
        let mut session = session(start);
        let _ = session.receive("10.0.0.1:5000".parse().unwrap(), &packet(77, 0), start);
        assert!(session.receive("10.9.9.9:5000".parse().unwrap(), &packet(78, 0), start).is_none());
    }
}
