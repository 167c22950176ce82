//! The clock of the room's sound: every 20 ms each voice gives a step, and each listener gets the others'.

use super::{PERIOD, RATE, Ring, STEP, Shift, Step, mix_minus, sum};
use crate::{edge, pipeline::Pipeline, ticking::Ticking};
use gstreamer as gst;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tabellion_media_protocol::SeatId;

/// By how much steps may come earlier at first, and how fast that comes back: by the 200 millionths that two clocks may differ by at the
/// most. Voices that take turns would move the clock with each turn, and equipment would get more sound than time passes.
const AHEAD: Duration = Duration::from_millis(20);
const AHEAD_A_STEP: Duration = Duration::from_micros(4);
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
        let mut ahead = AHEAD;
        let clock = Ticking::start("sound".into(), move |tick, _| {
            let plan = shared.lock().expect("only replaced and copied under this lock").clone();
            step(&plan, tick);
            follow(&plan.voices, &mut ahead)
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

/// How long the next step is after this one: a little less, or more, until the voice that comes last comes as early as it has to. None has to
/// come earlier for that than it does. `ahead`: by how much steps may come earlier yet.
fn follow(voices: &[Voice], ahead: &mut Duration) -> Duration {
    *ahead = (*ahead + AHEAD_A_STEP).min(AHEAD);
    let rings: Vec<_> = voices.iter().map(|voice| lock(&voice.ring)).collect();
    let Some(spare) = rings.iter().filter_map(|ring| ring.spare()).min() else { return PERIOD };
    let shift = spare.shift(*ahead);
    if let Shift::Earlier(by) = shift {
        *ahead -= by;
    }
    for mut ring in rings {
        ring.shifted(shift);
    }
    shift.of(PERIOD)
}

fn pull(ring: &Mutex<Ring>, now: Instant) -> Option<Step> {
    lock(ring).pull(now)
}

fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    ring.lock().expect("a ring does not panic")
}

const _: () = assert!(STEP * 50 == RATE, "a step is 20 ms");

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// How long each voice's packets wait for their step in the end, ms, with packets that come each 20 ms with such phases, and how often
    /// one of them was silent once it had begun. `far`: how much longer than 20 ms theirs are by the sender's clock, µs.
    fn waits(phases: &[u64], far: u64, seconds: u64) -> (Vec<u64>, usize) {
        let start = Instant::now();
        let voice = |seat| Voice { seat: SeatId(seat), ring: Arc::default(), track: None };
        let voices: Vec<_> = (0..phases.len() as u64).map(voice).collect();
        let (mut due, mut sent, mut silent) = (start, vec![0_u64; phases.len()], 0);
        let mut last = vec![start; phases.len()];
        let (mut begun, mut ahead) = (vec![false; phases.len()], AHEAD);
        while due < start + Duration::from_secs(seconds) {
            for (at, voice) in voices.iter().enumerate() {
                let came =
                    |number: u64| start + ms(phases[at]) + Duration::from_micros((20_000 + far) * number);
                while came(sent[at]) <= due {
                    last[at] = came(sent[at]);
                    lock(&voice.ring).push([1; STEP], last[at]);
                    sent[at] += 1;
                }
                let is_silent = pull(&voice.ring, due).is_none();
                silent += usize::from(is_silent && begun[at]);
                begun[at] |= !is_silent;
            }
            due += follow(&voices, &mut ahead);
        }
        let wait = |at: &Instant| u64::try_from((due - *at).as_millis()).unwrap();
        (last.iter().map(wait).collect(), silent)
    }

    #[test]
    fn the_clock_comes_to_one_voice_as_early_as_is_safe() {
        for phase in 0..20 {
            let (waits, silent) = waits(&[phase], 0, 20);
            assert_eq!(silent, 0, "{phase}");
            assert!((5..=26).contains(&waits[0]) && (waits[0] % 20) <= 7, "{waits:?} with {phase}");
        }
    }

    #[test]
    fn of_several_the_one_that_comes_last_counts() {
        let (waits, silent) = waits(&[0, 4, 9], 0, 20);
        assert_eq!(silent, 0);
        let waits: Vec<_> = waits.iter().map(|wait| wait % 20).collect();
        assert!((14..=16).contains(&waits[0]) && (5..=7).contains(&waits[2]), "{waits:?}");
    }

    #[test]
    fn a_clock_that_is_slower_is_followed() {
        // 100 parts in a million: in 300 s more than a packet.
        let (waits, silent) = waits(&[7], 2, 300);
        assert_eq!(silent, 0);
        assert!((4..=8).contains(&(waits[0] % 20)), "{waits:?}");
    }

    #[test]
    fn voices_that_take_turns_do_not_make_more_sound_than_time_passes() {
        let (start, seconds) = (Instant::now(), 600);
        let voices = [1, 2].map(|seat| Voice { seat: SeatId(seat), ring: Arc::default(), track: None });
        let (mut due, mut ahead, mut steps, mut sent) = (start, AHEAD, 0_u32, [0, 0]);
        while due < start + Duration::from_secs(seconds) {
            for (at, voice) in voices.iter().enumerate() {
                let came = |number: u64| start + ms(10 * at as u64 + 20 * number);
                while came(sent[at]) <= due {
                    // Each speaks for five seconds while the other is silent.
                    if sent[at] / 250 % 2 == at as u64 {
                        lock(&voice.ring).push([1; STEP], came(sent[at]));
                    }
                    sent[at] += 1;
                }
                pull(&voice.ring, due);
            }
            due += follow(&voices, &mut ahead);
            steps += 1;
        }
        let made = PERIOD * steps;
        let most = Duration::from_secs(seconds) + AHEAD + Duration::from_millis(120);
        assert!(made <= most + PERIOD, "{made:?} in {seconds} s");
    }
}
