mod publication;
mod reception;
mod socket;
mod trace;

pub(crate) use reception::{Counts, Reception};
pub(crate) use trace::Trace;

use crate::{clock::now, media::Lines};
use anyhow::{Context, Result};
use publication::{Publication, Source};
use socket::{Datagram, Socket};
use std::{
    net::IpAddr,
    os::fd::{AsFd, BorrowedFd},
    time::Instant,
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    media::{Direction, MediaKind},
    net::{Protocol, Receive},
    rtp::{Extension, RtpPacket},
};
use trace::is_rtp;

/// One browser as far as an engine can tell: full ICE, DTLS, SRTP, and the feedback that a browser gives.
pub(crate) struct Browser {
    rtc: Rtc,
    socket: Socket,
    publications: Vec<Publication>,
    pub connected: bool,
    pub reception: Reception,
    /// Bytes that encryption adds to a packet, of the last one that came.
    pub tag: Option<usize>,
    attention: Attention,
    trace: Option<Trace>,
    /// Of the transport.
    deadline: Instant,
}

/// What a browser does with the packets that come.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Attention {
    /// Decrypts and counts them.
    Whole,
    /// Takes them out of its socket, and no more.
    Passing,
}

/// An offer of which the answer is awaited.
pub(crate) struct Offer {
    pub sdp: String,
    pending: SdpPendingOffer,
}

/// Of a datagram: its bytes, and when it came, where the kernel says it.
#[derive(Clone, Copy)]
struct Arrival {
    length: usize,
    at: Option<i64>,
}

impl Browser {
    pub(crate) fn new(address: IpAddr) -> Result<Self> {
        Self::with(address, config(), Attention::Whole)
    }

    /// One that tells nothing of what arrives (transport-cc is not offered).
    pub(crate) fn without_feedback(address: IpAddr, attention: Attention) -> Result<Self> {
        let config = config().clear_extension_map().set_extension(1, Extension::AudioLevel);
        let browser = Self::with(address, config, attention)?;
        if attention == Attention::Whole {
            browser.socket.stamp()?;
        }
        Ok(browser)
    }

    fn with(address: IpAddr, config: RtcConfig, attention: Attention) -> Result<Self> {
        let now = now();
        let socket = Socket::open(address)?;
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(socket.address, Protocol::Udp)?);
        Ok(Self {
            rtc,
            socket,
            publications: Vec::new(),
            connected: false,
            reception: Reception::default(),
            tag: None,
            attention,
            trace: None,
            deadline: now,
        })
    }

    /// An offer of its lines.
    pub(crate) fn offer(&mut self, lines: &Lines) -> Result<Offer> {
        let now = now();
        let mut api = self.rtc.sdp_api();
        let voice = lines.voice.map(|voice| (MediaKind::Audio, Source::Voice(voice)));
        let picture = lines.picture.map(|picture| (MediaKind::Video, Source::Picture(picture)));
        for (kind, source) in voice.into_iter().chain(picture) {
            let mid = api.add_media(kind, Direction::SendOnly, None, None, None);
            self.publications.push(Publication::new(mid, source, now));
        }
        let taken = [(MediaKind::Video, lines.pictures), (MediaKind::Audio, lines.voices)];
        for (kind, number) in taken {
            for _ in 0..number {
                api.add_media(kind, Direction::RecvOnly, None, None, None);
            }
        }
        let (offer, pending) = api.apply().context("nothing is offered")?;
        Ok(Offer { sdp: offer.to_sdp_string(), pending })
    }

    pub(crate) fn answered(&mut self, offer: Offer, answer: &str) -> Result<()> {
        let answer = SdpAnswer::from_sdp_string(answer)?;
        self.rtc
            .sdp_api()
            .accept_answer(offer.pending, answer)
            .context("the engine's answer cannot be used")?;
        self.drive(now())
    }

    /// Takes what an engine offers.
    pub(crate) fn answer(&mut self, offer: &str) -> Result<String> {
        let offer = SdpOffer::from_sdp_string(offer)?;
        let answer =
            self.rtc.sdp_api().accept_offer(offer).context("the engine's offer cannot be answered")?;
        self.drive(now())?;
        Ok(answer.to_sdp_string())
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// When [`Self::drive`] has something to do.
    pub(crate) fn deadline(&self) -> Instant {
        let due = self.publications.iter().filter(|_| self.connected).map(|publication| publication.next);
        due.fold(self.deadline, Instant::min)
    }

    /// Takes all that has arrived.
    pub(crate) fn receive(&mut self) -> Result<()> {
        let own = self.socket.address;
        while let Some(Datagram { bytes, source, arrived }) = self.socket.receive()? {
            if self.attention == Attention::Passing && is_rtp(bytes) {
                continue;
            }
            let receive = Receive::new(Protocol::Udp, source, own, bytes)?;
            let arrival = Arrival { length: bytes.len(), at: arrived };
            self.rtc.handle_input(Input::Receive(now(), receive))?;
            self.poll(Some(arrival))?;
        }
        Ok(())
    }

    /// Notes from now on when packets leave and arrive.
    pub(crate) fn trace(&mut self) {
        self.trace = Some(Trace::default());
    }

    pub(crate) fn take_trace(&mut self) -> Option<Trace> {
        self.trace.take()
    }

    /// Lets time pass, and sends what is due.
    pub(crate) fn drive(&mut self, now: Instant) -> Result<()> {
        if self.connected {
            for publication in self.publications.iter_mut().filter(|publication| publication.next <= now) {
                publication.write(&mut self.rtc, now)?;
            }
        }
        self.rtc.handle_input(Input::Timeout(now))?;
        self.poll(None)
    }

    /// `arrival`: of the datagram that was handed in.
    fn poll(&mut self, arrival: Option<Arrival>) -> Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    if let Some(trace) = &mut self.trace {
                        trace.leaves(&transmit.contents)?;
                    }
                    self.socket.send(&transmit.contents, transmit.destination)?;
                }
                Output::Event(Event::Connected) => self.begin(),
                Output::Event(Event::KeyframeRequest(request)) => {
                    let asked = self.publications.iter_mut().filter(|own| own.mid == request.mid);
                    asked.for_each(|publication| publication.key_frame_wanted = true);
                }
                Output::Event(Event::RtpPacket(packet)) => self.take(&packet, arrival),
                Output::Event(_) => {}
            }
        }
    }

    fn take(&mut self, packet: &RtpPacket, arrival: Option<Arrival>) {
        self.tag = arrival.and_then(|arrival| tag(arrival.length, packet)).or(self.tag);
        if let Some(trace) = &mut self.trace {
            trace.arrives(&packet.payload, arrival.and_then(|arrival| arrival.at));
        }
        self.reception.take(packet, now());
    }

    fn begin(&mut self) {
        self.connected = true;
        let now = now();
        self.publications.iter_mut().for_each(|publication| publication.next = now);
    }
}

fn config() -> RtcConfig {
    RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_h264(true)
        .enable_opus(true, false)
        .set_reordering_size_video(0)
        .set_reordering_size_audio(0)
}

/// What is neither header nor payload.
fn tag(length: usize, packet: &RtpPacket) -> Option<usize> {
    length.checked_sub(packet.header.header_len + packet.payload.len())
}
