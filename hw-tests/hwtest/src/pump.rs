//! An element at work: pictures or access units are put in one by one, and each is waited for before the next. So
//! what an element holds back is counted, not timed, and a busy machine changes nothing about it.

use crate::edge;
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

/// How long one output is waited for before it counts as held back: far more than any element needs for one.
const PATIENCE: Duration = Duration::from_secs(3);
/// More than this many held back make a conversation impossible: from there on nothing is waited for.
const MOST_HELD: u64 = 8;
/// Nor after this many waits in vain: an element that drops its inputs must not take an hour to show it.
const MOST_WAITS: u32 = 16;
/// How long an element may take to give the rest out at the end, for each output.
const DRAIN: Duration = Duration::from_secs(20);
/// Buffers that wait for an element that is not waited for.
const WAITING: u64 = 4;

/// Why an element stopped.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The installation lacks something.
    #[error("{0} is missing: install the Debian package {1}")]
    Missing(String, &'static str),
    /// It does not start.
    #[error("the pipeline does not start: {0}")]
    Start(String),
    /// It said so itself.
    #[error("{0}")]
    Failed(String),
    /// It keeps its last outputs.
    #[error("does not end: nothing came for {} s after the end of the stream", DRAIN.as_secs())]
    Stuck,
    /// What came out is not what was asked.
    #[error("{0}")]
    Unusable(String),
}

/// One output.
#[derive(Debug)]
pub(crate) struct Output {
    /// Of the input that it belongs to, by its time.
    pub(crate) index: u64,
    /// What came out.
    pub(crate) sample: gst::Sample,
    /// From the input to here.
    pub(crate) latency: Duration,
    /// Later inputs that had gone in before it came out.
    pub(crate) held: u64,
}

enum Event {
    Came(gst::Sample, Instant),
    Failed(String),
    Ended,
}

/// A running pipeline `appsrc ! … ! appsink`. Stops when dropped.
pub(crate) struct Pump {
    pipeline: gst::Pipeline,
    input: gst_app::AppSrc,
    events: Receiver<Event>,
    rate: u32,
    pushed: BTreeMap<u64, Instant>,
    newest: Option<u64>,
    /// Inputs that the element is known to hold back. None: more than is waited for.
    held: Option<u64>,
    patience: Duration,
    waits_in_vain: u32,
}

impl Pump {
    /// Starts elements in a row between caps, for `rate` buffers a second.
    ///
    /// # Errors
    /// Where the elements do not go together or do not start.
    pub(crate) fn start(from: &str, elements: &[gst::Element], to: &str, rate: u32) -> Result<Self, Fault> {
        let refused = |error: gst::glib::BoolError| Fault::Start(error.to_string());
        let caps = |text: &str| text.parse::<gst::Caps>().map_err(refused);
        let from = caps(from)?;
        // Live, as what comes from the network is: NVDEC's decoder keeps three pictures back from any other source.
        let input = gst_app::AppSrc::builder().caps(&from).format(gst::Format::Time).is_live(true);
        let input = input.block(true).max_buffers(WAITING).max_bytes(0).build();
        let output = gst_app::AppSink::builder().caps(&caps(to)?).sync(false).build();
        let pipeline = gst::Pipeline::new();
        let mut row: Vec<&gst::Element> = vec![input.upcast_ref()];
        row.extend(elements);
        row.push(output.upcast_ref());
        pipeline.add_many(row.iter().copied()).map_err(refused)?;
        gst::Element::link_many(row).map_err(refused)?;
        let events = listen(&pipeline, &output);
        let (pushed, newest, held) = (BTreeMap::new(), None, Some(0));
        let (patience, waits_in_vain) = (PATIENCE, 0);
        let this = Self { pipeline, input, events, rate, pushed, newest, held, patience, waits_in_vain };
        if this.pipeline.set_state(gst::State::Playing).is_err() {
            return Err(this.failure("it does not say why"));
        }
        Ok(this)
    }

    /// Puts input `index` in, which must be larger than the last, and gives what came out by then.
    ///
    /// # Errors
    /// Where an element failed.
    pub(crate) fn step(&mut self, index: u64, buffer: gst::Buffer) -> Result<Vec<Output>, Fault> {
        self.push(index, buffer)?;
        let mut outputs = vec![];
        let mut expected = self.expected(index);
        loop {
            let patience = self.patience(index, expected);
            match self.events.recv_timeout(patience) {
                Ok(Event::Came(sample, at)) => outputs.extend(self.came(sample, at)),
                Ok(Event::Failed(reason)) => return Err(Fault::Failed(reason)),
                Ok(Event::Ended) => return Err(Fault::Failed("ended in the middle of the stream".into())),
                Err(_) if patience.is_zero() => break,
                Err(_) => {
                    self.waited_in_vain(expected);
                    expected = self.held;
                }
            }
        }
        Ok(outputs)
    }

    /// Puts input `index` in and waits for room only.
    ///
    /// # Errors
    /// Where an element failed.
    pub(crate) fn push(&mut self, index: u64, mut buffer: gst::Buffer) -> Result<(), Fault> {
        stamp(buffer.make_mut(), index, self.rate);
        self.pushed.insert(index, edge::now());
        self.input.push_buffer(buffer).map(drop).map_err(|flow| self.failure(&format!("{flow:?}")))
    }

    /// Ends the stream and gives what was still inside.
    ///
    /// # Errors
    /// Where an element failed, or does not end.
    pub(crate) fn finish(mut self) -> Result<Vec<Output>, Fault> {
        self.input.end_of_stream().map_err(|flow| self.failure(&format!("{flow:?}")))?;
        let mut outputs = vec![];
        loop {
            match self.events.recv_timeout(DRAIN) {
                Ok(Event::Came(sample, at)) => outputs.extend(self.came(sample, at)),
                Ok(Event::Failed(reason)) => return Err(Fault::Failed(reason)),
                Ok(Event::Ended) => return Ok(outputs),
                Err(_) => return Err(Fault::Stuck),
            }
        }
    }

    /// How many inputs are expected to be held back after input `index`. Once a second of video it is one less than
    /// before: an element that holds its first input back, until it knows the stream, may hold back none later, and
    /// who does not wait for an output never sees it come at once.
    fn expected(&self, index: u64) -> Option<u64> {
        let hopes = index.is_multiple_of(u64::from(self.rate)) && self.waits_in_vain < MOST_WAITS / 2;
        self.held.map(|held| if hopes { held.saturating_sub(1) } else { held })
    }

    /// How long to wait for the next output after input `index`: not at all where what is due is here.
    fn patience(&self, index: u64, held: Option<u64>) -> Duration {
        let due = held.and_then(|held| index.checked_sub(held));
        let is_here = due.is_none_or(|due| self.newest.is_some_and(|newest| newest >= due));
        if is_here { Duration::ZERO } else { self.patience }
    }

    fn waited_in_vain(&mut self, expected: Option<u64>) {
        self.waits_in_vain += 1;
        let go_on = self.waits_in_vain <= MOST_WAITS;
        self.held = expected.map(|held| held + 1).filter(|held| go_on && *held <= MOST_HELD);
    }

    fn came(&mut self, sample: gst::Sample, at: Instant) -> Option<Output> {
        let index = index(&sample, self.rate)?;
        let pushed_at = self.pushed.get(&index)?;
        let last = self.pushed.last_key_value().map_or(index, |(last, _)| *last);
        let (latency, held) = (at.saturating_duration_since(*pushed_at), last.saturating_sub(index));
        self.newest = self.newest.max(Some(index));
        // One that was late once is not given up: the next is waited for as before.
        self.held = self.held.map(|before| before.min(held));
        Some(Output { index, sample, latency, held })
    }

    /// What an element said when it stopped.
    fn failure(&self, otherwise: &str) -> Fault {
        let said = |event| if let Event::Failed(reason) = event { Some(reason) } else { None };
        // The message is on its way: the element posts it before it refuses the buffer.
        let reason = self.events.try_iter().find_map(said);
        Fault::Failed(reason.unwrap_or_else(|| otherwise.to_owned()))
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        // An element that cannot stop has nobody to tell: the process ends after its row.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// Times of a buffer, from its index.
fn stamp(buffer: &mut gst::BufferRef, index: u64, rate: u32) {
    let time = |index: u64| gst::ClockTime::from_nseconds(index * 1_000_000_000 / u64::from(rate));
    buffer.set_pts(time(index));
    buffer.set_dts(None);
    buffer.set_duration(time(index + 1) - time(index));
}

/// The index that a sample's time stands for. By running time, because x264's times begin at 1000 hours.
fn index(sample: &gst::Sample, rate: u32) -> Option<u64> {
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let time = segment.to_running_time(sample.buffer()?.pts()?)?;
    Some((time.nseconds() * u64::from(rate) + 500_000_000) / 1_000_000_000)
}

fn listen(pipeline: &gst::Pipeline, output: &gst_app::AppSink) -> Receiver<Event> {
    let (events, receiver) = channel();
    // Where nobody receives any more, the pump is being dropped.
    let send = |events: &Sender<Event>, event| drop(events.send(event));
    let (came, ended, failed) = (events.clone(), events.clone(), events);
    let on_sample = move |sink: &gst_app::AppSink| {
        let at = edge::now();
        send(&came, Event::Came(sink.pull_sample().map_err(|_| gst::FlowError::Eos)?, at));
        Ok(gst::FlowSuccess::Ok)
    };
    let callbacks = gst_app::AppSinkCallbacks::builder().new_sample(on_sample);
    output.set_callbacks(callbacks.eos(move |_| send(&ended, Event::Ended)).build());
    if let Some(bus) = pipeline.bus() {
        bus.set_sync_handler(move |_, message| {
            if let gst::MessageView::Error(error) = message.view() {
                let element = message.src().map(|src| src.name().to_string()).unwrap_or_default();
                let detail = error.debug().unwrap_or_default();
                // GStreamer's first lines are of its own source; the last says what happened.
                let detail = detail.lines().last().unwrap_or_default();
                send(&failed, Event::Failed(format!("{element}: {} {detail}", error.error())));
            }
            gst::BusSyncReply::Drop
        });
    }
    receiver
}

#[cfg(test)]
mod tests;
