use crate::{Picture, now};
use anyhow::{Context, Result};
use std::{
    io::ErrorKind,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Instant,
};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{Direction, MediaKind, Mid},
    net::{Protocol, Receive},
    rtp::RtpWrite,
};

/// Largest datagram that is taken.
const LARGEST: usize = 2_048;
/// First byte of a fragmented NAL unit (RFC 6184 §5.8), and the second one's bits.
const FU_A: u8 = 0x7c;
const START: u8 = 0x80;
const END: u8 = 0x40;
const IDR_SLICE: u8 = 5;
const SLICE: u8 = 1;

/// One browser as far as an engine can tell: full ICE, DTLS, SRTP, and the feedback that a browser gives.
pub(crate) struct Browser {
    rtc: Rtc,
    pub socket: UdpSocket,
    address: SocketAddr,
    video: Option<Mid>,
    sequence: u64,
    key_frame_wanted: bool,
    pub connected: bool,
    pub counts: Counts,
    /// Sequence numbers: the first one, and the one after the last.
    expected: Option<(u64, u64)>,
    pub deadline: Instant,
}

/// Packets of pictures.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub received: u64,
    pub lost: u64,
}

impl Browser {
    pub(crate) fn new(address: IpAddr) -> Result<Self> {
        let now = now();
        let socket = UdpSocket::bind((address, 0)).context("a browser's socket cannot be opened")?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_h264(true)
            .set_reordering_size_video(0)
            .build(now);
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp)?);
        Ok(Self {
            rtc,
            socket,
            address,
            video: None,
            sequence: 1_000,
            key_frame_wanted: true,
            connected: false,
            counts: Counts::default(),
            expected: None,
            deadline: now,
        })
    }

    /// An offer that publishes one picture, or takes one.
    pub(crate) fn offer(&mut self, direction: Direction) -> Result<(String, SdpPendingOffer)> {
        let mut api = self.rtc.sdp_api();
        self.video = Some(api.add_media(MediaKind::Video, direction, None, None, None));
        let (offer, pending) = api.apply().context("nothing is offered")?;
        Ok((offer.to_sdp_string(), pending))
    }

    pub(crate) fn answered(&mut self, pending: SdpPendingOffer, answer: &str) -> Result<()> {
        self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(answer)?)?;
        self.drive(now())
    }

    /// Takes all that has arrived.
    pub(crate) fn receive(&mut self) -> Result<()> {
        let mut bytes = [0; LARGEST];
        loop {
            match self.socket.recv_from(&mut bytes) {
                Ok((length, source)) => {
                    let receive = Receive::new(Protocol::Udp, source, self.address, &bytes[..length])?;
                    self.rtc.handle_input(Input::Receive(now(), receive))?;
                    self.poll()?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lets time pass, and sends what was written.
    pub(crate) fn drive(&mut self, now: Instant) -> Result<()> {
        self.rtc.handle_input(Input::Timeout(now))?;
        self.poll()
    }

    fn poll(&mut self) -> Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(at) => {
                    self.deadline = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    self.socket.send_to(&transmit.contents, transmit.destination)?;
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::KeyframeRequest(_)) => self.key_frame_wanted = true,
                Output::Event(Event::RtpPacket(packet)) => self.count(*packet.seq_no),
                Output::Event(_) => {}
            }
        }
    }

    fn count(&mut self, sequence: u64) {
        self.counts.received += 1;
        let (first, next) = self.expected.unwrap_or((sequence, sequence));
        let next = next.max(sequence + 1);
        self.expected = Some((first, next));
        // Retransmissions fill what was lost before.
        self.counts.lost = (next - first).saturating_sub(self.counts.received);
    }

    /// Sends one picture: the start of an IDR picture where somebody has asked for one, of another one otherwise.
    pub(crate) fn send(&mut self, picture: Picture, timestamp: u32) -> Result<()> {
        let now = now();
        let mid = self.video.context("it publishes nothing")?;
        let params = self.rtc.codec_config().params().iter();
        let payload_type = params
            .filter(|params| params.spec().codec == Codec::H264)
            .map(|params| params.pt())
            .next()
            .context("H.264 was not agreed")?;
        let kind = if std::mem::take(&mut self.key_frame_wanted) { IDR_SLICE } else { SLICE };
        let mut payload = vec![0xa5; usize::from(picture.bytes)];
        let mut api = self.rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, None).context("it publishes nothing")?;
        for number in 0..picture.packets {
            let last = number + 1 == picture.packets;
            let start = if number == 0 { START } else { 0 };
            payload[..2].copy_from_slice(&[FU_A, start | if last { END } else { 0 } | kind]);
            self.sequence += 1;
            let write = RtpWrite::new(payload_type, self.sequence.into(), timestamp, now, payload.as_slice());
            stream.write_rtp(write.marker(last));
        }
        self.drive(now)
    }
}
