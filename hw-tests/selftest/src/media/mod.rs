//! Pictures and sound: what codes and decodes them, and the parts of pipelines that send and receive.

mod camera;
mod codecs;
mod pipeline;
mod senses;

pub(crate) use camera::Camera;
pub(crate) use codecs::Codecs;
pub(crate) use pipeline::{Pipeline, bin, element};
pub(crate) use senses::{listen, watch};

use crate::effort::Effort;

/// A source of coded pictures, to be fed by a [`Camera`].
pub(crate) fn picture_source(effort: Effort) -> String {
    let (smaller, rate) = (effort.smaller(), effort.rate());
    format!(
        "appsrc name=camera is-live=true format=time do-timestamp=true max-buffers=2 leaky-type=downstream \
         caps=video/x-raw,format=I420,width={},height={},framerate={rate}/1 ! videoconvert",
        crate::picture::WIDTH / smaller,
        crate::picture::HEIGHT / smaller
    )
}

/// A source of a sender's tone. What is not taken in time is dropped, so that sound does not lag after a pause.
pub(crate) fn tone_source(sender: u8) -> String {
    format!(
        "audiotestsrc is-live=true wave=sine freq={} volume={} samplesperbuffer=960 \
         ! audio/x-raw,rate=48000,channels=1 ! queue leaky=downstream max-size-buffers=3 ! audioconvert",
        crate::tone::of_sender(sender),
        crate::tone::AMPLITUDE
    )
}

/// Received RTP with H.264 to pictures for [`watch`]. Where packets are missing, a key frame is asked for: otherwise the
/// picture stays destroyed until the next one.
pub(crate) fn picture_sink(codecs: &Codecs) -> String {
    format!(
        "rtph264depay request-keyframe=true wait-for-keyframe=true ! h264parse ! {} ! videoconvert \
         ! video/x-raw,format=I420 ! appsink name=eye sync=false max-buffers=4 drop=true",
        codecs.decoder.description
    )
}

/// Decoded sound for [`listen`].
pub(crate) fn sound_sink() -> String {
    format!(
        "audioconvert ! audioresample ! audio/x-raw,format=F32LE,rate={},channels=1,layout=interleaved \
         ! appsink name=ear sync=false",
        crate::tone::RATE
    )
}
