//! What a participant has seen and heard so far.

use crate::{fault::Fault, picture::Code, tone};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Steps of the counter after which a picture counts as moving: less than a second at 25 a second.
const MOVING: u32 = 15;
/// Windows of sound with a tone after which it counts as heard: a second.
const HEARD: u32 = 5;
/// Largest step of the counter between two pictures, of 256: pictures may be left out, but not run backwards.
const LARGEST_STEP: u8 = 100;

/// A participant's senses, shared by everything that decodes for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Perception(Arc<Mutex<Senses>>);

/// What has been sensed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Senses {
    /// Codes seen, by sender.
    pictures: BTreeMap<u8, Sighting>,
    /// Windows that had the sender's tone.
    tones: BTreeMap<u8, u32>,
    /// Pictures decoded, with a code or without.
    pub frames: u32,
    /// Windows of sound listened to, 200 ms each.
    pub windows: u32,
    /// Those of them that had somebody's tone: the meeting was heard, and not a waiting room's silence.
    pub windows_with_tones: u32,
    /// First fault of a decoder or encoder.
    pub fault: Option<Fault>,
}

/// One sender's code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sighting {
    /// When it was seen first.
    pub first: Instant,
    /// Where it was seen last: the slot's `mid`, empty in a mix.
    pub place: String,
    /// How often the counter went on.
    pub steps: u32,
    counter: u8,
}

impl Perception {
    /// What has been sensed up to now.
    pub(crate) fn senses(&self) -> MutexGuard<'_, Senses> {
        // Whoever panicked with it has left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a decoded picture.
    pub(crate) fn saw(&self, codes: &[Code], place: &str, at: Instant) {
        let mut senses = self.senses();
        senses.frames += 1;
        for code in codes {
            senses.saw(*code, place, at);
        }
    }

    /// Notes a window of sound at [`tone::RATE`].
    pub(crate) fn heard(&self, window: &[f32]) {
        let senders = tone::senders_in(window);
        let mut senses = self.senses();
        senses.windows += 1;
        senses.windows_with_tones += u32::from(!senders.is_empty());
        for sender in senders {
            *senses.tones.entry(sender).or_default() += 1;
        }
    }

    /// Whatever was sensed so far does not count any more, but for when each was seen first.
    pub(crate) fn forget(&self) {
        let mut senses = self.senses();
        senses.pictures.values_mut().for_each(|sighting| sighting.steps = 0);
        senses.tones.clear();
        (senses.windows, senses.windows_with_tones) = (0, 0);
    }

    /// Notes that an element failed. The first one is the cause.
    pub(crate) fn fails(&self, fault: Fault) {
        self.senses().fault.get_or_insert(fault);
    }
}

impl Senses {
    fn saw(&mut self, code: Code, place: &str, at: Instant) {
        let Code { sender, counter } = code;
        let new = Sighting { first: at, place: place.to_owned(), steps: 0, counter };
        let sighting = self.pictures.entry(sender).or_insert(new);
        let step = counter.wrapping_sub(sighting.counter);
        if (1..=LARGEST_STEP).contains(&step) {
            sighting.steps += 1;
        }
        sighting.counter = counter;
        if sighting.place != place {
            place.clone_into(&mut sighting.place);
        }
    }

    /// What was seen of a sender.
    pub(crate) fn sighting(&self, sender: u8) -> Option<&Sighting> {
        self.pictures.get(&sender)
    }

    /// Whether a sender's picture moves.
    pub(crate) fn sees(&self, sender: u8) -> bool {
        self.sighting(sender).is_some_and(|sighting| sighting.steps >= MOVING)
    }

    /// For how many windows a sender's tone was heard.
    pub(crate) fn windows_with(&self, sender: u8) -> u32 {
        self.tones.get(&sender).copied().unwrap_or_default()
    }

    /// Whether a sender's tone is there.
    pub(crate) fn hears(&self, sender: u8) -> bool {
        self.windows_with(sender) >= HEARD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge;

    #[test]
    fn a_picture_that_stands_still_is_not_seen() {
        let perception = Perception::default();
        for _ in 0..100 {
            perception.saw(&[Code { sender: 1, counter: 9 }], "2", edge::now());
        }
        assert!(!perception.senses().sees(1));
        assert_eq!(perception.senses().frames, 100);
    }

    #[test]
    fn a_counter_that_runs_on_over_its_end_is_seen_with_its_place() {
        let perception = Perception::default();
        for counter in (200..=255).chain(0..20) {
            perception.saw(&[Code { sender: 1, counter }], "2", edge::now());
        }
        assert!(perception.senses().sees(1) && !perception.senses().sees(2));
        assert_eq!(perception.senses().sighting(1).unwrap().place, "2");
        perception.forget();
        assert!(!perception.senses().sees(1), "it has to be seen once more");
    }

    #[test]
    fn a_second_of_a_tone_is_heard_and_a_click_is_not() {
        let step = std::f64::consts::TAU * f64::from(tone::of_sender(3)) / f64::from(tone::RATE);
        let sound: Vec<f32> = (0..tone::WINDOW).map(|at| (0.2 * (step * at as f64).sin()) as f32).collect();
        let perception = Perception::default();
        perception.heard(&sound);
        assert!(!perception.senses().hears(3));
        (0..5).for_each(|_| perception.heard(&sound));
        assert!(perception.senses().hears(3) && !perception.senses().hears(1));
    }
}
