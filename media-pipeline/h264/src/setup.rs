//! How encoders are set up: as a conference needs them, by the properties of each family. No frame is held back
//! for those to come, key frames come when asked for, and the bitrate is kept.

use crate::catalogue::Family;
use gstreamer as gst;
use gstreamer::prelude::*;

/// What an encoder is set to for `kbps` kb/s and a key frame every `interval` frames that nobody asked for, by name. V4L2's controls
/// go by another way, in one property.
#[must_use]
pub fn encoder_settings(family: Family, kbps: u32, interval: u32) -> Vec<(&'static str, String)> {
    let fixed: &[(&str, &str)] = match family {
        Family::X264 => &[
            ("tune", "zerolatency"),
            ("speed-preset", "ultrafast"),
            ("threads", "1"),
            ("vbv-buf-capacity", "400"),
        ],
        Family::OpenH264 => &[
            ("usage-type", "camera"),
            ("complexity", "low"),
            ("rate-control", "bitrate"),
            // Left on, it drops pictures to keep the bitrate.
            ("enable-frame-skip", "false"),
            ("multi-thread", "1"),
        ],
        Family::Va => {
            &[("rate-control", "cbr"), ("b-frames", "0"), ("ref-frames", "1"), ("target-usage", "6")]
        }
        Family::Nvidia => &[
            ("rc-mode", "cbr"),
            ("preset", "p3"),
            ("tune", "ultra-low-latency"),
            ("zerolatency", "true"),
            ("bframes", "0"),
            ("rc-lookahead", "0"),
            ("repeat-sequence-header", "true"),
        ],
        Family::QuickSync => &[
            ("rate-control", "cbr"),
            ("low-latency", "true"),
            ("b-frames", "0"),
            ("ref-frames", "1"),
            ("target-usage", "6"),
        ],
        Family::V4l2 | Family::V4l2Stateless | Family::Libav => &[],
    };
    let gop = match family {
        Family::X264 | Family::Va => Some("key-int-max"),
        Family::OpenH264 | Family::Nvidia | Family::QuickSync => Some("gop-size"),
        Family::V4l2 | Family::V4l2Stateless | Family::Libav => None,
    };
    let mut settings: Vec<_> = fixed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    settings.extend(gop.map(|name| (name, interval.to_string())));
    settings.push(match family {
        Family::OpenH264 => ("bitrate", (kbps * 1_000).to_string()),
        Family::V4l2 => ("extra-controls", v4l2_controls(kbps, interval)),
        _ => ("bitrate", kbps.to_string()),
    });
    settings
}

/// Sets an encoder up as [`encoder_settings`] says. What could not be set, as sentences: versions of GStreamer differ in
/// their names, so that a missing property is a remark, and the judgements say whether it matters.
pub fn encoder(element: &gst::Element, family: Family, kbps: u32, interval: u32) -> Vec<String> {
    let settings = encoder_settings(family, kbps, interval);
    settings.iter().filter_map(|(name, value)| set(element, name, value).err()).collect()
}

/// Changes the bitrate, before the start or while frames flow.
///
/// # Errors
/// A sentence, where the element has no such property.
pub fn bitrate(element: &gst::Element, family: Family, kbps: u32, interval: u32) -> Result<(), String> {
    encoder_settings(family, kbps, interval).last().map_or(Ok(()), |(name, value)| set(element, name, value))
}

/// Sets a decoder up: one thread where software would otherwise hold a frame back for each. What could not be set, as sentences.
#[must_use]
pub fn decoder(element: &gst::Element, family: Family) -> Vec<String> {
    let wanted = (family == Family::Libav).then(|| set(element, "max-threads", "1"));
    wanted.and_then(Result::err).into_iter().collect()
}

/// What the encoder's output must be; the level in tenths. The profile is what browsers and room systems share (RFC 7742 §6.2).
#[must_use]
pub fn encoded_caps(family: Family, level: u8) -> String {
    let caps = "video/x-h264,stream-format=byte-stream,alignment=au,profile=constrained-baseline";
    match family {
        // V4L2's encoders take the level from here, and the Raspberry Pi's refuses to start without one.
        Family::V4l2 => format!("{caps},level=(string){}", level_name(level)),
        _ => caps.into(),
    }
}

fn level_name(level: u8) -> String {
    let (major, minor) = (level / 10, level % 10);
    if minor == 0 { major.to_string() } else { format!("{major}.{minor}") }
}

fn v4l2_controls(kbps: u32, interval: u32) -> String {
    format!(
        "controls,video_bitrate_mode=1,video_bitrate={},repeat_sequence_header=1,h264_i_frame_period={interval},\
         video_gop_size={interval},video_b_frames=0",
        kbps * 1_000
    )
}

/// Sets a property by its text, where the element has it and takes the value.
fn set(element: &gst::Element, name: &str, value: &str) -> Result<(), String> {
    let of = || element.factory().map_or_else(|| "the element".into(), |factory| factory.name().to_string());
    let pspec = element.find_property(name).ok_or_else(|| format!("{} has no property {name}", of()))?;
    let value = gst::glib::Value::deserialize_with_pspec(value, &pspec)
        .map_err(|_| format!("{}'s property {name} does not take {value}", of()))?;
    element.set_property_from_value(name, &value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str) -> gst::Element {
        gst::init().unwrap();
        gst::ElementFactory::make(name).build().unwrap()
    }

    #[test]
    fn software_takes_every_setting() {
        assert_eq!(encoder(&element("x264enc"), Family::X264, 1_500, 250), [""; 0]);
        assert_eq!(encoder(&element("openh264enc"), Family::OpenH264, 1_500, 250), [""; 0]);
        assert_eq!(decoder(&element("avdec_h264"), Family::Libav), [""; 0]);
    }

    #[test]
    fn bitrates_are_in_the_units_of_each() {
        let (x264, openh264) = (element("x264enc"), element("openh264enc"));
        bitrate(&x264, Family::X264, 700, 250).unwrap();
        bitrate(&openh264, Family::OpenH264, 700, 250).unwrap();
        assert_eq!((x264.property::<u32>("bitrate"), openh264.property::<u32>("bitrate")), (700, 700_000));
    }

    #[test]
    fn what_cannot_be_set_is_told() {
        let identity = element("identity");
        assert_eq!(set(&identity, "tune", "x"), Err("identity has no property tune".into()));
        assert!(set(&identity, "sync", "maybe").unwrap_err().contains("does not take"));
    }

    #[test]
    fn v4l2_is_told_the_level() {
        assert!(encoded_caps(Family::V4l2, 31).ends_with("level=(string)3.1"));
        assert!(encoded_caps(Family::V4l2, 40).ends_with("level=(string)4"));
        assert!(v4l2_controls(500, 250).contains("video_bitrate=500000,"));
    }
}
