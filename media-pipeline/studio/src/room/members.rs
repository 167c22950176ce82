//! Who is in the room: browsers' tracks and SIP legs.

use crate::{
    direct::Direct,
    leg::{Around, AudioLine, VideoLine},
    rtp::SilenceWatch,
    source::{AudioSource, VideoSource},
};
use anyhow::Context;
use std::{sync::Arc, time::Instant};
use tabellion_media_protocol::{Content, LegConfig, LegView, SeatId, TrackId};

/// A browser's track.
pub(super) struct Source {
    pub seat: SeatId,
    pub content: Content,
    pub name: Arc<str>,
    pub media: SourceMedia,
}

pub(super) enum SourceMedia {
    Audio(Box<AudioSource>),
    Video(Picture),
}

/// A browser's picture.
pub(super) struct Picture {
    /// Decoded, for what is composed.
    pub source: VideoSource,
    /// As it comes.
    pub direct: Arc<Direct>,
}

/// A SIP leg.
pub(super) struct Leg {
    pub name: Arc<str>,
    pub config: LegConfig,
    pub view: LegView,
    pub tracks: (TrackId, TrackId),
    /// Number of its picture as VP8, where somebody needs that.
    pub translation: Option<TrackId>,
    pub publish_audio: bool,
    pub publish_video: bool,
    pub audio: Option<AudioLine>,
    pub video: Option<VideoLine>,
    pub watch: SilenceWatch,
}

impl Leg {
    pub(super) fn meets(&self) -> bool {
        self.view.is_inside()
    }

    pub(super) fn looks(&self) -> bool {
        self.meets() && self.video.as_ref().is_some_and(|video| video.format().is_some())
    }

    /// Whether its picture enters the meeting.
    pub(super) fn shows(&self) -> bool {
        self.meets() && self.publish_video
    }

    /// Lines that were agreed as they are now go on untouched; others are closed before their ports are bound
    /// anew.
    pub(super) fn open_lines(&mut self, config: &LegConfig, around: &Around) -> anyhow::Result<()> {
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
            let line = VideoLine::open(video, &around);
            self.video = Some(line.context("the leg's picture cannot be carried")?);
        }
        Ok(())
    }

    pub(super) fn silence(&mut self, now: Instant) -> Option<u32> {
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
