//! The bare pipeline: what decodes, composes and encodes the same pictures, and does nothing else.

use crate::process::Program;
use anyhow::{Context, Result};
use std::{
    path::Path,
    process::{Command, Stdio},
};
use tabellion_h264::{Family, encoded_caps, encoder_settings};
use tabellion_studio::{codecs, picture::Rect};

/// Of the encoder's rate that RTP takes in the studio: the bare pipeline's encoder has the same rate.
const RATE: (u32, u32) = (19, 20);
/// Pictures between key frames, as in the studio.
const KEY_FRAMES: u32 = 250;

/// Starts it in real time, with as many sources as there are places in its picture; all of them play this H.264.
pub(crate) fn start(file: &Path, places: &[Rect], kbps: u32) -> Result<Program> {
    let pads = places.iter().enumerate().map(|(i, place)| {
        let Rect { x, y, width, height } = place;
        format!("sink_{i}::xpos={x} sink_{i}::ypos={y} sink_{i}::width={width} sink_{i}::height={height} ")
    });
    let settings: Vec<_> = encoder_settings(Family::X264, kbps * RATE.0 / RATE.1, KEY_FRAMES)
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let sources = (0..places.len()).map(|i| {
        format!(
            "filesrc location={} ! h264parse ! avdec_h264 max-threads=1 output-corrupt=false ! {} ! clocksync \
             ! queue max-size-buffers=2 ! mix.sink_{i} ",
            file.display(),
            codecs::AS_COMPOSED
        )
    });
    // One thread, as everything in the studio.
    let line = format!(
        "compositor name=mix background=black max-threads=1 {} ! {} ! x264enc {} ! {} ! fakesink {}",
        pads.collect::<String>(),
        codecs::raw_video(1_280, 720),
        settings.join(" "),
        encoded_caps(Family::X264, 31),
        sources.collect::<String>()
    );
    let child = Command::new("gst-launch-1.0")
        .arg("--quiet")
        .args(line.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("gst-launch-1.0 cannot be started: install the Debian package gstreamer1.0-tools")?;
    Ok(Program(child))
}
