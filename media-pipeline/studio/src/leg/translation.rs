//! A room system's picture as VP8, for browsers that take no H.264: encoded from what is decoded for the mix, and only while
//! such a browser is there.

use crate::{
    codecs, edge,
    link::Link,
    picture::{FrameBox, KeyFrames},
    pipeline::{Callbacks, Pipeline, PipelineError, bytes},
    restarting::{Failed, Restarting},
    ticking::Ticking,
};
use gstreamer as gst;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tabellion_media_protocol::TrackId;

/// Between frames.
const PERIOD: Duration = Duration::from_millis(40);
/// Frames that may wait for the encoder: beyond that the latest count.
const WAITING: u32 = 2;
/// The largest picture that is encoded: VP8 costs more than H.264, and this one is for few.
const LARGEST: (u32, u32) = (640, 360);

/// The running translation of one picture. Stops when dropped.
pub(super) struct Translation {
    pub track: TrackId,
    key_frames: Arc<Mutex<KeyFrames>>,
    _clock: Ticking,
}

impl Translation {
    /// Sends what comes into `frames` under the number of this track.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub(super) fn start(
        track: TrackId,
        frames: Arc<FrameBox<gst::Sample>>,
        link: Arc<Link>,
    ) -> io::Result<Self> {
        let key_frames = Arc::<Mutex<KeyFrames>>::default();
        let mut work =
            Work { track, frames, link, key_frames: Arc::clone(&key_frames), latest: None, encoder: None };
        let clock = Ticking::start(format!("translation {track}"), move |_, _| {
            work.frame(edge::now());
            PERIOD
        })?;
        Ok(Self { track, key_frames, _clock: clock })
    }

    /// Somebody who watches needs a key frame.
    pub(super) fn key_frame(&self) {
        lock(&self.key_frames).ask();
    }
}

/// What the translation's thread works with.
struct Work {
    track: TrackId,
    frames: Arc<FrameBox<gst::Sample>>,
    link: Arc<Link>,
    key_frames: Arc<Mutex<KeyFrames>>,
    /// The frame that was encoded last.
    latest: Option<gst::Sample>,
    /// For frames of this form.
    encoder: Option<(gst::Caps, Restarting)>,
}

impl Work {
    fn frame(&mut self, now: Instant) {
        let Some(frame) = self.frames.get(now) else { return };
        let Some((caps, buffer)) = frame.caps_owned().zip(frame.buffer_owned()) else { return };
        if self.encoder.as_ref().is_none_or(|(of, _)| *of != caps) {
            let encoder = encoder(&caps, self.track, &self.link);
            self.encoder = Some((caps, encoder));
        }
        let Some((encoder, _)) = self.encoder.as_mut().and_then(|(_, encoder)| encoder.running(now)) else {
            return;
        };
        let key_frame = lock(&self.key_frames).due(now);
        let is_new = self.latest.as_ref().is_none_or(|latest| latest.as_ptr() != frame.as_ptr());
        if !is_new && !key_frame {
            return;
        }
        if key_frame {
            encoder.force_key_frame();
        }
        // A shallow copy: the pixels are shared, the time is its own.
        let mut buffer = buffer.copy();
        buffer.make_mut().set_pts(encoder.time());
        encoder.push(buffer);
        self.latest = Some(frame);
    }
}

fn encoder(caps: &gst::Caps, track: TrackId, link: &Arc<Link>) -> Restarting {
    let (raw, size) = (caps.to_string(), size(caps));
    let link = Arc::clone(link);
    let build = move |failed: Failed| -> Result<Pipeline, PipelineError> {
        let link = Arc::clone(&link);
        let output = Box::new(move |sample: &gst::Sample| {
            if let Some(packet) = bytes(sample) {
                link.media(track, &packet);
            }
        });
        let callbacks = Callbacks { output, failed, key_frame: None, patience: None };
        // Another SSRC each time: the switchboard begins anew with it.
        Pipeline::start(&raw, &codecs::vp8_encoder(size, edge::random()), WAITING, false, callbacks)
    };
    Restarting::new("encoder of a translated picture", Box::new(build))
}

/// In which size a picture is encoded: its own, or smaller in the same form.
fn size(caps: &gst::Caps) -> (u32, u32) {
    let side = |name| {
        let value = caps.structure(0).and_then(|structure| structure.get::<i32>(name).ok());
        value.and_then(|value| u32::try_from(value).ok()).filter(|value| *value > 0)
    };
    let (Some(width), Some(height)) = (side("width"), side("height")) else { return LARGEST };
    fit(width, height)
}

fn fit(width: u32, height: u32) -> (u32, u32) {
    let (most_wide, most_high) = (u64::from(LARGEST.0), u64::from(LARGEST.1));
    let (wide, high) = (u64::from(width), u64::from(height));
    let (wide, high) = if wide <= most_wide && high <= most_high {
        (wide, high)
    } else if wide * most_high >= high * most_wide {
        (most_wide, high * most_wide / wide)
    } else {
        (wide * most_high / high, most_high)
    };
    let even = |side: u64| u32::try_from(side & !1).unwrap_or(0).max(16);
    (even(wide), even(high))
}

fn lock(key_frames: &Mutex<KeyFrames>) -> MutexGuard<'_, KeyFrames> {
    key_frames.lock().expect("nothing that can panic is done under this lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_becomes_smaller_in_its_own_form_and_never_larger() {
        assert_eq!(fit(1_280, 720), (640, 360));
        assert_eq!(fit(352, 288), (352, 288));
        assert_eq!(fit(1_024, 768), (480, 360));
        assert_eq!(fit(1_920, 400), (640, 132));
        assert_eq!(fit(1_279, 719), (640, 358));
        assert_eq!(fit(4_000, 2), (640, 16));
    }
}
