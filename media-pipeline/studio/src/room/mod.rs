//! The room: who is in it, and what each gets of the others.

mod members;

use crate::{
    codecs,
    direct::{Direct, Limits},
    edge,
    feed::{Drawn, Feeds, Key},
    hardware::Codecs,
    leg::{Around, VideoLine},
    link::{Link, Received},
    picture::{Audience, Fonts, Participant, Programme, Stage},
    rtp::SilenceWatch,
    signs::SignsOfLife,
    sound::desk::{Desk, Listener, Plan, Voice},
    source::VideoSource,
};
use anyhow::{Context, bail};
use members::{Leg, Picture, Source, SourceMedia};
use std::{
    collections::{BTreeMap, BTreeSet},
    os::fd::OwnedFd,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{
    CodecFailure, Content, LegConfig, LegView, MediaKind, PROTOCOL, SeatId, TrackId, VideoCodecs,
    studio::{FromStudio, SourceTile, ToStudio},
};
use tracing::{info, warn};

/// Between two looks at who is silent.
const TICK: Duration = Duration::from_secs(1);
/// Rows of the largest picture that is composed.
const MOST_ROWS: u32 = 720;
/// Room systems that each see a picture without themselves. More of them share one in which all are seen: it is composed and encoded
/// once, however many watch it.
const OWN_PICTURES: usize = 3;

/// What the room's own thread works on.
enum Input {
    Received(Received),
    Closed,
    Failed(anyhow::Error),
    Broken(SeatId, String),
    /// Other pictures are drawn than before, or in other sizes.
    Redrawn,
}

/// Serves a room on a connected socket until the switchboard closes it. `closed` is called as soon as it has,
/// before anything is taken down. `found`: what encodes and decodes pictures.
///
/// # Errors
/// Where something that every room needs is not installed, or the switchboard cannot be understood.
pub fn run(
    socket: OwnedFd,
    found: &VideoCodecs,
    closed: impl FnOnce() + Send + 'static,
) -> anyhow::Result<()> {
    gstreamer::init().context("GStreamer does not start")?;
    codecs::check()?;
    let link = Arc::new(Link::new(socket));
    let (inputs, received) = channel();
    let telling = Arc::clone(&link);
    let chosen = Codecs::new(found, move |element, reason| {
        let failure = CodecFailure { element: element.name.clone(), reason: reason.to_owned() };
        telling.report(&FromStudio::CodecFailed { failure });
    })?;
    let mut room = Room::new(Arc::clone(&link), Arc::new(chosen), inputs.clone())?;
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

/// A browser's picture that is for a leg as it comes.
struct GoingOn {
    track: TrackId,
    direct: Arc<Direct>,
    limits: Limits,
}

struct Room {
    link: Arc<Link>,
    chosen: Arc<Codecs>,
    inputs: Sender<Input>,
    stage: Arc<Stage>,
    feeds: Feeds,
    desk: Desk,
    sources: BTreeMap<TrackId, Source>,
    legs: BTreeMap<SeatId, Leg>,
    muted: BTreeSet<SeatId>,
    /// As the switchboard was told last.
    tiles: Option<Vec<SourceTile>>,
}

impl Room {
    fn new(link: Arc<Link>, chosen: Arc<Codecs>, inputs: Sender<Input>) -> anyhow::Result<Self> {
        let (fonts, stage) = (Arc::new(Fonts::load()?), Arc::<Stage>::default());
        let redrawn = inputs.clone();
        // Once the room's thread has ended there is nobody to tell.
        let redrawn = Arc::new(move || drop(redrawn.send(Input::Redrawn)));
        let feeds = Feeds::new(Arc::clone(&stage), fonts, Arc::clone(&chosen), redrawn);
        Ok(Self {
            link,
            chosen,
            inputs,
            stage,
            feeds,
            desk: Desk::start()?,
            sources: BTreeMap::new(),
            legs: BTreeMap::new(),
            muted: BTreeSet::new(),
            tiles: None,
        })
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
                Ok(Input::Redrawn) => self.follow_drawn(edge::now()),
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
            SourceMedia::Video(picture) => {
                let now = edge::now();
                let changed = picture.direct.packet(&rtp, now);
                picture.source.push(rtp, now);
                if changed {
                    self.rearrange(now);
                }
            }
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
                self.muted.remove(&seat);
            }
            ToStudio::Speakers { seats } => self.stage.set_speakers(seats),
            ToStudio::Muted { seat, muted: true } => drop(self.muted.insert(seat)),
            ToStudio::Muted { seat, muted: false } => drop(self.muted.remove(&seat)),
            ToStudio::Translate { seat, track } => {
                if let Some(leg) = self.legs.get_mut(&seat) {
                    leg.translation = track;
                }
            }
            ToStudio::KeyFrame { track } => {
                self.key_frame_wanted(track);
                return Ok(());
            }
        }
        self.rearrange(edge::now());
        Ok(())
    }

    fn key_frame_wanted(&self, track: TrackId) {
        for leg in self.legs.values() {
            let Some(video) = &leg.video else { continue };
            if leg.tracks.1 == track {
                video.want_key_frame();
            } else if leg.translation == Some(track) {
                video.want_translated_key_frame();
            }
        }
    }

    fn source(&mut self, track: TrackId, seat: SeatId, name: &str, (kind, content): (MediaKind, Content)) {
        let media = match (kind, self.sources.remove(&track).map(|source| source.media)) {
            // Told again: only the name may have changed.
            (MediaKind::Audio, Some(media @ SourceMedia::Audio(_)))
            | (MediaKind::Video, Some(media @ SourceMedia::Video(_))) => media,
            (MediaKind::Audio, _) => SourceMedia::Audio(Box::default()),
            (MediaKind::Video, _) => {
                let link = Arc::clone(&self.link);
                let ask: Arc<dyn Fn() + Send + Sync> =
                    Arc::new(move || link.report(&FromStudio::KeyFrameWanted { track }));
                let source = VideoSource::new(Arc::clone(&ask), content, Arc::clone(&self.chosen));
                SourceMedia::Video(Picture { source, direct: Arc::new(Direct::new(ask)) })
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
            translation: None,
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
                self.rearrange(edge::now());
                self.begin_anew(seat);
                if self.legs.contains_key(&seat) {
                    self.link.report(&FromStudio::LegOpened { seat });
                }
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
            chosen: Arc::clone(&self.chosen),
            track: TrackId(0),
            // Once the room's thread has ended there is nobody to tell.
            broken: Arc::new(move |reason| drop(inputs.send(Input::Broken(seat, reason)))),
        }
    }

    fn show(&mut self, seat: SeatId, view: LegView) {
        if let Some(leg) = self.legs.get_mut(&seat) {
            leg.view = view;
        }
        self.rearrange(edge::now());
        self.begin_anew(seat);
    }

    /// What a leg sees begins anew, with a key frame, also where it is the same: a call was changed, or its equipment asks by signalling.
    fn begin_anew(&self, seat: SeatId) {
        if let Some(video) = self.legs.get(&seat).and_then(|leg| leg.video.as_ref()) {
            video.begin_anew(edge::now());
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
            if let Some(video) = &leg.video {
                video.settle();
            }
        }
        // What goes on as it comes may have stopped to come.
        self.give_pictures(now);
        self.follow_drawn(now);
    }

    /// After each change: who is seen, who is heard, and what has to be decoded for it.
    fn rearrange(&mut self, now: Instant) {
        self.stage.set(self.participants());
        self.desk.set(self.plan());
        for (seat, leg) in &self.legs {
            let Some(video) = &leg.video else { continue };
            video.set_publishes(leg.shows());
            if let Err(error) = video.translate(leg.translation.filter(|_| leg.shows())) {
                warn!(%seat, %error, "a picture cannot be translated");
            }
        }
        self.give_pictures(now);
        self.follow_drawn(now);
    }

    /// Gives each leg the picture that it should see.
    fn give_pictures(&mut self, now: Instant) {
        let mut failed = Vec::new();
        for (seat, leg) in &self.legs {
            let Some(video) = &leg.video else { continue };
            let direct = self.direct(*seat, leg);
            if direct.as_ref().is_some_and(|going_on| video.gets(&going_on.direct, now)) {
                video.put_down();
                continue;
            }
            let programme = self.programme(*seat, leg);
            if let Err(error) = compose(&mut self.feeds, programme, video, now) {
                failed.push((*seat, error.context("the leg's picture cannot be composed")));
            }
            video.offer(direct.map(|going_on| (going_on.direct, going_on.limits)), now);
        }
        for (seat, error) in failed {
            self.fail(seat, format!("{error:#}"));
        }
    }

    fn programme(&self, seat: SeatId, leg: &Leg) -> Programme {
        match &leg.view {
            LegView::Notice(notice) => Programme::Notice(notice.clone()),
            LegView::Meeting { alone } | LegView::Call { alone } => {
                Programme::Meeting { audience: self.audience(seat), alone: alone.clone() }
            }
        }
    }

    /// What a leg gets as it comes, where that suits it: in a call the picture of the one other, a browser that shows nothing besides.
    fn direct(&self, seat: SeatId, leg: &Leg) -> Option<GoingOn> {
        let limits = matches!(leg.view, LegView::Call { .. }).then(|| leg.video.as_ref()?.limits())??;
        let legs = self.legs.iter().filter(|(other, leg)| leg.meets() && **other != seat);
        let sources = || self.sources.iter().filter(|(_, source)| source.seat != seat);
        let others: BTreeSet<_> =
            sources().map(|(_, source)| source.seat).chain(legs.map(|(other, _)| *other)).collect();
        let mut pictures = sources().filter_map(|(track, source)| match &source.media {
            SourceMedia::Video(picture) => Some((*track, source.content, picture)),
            SourceMedia::Audio(_) => None,
        });
        match (others.len(), pictures.next(), pictures.next()) {
            (1, Some((track, Content::Main, picture)), None) => {
                Some(GoingOn { track, direct: Arc::clone(&picture.direct), limits })
            }
            _ => None,
        }
    }

    /// With whom a leg shares what it sees of the meeting.
    fn audience(&self, seat: SeatId) -> Audience {
        if self.legs.values().filter(|leg| leg.looks()).count() <= OWN_PICTURES {
            Audience::One(seat)
        } else if self.stage.large() == Some(seat) {
            Audience::Speaker(seat)
        } else {
            Audience::All
        }
    }

    /// Decodes what is drawn, and tells the switchboard how large it is.
    fn follow_drawn(&mut self, now: Instant) {
        let drawn: Vec<Drawn> = self.feeds.all().flat_map(|feed| feed.drawn()).collect();
        let rows = |seat: SeatId, content: Content| {
            let of_it = drawn.iter().filter(|drawn| (drawn.seat, drawn.content) == (seat, content));
            of_it.map(|drawn| drawn.rows).max()
        };
        let (presented, somebody_looks) = (self.slides(), self.legs.values().any(Leg::looks));
        let going_on = self.legs.iter().filter_map(|(seat, leg)| self.direct(*seat, leg));
        let going_on: Vec<_> = going_on.filter(|going_on| going_on.direct.may_go_on()).collect();
        let mut tiles = Vec::new();
        for (track, source) in &self.sources {
            let SourceMedia::Video(picture) = &source.media else { continue };
            let rows = match source.content {
                Content::Main => rows(source.seat, Content::Main),
                // It is drawn once there is a picture of it.
                Content::Slides if presented == Some(*track) && somebody_looks => {
                    Some(rows(source.seat, Content::Slides).unwrap_or(MOST_ROWS))
                }
                Content::Slides => None,
            };
            picture.source.set_wanted(rows.is_some(), now);
            let limits = || going_on.iter().filter(|going_on| going_on.track == *track).map(|one| one.limits);
            let rows = rows.max(limits().map(|limits| limits.height).max());
            let max_kbps = limits().map(|limits| limits.kbps).min();
            tiles.extend(rows.map(|rows| SourceTile { track: *track, rows, max_kbps }));
        }
        for (seat, leg) in &self.legs {
            if let Some(video) = &leg.video {
                let looked_at = rows(*seat, Content::Main).is_some() || leg.translation.is_some();
                video.source.set_wanted(leg.shows() && looked_at, now);
            }
        }
        if self.tiles.as_ref() != Some(&tiles) {
            self.link.report(&FromStudio::Tiles { tiles: tiles.clone() });
            self.tiles = Some(tiles);
        }
    }

    fn participants(&self) -> Vec<Participant> {
        let mut everybody: BTreeMap<SeatId, Participant> = BTreeMap::new();
        let mut add = |seat: SeatId, name: &Arc<str>, frames: Option<&VideoSource>, content: Content| {
            let name = Arc::clone(name);
            let (pictures, slides, muted) = (Vec::new(), Vec::new(), self.muted.contains(&seat));
            let participant =
                everybody.entry(seat).or_insert_with(|| Participant { seat, name, muted, pictures, slides });
            let of = match content {
                Content::Main => &mut participant.pictures,
                Content::Slides => &mut participant.slides,
            };
            of.extend(frames.map(|source| Arc::clone(&source.frames)));
        };
        let shown = self.slides();
        for (track, source) in &self.sources {
            let video = match &source.media {
                SourceMedia::Video(picture) if source.content == Content::Main || shown == Some(*track) => {
                    Some(&picture.source)
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

/// Shows a leg a programme, composed and encoded as it takes it, where it takes a picture.
fn compose(feeds: &mut Feeds, programme: Programme, video: &VideoLine, now: Instant) -> anyhow::Result<()> {
    let Some(format) = video.format() else { return Ok(()) };
    let key = Key { programme, format };
    if video.feed().is_none_or(|feed| *feed.key() != key) {
        video.watch(feeds.get(key)?, now);
    }
    Ok(())
}
