//! The clock of the room's sound: every 20 ms each voice gives a step, and each listener gets the others'.

use super::{PERIOD, RATE, Ring, STEP, Step, mix_minus, sum};
use crate::{edge, pipeline::Pipeline, ticking::Ticking};
use gstreamer as gst;
use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tabellion_media_protocol::SeatId;

/// A voice that was silent for so many steps is not sent to the switchboard until it speaks again.
const SILENT_STEPS: u32 = 25;

/// Somebody who speaks.
#[derive(Clone, Debug)]
pub struct Voice {
    /// Who.
    pub seat: SeatId,
    /// What is heard of it.
    pub ring: Arc<Mutex<Ring>>,
    /// Where a leg's voice is sent to the switchboard.
    pub track: Option<Arc<Outlet>>,
}

/// Somebody who hears.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Who.
    pub seat: SeatId,
    /// Towards it.
    pub outlet: Arc<Outlet>,
    /// Whether it hears the meeting; otherwise silence.
    pub hears: bool,
}

/// Who speaks and who hears.
#[derive(Clone, Default, Debug)]
pub struct Plan {
    /// Each is heard by all listeners but those of the same seat.
    pub voices: Vec<Voice>,
    /// Each gets a step every 20 ms.
    pub listeners: Vec<Listener>,
}

/// An encoder that takes steps.
#[derive(Debug)]
pub struct Outlet {
    pipeline: Pipeline,
    /// Silence before the first step.
    ahead: Duration,
    origin: Mutex<Option<(gst::ClockTime, u64)>>,
    silent: Mutex<u32>,
}

impl Outlet {
    /// Caps of what it takes.
    pub const CAPS: &str = "audio/x-raw,format=S16LE,rate=48000,channels=1,layout=interleaved";

    /// For a pipeline that takes [`Self::CAPS`]. `ahead`: silence that it is given first, so that what it holds back of a step does not make
    /// each packet wait for the next step.
    #[must_use]
    pub fn new(pipeline: Pipeline, ahead: Duration) -> Self {
        Self { pipeline, ahead, origin: Mutex::default(), silent: Mutex::default() }
    }

    /// Encodes a step of the clock.
    fn push(&self, step: &Step, tick: u64) {
        let mut origin = self.origin.lock().expect("nothing that can panic is done under this lock");
        let duration = |time: Duration| gst::ClockTime::try_from(time).expect("milliseconds");
        let (time, first) = *origin.get_or_insert_with(|| {
            let time = self.pipeline.time();
            if !self.ahead.is_zero() {
                let samples = RATE / 1_000 * usize::try_from(self.ahead.as_millis()).expect("milliseconds");
                self.pipeline.push(sound(&vec![0; samples], time, duration(self.ahead)));
            }
            (time + duration(self.ahead), tick)
        });
        let step_of = duration(PERIOD);
        self.pipeline.push(sound(step, time + step_of * tick.saturating_sub(first), step_of));
    }

    /// As [`Self::push`], but a voice that stays silent is not sent at all.
    fn push_voice(&self, step: Option<&Step>, tick: u64) {
        let mut silent = self.silent.lock().expect("nothing that can panic is done under this lock");
        *silent = if step.is_some() { 0 } else { silent.saturating_add(1) };
        if *silent < SILENT_STEPS {
            self.push(step.unwrap_or(&[0; STEP]), tick);
        }
    }
}

fn sound(samples: &[i16], time: gst::ClockTime, duration: gst::ClockTime) -> gst::Buffer {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    let fields = buffer.get_mut().expect("nobody else has the new buffer");
    fields.set_pts(time);
    fields.set_duration(duration);
    buffer
}

/// The running clock. Stops when dropped.
#[derive(Debug)]
pub struct Desk {
    plan: Arc<Mutex<Plan>>,
    _clock: Ticking,
}

impl Desk {
    /// Starts it, with nobody there.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start() -> io::Result<Self> {
        let plan = Arc::<Mutex<Plan>>::default();
        let shared = Arc::clone(&plan);
        let clock = Ticking::start("sound".into(), PERIOD, move |tick| {
            let plan = shared.lock().expect("only replaced and copied under this lock").clone();
            step(&plan, tick);
        })?;
        Ok(Self { plan, _clock: clock })
    }

    /// Replaces the plan.
    pub fn set(&self, plan: Plan) {
        *self.plan.lock().expect("only replaced and copied under this lock") = plan;
    }
}

fn step(plan: &Plan, tick: u64) {
    let now = edge::now();
    let spoken: Vec<_> = plan.voices.iter().map(|voice| pull(&voice.ring, now)).collect();
    let total = sum(spoken.iter().flatten());
    for (voice, step) in plan.voices.iter().zip(&spoken) {
        if let Some(track) = &voice.track {
            track.push_voice(step.as_ref(), tick);
        }
    }
    for listener in &plan.listeners {
        let own = plan.voices.iter().position(|voice| voice.seat == listener.seat);
        let own = own.and_then(|index| spoken[index].as_ref());
        let heard = if listener.hears { mix_minus(&total, own) } else { [0; STEP] };
        listener.outlet.push(&heard, tick);
    }
}

fn pull(ring: &Mutex<Ring>, now: Instant) -> Option<Step> {
    ring.lock().expect("a ring does not panic").pull(now)
}

const _: () = assert!(STEP * 50 == RATE, "a step is 20 ms");
