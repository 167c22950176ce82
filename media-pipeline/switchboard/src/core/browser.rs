use super::{
    answers::Answers,
    copy,
    demux::is_stun,
    encodings::Layer,
    negotiation::{
        CONTRADICTORY, FIRST_ESTIMATE, RedTypes, bad_offer, codecs, config, format_of, only_offered,
        payload_types, red_types, unless_it_panics, with_start_rate,
    },
    packet::{Format, Packet},
    red,
    repairs::Repairs,
    selection::Selection,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use str0m::{
    Candidate, Event, IceConnectionState, Input, Output, Rtc,
    bwe::{Bitrate, BweKind},
    change::SdpOffer,
    media::{Direction, KeyframeRequestKind, MediaKind as RtcKind, Mid, Pt, Rids},
    net::{Protocol, Receive, TcpType, Transmit},
    rtp::{RtpPacket, RtpWrite, Ssrc},
};
use tabellion_media_protocol::{MediaKind, VideoCodec, control::MediaError};

/// What may leave within this time leaves at once: the sockets wait for whole milliseconds.
const PACED_AT_ONCE: Duration = Duration::from_millis(1);

/// Packets, and how long each, that are kept of a downlink in case that they are lost: as long as libwebrtc's
/// RtpPacketHistory does. Who asks for them later has the next key frame before; and they are most of a receiver's memory.
const KEPT: usize = 1_024;
const KEPT_FOR: Duration = Duration::from_secs(1);
/// Of what is sent, what may be sent again at most (str0m's own value, which it does not export).
const SENT_AGAIN: Option<f32> = Some(0.15);

/// Who gets less, bit/s, has better use for it than what is sent twice.
const WIDE_ENOUGH: u64 = 400_000;

/// One browser's transport, and what was agreed over it.
pub(super) struct Browser {
    rtc: Rtc,
    /// m-lines that the browser sends on.
    pub uplinks: Vec<(Mid, MediaKind)>,
    /// Encodings that it offers of a picture, by its m-line.
    pub encodings: BTreeMap<Mid, Vec<Layer>>,
    /// What it can send its pictures as, by their m-lines.
    pub codecs: BTreeMap<Mid, Vec<VideoCodec>>,
    /// m-lines that it receives on, in the order of its offer.
    pub downlinks: Vec<(Mid, MediaKind)>,
    /// What the browser calls each format on each of them.
    payload_types: BTreeMap<(Mid, Format), Pt>,
    /// Downlinks that take sound with the piece before.
    redundant: BTreeMap<Mid, RedTypes>,
    /// Downlinks that have carried something.
    carried: BTreeSet<Mid>,
    /// The others, and the SSRCs that the answer names for them. The transport has them only once they carry something: it
    /// reports on all that it has, and who hears reports without media may take the sender for one that has gone (RFC 3550
    /// §6.3.5, §6.4; GStreamer's webrtcbin 1.26 forgets then which m-line it is).
    idle: BTreeMap<Mid, (Ssrc, Option<Ssrc>)>,
    /// When anything came from it last.
    pub heard_at: Instant,
    pub deadline: Instant,
    failed: bool,
    /// Whether ICE has lost the browser since it was connected.
    lost: bool,
    selection: Selection,
    answers: Answers,
    repairs: Repairs,
    /// What its line carries, bit/s; none while it does not tell what arrives.
    estimate: Option<u64>,
    /// The most that its user wants to get, bit/s.
    limit: Option<u64>,
    /// What was sought on its line last, bit/s: to sustain, and to find out.
    sought: (u64, u64),
}

/// What a transport reports.
pub(super) enum Report {
    Transmit(Transmit),
    Connected,
    Disconnected(String),
    Packet {
        from: Uplink,
        packet: Packet,
    },
    /// For what a downlink carries.
    KeyFrameWanted {
        mid: Mid,
    },
    /// Another estimate of its line.
    LineChanged,
}

/// What a packet came on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uplink {
    pub mid: Mid,
    pub ssrc: Ssrc,
    pub layer: Layer,
}

impl Browser {
    /// Answers a new browser's offer. ICE lite: the browser does the checks, and is found where they come from.
    pub(super) fn accept(
        offer: &str,
        candidates: &[SocketAddr],
        limit: Option<u64>,
        now: Instant,
    ) -> Result<(Self, String), MediaError> {
        let mut rtc = config().build(now);
        for address in candidates {
            let by_udp = Candidate::host(*address, Protocol::Udp).map_err(bad_offer)?;
            rtc.add_local_candidate(by_udp);
            // For who gets through by TCP alone: the browser connects (RFC 6544 §4.5).
            let by_tcp = Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
            rtc.add_local_candidate(by_tcp.map_err(bad_offer)?);
        }
        let mut browser = Self {
            rtc,
            uplinks: Vec::new(),
            encodings: BTreeMap::new(),
            codecs: BTreeMap::new(),
            downlinks: Vec::new(),
            payload_types: BTreeMap::new(),
            redundant: BTreeMap::new(),
            carried: BTreeSet::new(),
            idle: BTreeMap::new(),
            heard_at: now,
            deadline: now,
            failed: false,
            lost: false,
            selection: Selection::default(),
            answers: Answers::default(),
            repairs: Repairs::default(),
            estimate: None,
            limit,
            sought: (0, 0),
        };
        // Nobody waits for news of one that did not come to be.
        let answer = browser.answer(offer, &mut Vec::new())?;
        Ok((browser, answer))
    }

    /// Answers a further offer: ICE restart, a media line added.
    pub(super) fn answer(&mut self, offer: &str, out: &mut Vec<Report>) -> Result<String, MediaError> {
        let named = offer;
        let offer = SdpOffer::from_sdp_string(offer).map_err(bad_offer)?;
        // The answer names them again.
        while let Some((mid, _)) = self.idle.first_key_value() {
            self.wake(*mid);
        }
        let rtc = &mut self.rtc;
        let Some(accepted) = unless_it_panics(|| rtc.sdp_api().accept_offer(offer)) else {
            self.fail(&CONTRADICTORY, out);
            return Err(bad_offer(CONTRADICTORY));
        };
        let answered = accepted.map_err(bad_offer).map(|it| it.to_sdp_string());
        if let Ok(answer) = &answered {
            self.learn_lines(answer);
        }
        // Also after an offer that was refused.
        self.put_idle_aside();
        let answer = answered?;
        let password = self.rtc.direct_api().local_ice_credentials().pass;
        self.selection.agreed(password);
        Ok(with_start_rate(&only_offered(&answer, named), self.limit))
    }

    /// By which it is known in connectivity checks.
    pub(super) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    pub(super) fn accepts(&self, input: &Input<'_>) -> bool {
        self.rtc.accepts(input)
    }

    /// Takes a datagram that belongs to this browser.
    pub(super) fn receive(
        &mut self,
        receive: Receive<'_>,
        bytes: &[u8],
        now: Instant,
        out: &mut Vec<Report>,
    ) {
        self.heard_at = now;
        if !is_stun(bytes) {
            self.answers.arrived();
        }
        let (proto, source, destination) = (receive.proto, receive.source, receive.destination);
        if let Some(nomination) = self.selection.chosen(source, destination, bytes)
            && let Ok(nomination) = Receive::new(proto, source, destination, &nomination)
        {
            let outcome = self.rtc.handle_input(Input::Receive(now, nomination));
            self.finish(outcome, now, out);
        }
        self.repairs.arrives(bytes);
        let outcome = self.rtc.handle_input(Input::Receive(now, receive));
        self.finish(outcome, now, out);
        self.repairs.answered();
    }

    /// Lets time pass, and sends what was written.
    pub(super) fn advance(&mut self, now: Instant, out: &mut Vec<Report>) {
        out.extend(self.answers.due(now).into_iter().map(Report::Transmit));
        let outcome = self.rtc.handle_input(Input::Timeout(now));
        self.finish(outcome, now, out);
    }

    /// Says goodbye: DTLS close_notify, so that the browser knows at once.
    pub(super) fn close(&mut self, now: Instant, out: &mut Vec<Report>) {
        // A transport that fails to close is gone all the same.
        let _ = self.rtc.close();
        self.drain(now, out);
    }

    /// What its line carries, bit/s. While it does not tell what arrives, and before it has had a picture, what any line is taken
    /// for: of sound alone the estimate falls to little more than that.
    pub(super) fn estimate(&self) -> u64 {
        self.estimate.filter(|_| self.has_had_a_picture()).unwrap_or(FIRST_ESTIMATE)
    }

    /// The most that its user wants to get, bit/s.
    pub(super) fn limit(&self) -> u64 {
        self.limit.unwrap_or(u64::MAX)
    }

    pub(super) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// As much as this, from now on. Where not the line but the former limit was what held, the line is estimated anew: what it carries
    /// beyond was not looked for.
    pub(super) fn set_limit(&mut self, limit: Option<u64>) {
        let former = self.limit();
        self.limit = limit;
        if self.limit() > former && self.estimate() >= former && self.has_had_a_picture() {
            self.estimate_anew();
        }
    }

    /// What may be sent to it, bit/s.
    pub(super) fn bandwidth(&self) -> u64 {
        self.estimate().min(self.limit())
    }

    fn has_had_a_picture(&self) -> bool {
        self.carried.iter().any(|mid| self.downlinks.contains(&(*mid, MediaKind::Video)))
    }

    /// Finds out whether the line carries so many bit/s, and sustains `sustained` of them, with padding where there is no media. None
    /// of both beyond the limit.
    pub(super) fn seek(&mut self, sustained: u64, wished: u64) {
        let (sustained, wished) = (sustained.min(self.limit()), wished.min(self.limit()));
        if std::mem::replace(&mut self.sought, (sustained, wished)) != (sustained, wished) {
            self.seek_where_it_can_be();
        }
    }

    /// Not before there is a picture to pad: str0m would send the probes as a stream of its own (SSRC 0), which the browser then
    /// counts among those that it receives.
    fn seek_where_it_can_be(&mut self) {
        if self.has_had_a_picture() {
            let (sustained, wished) = self.sought;
            self.rtc.bwe().set_bitrate(Bitrate::bps(sustained), Bitrate::bps(wished));
        }
    }

    fn finish(&mut self, outcome: Result<(), str0m::RtcError>, now: Instant, out: &mut Vec<Report>) {
        match outcome {
            Ok(()) => self.drain(now, out),
            Err(error) => self.fail(&error, out),
        }
    }

    fn fail(&mut self, error: &dyn std::fmt::Display, out: &mut Vec<Report>) {
        // A transport that fails may have closed itself already.
        self.rtc.disconnect();
        if !std::mem::replace(&mut self.failed, true) {
            out.push(Report::Disconnected(error.to_string()));
        }
        self.deadline = self.heard_at + Duration::from_secs(86_400);
    }

    fn drain(&mut self, now: Instant, out: &mut Vec<Report>) {
        // The pacer lets a packet go at a time, and the next one a microsecond later.
        let horizon = now + PACED_AT_ONCE;
        let mut time = now;
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) if at < horizon => {
                    time = at.max(time + Duration::from_micros(1));
                    if let Err(error) = self.rtc.handle_input(Input::Timeout(time)) {
                        self.fail(&error, out);
                    }
                }
                Ok(Output::Timeout(at)) => {
                    self.deadline = self.answers.deadline().map_or(at, |again| again.min(at));
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    self.answers.sent(&transmit, now);
                    if self.repairs.is_of_use_twice(&transmit, now) && self.carries_all() {
                        out.push(Report::Transmit(copy(&transmit)));
                    }
                    out.push(Report::Transmit(transmit));
                }
                Ok(Output::Event(event)) => self.event(event, out),
                Err(error) => self.fail(&error, out),
            }
        }
        self.deadline = self.heard_at + Duration::from_secs(86_400);
    }

    fn event(&mut self, event: Event, out: &mut Vec<Report>) {
        match event {
            Event::Connected => {
                self.answers.connected();
                out.push(Report::Connected);
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.lost = true;
                out.push(Report::Disconnected("no answer to ICE checks".to_owned()));
            }
            // DTLS and its keys outlive ICE: after a restart, or when the network is back, media flows at once.
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) if self.lost && self.rtc.is_connected() => {
                self.lost = false;
                out.push(Report::Connected);
            }
            Event::Closed => out.push(Report::Disconnected("closed by the browser".to_owned())),
            Event::RtpPacket(packet) => out.extend(self.packet(packet)),
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, can_probe }) => {
                self.estimate = can_probe.then_some(estimate.as_u64());
                out.push(Report::LineChanged);
            }
            Event::KeyframeRequest(request) => out.push(Report::KeyFrameWanted { mid: request.mid }),
            _ => {}
        }
    }

    /// Sorts the media lines by direction: what the browser only receives, we only send. The transport's own event
    /// for them comes too late, after DTLS; slots are assigned before.
    fn learn_lines(&mut self, sdp: &str) {
        self.uplinks.clear();
        self.encodings.clear();
        self.codecs.clear();
        self.downlinks.clear();
        self.payload_types.clear();
        self.redundant.clear();
        for mid in sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")) {
            let Some(media) = self.rtc.media(mid.into()) else { continue };
            let kind = match media.kind() {
                RtcKind::Audio => MediaKind::Audio,
                RtcKind::Video => MediaKind::Video,
            };
            match media.direction() {
                Direction::SendOnly => {
                    self.downlinks.push((media.mid(), kind));
                    let (offered, params) = (media.remote_pts(), self.rtc.codec_config().params());
                    let named = payload_types(offered, params);
                    self.payload_types.extend(named.map(|(format, named)| ((media.mid(), format), named)));
                    self.redundant.extend(red_types(offered, params).map(|types| (media.mid(), types)));
                }
                Direction::RecvOnly | Direction::SendRecv => {
                    self.uplinks.push((media.mid(), kind));
                    let can_be = codecs(media.remote_pts(), self.rtc.codec_config().params());
                    self.codecs.insert(media.mid(), can_be);
                    if let Rids::Specific(rids) = media.rids_rx() {
                        let layers = rids.iter().filter_map(|rid| Layer::named(rid)).collect();
                        self.encodings.insert(media.mid(), layers);
                    }
                }
                Direction::Inactive => {}
            }
        }
    }

    fn packet(&mut self, packet: RtpPacket) -> Option<Report> {
        let ssrc = packet.header.ssrc;
        let (format, is_red) = self.format_of(packet.header.payload_type)?;
        let (mid, rid) = {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_rx(&ssrc)?;
            (stream.mid(), stream.rid())
        };
        let layer = rid.map_or(Some(Layer::ONLY), |rid| Layer::named(&rid))?;
        let (payload, redundant) = if is_red {
            (red::primary(&packet.payload)?.into(), Some(packet.payload))
        } else {
            (packet.payload, None)
        };
        let packet = Packet {
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            level: packet.header.ext_vals.audio_level,
            format,
            payload,
            redundant,
        };
        Some(Report::Packet { from: Uplink { mid, ssrc, layer }, packet })
    }

    /// What a payload type says, and whether the piece before comes with it.
    fn format_of(&self, payload_type: Pt) -> Option<(Format, bool)> {
        let params = self.rtc.codec_config().params().iter();
        params
            .filter(|params| params.pt() == payload_type || params.red() == Some(payload_type))
            .find_map(|params| Some((format_of(params)?, params.red() == Some(payload_type))))
    }

    /// Asks the browser for a key frame on an uplink (PLI, RFC 4585 §6.3.1).
    pub(super) fn ask_key_frame(&mut self, ssrc: Ssrc) {
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// Takes the downlinks that have carried nothing out of the transport.
    fn put_idle_aside(&mut self) {
        let mut api = self.rtc.direct_api();
        for (mid, _) in self.downlinks.iter().filter(|(mid, _)| !self.carried.contains(mid)) {
            let Some(stream) = api.stream_tx_by_mid(*mid, None) else { continue };
            let names = (stream.ssrc(), stream.rtx());
            api.remove_stream_tx(names.0);
            self.idle.insert(*mid, names);
        }
    }

    /// Its first packet. With the first picture the line is estimated anew: of sound alone nothing can be known.
    fn begin_to_carry(&mut self, mid: Mid) {
        let had_a_picture = self.has_had_a_picture();
        self.carried.insert(mid);
        self.wake(mid);
        if !had_a_picture && self.has_had_a_picture() {
            self.estimate_anew();
        }
    }

    fn estimate_anew(&mut self) {
        let first = FIRST_ESTIMATE.min(self.limit());
        self.rtc.bwe().reset(Bitrate::bps(first));
        self.estimate = None;
        self.seek_where_it_can_be();
    }

    /// Has a downlink in the transport.
    fn wake(&mut self, mid: Mid) {
        if let Some((ssrc, rtx)) = self.idle.remove(&mid) {
            if let Some(repairs) = rtx {
                self.repairs.expect(repairs);
            }
            let mut api = self.rtc.direct_api();
            api.declare_stream_tx(ssrc, rtx, mid, None).set_rtx_cache(KEPT, KEPT_FOR, SENT_AGAIN);
        }
    }

    /// Sends a packet on a downlink, as what the browser calls its format there.
    pub(super) fn send(
        &mut self,
        (mid, payload_type): (Mid, Pt),
        place: super::rewrite::Place,
        packet: &Packet,
        now: Instant,
    ) -> bool {
        if !self.carried.contains(&mid) {
            self.begin_to_carry(mid);
        }
        let (payload_type, payload) =
            self.with_piece_before(mid, packet).unwrap_or_else(|| (payload_type, packet.payload.clone()));
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else { return false };
        let write = RtpWrite::new(payload_type, place.sequence.into(), place.timestamp, now, payload)
            .marker(packet.marker)
            // Lost sound is concealed; by the time it is sent again it is too late.
            .nackable(packet.format != Format::Opus);
        stream.write_rtp(write);
        true
    }

    /// What it calls a format on one of its downlinks; none where it does not take it.
    pub(super) fn payload_type(&self, mid: Mid, format: Format) -> Option<Pt> {
        self.payload_types.get(&(mid, format)).copied()
    }

    /// Whether it can show what is sent as this on one of its downlinks.
    pub(super) fn takes(&self, mid: Mid, format: Format) -> bool {
        self.payload_type(mid, format).is_some()
    }

    /// Whether there is a downlink for pictures that does not take this.
    pub(super) fn lacks(&self, codec: VideoCodec) -> bool {
        let mut pictures = self.downlinks.iter().filter(|(_, kind)| *kind == MediaKind::Video);
        pictures.any(|(mid, _)| !self.takes(*mid, Format::Video(codec)))
    }

    /// Whether voices go to it with the piece before each, where their senders give it.
    pub(super) fn hears_twice(&self) -> bool {
        !self.redundant.is_empty() && self.is_wide_enough()
    }

    /// Whether its line carries all that it could show: what is lost there is lost by chance, not because there is too much of it.
    fn carries_all(&self) -> bool {
        let (_, wished) = self.sought;
        self.is_wide_enough() && self.bandwidth() >= wished
    }

    fn is_wide_enough(&self) -> bool {
        self.bandwidth() >= WIDE_ENOUGH
    }

    /// Sound with the piece before, where the sender gives it, the browser takes it, and its line carries it.
    fn with_piece_before(&self, mid: Mid, packet: &Packet) -> Option<(Pt, Arc<[u8]>)> {
        let RedTypes { red, sound } = *self.redundant.get(&mid)?;
        let payload = packet.redundant.as_ref()?;
        if !self.is_wide_enough() {
            return None;
        }
        let is_named_so = payload.first().is_some_and(|byte| byte & 0x7f == *sound);
        Some((red, if is_named_so { Arc::clone(payload) } else { red::renamed(payload, *sound).into() }))
    }
}
