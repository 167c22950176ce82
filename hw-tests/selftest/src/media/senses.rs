//! From decoded pictures and sound to what a participant perceives.

use crate::{
    edge,
    fault::{Fault, Outcome},
    perception::Perception,
    picture::{self, Frame},
    tone,
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSinkCallbacks};
use gstreamer_video::{VideoFrameExt, VideoFrameRef, VideoInfo};

/// Looks for codes in all that reaches the bin's `eye`. `place`: the slot's `mid`, or empty.
///
/// # Errors
/// The bin has no `eye`.
pub(crate) fn watch(bin: &gst::Bin, place: String, perception: &Perception) -> Outcome<()> {
    let perception = perception.clone();
    let look = move |sink: &AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let codes = codes_in(&sample).ok_or(gst::FlowError::NotNegotiated)?;
        perception.saw(&codes, &place, edge::now());
        Ok(gst::FlowSuccess::Ok)
    };
    sink(bin, "eye")?.set_callbacks(AppSinkCallbacks::builder().new_sample(look).build());
    Ok(())
}

/// Listens for tones in all that reaches the bin's `ear`.
///
/// # Errors
/// The bin has no `ear`.
pub(crate) fn listen(bin: &gst::Bin, perception: &Perception) -> Outcome<()> {
    let perception = perception.clone();
    let mut window: Vec<f32> = Vec::with_capacity(tone::WINDOW);
    let hear = move |sink: &AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let buffer = sample.buffer().ok_or(gst::FlowError::Error)?;
        let bytes = buffer.map_readable().map_err(|_| gst::FlowError::Error)?;
        for value in bytes.chunks_exact(4) {
            window.push(f32::from_le_bytes([value[0], value[1], value[2], value[3]]));
            if window.len() == tone::WINDOW {
                perception.heard(&window);
                window.clear();
            }
        }
        Ok(gst::FlowSuccess::Ok)
    };
    sink(bin, "ear")?.set_callbacks(AppSinkCallbacks::builder().new_sample(hear).build());
    Ok(())
}

fn sink(bin: &gst::Bin, name: &str) -> Outcome<AppSink> {
    let found = bin.by_name(name).and_then(|element| element.downcast().ok());
    found.ok_or_else(|| Fault::machine(format!("a pipeline has no {name}")))
}

/// The codes in an I420 sample. None where it is none.
pub(super) fn codes_in(sample: &gst::Sample) -> Option<Vec<picture::Code>> {
    let info = VideoInfo::from_caps(sample.caps()?).ok()?;
    let frame = VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
    let stride = |plane: usize| usize::try_from(frame.plane_stride()[plane]).ok();
    let plane = |plane: u32| frame.plane_data(plane).ok();
    Some(picture::find(&Frame {
        width: usize::try_from(frame.width()).ok()?,
        height: usize::try_from(frame.height()).ok()?,
        planes: [plane(0)?, plane(1)?, plane(2)?],
        strides: [stride(0)?, stride(1)?, stride(2)?],
    }))
}
