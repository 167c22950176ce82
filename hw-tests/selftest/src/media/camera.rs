use crate::{
    effort::Effort,
    fault::{Fault, Outcome},
    picture::{self, Code},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;
use std::time::Duration;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// Feeds a sender's coded pictures into a pipeline until it is dropped.
pub(crate) struct Camera {
    _task: JoinSet<()>,
}

impl Camera {
    /// Feeds the bin's `camera`.
    ///
    /// # Errors
    /// The bin has none.
    pub(crate) fn start(bin: &gst::Bin, sender: u8, effort: Effort) -> Outcome<Self> {
        let source = bin.by_name("camera").and_then(|element| element.downcast::<AppSrc>().ok());
        let source = source.ok_or_else(|| Fault::machine("a pipeline has no camera"))?;
        let mut task = JoinSet::new();
        task.spawn(feed(source, sender, effort));
        Ok(Self { _task: task })
    }
}

async fn feed(source: AppSrc, sender: u8, effort: Effort) {
    let mut ticks = interval(Duration::from_secs(1) / effort.rate());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut counter = 0_u8;
    loop {
        ticks.tick().await;
        let buffer = gst::Buffer::from_slice(picture::paint(Code { sender, counter }, effort.smaller()));
        // A pipeline that has ended takes nothing more; its own error says why.
        if source.push_buffer(buffer).is_err() {
            return;
        }
        counter = counter.wrapping_add(1);
    }
}
