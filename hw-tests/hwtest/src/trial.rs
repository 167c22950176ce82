//! The trial of an encoder: a part at one bitrate, a part at half of it, and a second with requests for key frames.

use crate::{
    arguments::Task,
    edge, level,
    picture::Scene,
    pump::{Fault, Output, Pump},
    stream::Unit,
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video as gst_video;
use std::time::Duration;
use tabellion_h264::Candidate;

/// Frames between key frames that nobody asked for: more than any trial lasts, and the most that `vah264enc` takes.
const KEY_FRAME_INTERVAL: u32 = 1_024;

/// What goes into encoders and comes out of decoders. The colorimetry is told so that nobody guesses one by size.
pub(crate) fn raw_caps(task: &Task) -> String {
    let Task { width, height, rate, .. } = task;
    format!(
        "video/x-raw,format=I420,width={width},height={height},framerate={rate}/1,colorimetry=bt709,\
         interlace-mode=progressive,pixel-aspect-ratio=1/1"
    )
}

/// Makes an element by name.
///
/// # Errors
/// Where it is not installed.
pub(crate) fn element(name: &str, package: &'static str) -> Result<gst::Element, Fault> {
    gst::ElementFactory::make(name).build().map_err(|_| Fault::Missing(name.into(), package))
}

/// An encoder at work.
pub(crate) struct Encoder {
    element: gst::Element,
    candidate: Candidate,
    pump: Pump,
    /// What could not be set.
    pub(crate) remarks: Vec<String>,
}

impl Encoder {
    /// Sets one up and starts it.
    ///
    /// # Errors
    /// Where it does not start.
    pub(crate) fn start(candidate: &Candidate, task: &Task) -> Result<Self, Fault> {
        let Task { width, height, rate, bitrate, .. } = *task;
        let encoder = element(&candidate.name, candidate.family.package())?;
        let remarks = tabellion_h264::encoder(&encoder, candidate.family, bitrate, KEY_FRAME_INTERVAL);
        let level = level::agreed(width, height, rate, bitrate);
        let caps = tabellion_h264::encoded_caps(candidate.family, level);
        // Most devices want NV12, which costs a copy.
        let convert = element("videoconvert", "gstreamer1.0-plugins-base")?;
        let pump = Pump::start(&raw_caps(task), &[convert, encoder.clone()], &caps, rate)?;
        Ok(Self { element: encoder, candidate: candidate.clone(), pump, remarks })
    }

    /// Puts a picture in.
    ///
    /// # Errors
    /// Where the encoder fails.
    pub(crate) fn step(&mut self, index: u64, buffer: gst::Buffer) -> Result<Vec<Output>, Fault> {
        self.pump.step(index, buffer)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// Where the encoder fails or hangs.
    pub(crate) fn finish(self) -> Result<Vec<Output>, Fault> {
        self.pump.finish()
    }

    /// The pipeline alone, for whoever wants neither change nor key frame.
    pub(crate) fn into_pump(self) -> Pump {
        self.pump
    }

    fn set_bitrate(&mut self, kbps: u32) {
        self.remarks.extend(
            tabellion_h264::bitrate(&self.element, self.candidate.family, kbps, KEY_FRAME_INTERVAL).err(),
        );
    }

    /// As a peer's request comes to it: PLI and FIR become this event. An encoder that does not take it shows in
    /// what comes out.
    fn force_key_frame(&self) {
        if let Some(pad) = self.element.static_pad("src") {
            pad.send_event(gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(true).build());
        }
    }
}

/// What the trial of an encoder brought.
#[derive(Debug, Default)]
pub(crate) struct Trial {
    /// The access units in their order.
    pub(crate) units: Vec<Unit>,
    /// Latency of each and how far back it was.
    pub(crate) latencies: Vec<(Duration, u64)>,
    /// Pictures put in.
    pub(crate) pictures: usize,
    /// Pictures that a key frame was asked with.
    pub(crate) asked: Vec<u64>,
    /// Processor time of the encoder.
    pub(crate) cpu: Duration,
    /// What could not be set.
    pub(crate) remarks: Vec<String>,
}

/// Runs the trial and hands each access unit on.
///
/// # Errors
/// Where the encoder fails, or `take` does.
pub(crate) fn run(
    candidate: &Candidate,
    task: &Task,
    scene: &Scene,
    mut take: impl FnMut(u64, gst::Buffer) -> Result<(), Fault>,
) -> Result<Trial, Fault> {
    let mut encoder = Encoder::start(candidate, task)?;
    let (change, end) = (task.part(), task.part() * 2);
    let asked = [end + u64::from(task.rate) / 3, end + u64::from(task.rate) * 2 / 3];
    let mut trial = Trial { asked: asked.to_vec(), ..Trial::default() };
    for index in 0..end + u64::from(task.rate) {
        if index == change {
            encoder.set_bitrate(task.bitrate / 2);
        }
        if asked.contains(&index) {
            encoder.force_key_frame();
        }
        let buffer = buffer(scene, index)?;
        let before = edge::pipeline_cpu();
        let outputs = encoder.step(index, buffer)?;
        trial.cpu += edge::pipeline_cpu().saturating_sub(before);
        trial.pictures += 1;
        trial.add(outputs, &mut take)?;
    }
    trial.remarks = std::mem::take(&mut encoder.remarks);
    trial.add(encoder.finish()?, &mut take)?;
    Ok(trial)
}

/// A picture of the scene as a buffer.
///
/// # Errors
/// Where memory is short.
pub(crate) fn buffer(scene: &Scene, index: u64) -> Result<gst::Buffer, Fault> {
    scene
        .draw(index)
        .to_buffer()
        .ok_or_else(|| Fault::Unusable("there is not enough memory for a picture".into()))
}

impl Trial {
    fn add(
        &mut self,
        outputs: Vec<Output>,
        take: &mut impl FnMut(u64, gst::Buffer) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for output in outputs {
            let buffer = output.sample.buffer_owned();
            let buffer = buffer.ok_or_else(|| Fault::Unusable("an output without a buffer came".into()))?;
            let bytes = buffer.map_readable().map_err(|error| Fault::Unusable(error.to_string()))?;
            self.units.push(Unit::read(output.index, &bytes));
            drop(bytes);
            self.latencies.push((output.latency, output.held));
            take(output.index, buffer)?;
        }
        Ok(())
    }
}
