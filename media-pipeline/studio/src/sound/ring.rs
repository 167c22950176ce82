use super::{PERIOD, RATE, STEP, Shift, Spare, Step};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// By how much the earliest step that takes a packet's sound must come after the packet: 5 ms of jitter are not heard.
const SAFE: Duration = Duration::from_millis(5);
/// More than this is dropped at once, 200 ms, but for what is fresh, 40 ms.
const MOST: usize = RATE / 5;
const FRESH: usize = RATE / 25;
/// What is kept beyond a step each time that a packet came too late, and at the most: 10 and 80 ms.
const MORE: usize = RATE / 100;
const MOST_RESERVE: usize = RATE * 8 / 100;
/// Steps after which a voice that ran out has stopped, and was not late.
const STOPPED: u32 = 10;
/// Steps after which half of what is kept for late packets is given up: 30 s.
const CALM: u32 = 1_500;
/// Packets over which the least counts, at least: two seconds; half a second where something has just begun, and what came with the
/// beginning tells nothing.
const WINDOW: u32 = 100;
/// Packets after which it is known how early they are: half a second.
const SETTLED: u32 = 25;
/// The most that one step is stretched or squeezed by: 0.4 %, which nobody hears.
const STRETCH: usize = 4;
/// Samples that may lie between two steps' without being used, and those that should: 2.5 and 1.25 ms.
const ROOM: usize = RATE / 400;
const LEAST_ROOM: usize = RATE / 800;
/// Samples over which sound is faded in and out where it is cut: 5 ms.
const FADE: usize = RATE / 200;

/// A voice's sound between its decoder and the mix, no more of it than its packets' lateness asks for. The sender's clock is not
/// ours: where sound piles up or runs out slowly, steps are squeezed or stretched, and where it waits for a whole step, one is left out; a
/// voice that stops is silence.
#[derive(Debug)]
pub struct Ring {
    samples: VecDeque<i16>,
    flowing: bool,
    pushed_at: Option<Instant>,
    pulled_at: Option<Instant>,
    /// Kept beyond a step where the voice begins, as packets came late.
    reserve: usize,
    /// Steps since it ran out, and since the reserve was changed.
    dry: u32,
    calm: u32,
    lead: Least<Duration>,
    /// Samples that packets find beyond whole steps.
    rest: Least<usize>,
}

/// The least of the latest values, [`WINDOW`] at least and twice as many at the most; of fewer at first.
#[derive(Clone, Copy, Debug)]
struct Least<T> {
    present: Option<T>,
    former: Option<T>,
    count: u32,
    window: u32,
}

impl<T: Copy + Ord> Least<T> {
    const NONE: Self = Self { present: None, former: None, count: 0, window: SETTLED };

    fn note(&mut self, value: T) {
        self.present = Some(self.present.map_or(value, |least| least.min(value)));
        self.count += 1;
        if self.count == self.window {
            // The first two are short.
            let window = if self.former.is_none() { SETTLED } else { WINDOW };
            *self = Self { present: None, former: self.present, count: 0, window };
        }
    }

    fn is_settled(&self) -> bool {
        self.former.is_some() || self.count >= SETTLED
    }

    fn value(&self) -> Option<T> {
        match (self.present, self.former) {
            (Some(present), Some(former)) => Some(present.min(former)),
            (present, former) => present.or(former),
        }
    }

    /// Of what was noted.
    fn change(&mut self, change: impl Fn(T) -> T) {
        self.present = self.present.map(&change);
        self.former = self.former.map(&change);
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self {
            samples: VecDeque::with_capacity(MOST),
            flowing: false,
            pushed_at: None,
            pulled_at: None,
            reserve: 0,
            dry: STOPPED,
            calm: 0,
            lead: Least::NONE,
            rest: Least::NONE,
        }
    }
}

impl Ring {
    /// Adds decoded sound that has come at this time, any number of samples.
    pub fn push(&mut self, samples: impl IntoIterator<Item = i16>, now: Instant) {
        if let Some(pulled_at) = self.pulled_at.filter(|_| self.flowing) {
            let ready = u32::try_from(self.samples.len() / STEP).expect("a ring holds ten steps");
            // Until the step that this sound is needed for.
            self.lead.note((pulled_at + PERIOD * (ready + 1)).saturating_duration_since(now));
            self.rest.note(self.samples.len() % STEP);
        }
        self.pushed_at = Some(now);
        self.samples.extend(samples);
        if self.samples.len() > MOST {
            self.samples.drain(..self.samples.len() - FRESH);
            (self.lead, self.rest) = (Least::NONE, Least::NONE);
        }
    }

    /// Takes one step at this time; `None` is silence.
    pub fn pull(&mut self, now: Instant) -> Option<Step> {
        self.pulled_at = Some(now);
        if !self.flowing {
            return self.begin(now);
        }
        if self.waits_in_vain() {
            self.cut();
        }
        let wanted = self.wanted();
        if self.samples.len() < wanted.min(STEP) {
            return self.run_dry();
        }
        let wanted = wanted.min(self.samples.len());
        self.rest.change(|rest| (rest + STEP).saturating_sub(wanted));
        self.calm += 1;
        if self.calm == CALM {
            (self.reserve, self.calm) = (self.reserve / 2, 0);
        }
        Some(self.take(wanted))
    }

    /// The first step, once there is enough that the next packet need not be in time to the millisecond.
    fn begin(&mut self, now: Instant) -> Option<Step> {
        self.dry = self.dry.saturating_add(1);
        if self.dry == STOPPED {
            // It had come to its end: nothing was late.
            self.reserve = self.reserve.saturating_sub(MORE);
        }
        let enough = STEP + self.reserve;
        let is_safe = self.pushed_at.is_some_and(|at| now.saturating_duration_since(at) >= SAFE);
        if self.samples.len() < if is_safe { enough } else { enough + STEP } {
            return None;
        }
        (self.flowing, self.calm) = (true, 0);
        (self.lead, self.rest) = (Least::NONE, Least::NONE);
        let mut step = self.take(STEP);
        fade(&mut step, |i| i);
        Some(step)
    }

    /// How many samples the next step is made of.
    fn wanted(&self) -> usize {
        match self.rest.value() {
            Some(rest) if rest > ROOM * 2 => STEP + STRETCH,
            Some(rest) if rest > ROOM => STEP + 1,
            Some(rest) if rest < LEAST_ROOM / 2 => STEP - STRETCH,
            Some(rest) if rest < LEAST_ROOM => STEP - 1,
            _ => STEP,
        }
    }

    /// Whether every packet of late came a step earlier than it had to.
    fn waits_in_vain(&self) -> bool {
        self.lead.is_settled() && self.lead.value().is_some_and(|lead| lead >= PERIOD + self.enough())
    }

    /// As early as the latest packets should come. What is kept for late ones stays until it is given up.
    fn enough(&self) -> Duration {
        SAFE + PERIOD / 2 * u32::try_from(self.reserve).expect("a ring holds ten steps") / STEP as u32
    }

    /// By how much the steps might come earlier, or should come later, for a voice that goes on; none without one.
    #[must_use]
    pub fn spare(&self) -> Option<Spare> {
        if !self.flowing {
            return None;
        }
        let lead = self.lead.value().filter(|_| self.lead.is_settled());
        Some(lead.map_or(Spare::NONE, |lead| Spare::between(self.enough(), lead)))
    }

    /// The steps come earlier or later from now on than they came.
    pub fn shifted(&mut self, shift: Shift) {
        self.lead.change(|lead| shift.of(lead));
    }

    /// Leaves out a step or a little less: where what follows is most like what would have come, and faded over.
    fn cut(&mut self) {
        let samples = self.samples.make_contiguous();
        if samples.len() < STEP + FADE {
            return;
        }
        let likeness = |shift: &usize| {
            let pairs = samples[..FADE].iter().zip(&samples[*shift..]);
            pairs.map(|(here, there)| (i64::from(*here) - i64::from(*there)).pow(2)).sum::<i64>()
        };
        let shift = (STEP - FADE..=STEP).min_by_key(likeness).expect("there are some");
        let part = |i: usize| i32::try_from(i).expect("at most 240");
        for i in 0..FADE {
            let (here, there) = (i32::from(samples[i]), i32::from(samples[shift + i]));
            let mixed = here + (there - here) * part(i) / part(FADE);
            samples[shift + i] = i16::try_from(mixed).expect("between two samples");
        }
        self.samples.drain(..shift);
        (self.lead, self.rest) = (Least::NONE, Least::NONE);
    }

    /// Linear interpolation of so many samples to one step's.
    fn take(&mut self, count: usize) -> Step {
        let taken: Vec<i16> = self.samples.drain(..count).collect();
        let mut step = [0; STEP];
        if count == STEP {
            step.copy_from_slice(&taken);
            return step;
        }
        for (i, out) in step.iter_mut().enumerate() {
            let position = i * (count - 1) * 256 / (STEP - 1);
            let (index, part) = (position / 256, i32::try_from(position % 256).expect("below 256"));
            let here = i32::from(taken[index]);
            let next = i32::from(taken[(index + 1).min(count - 1)]);
            *out = i16::try_from(here + (next - here) * part / 256).expect("between two samples");
        }
        step
    }

    /// Gives what is left, faded out, then silence until enough has come again.
    fn run_dry(&mut self) -> Option<Step> {
        (self.flowing, self.dry) = (false, 0);
        self.reserve = (self.reserve + MORE).min(MOST_RESERVE);
        let mut step = [0; STEP];
        let left = self.samples.len().min(STEP);
        for (out, sample) in step.iter_mut().zip(self.samples.drain(..)) {
            *out = sample;
        }
        fade(&mut step, |i| left.saturating_sub(i));
        (left > 0).then_some(step)
    }
}

/// Scales samples that are less than a fade's length away from an edge.
fn fade(step: &mut Step, distance: impl Fn(usize) -> usize) {
    let length = i32::try_from(FADE).expect("240");
    for (i, sample) in step.iter_mut().enumerate() {
        let part = i32::try_from(distance(i).min(FADE)).expect("at most 240");
        *sample = i16::try_from(i32::from(*sample) * part / length).expect("smaller than before");
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn tone(length: usize) -> Vec<i16> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small numbers")]
        (0..length).map(|i| ((i as f32 * 0.05).sin() * 8_000.0) as i16).collect()
    }

    fn ms(milliseconds: usize) -> Duration {
        Duration::from_millis(milliseconds as u64)
    }

    /// What became of a voice.
    #[derive(Debug)]
    struct Heard {
        /// Steps without sound, once it had begun.
        silent: usize,
        /// How long sound waited at the end and at the most after the first ten seconds, ms: from its packet's coming to its step.
        waited: usize,
        waited_most: usize,
    }

    /// Packets of so many samples each 20 ms, each late by so much, for so many seconds; steps come `phase` ms after a packet that is
    /// in time.
    fn run(packet: usize, phase: usize, seconds: usize, late: impl Fn(usize) -> usize) -> Heard {
        let (mut ring, start) = (Ring::default(), Instant::now());
        let mut heard = Heard { silent: 0, waited: 0, waited_most: 0 };
        let (mut next, mut begun) = (0, false);
        for step in 0..seconds * 50 {
            let at = step * 20 + phase;
            while next * 20 + late(next) <= at {
                ring.push(vec![1; packet], start + ms(next * 20 + late(next)));
                next += 1;
            }
            let Some(newest) = next.checked_sub(1) else { continue };
            let before = ring.samples.len();
            let is_silent = ring.pull(start + ms(at)).is_none();
            begun |= !is_silent;
            heard.silent += usize::from(begun && is_silent);
            // The newest sample is this old, and those before it wait for it.
            let waits = before.saturating_sub(STEP) * 1_000 / RATE + at - (newest * 20 + late(newest));
            heard.waited = waits;
            if step > 500 {
                heard.waited_most = heard.waited_most.max(waits);
            }
        }
        heard
    }

    #[test]
    fn a_voice_comes_out_as_it_went_in() {
        let (mut ring, now) = (Ring::default(), Instant::now());
        let sound = tone(STEP * 10);
        ring.push(sound[..STEP * 3].iter().copied(), now);
        let first = ring.pull(now).unwrap();
        assert_eq!(first[FADE..], sound[FADE..STEP], "after the fade");
    }

    #[test]
    fn sound_waits_for_no_more_than_the_next_step_that_is_safe() {
        for phase in 0..20 {
            let heard = run(STEP, phase, 30, |_| 0);
            assert_eq!(heard.silent, 0, "{phase}");
            let step = if phase < 5 { phase + 20 } else { phase };
            assert!(heard.waited <= step + 3, "{heard:?}, a step after {phase} ms");
        }
    }

    #[test]
    fn clocks_that_differ_neither_pile_up_nor_run_out() {
        // 0.1 % off either way, for 100 s: without a cure 4,800 samples too many or too few.
        for packet in [STEP - 1, STEP, STEP + 1] {
            let heard = run(packet, 10, 100, |_| 0);
            assert_eq!(heard.silent, 0, "with {packet}");
            assert!(heard.waited_most <= 16, "{heard:?} with {packet}");
        }
    }

    #[test]
    fn packets_that_come_late_are_waited_for_once_they_have_been_missed() {
        let heard = run(STEP, 10, 60, |packet| if packet % 7 == 3 { 25 } else { 0 });
        assert!(heard.silent <= 6, "{heard:?}");
        let after = |heard: &Heard| heard.waited_most;
        assert!(after(&heard) <= 60, "{heard:?}");
    }

    #[test]
    fn what_was_kept_for_late_packets_is_given_up_when_they_are_late_no_longer() {
        let heard = run(STEP, 10, 300, |packet| if packet < 1_000 && packet % 7 == 3 { 25 } else { 0 });
        assert!(heard.waited <= 13, "{heard:?}");
    }

    #[test]
    fn what_piled_up_at_the_start_is_gone_in_seconds_and_nothing_is_heard_of_it() {
        let heard = run(STEP, 10, 12, |packet| if packet < 8 { (8 - packet) * 20 } else { 0 });
        assert!(heard.waited <= 16, "{heard:?}");
        let (mut ring, start) = (Ring::default(), Instant::now());
        let mut last = None;
        for (number, chunk) in tone(STEP * 300).chunks(STEP).enumerate() {
            let at = start + ms(number.saturating_sub(8) * 20);
            ring.push(chunk.iter().copied(), at);
            let Some(step) = (number >= 8).then(|| ring.pull(at + ms(10))).flatten() else { continue };
            let edge = [last.unwrap_or(step[0]), step[0]];
            let jumps = step.windows(2).chain([&edge[..]]).map(|two| two[0].abs_diff(two[1])).max();
            // A tone of this frequency and loudness goes by 400 from one sample to the next at the most.
            assert!(jumps < Some(800), "{jumps:?} in step {number}");
            last = Some(step[STEP - 1]);
        }
        assert!(ring.samples.len() < STEP * 2, "{}", ring.samples.len());
    }

    #[test]
    fn a_burst_is_cut_to_what_is_fresh() {
        let mut ring = Ring::default();
        ring.push(tone(RATE), Instant::now());
        assert_eq!(ring.samples.len(), FRESH);
    }

    #[test]
    fn a_voice_that_stops_is_silence_and_comes_back() {
        let (mut ring, start) = (Ring::default(), Instant::now());
        ring.push(tone(STEP * 2), start);
        let heard = (0..10).filter(|step| ring.pull(start + ms(step * 20)).is_some()).count();
        assert_eq!(heard, 2);
        assert!((10..110).all(|step| ring.pull(start + ms(step * 20)).is_none()));
        ring.push(tone(STEP), start + ms(2_190));
        assert!(ring.pull(start + ms(2_200)).is_some(), "nothing was late");
    }
}
