//! The switchboard's logic, without I/O and without a clock.
//!
//! In: [`Switchboard::datagram`], [`Switchboard::framed_datagram`], [`Switchboard::request`], [`Switchboard::studio_datagram`],
//! [`Switchboard::studio_lost`], [`Switchboard::busy`], [`Switchboard::advance`]. Out: [`Switchboard::transmit`], [`Switchboard::say`],
//! [`Switchboard::studio_action`], [`Switchboard::deadline`].

mod allocation;
mod answers;
mod browser;
mod codecs;
mod demux;
mod dtls;
mod early;
mod encodings;
mod final_flight;
mod forward;
mod handshake;
mod key_frames;
mod load;
mod negotiation;
mod packet;
mod quality;
mod rate;
mod red;
mod repairs;
mod requests;
mod rewrite;
mod rooms;
mod seat;
mod selection;
mod slots;
mod speakers;
mod studio;
mod studios;
mod track;

pub use handshake::Pieces;
pub use rewrite::{Place, Rewriter};
pub use slots::assign;
pub use studio::StudioAction;

use browser::Report;
use demux::Demux;
use load::Load;
use seat::{Place as SeatPlace, Seat};
use speakers::Speakers;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};
use str0m::{
    Input,
    net::{Protocol, Receive, Transmit},
};
use studio::Studio;
use tabellion_media_protocol::{
    CodecFailure, RoomId, SeatId, TrackId,
    control::{Event, FromMedia},
};
use track::Track;

/// Between two looks at who speaks, and at which encodings come.
const SPEAKER_INTERVAL: Duration = Duration::from_millis(300);
/// Messages kept for a control process that is away; beyond, the oldest are dropped: it asks for a snapshot when it
/// comes back.
const MESSAGES: usize = 4_096;

/// All rooms.
pub struct Switchboard {
    instance: String,
    candidates: Vec<SocketAddr>,
    seats: BTreeMap<SeatId, Seat>,
    tracks: BTreeMap<TrackId, Track>,
    studios: BTreeMap<RoomId, Studio>,
    /// Of each room where somebody has spoken.
    speakers: BTreeMap<RoomId, Speakers>,
    demux: Demux,
    load: Load,
    codec_failures: Vec<CodecFailure>,
    /// Browsers that were written to and have to be driven.
    written: BTreeSet<SeatId>,
    next_track: u32,
    next_order: u64,
    speakers_at: Instant,
    transmits: VecDeque<Transmit>,
    messages: VecDeque<FromMedia>,
    studio_actions: VecDeque<StudioAction>,
}

impl Switchboard {
    /// Without rooms. `instance`: unique to this run. `candidates`: the addresses that browsers reach us at, by UDP and by TCP.
    #[must_use]
    pub fn new(instance: String, candidates: Vec<SocketAddr>, now: Instant) -> Self {
        Self {
            instance,
            candidates,
            seats: BTreeMap::new(),
            tracks: BTreeMap::new(),
            studios: BTreeMap::new(),
            speakers: BTreeMap::new(),
            demux: Demux::default(),
            load: Load::default(),
            codec_failures: Vec::new(),
            written: BTreeSet::new(),
            next_track: 1,
            next_order: 1,
            speakers_at: now,
            transmits: VecDeque::new(),
            messages: VecDeque::new(),
            studio_actions: VecDeque::new(),
        }
    }

    /// A datagram from a browser. What belongs to nobody is dropped: strangers get no answer.
    pub fn datagram(&mut self, source: SocketAddr, destination: SocketAddr, bytes: &[u8], now: Instant) {
        self.arrived(Protocol::Udp, source, destination, bytes, now);
    }

    /// A datagram that came over TCP (RFC 6544, RFC 4571). Whether it is a browser's.
    pub fn framed_datagram(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
        now: Instant,
    ) -> bool {
        self.arrived(Protocol::Tcp, source, destination, bytes, now)
    }

    fn arrived(
        &mut self,
        protocol: Protocol,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
        now: Instant,
    ) -> bool {
        let Ok(receive) = Receive::new(protocol, source, destination, bytes) else { return false };
        let input = Input::Receive(now, receive);
        let Some(seat) = self.demux.owner((protocol, source), bytes) else { return false };
        if !self.browser(seat).is_some_and(|place| place.browser.accepts(&input)) {
            return false;
        }
        self.demux.learn((protocol, source), seat);
        let Input::Receive(_, receive) = input else { return false };
        let mut reports = Vec::new();
        if let Some(place) = self.browser_mut(seat) {
            let silence = now.saturating_duration_since(place.browser.heard_at);
            place.browser.receive(receive, bytes, now, &mut reports);
            if place.connected && silence > forward::SILENCE {
                self.want_all_key_frames(seat);
            }
        }
        self.reports(seat, reports, now);
        true
    }

    /// Another control process asks from now on: what the former one waits for is answered to nobody, as the new
    /// one numbers its requests anew.
    pub fn control_replaced(&mut self) {
        for studio in self.studios.values_mut() {
            studio.opening.clear();
        }
        self.messages.clear();
    }

    /// Lets time pass, and drives whom the input was forwarded to: once for all of it, as a picture's packets come together. To be
    /// called at [`Self::deadline`], and after each batch of input.
    pub fn advance(&mut self, now: Instant) {
        let due: Vec<_> = self
            .seats
            .iter()
            .filter(
                |(_, seat)| matches!(&seat.place, SeatPlace::Browser(place) if place.browser.deadline <= now),
            )
            .map(|(id, _)| *id)
            .collect();
        for seat in due {
            self.drive(seat, now);
        }
        self.ask_key_frames(now);
        if now.saturating_duration_since(self.speakers_at) >= SPEAKER_INTERVAL {
            self.speakers_at = now;
            self.look_who_speaks(now);
            self.reassign_crowded(now);
            self.choose_encodings(now);
            self.tell_needed_encodings(now);
        }
        self.advance_studios(now);
        self.drive_written(now);
    }

    /// When [`Self::advance`] has something to do.
    #[must_use]
    pub fn deadline(&self, now: Instant) -> Instant {
        let browsers = self.seats.values().filter_map(|seat| match &seat.place {
            SeatPlace::Browser(place) => Some(place.browser.deadline),
            SeatPlace::Leg(_) => None,
        });
        let key_frames = self.tracks.values().filter_map(|track| track.key_frames.due(now));
        let studios = self.studios.values().filter_map(Studio::deadline);
        let speakers = std::iter::once(self.speakers_at + SPEAKER_INTERVAL);
        browsers.chain(key_frames).chain(studios).chain(speakers).min().unwrap_or(now + SPEAKER_INTERVAL)
    }

    /// The next datagram for a browser.
    pub fn transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next message for control.
    pub fn say(&mut self) -> Option<FromMedia> {
        self.messages.pop_front()
    }

    /// The next thing to do with a studio's connection.
    pub fn studio_action(&mut self) -> Option<StudioAction> {
        self.studio_actions.pop_front()
    }

    fn event(&mut self, event: Event) {
        self.message(FromMedia::Event(event));
    }

    fn message(&mut self, message: FromMedia) {
        if self.messages.len() >= MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// Drives one browser.
    fn drive(&mut self, seat: SeatId, now: Instant) {
        let mut reports = Vec::new();
        if let Some(place) = self.browser_mut(seat) {
            place.browser.advance(now, &mut reports);
        }
        self.reports(seat, reports, now);
    }

    /// Drives all that were written to. What one reports may write to others: until nobody is left.
    fn drive_written(&mut self, now: Instant) {
        while let Some(seat) = self.written.pop_first() {
            self.drive(seat, now);
        }
    }

    fn reports(&mut self, seat: SeatId, reports: Vec<Report>, now: Instant) {
        for report in reports {
            match report {
                Report::Transmit(transmit) => self.transmits.push_back(transmit),
                Report::Connected => self.connected(seat),
                Report::Disconnected(reason) => self.disconnected(seat, reason),
                Report::Packet { from, packet } => self.browser_packet(seat, &from, &packet, now),
                Report::KeyFrameWanted { mid } => self.key_frame_wanted(seat, mid),
                Report::LineChanged => self.line_changed(seat, now),
            }
        }
    }

    fn connected(&mut self, seat: SeatId) {
        if let Some(place) = self.browser_mut(seat) {
            place.connected = true;
        }
        // Chromium asks for no key frame before it has got a packet: we ask, for all that it watches.
        self.want_all_key_frames(seat);
        self.event(Event::Connected { seat });
    }

    fn disconnected(&mut self, seat: SeatId, reason: String) {
        if let Some(place) = self.browser_mut(seat) {
            place.connected = false;
        }
        self.event(Event::Disconnected { seat, reason });
    }

    fn browser(&self, seat: SeatId) -> Option<&seat::BrowserSeat> {
        match &self.seats.get(&seat)?.place {
            SeatPlace::Browser(place) => Some(place),
            SeatPlace::Leg(_) => None,
        }
    }

    fn browser_mut(&mut self, seat: SeatId) -> Option<&mut seat::BrowserSeat> {
        match &mut self.seats.get_mut(&seat)?.place {
            SeatPlace::Browser(place) => Some(place),
            SeatPlace::Leg(_) => None,
        }
    }
}

/// The same datagram, to go out once more.
fn copy(transmit: &Transmit) -> Transmit {
    Transmit {
        proto: transmit.proto,
        source: transmit.source,
        destination: transmit.destination,
        contents: transmit.contents.to_vec().into(),
    }
}
