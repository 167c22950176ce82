//! Buffers through a pipeline, as fast as it goes.

use anyhow::{Context, Result, anyhow, bail};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::sync::{Arc, Mutex};

/// Puts buffers into `appsrc (caps) ! description ! appsink`; hands what comes out to `take`, until the end.
///
/// # Errors
/// An element is missing, or fails; or `take` does.
pub(crate) fn through(
    caps: &str,
    buffers: impl IntoIterator<Item = gst::Buffer>,
    description: &str,
    mut take: impl FnMut(&gst::Sample) -> Result<()> + Send + 'static,
) -> Result<()> {
    let text = format!(
        "appsrc name=in format=time block=true max-buffers=16 max-bytes=0 caps=\"{caps}\" ! {description} \
         ! appsink name=out sync=false"
    );
    let pipeline = gst::parse::launch(&text).with_context(|| format!("«{text}» cannot be built"))?;
    let pipeline = Running(pipeline.downcast().map_err(|_| anyhow!("«{text}» is no pipeline"))?);
    let input: gst_app::AppSrc = pipeline.part("in")?;
    let output: gst_app::AppSink = pipeline.part("out")?;
    let problem = Arc::<Mutex<Option<anyhow::Error>>>::default();
    let told = Arc::clone(&problem);
    let on_sample = move |sink: &gst_app::AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        take(&sample).map(|()| gst::FlowSuccess::Ok).map_err(|error| {
            told.lock().expect("only replaced under this lock").get_or_insert(error);
            gst::FlowError::Error
        })
    };
    output.set_callbacks(gst_app::AppSinkCallbacks::builder().new_sample(on_sample).build());
    pipeline.0.set_state(gst::State::Playing)?;
    for buffer in buffers {
        if input.push_buffer(buffer).is_err() {
            break;
        }
    }
    // One that has failed says so on the bus.
    let _ = input.end_of_stream();
    let ended = pipeline.wait();
    match problem.lock().expect("only replaced under this lock").take() {
        Some(problem) => Err(problem),
        None => ended,
    }
}

struct Running(gst::Pipeline);

impl Running {
    fn part<T: IsA<gst::Element>>(&self, name: &str) -> Result<T> {
        let part = self.0.by_name(name).and_then(|element| element.downcast().ok());
        part.with_context(|| format!("the pipeline has no {name}"))
    }

    fn wait(&self) -> Result<()> {
        let bus = self.0.bus().context("the pipeline has no bus")?;
        let ends = [gst::MessageType::Eos, gst::MessageType::Error];
        let message =
            bus.timed_pop_filtered(gst::ClockTime::NONE, &ends).context("the pipeline says nothing")?;
        match message.view() {
            gst::MessageView::Error(error) => bail!("{} ({:?})", error.error(), error.debug()),
            _ => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An element that cannot stop has nobody to tell.
        let _ = self.0.set_state(gst::State::Null);
    }
}

/// A buffer of these bytes at this time, in ms.
pub(crate) fn buffer(bytes: Vec<u8>, time_ms: u64) -> gst::Buffer {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    buffer.get_mut().expect("nobody else has the new buffer").set_pts(gst::ClockTime::from_mseconds(time_ms));
    buffer
}

/// What came out, and its time in ms.
pub(crate) fn bytes(sample: &gst::Sample) -> Result<(Vec<u8>, u64)> {
    let buffer = sample.buffer().context("a sample without a buffer")?;
    let time = buffer.pts().context("a sample without a time")?;
    Ok((buffer.map_readable()?.to_vec(), time.mseconds()))
}
