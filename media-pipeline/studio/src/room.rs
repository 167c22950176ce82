//! The room: who is in it, and what each gets of the others.

use crate::{
    codecs, edge,
    leg::{Around, AudioLine, VideoLine},
    link::{Link, Received},
    picture::{Fonts, Participant, Stage},
    rtp::SilenceWatch,
    signs::SignsOfLife,
    sound::desk::{Desk, Listener, Plan, Voice},
    source::{AudioSource, VideoSource},
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeMap,
    os::fd::OwnedFd,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{
    Content, LegConfig, LegView, MediaKind, PROTOCOL, SeatId, TrackId,
    studio::{FromStudio, ToStudio},
};
use tracing::{info, warn};

/// Between two looks at who is silent.
const TICK: Duration = Duration::from_secs(1);

/// What the room's own thread works on.
enum Input {
    Received(Received),
    Closed,
    Failed(anyhow::Error),
    Broken(SeatId, String),
}

/// Serves a room on a connected socket until the switchboard closes it. `closed` is called as soon as it has,
/// before anything is taken down.
///
/// # Errors
/// Where something that every room needs is not installed, or the switchboard cannot be understood.
pub fn run(socket: OwnedFd, closed: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    gstreamer::init().context("GStreamer does not start")?;
    codecs::check()?;
    let link = Arc::new(Link::new(socket));
    let (inputs, received) = channel();
    let mut room = Room::new(Arc::clone(&link), inputs.clone())?;
    let signs = SignsOfLife::begin(edge::now());
    link.report(&FromStudio::Ready { protocol: PROTOCOL, pid: std::process::id() });
    let reading = Arc::clone(&link);
    thread::Builder::new().name("link".into()).spawn(move || {
        read(&reading, &inputs);
        closed();
    })?;
    room.work(&received, signs)
}

fn read(link: &Link, inputs: &Sender<Input>) {
    let mut buffer = Vec::new();
    loop {
        let (input, last) = match link.receive(&mut buffer) {
            Ok(Some(received)) => (Input::Received(received), false),
            Ok(None) => (Input::Closed, true),
            Err(error) => (Input::Failed(error.into()), true),
        };
        if inputs.send(input).is_err() || last {
            return;
        }
    }
}

/// A browser's track.
struct Source {
    seat: SeatId,
    content: Content,
    name: Arc<str>,
    media: SourceMedia,
}

enum SourceMedia {
    Audio(Box<AudioSource>),
    Video(VideoSource),
}

/// A SIP leg.
struct Leg {
    name: Arc<str>,
    config: LegConfig,
    view: LegView,
    tracks: (TrackId, TrackId),
    publish_audio: bool,
    publish_video: bool,
    audio: Option<AudioLine>,
    video: Option<VideoLine>,
    watch: SilenceWatch,
}

impl Leg {
    fn meets(&self) -> bool {
        matches!(self.view, LegView::Meeting { .. })
    }

    fn looks(&self) -> bool {
        self.meets() && self.video.as_ref().is_some_and(|video| video.screen.is_some())
    }

    /// Lines that were agreed as they are now go on untouched; others are closed before their ports are bound
    /// anew.
    fn open_lines(&mut self, config: &LegConfig, around: &Around) -> anyhow::Result<()> {
        let moved = self.config.local_address != config.local_address;
        if moved || self.audio.as_ref().map(|line| &line.config) != config.audio.as_ref() {
            self.audio = None;
        }
        if moved || self.video.as_ref().map(|line| &line.config) != config.video.as_ref() {
            self.video = None;
        }
        self.config = config.clone();
        if let (None, Some(audio)) = (&self.audio, &config.audio) {
            let around = Around { track: self.tracks.0, ..around.clone() };
            self.audio = Some(AudioLine::open(audio, &around).context("the leg's sound cannot be carried")?);
        }
        if let (None, Some(video)) = (&self.video, &config.video) {
            let around = Around { track: self.tracks.1, ..around.clone() };
            let line = VideoLine::open(video, &self.view, &around);
            self.video = Some(line.context("the leg's picture cannot be carried")?);
        }
        Ok(())
    }

    fn silence(&mut self, now: Instant) -> Option<u32> {
        // Where nothing is agreed to come (hold), equipment need not send even reports.
        let audio_comes = self.audio.as_ref().is_some_and(|line| line.config.receive);
        let video_comes = self.video.as_ref().is_some_and(|line| line.config.receive);
        if !audio_comes && !video_comes {
            self.watch.heard(now);
            return None;
        }
        // Reports on a line that the peer only receives are a sign of life, too.
        let audio = self.audio.as_ref().and_then(AudioLine::heard_at);
        let video = self.video.as_ref().and_then(VideoLine::heard_at);
        if let Some(at) = audio.max(video) {
            self.watch.heard(at);
        }
        self.watch.report(now)
    }
}

struct Room {
    link: Arc<Link>,
    inputs: Sender<Input>,
    fonts: Arc<Fonts>,
    stage: Arc<Stage>,
    desk: Desk,
    sources: BTreeMap<TrackId, Source>,
    legs: BTreeMap<SeatId, Leg>,
}

impl Room {
    fn new(link: Arc<Link>, inputs: Sender<Input>) -> anyhow::Result<Self> {
        let fonts = Arc::new(Fonts::load()?);
        let (sources, legs) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { link, inputs, fonts, stage: Arc::default(), desk: Desk::start()?, sources, legs })
    }

    fn work(&mut self, received: &Receiver<Input>, mut signs: SignsOfLife) -> anyhow::Result<()> {
        let mut tick_at = edge::now() + TICK;
        loop {
            let now = edge::now();
            signs.give(now);
            match received.recv_timeout(tick_at.saturating_duration_since(now)) {
                Ok(Input::Received(Received::Media(track, rtp))) => self.media(track, rtp),
                Ok(Input::Received(Received::Words(words))) => self.told(*words)?,
                Ok(Input::Broken(seat, reason)) => self.fail(seat, reason),
                Ok(Input::Failed(error)) => return Err(error),
                Ok(Input::Closed) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {
                    self.tick(edge::now());
                    tick_at = edge::now() + TICK;
                }
            }
        }
    }

    fn media(&mut self, track: TrackId, rtp: Vec<u8>) {
        let Some(source) = self.sources.get_mut(&track) else { return };
        match &mut source.media {
            SourceMedia::Audio(audio) => audio.push(rtp, edge::now()),
            SourceMedia::Video(video) => video.push(rtp, edge::now()),
        }
    }

    fn told(&mut self, words: ToStudio) -> anyhow::Result<()> {
        match words {
            ToStudio::Open { protocol, .. } if protocol != PROTOCOL => {
                bail!("the switchboard speaks protocol {protocol}, not {PROTOCOL}")
            }
            ToStudio::Open { room, .. } => info!(%room, "the studio serves a room"),
            ToStudio::Source { track, seat, name, kind, content } => {
                self.source(track, seat, &name, (kind, content))
            }
            ToStudio::SourceGone { track } => {
                self.sources.remove(&track);
            }
            ToStudio::Leg {
                seat,
                name,
                config,
                view,
                audio_track,
                video_track,
                publish_audio,
                publish_video,
            } => {
                let publish = (publish_audio, publish_video);
                self.leg(seat, &name, &config, view, (audio_track, video_track), publish);
            }
            ToStudio::Show { seat, view } => self.show(seat, view),
            ToStudio::LegGone { seat } => {
                self.legs.remove(&seat);
            }
            ToStudio::KeyFrame { track } => {
                let line =
                    self.legs.values().find(|leg| leg.tracks.1 == track).and_then(|leg| leg.video.as_ref());
                if let Some(line) = line {
                    line.want_key_frame();
                }
                return Ok(());
            }
        }
        self.rearrange(edge::now());
        Ok(())
    }

    fn source(&mut self, track: TrackId, seat: SeatId, name: &str, (kind, content): (MediaKind, Content)) {
        let media = match (kind, self.sources.remove(&track).map(|source| source.media)) {
            // Told again: only the name may have changed.
            (MediaKind::Audio, Some(media @ SourceMedia::Audio(_)))
            | (MediaKind::Video, Some(media @ SourceMedia::Video(_))) => media,
            (MediaKind::Audio, _) => SourceMedia::Audio(Box::default()),
            (MediaKind::Video, _) => {
                let link = Arc::clone(&self.link);
                let ask = move || link.report(&FromStudio::KeyFrameWanted { track });
                SourceMedia::Video(VideoSource::new(Arc::new(ask), content))
            }
        };
        self.sources.insert(track, Source { seat, content, name: name.into(), media });
    }

    fn leg(
        &mut self,
        seat: SeatId,
        name: &str,
        config: &LegConfig,
        view: LegView,
        tracks: (TrackId, TrackId),
        (publish_audio, publish_video): (bool, bool),
    ) {
        let former = self.legs.remove(&seat).filter(|leg| leg.tracks == tracks);
        let mut leg = former.unwrap_or_else(|| Leg {
            name: name.into(),
            config: config.clone(),
            view: view.clone(),
            tracks,
            publish_audio,
            publish_video,
            audio: None,
            video: None,
            watch: SilenceWatch::new(edge::now()),
        });
        (leg.publish_audio, leg.publish_video) = (publish_audio, publish_video);
        (leg.name, leg.view) = (name.into(), view);
        let around = self.around(seat, config);
        match leg.open_lines(config, &around) {
            Ok(()) => {
                self.legs.insert(seat, leg);
                self.refresh(seat);
                self.link.report(&FromStudio::LegOpened { seat });
            }
            Err(error) => self.fail(seat, format!("{error:#}")),
        }
    }

    fn around(&self, seat: SeatId, config: &LegConfig) -> Around {
        let inputs = self.inputs.clone();
        Around {
            seat,
            local: config.local_address,
            link: Arc::clone(&self.link),
            stage: Arc::clone(&self.stage),
            fonts: Arc::clone(&self.fonts),
            track: TrackId(0),
            // Once the room's thread has ended there is nobody to tell.
            broken: Arc::new(move |reason| drop(inputs.send(Input::Broken(seat, reason)))),
        }
    }

    fn show(&mut self, seat: SeatId, view: LegView) {
        if let Some(leg) = self.legs.get_mut(&seat) {
            leg.view = view;
            self.refresh(seat);
        }
    }

    /// Puts a leg's view on its screen, with a key frame.
    fn refresh(&self, seat: SeatId) {
        let Some(leg) = self.legs.get(&seat) else { return };
        if let Some(screen) = leg.video.as_ref().and_then(|video| video.screen.as_ref()) {
            screen.show(leg.view.clone(), edge::now());
        }
    }

    fn fail(&mut self, seat: SeatId, reason: String) {
        warn!(%seat, reason, "a leg cannot be carried");
        self.legs.remove(&seat);
        self.rearrange(edge::now());
        self.link.report(&FromStudio::LegFailed { seat, reason });
    }

    fn tick(&mut self, now: Instant) {
        for (seat, leg) in &mut self.legs {
            if let Some(seconds) = leg.silence(now) {
                self.link.report(&FromStudio::LegSilent { seat: *seat, seconds });
            }
        }
    }

    /// After each change: who is seen, who is heard, and what has to be decoded for it.
    fn rearrange(&self, now: Instant) {
        self.stage.set(self.participants());
        self.desk.set(self.plan());
        for source in self.sources.values() {
            if let SourceMedia::Video(video) = &source.media {
                video.set_wanted(self.somebody_looks_at(source.seat), now);
            }
        }
        for (seat, leg) in &self.legs {
            if let Some(video) = &leg.video {
                let publishes = leg.meets() && leg.publish_video;
                video.set_publishes(publishes);
                video.source.set_wanted(publishes && self.somebody_looks_at(*seat), now);
            }
        }
    }

    fn somebody_looks_at(&self, seat: SeatId) -> bool {
        self.legs.iter().any(|(id, leg)| *id != seat && leg.looks())
    }

    fn participants(&self) -> Vec<Participant> {
        let mut everybody: BTreeMap<SeatId, Participant> = BTreeMap::new();
        let mut add = |seat: SeatId, name: &Arc<str>, frames: Option<&VideoSource>, content: Content| {
            let name = Arc::clone(name);
            let (pictures, slides) = (Vec::new(), Vec::new());
            let participant =
                everybody.entry(seat).or_insert_with(|| Participant { seat, name, pictures, slides });
            let of = match content {
                Content::Main => &mut participant.pictures,
                Content::Slides => &mut participant.slides,
            };
            of.extend(frames.map(|source| Arc::clone(&source.frames)));
        };
        let shown = self.slides();
        for (track, source) in &self.sources {
            let video = match &source.media {
                SourceMedia::Video(video) if source.content == Content::Main || shown == Some(*track) => {
                    Some(video)
                }
                SourceMedia::Video(_) | SourceMedia::Audio(_) => None,
            };
            add(source.seat, &source.name, video, source.content);
        }
        for (seat, leg) in self.legs.iter().filter(|(_, leg)| leg.meets()) {
            let video = leg.video.as_ref().filter(|video| leg.publish_video && video.config.receive);
            add(*seat, &leg.name, video.map(|video| &*video.source), Content::Main);
        }
        everybody.into_values().collect()
    }

    /// What is shown to all: of several the one that began last.
    fn slides(&self) -> Option<TrackId> {
        let is_shown = |source: &Source| {
            source.content == Content::Slides && matches!(source.media, SourceMedia::Video(_))
        };
        self.sources.iter().rev().find(|(_, source)| is_shown(source)).map(|(track, _)| *track)
    }

    fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for source in self.sources.values() {
            if let SourceMedia::Audio(audio) = &source.media {
                plan.voices.push(Voice { seat: source.seat, ring: Arc::clone(&audio.ring), track: None });
            }
        }
        for (seat, leg) in &self.legs {
            let Some(audio) = &leg.audio else { continue };
            if leg.meets() && leg.publish_audio {
                let (ring, track) = (Arc::clone(&audio.ring), Some(Arc::clone(&audio.track)));
                plan.voices.push(Voice { seat: *seat, ring, track });
            }
            if let Some(outlet) = &audio.outlet {
                let outlet = Arc::clone(outlet);
                plan.listeners.push(Listener { seat: *seat, outlet, hears: leg.meets() });
            }
        }
        plan
    }
}
