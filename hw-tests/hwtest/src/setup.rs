//! How encoders are set up: as a conference needs them, by the properties of each family. No frame is held back
//! for those to come, key frames come when asked for, and the bitrate is kept.

use crate::catalogue::Family;
use gstreamer as gst;
use gstreamer::prelude::*;

/// Frames between key frames that nobody asked for: more than any trial lasts, and the most that `vah264enc`
/// takes.
const KEY_FRAME_INTERVAL: u32 = 1_024;

/// Sets an encoder up for `kbps` kb/s. What could not be set, as sentences: versions of GStreamer differ in
/// their names, so that a missing property is a remark, and the judgements say whether it matters.
pub(crate) fn encoder(element: &gst::Element, family: Family, kbps: u32) -> Vec<String> {
    let mut remarks: Vec<String> =
        latency(family).into_iter().filter_map(|(name, value)| set(element, name, value).err()).collect();
    remarks.extend(bitrate(element, family, kbps).err());
    remarks
}

/// Changes the bitrate, before the start or while frames flow.
///
/// # Errors
/// A sentence, where the element has no such property.
pub(crate) fn bitrate(element: &gst::Element, family: Family, kbps: u32) -> Result<(), String> {
    let (name, value) = match family {
        Family::OpenH264 => ("bitrate", (kbps * 1_000).to_string()),
        Family::V4l2 => ("extra-controls", v4l2_controls(kbps)),
        _ => ("bitrate", kbps.to_string()),
    };
    set(element, name, &value)
}

/// Sets a decoder up: one thread where software would otherwise hold a frame back for each.
pub(crate) fn decoder(element: &gst::Element, family: Family) -> Vec<String> {
    let wanted = (family == Family::Libav).then(|| set(element, "max-threads", "1"));
    wanted.and_then(Result::err).into_iter().collect()
}

/// What the encoder's output must be. The profile is what browsers and room systems share (RFC 7742 §6.2).
pub(crate) fn encoded_caps(family: Family, level: u8) -> String {
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

fn v4l2_controls(kbps: u32) -> String {
    let interval = KEY_FRAME_INTERVAL;
    format!(
        "controls,video_bitrate_mode=1,video_bitrate={},repeat_sequence_header=1,h264_i_frame_period={interval},\
         video_gop_size={interval},video_b_frames=0",
        kbps * 1_000
    )
}

fn latency(family: Family) -> Vec<(&'static str, &'static str)> {
    match family {
        // As the studio sets it up.
        Family::X264 => vec![
            ("tune", "zerolatency"),
            ("speed-preset", "ultrafast"),
            ("threads", "1"),
            ("vbv-buf-capacity", "400"),
            ("key-int-max", "1024"),
        ],
        Family::OpenH264 => vec![
            ("usage-type", "camera"),
            ("complexity", "low"),
            ("rate-control", "bitrate"),
            // Left on, it drops pictures to keep the bitrate.
            ("enable-frame-skip", "false"),
            ("multi-thread", "1"),
            ("gop-size", "1024"),
        ],
        Family::Va => vec![
            ("rate-control", "cbr"),
            ("b-frames", "0"),
            ("ref-frames", "1"),
            ("target-usage", "6"),
            ("key-int-max", "1024"),
        ],
        Family::Nvidia => vec![
            ("rc-mode", "cbr"),
            ("preset", "p3"),
            ("tune", "ultra-low-latency"),
            ("zerolatency", "true"),
            ("bframes", "0"),
            ("rc-lookahead", "0"),
            ("gop-size", "1024"),
            ("repeat-sequence-header", "true"),
        ],
        Family::QuickSync => vec![
            ("rate-control", "cbr"),
            ("low-latency", "true"),
            ("b-frames", "0"),
            ("ref-frames", "1"),
            ("target-usage", "6"),
            ("gop-size", "1024"),
        ],
        Family::V4l2 | Family::V4l2Stateless | Family::Libav => vec![],
    }
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
        assert_eq!(encoder(&element("x264enc"), Family::X264, 1_500), [""; 0]);
        assert_eq!(encoder(&element("openh264enc"), Family::OpenH264, 1_500), [""; 0]);
        assert_eq!(decoder(&element("avdec_h264"), Family::Libav), [""; 0]);
    }

    #[test]
    fn bitrates_are_in_the_units_of_each() {
        let (x264, openh264) = (element("x264enc"), element("openh264enc"));
        bitrate(&x264, Family::X264, 700).unwrap();
        bitrate(&openh264, Family::OpenH264, 700).unwrap();
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
        assert!(v4l2_controls(500).contains("video_bitrate=500000,"));
    }
}
