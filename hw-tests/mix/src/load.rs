//! What browsers send to a studio, in real time, out of what was encoded beforehand.

use crate::{
    clip::{self, Clip, Coded},
    clock::{now, pause},
    room_system::RoomSystem,
    studio::{LOOK, Studio},
    voice::{self, Voice},
};
use anyhow::{Context, Result, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{
    Content, LegView, MediaKind, Notice, SeatId, TrackId,
    studio::{FromStudio, H264, OPUS, ToStudio},
};
use tabellion_studio::rtp::Packet;

/// Seats of room systems begin here, above all browsers'.
const ROOM_SYSTEMS: u64 = 100;
/// Tracks of sound begin here, above all pictures'.
const VOICES: u32 = 50;
/// Ticks of a picture's and of a sound's RTP clock in one of its steps.
const PICTURE_TICKS: u32 = 90 * clip::PERIOD_MS as u32;
const VOICE_TICKS: u32 = 48 * voice::PERIOD_MS as u32;

/// One who publishes a picture.
struct Camera {
    track: TrackId,
    clip: Arc<Clip>,
    next: usize,
    stream: Stream,
    due: Instant,
    is_on: bool,
    needs_key_frame: bool,
}

/// One who publishes sound.
struct Microphone {
    track: TrackId,
    voice: Arc<Voice>,
    next: usize,
    stream: Stream,
    due: Instant,
}

/// Numbers of a stream of RTP.
struct Stream {
    payload_type: u8,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

impl Stream {
    fn packet(&mut self, marker: bool, payload: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let Self { payload_type, ssrc, sequence, timestamp } = *self;
        Packet { payload_type, marker, sequence, timestamp, ssrc, payload }.build()
    }
}

/// A studio with everybody in its room.
pub(crate) struct Load {
    pub studio: Studio,
    cameras: BTreeMap<u32, Camera>,
    microphones: Vec<Microphone>,
    room_systems: u64,
    /// From which phases are counted.
    origin: Instant,
    /// Those that are drawn, once the studio has said so: nothing is sent of the others.
    drawn: Option<BTreeSet<TrackId>>,
    /// When each picture of a camera was sent, by its number; of one that was sent more than once the last time.
    pub sent: BTreeMap<(u32, u16), Vec<Instant>>,
    /// When each second of sound began to be sent.
    pub spoken: Vec<Instant>,
    lost: usize,
}

impl Load {
    pub(crate) fn start(studio: &Path) -> Result<Self> {
        Ok(Self {
            studio: Studio::start(studio)?,
            cameras: BTreeMap::new(),
            microphones: Vec::new(),
            room_systems: 0,
            origin: now(),
            drawn: None,
            sent: BTreeMap::new(),
            spoken: Vec::new(),
            lost: 0,
        })
    }

    /// One more browser, whose picture comes `phase` after each 40 ms, from now on.
    pub(crate) fn camera(&mut self, seat: u32, clip: &Arc<Clip>, phase: Duration) -> Result<()> {
        let (track, stream) = (TrackId(seat), stream(H264, seat));
        self.studio.tell(&source(track, seat, MediaKind::Video))?;
        let camera = Camera {
            track,
            clip: Arc::clone(clip),
            next: 0,
            stream,
            due: self.after(clip::PERIOD_MS) + phase,
            is_on: true,
            needs_key_frame: true,
        };
        self.cameras.insert(seat, camera);
        Ok(())
    }

    /// Gives a browser a microphone, whose packets come `phase` after each 20 ms, from now on.
    pub(crate) fn microphone(&mut self, seat: u32, voice: &Arc<Voice>, phase: Duration) -> Result<()> {
        let track = TrackId(VOICES + seat);
        self.studio.tell(&source(track, seat, MediaKind::Audio))?;
        let stream = stream(OPUS, track.0);
        let (voice, due) = (Arc::clone(voice), self.after(voice::PERIOD_MS) + phase);
        self.microphones.push(Microphone { track, voice, next: 0, stream, due });
        Ok(())
    }

    /// The next end of a period since the origin.
    fn after(&self, period_ms: u64) -> Instant {
        let passed = now().saturating_duration_since(self.origin).as_millis() as u64 / period_ms + 1;
        self.origin + Duration::from_millis(passed * period_ms)
    }

    /// One more room system in the meeting; it only watches.
    pub(crate) fn room_system(&mut self, peer: &RoomSystem) -> Result<()> {
        self.room_systems += 1;
        let seat = SeatId(ROOM_SYSTEMS + self.room_systems);
        let track = u32::try_from(seat.0)? * 2;
        let text = || String::from("Bench");
        self.studio.tell(&ToStudio::Leg {
            seat,
            name: format!("Salle {}", self.room_systems),
            config: peer.config.clone(),
            view: LegView::Meeting { alone: Notice { office: text(), title: text(), text: text() } },
            audio_track: TrackId(track),
            video_track: TrackId(track + 1),
            publish_audio: true,
            publish_video: false,
        })?;
        self.studio
            .expect(|report| *report == FromStudio::LegOpened { seat })
            .context("a room system is not taken")
    }

    /// Stops a camera, or has it go on.
    pub(crate) fn switch(&mut self, seat: u32, on: bool) -> Result<()> {
        let camera = self.cameras.get_mut(&seat).context("nobody has this seat")?;
        if on && !camera.is_on {
            // It was silent: time has passed, and its numbers go on.
            let passed = now().saturating_duration_since(camera.due).as_millis() as u64 / clip::PERIOD_MS + 1;
            camera.due += Duration::from_millis(passed * clip::PERIOD_MS);
            camera.stream.timestamp =
                camera.stream.timestamp.wrapping_add(PICTURE_TICKS.wrapping_mul(u32::try_from(passed)?));
        }
        camera.is_on = on;
        Ok(())
    }

    /// Has a camera send other pictures, in the same stream of RTP.
    pub(crate) fn change(&mut self, seat: u32, clip: &Arc<Clip>) -> Result<()> {
        let camera = self.cameras.get_mut(&seat).context("nobody has this seat")?;
        (camera.clip, camera.next) = (Arc::clone(clip), 0);
        Ok(())
    }

    /// Sends for so long, while it counts.
    ///
    /// # Errors
    /// The studio has ended, or does not keep up.
    pub(crate) fn run(&mut self, time: Duration) -> Result<()> {
        self.lost = 0;
        self.settle(time)?;
        ensure!(
            self.lost == 0,
            "{} packets found the studio's socket full: it does not keep up while other work runs on this machine: end that, and measure again",
            self.lost
        );
        Ok(())
    }

    /// Sends for so long, while decoders start and all cameras send key frames at once: what is lost is asked for again.
    pub(crate) fn settle(&mut self, time: Duration) -> Result<()> {
        let end = now() + time;
        loop {
            self.listen()?;
            let cameras = self.cameras.values().filter(|camera| camera.is_on).map(|camera| camera.due);
            let due =
                cameras.chain(self.microphones.iter().map(|microphone| microphone.due)).min().unwrap_or(end);
            let next = due.min(end).min(now() + LOOK);
            pause(next.saturating_duration_since(now()));
            if now() >= end {
                break;
            }
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        for (seat, camera) in &mut self.cameras {
            while camera.is_on && camera.due <= now() {
                let coded = camera.advance();
                if self.drawn.as_ref().is_none_or(|drawn| drawn.contains(&camera.track)) {
                    self.sent.entry((*seat, coded.1.pictures[coded.0].number)).or_default().push(now());
                    self.lost += camera.send(&coded.1.pictures[coded.0], &self.studio)?;
                }
                camera.due += Duration::from_millis(clip::PERIOD_MS);
            }
        }
        for microphone in &mut self.microphones {
            while microphone.due <= now() {
                if microphone.next == 0 {
                    self.spoken.push(now());
                }
                self.lost += microphone.send(&self.studio)?;
                microphone.due += Duration::from_millis(voice::PERIOD_MS);
            }
        }
        Ok(())
    }

    fn listen(&mut self) -> Result<()> {
        for report in self.studio.reports()? {
            match report {
                FromStudio::KeyFrameWanted { track: TrackId(seat) } => {
                    if let Some(camera) = self.cameras.get_mut(&seat) {
                        camera.needs_key_frame = true;
                    }
                }
                FromStudio::Tiles { tiles } => {
                    self.drawn = Some(tiles.iter().map(|tile| tile.track).collect());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// How many browsers' pictures are drawn.
    pub(crate) fn drawn(&self) -> usize {
        self.drawn.as_ref().map_or(0, BTreeSet::len)
    }
}

impl Camera {
    /// The next picture: a key frame, where one is needed.
    fn advance(&mut self) -> (usize, Arc<Clip>) {
        let pictures = &self.clip.pictures;
        if std::mem::take(&mut self.needs_key_frame) {
            while !pictures[self.next].is_key_frame {
                self.next = (self.next + 1) % pictures.len();
            }
        }
        let at = self.next;
        self.next = (self.next + 1) % pictures.len();
        self.stream.timestamp = self.stream.timestamp.wrapping_add(PICTURE_TICKS);
        (at, Arc::clone(&self.clip))
    }

    /// Sends a picture; gives how many of its packets were lost.
    fn send(&mut self, picture: &Coded, studio: &Studio) -> Result<usize> {
        let (mut lost, last) = (0, picture.payloads.len() - 1);
        for (at, payload) in picture.payloads.iter().enumerate() {
            let packet = self.stream.packet(at == last, payload);
            lost += usize::from(!studio.media(self.track, &packet)?);
        }
        Ok(lost)
    }
}

impl Microphone {
    fn send(&mut self, studio: &Studio) -> Result<usize> {
        let packet = self.stream.packet(false, &self.voice.payloads[self.next]);
        self.next = (self.next + 1) % self.voice.payloads.len();
        self.stream.timestamp = self.stream.timestamp.wrapping_add(VOICE_TICKS);
        Ok(usize::from(!studio.media(self.track, &packet)?))
    }
}

fn stream(payload_type: u8, ssrc: u32) -> Stream {
    Stream { payload_type, ssrc, sequence: 1_000, timestamp: 90_000 }
}

fn source(track: TrackId, seat: u32, kind: MediaKind) -> ToStudio {
    ToStudio::Source {
        track,
        seat: SeatId(seat.into()),
        name: format!("Personne {seat}"),
        kind,
        content: Content::Main,
    }
}
