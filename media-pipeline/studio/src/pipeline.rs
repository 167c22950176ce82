//! A small pipeline that bytes are put into and taken out of by hand. Such pipelines are not linked to each other:
//! one that fails is dropped and built again.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// Why a pipeline does not run.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The description is wrong, or an element is missing.
    #[error("the pipeline cannot be built: {0}")]
    Build(String),
    /// An element refused to start.
    #[error("the pipeline does not start: {0}")]
    Start(#[from] gst::StateChangeError),
}

/// What goes on in a pipeline. Called from its threads; must not wait.
pub struct Callbacks {
    /// One buffer came out.
    pub output: Box<dyn FnMut(&gst::Sample) + Send>,
    /// An element failed; nothing comes out any more.
    pub failed: Box<dyn Fn(String) + Send + Sync>,
    /// A depayloader needs a key frame.
    pub key_frame: Option<Box<dyn Fn() + Send + Sync>>,
    /// Buffers that may go in without one that comes out: with more of them it has failed. None: what comes out does not depend on what
    /// goes in alone.
    pub patience: Option<u32>,
}

/// A running pipeline: `appsrc ! … ! appsink`. Stops when dropped.
#[derive(Debug)]
pub struct Pipeline {
    pipeline: gst::Pipeline,
    input: gst_app::AppSrc,
    stall: Option<Stall>,
}

/// Notices that nothing comes out any more, as where a driver hangs.
struct Stall {
    unanswered: Arc<AtomicU32>,
    patience: u32,
    failed: Arc<dyn Fn(String) + Send + Sync>,
}

impl Stall {
    fn pushed(&self) {
        if self.unanswered.fetch_add(1, Ordering::AcqRel) == self.patience {
            (self.failed)(format!("nothing came out for {} buffers", self.patience));
        }
    }
}

impl std::fmt::Debug for Stall {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stall").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Builds and starts `appsrc (caps) ! description ! appsink`. At most `waiting` buffers wait at the input;
    /// more push out the oldest. Where `stamped`, buffers get the time at which they are put in.
    ///
    /// # Errors
    /// Where an element is missing or does not start: this box's fault.
    pub fn start(
        caps: &str,
        description: &str,
        waiting: u32,
        stamped: bool,
        callbacks: Callbacks,
    ) -> Result<Self, PipelineError> {
        let text = format!(
            "appsrc name=in is-live=true format=time do-timestamp={stamped} max-buffers={waiting} max-bytes=0 \
             max-time=0 leaky-type=downstream caps=\"{caps}\" ! {description} ! appsink name=out sync=false \
             max-buffers=0 enable-last-sample=false"
        );
        let bin = gst::parse::launch(&text).map_err(|error| PipelineError::Build(error.to_string()))?;
        let pipeline = bin
            .downcast::<gst::Pipeline>()
            .map_err(|_| PipelineError::Build("it is a single element".into()))?;
        let input = part::<gst_app::AppSrc>(&pipeline, "in")?;
        let output = part::<gst_app::AppSink>(&pipeline, "out")?;
        // The pipelines have no common time: what leaves them is stamped anew, so none waits for another.
        let mut this = Self { pipeline, input, stall: None };
        this.wire(&output, callbacks)?;
        this.pipeline.set_state(gst::State::Playing)?;
        Ok(this)
    }

    fn wire(&mut self, output: &gst_app::AppSink, callbacks: Callbacks) -> Result<(), PipelineError> {
        let Callbacks { output: mut take, failed, key_frame, patience } = callbacks;
        let (failed, unanswered): (Arc<dyn Fn(String) + Send + Sync>, _) =
            (failed.into(), Arc::<AtomicU32>::default());
        self.stall = patience.map(|patience| Stall {
            unanswered: Arc::clone(&unanswered),
            patience,
            failed: Arc::clone(&failed),
        });
        let on_sample = move |sink: &gst_app::AppSink| {
            let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
            unanswered.store(0, Ordering::Release);
            take(&sample);
            Ok(gst::FlowSuccess::Ok)
        };
        output.set_callbacks(gst_app::AppSinkCallbacks::builder().new_sample(on_sample).build());
        let bus = self.pipeline.bus().ok_or_else(|| PipelineError::Build("it has no bus".into()))?;
        bus.set_sync_handler(move |_, message| {
            if let gst::MessageView::Error(error) = message.view() {
                failed(format!("{} ({:?})", error.error(), error.debug()));
            }
            gst::BusSyncReply::Drop
        });
        if let (Some(ask), Some(pad)) = (key_frame, self.input.static_pad("src")) {
            let ask = Arc::new(ask);
            pad.add_probe(gst::PadProbeType::EVENT_UPSTREAM, move |_, info| {
                if info.event().is_some_and(|event| gst_video::ForceKeyUnitEvent::is(event)) {
                    ask();
                }
                gst::PadProbeReturn::Ok
            });
        }
        Ok(())
    }

    /// Puts bytes in.
    pub fn push_bytes(&self, bytes: Vec<u8>) {
        self.push(gst::Buffer::from_mut_slice(bytes));
    }

    /// Puts a buffer in. One that stops takes nothing; that it stops is told by its callback.
    pub fn push(&self, buffer: gst::Buffer) {
        self.stall.iter().for_each(Stall::pushed);
        let _ = self.input.push_buffer(buffer);
    }

    /// The pipeline's running time.
    #[must_use]
    pub fn time(&self) -> gst::ClockTime {
        self.input.current_running_time().unwrap_or(gst::ClockTime::ZERO)
    }

    /// Makes the encoder's next frame a key frame.
    pub fn force_key_frame(&self) {
        let Some(pad) = self.pipeline.by_name("encoder").and_then(|encoder| encoder.static_pad("src")) else {
            return;
        };
        // Its parameters come with each key frame. Asked for besides, rtph264pay sends them as a picture of their own: with the marker.
        pad.send_event(gst_video::UpstreamForceKeyUnitEvent::builder().all_headers(false).build());
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // An element that cannot stop has nobody to tell; its threads end with the process.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

fn part<T: IsA<gst::Element>>(pipeline: &gst::Pipeline, name: &str) -> Result<T, PipelineError> {
    pipeline
        .by_name(name)
        .and_then(|element| element.downcast::<T>().ok())
        .ok_or_else(|| PipelineError::Build(format!("it has no {name}")))
}

/// A sample's bytes.
#[must_use]
pub fn bytes(sample: &gst::Sample) -> Option<gst::buffer::MappedBuffer<gst::buffer::Readable>> {
    sample.buffer_owned()?.into_mapped_buffer_readable().ok()
}
