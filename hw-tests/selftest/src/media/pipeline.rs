use crate::{
    fault::{Fault, Outcome},
    perception::Perception,
};
use gstreamer as gst;
use gstreamer::prelude::*;

/// A pipeline that ends with its owner, and whose errors reach the senses of whoever it works for.
pub(crate) struct Pipeline(gst::Pipeline);

impl Pipeline {
    /// An empty one.
    pub(crate) fn new(perception: &Perception) -> Self {
        let pipeline = gst::Pipeline::new();
        if let Some(bus) = pipeline.bus() {
            let perception = perception.clone();
            bus.set_sync_handler(move |_, message| {
                if let gst::MessageView::Error(error) = message.view() {
                    let from = error.src().map(|from| from.name().to_string()).unwrap_or_default();
                    tracing::debug!(from, error = %error.error(), debug = ?error.debug(), "an element failed");
                    perception.fails(Fault::machine(format!("the element {from} failed ({})", error.error())));
                }
                gst::BusSyncReply::Drop
            });
        }
        Self(pipeline)
    }

    /// Puts an element in. What is put into a running pipeline has to be told to run.
    ///
    /// # Errors
    /// It is there already.
    pub(crate) fn add(&self, element: &impl IsA<gst::Element>) -> Outcome<()> {
        self.0.add(element).map_err(Fault::machine)
    }

    /// The pipeline itself, for what runs in callbacks.
    pub(crate) fn downgrade(&self) -> gst::glib::WeakRef<gst::Pipeline> {
        self.0.downgrade()
    }

    /// Starts it.
    ///
    /// # Errors
    /// An element cannot start.
    pub(crate) fn play(&self) -> Outcome<()> {
        self.0
            .set_state(gst::State::Playing)
            .map(drop)
            .map_err(|error| Fault::machine(format!("a pipeline does not start ({error})")))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Nothing can be done about an element that does not stop; the process ends soon.
        let _ = self.0.set_state(gst::State::Null);
    }
}

/// One element.
///
/// # Errors
/// It is not installed.
pub(crate) fn element(factory: &str) -> Outcome<gst::Element> {
    gst::ElementFactory::make(factory)
        .build()
        .map_err(|_| Fault::machine(format!("the GStreamer element {factory} is missing")))
}

/// A part of a pipeline from its description; its open ends are its pads.
///
/// # Errors
/// An element is missing.
pub(crate) fn bin(description: &str) -> Outcome<gst::Bin> {
    gst::parse::bin_from_description(description, true)
        .map_err(|error| Fault::machine(format!("«{description}» cannot be made ({error})")))
}
