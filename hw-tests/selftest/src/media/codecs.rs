//! The choice of an H.264 encoder and decoder: by trying them on a coded picture, never by name alone.

use super::{picture_source, senses::codes_in};
use crate::{
    effort::Effort,
    fault::{Fault, Outcome},
    picture::{self, Code},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSrc};
use std::time::Duration;

/// A codec, as part of a pipeline's description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Codec {
    /// Its element's name.
    pub name: &'static str,
    /// With its settings, and the caps of its result.
    pub description: &'static str,
    /// Whether the machine has a circuit for it.
    pub hardware: bool,
}

/// What this machine codes and decodes with, and how much of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Codecs {
    /// Of what is sent.
    pub encoder: Codec,
    /// Of what comes back.
    pub decoder: Codec,
    /// What is asked of them.
    pub effort: Effort,
}

const fn hardware(name: &'static str, description: &'static str) -> Codec {
    Codec { name, description, hardware: true }
}
const fn software(name: &'static str, description: &'static str) -> Codec {
    Codec { name, description, hardware: false }
}

/// Best first. All without frames that refer to later ones, and in the profile that every browser decodes.
const ENCODERS: [Codec; 7] = [
    hardware(
        "vah264lpenc",
        "vah264lpenc b-frames=0 ref-frames=1 rate-control=cbr bitrate=800 key-int-max=250 \
         ! video/x-h264,profile=constrained-baseline",
    ),
    hardware(
        "vah264enc",
        "vah264enc b-frames=0 ref-frames=1 rate-control=cbr bitrate=800 key-int-max=250 \
         ! video/x-h264,profile=constrained-baseline",
    ),
    hardware(
        "v4l2h264enc",
        "v4l2h264enc ! video/x-h264,profile=(string)constrained-baseline,level=(string)3.1",
    ),
    hardware(
        "nvh264enc",
        "nvh264enc zerolatency=true bitrate=800 gop-size=250 ! video/x-h264,profile=constrained-baseline",
    ),
    hardware(
        "qsvh264enc",
        "qsvh264enc b-frames=0 low-latency=true bitrate=800 gop-size=250 \
         ! video/x-h264,profile=constrained-baseline",
    ),
    software(
        "x264enc",
        "x264enc tune=zerolatency speed-preset=ultrafast threads=1 bitrate=800 key-int-max=250 \
         ! video/x-h264,profile=constrained-baseline",
    ),
    software(
        "openh264enc",
        "openh264enc complexity=low bitrate=800000 gop-size=250 ! video/x-h264,profile=constrained-baseline",
    ),
];

const DECODERS: [Codec; 6] = [
    hardware("vah264dec", "vah264dec"),
    hardware("v4l2h264dec", "v4l2h264dec"),
    hardware("nvh264dec", "nvh264dec"),
    hardware("qsvh264dec", "qsvh264dec"),
    software("avdec_h264", "avdec_h264 max-threads=1 output-corrupt=false"),
    software("openh264dec", "openh264dec"),
];

/// Pictures that a trial sends; what comes out of them has to be the code of one of them.
const TRIAL: u8 = 8;
/// How long a trial may take. Drivers take a second to start.
const PATIENCE: Duration = Duration::from_secs(4);

impl Codecs {
    /// The first encoder and the first decoder that carry a coded picture. Takes up to some seconds: to be run where
    /// that does not matter.
    ///
    /// # Errors
    /// No pair does.
    pub(crate) fn choose(effort: Effort) -> Outcome<Self> {
        let soft =
            |list: &[Codec]| -> Vec<Codec> { list.iter().copied().filter(|one| !one.hardware).collect() };
        let all = |list: &[Codec]| if effort.tries_hardware() { list.to_vec() } else { soft(list) };
        let encoder = pick(&all(&ENCODERS), |encoder| {
            soft(&DECODERS).iter().any(|decoder| works(encoder, decoder, effort))
        });
        let encoder =
            encoder.ok_or_else(|| Fault::machine("no H.264 encoder here carries a coded picture"))?;
        let decoder = pick(&all(&DECODERS), |decoder| works(&encoder, decoder, effort));
        let decoder =
            decoder.ok_or_else(|| Fault::machine("no H.264 decoder here carries a coded picture"))?;
        Ok(Self { encoder, decoder, effort })
    }
}

fn pick(list: &[Codec], works: impl Fn(&Codec) -> bool) -> Option<Codec> {
    list.iter().copied().find(|codec| gst::ElementFactory::find(codec.name).is_some() && works(codec))
}

fn works(encoder: &Codec, decoder: &Codec, effort: Effort) -> bool {
    let outcome = trial(encoder, decoder, effort);
    if outcome.is_none() {
        tracing::info!(encoder = encoder.name, decoder = decoder.name, "a pair of codecs does not work here");
    }
    outcome.is_some()
}

/// Sends some coded pictures through both. None where no code comes out.
fn trial(encoder: &Codec, decoder: &Codec, effort: Effort) -> Option<()> {
    let description = format!(
        "{} ! {} ! h264parse ! {} ! videoconvert ! video/x-raw,format=I420 ! appsink name=eye sync=false",
        picture_source(effort),
        encoder.description,
        decoder.description
    );
    let pipeline = gst::parse::launch(&description).ok()?.downcast::<gst::Pipeline>().ok()?;
    let seen = exchange(&pipeline, effort);
    let _ = pipeline.set_state(gst::State::Null);
    seen
}

fn exchange(pipeline: &gst::Pipeline, effort: Effort) -> Option<()> {
    let camera = pipeline.by_name("camera")?.downcast::<AppSrc>().ok()?;
    let eye = pipeline.by_name("eye")?.downcast::<AppSink>().ok()?;
    camera.set_property_from_str("leaky-type", "none");
    camera.set_property("max-buffers", u64::from(TRIAL));
    pipeline.set_state(gst::State::Playing).ok()?;
    for counter in 0..TRIAL {
        let buffer = gst::Buffer::from_slice(picture::paint(Code { sender: 9, counter }, effort.smaller()));
        camera.push_buffer(buffer).ok()?;
    }
    camera.end_of_stream().ok()?;
    let patience = gst::ClockTime::try_from(effort.patience(PATIENCE)).ok();
    while let Some(sample) = eye.try_pull_sample(patience) {
        if codes_in(&sample)?.iter().any(|code| code.sender == 9) {
            return Some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_found_here_and_a_coded_picture_survives_it() {
        gst::init().unwrap();
        for effort in [Effort::Usual, Effort::Small] {
            let codecs = Codecs::choose(effort).unwrap();
            assert!(trial(&codecs.encoder, &codecs.decoder, effort).is_some());
        }
        let small = Codecs::choose(Effort::Small).unwrap();
        assert!(!small.encoder.hardware && !small.decoder.hardware);
    }

    #[test]
    fn an_encoder_that_does_not_work_is_left_out() {
        gst::init().unwrap();
        let broken = software("x264enc", "x264enc ! video/x-h264,profile=high-4:4:4 ! fakesink");
        assert!(!works(&broken, &DECODERS[4], Effort::Usual));
    }
}
