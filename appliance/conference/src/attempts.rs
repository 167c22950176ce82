use std::{collections::HashMap, sync::Mutex};
use tabellion_domain::{Attempts, MeetingId, Source};
use time::OffsetDateTime;

/// Pairs of meeting and source that wrong codes are counted for.
const REMEMBERED: usize = 10_000;

type Counted = HashMap<(MeetingId, Source), Attempts>;

/// Counts wrong codes per meeting and source (SCHED-10), of guests and of room systems, whether or not the meeting
/// goes on in between: a stranger who tries codes pauses nobody but himself.
#[derive(Default)]
pub(crate) struct CodeAttempts {
    counted: Mutex<Counted>,
}

impl CodeAttempts {
    /// Looks at what came from a source for a meeting, and keeps what becomes of it.
    pub(crate) fn of<T>(
        &self,
        meeting: MeetingId,
        source: Source,
        now: OffsetDateTime,
        look: impl FnOnce(&mut Attempts) -> T,
    ) -> T {
        let mut counted = self.counted.lock().expect("no panic while locked");
        let key = (meeting, source);
        let mut attempts = counted.remove(&key).unwrap_or_default();
        let outcome = look(&mut attempts);
        if !attempts.is_forgotten(now) {
            make_room(&mut counted, now);
            counted.insert(key, attempts);
        }
        outcome
    }

    /// The count as it is, to decide on without changing it.
    pub(crate) fn look(&self, meeting: MeetingId, source: Source) -> Looked {
        let key = (meeting, source);
        let counted = self.counted.lock().expect("no panic while locked");
        let before = counted.get(&key).cloned().unwrap_or_default();
        Looked { key, attempts: before.clone(), before }
    }

    /// What was decided is stored: it counts. Wrong codes that others of the same source gave meanwhile count as well, so
    /// the count is not simply put back.
    pub(crate) fn keep(&self, looked: Looked, now: OffsetDateTime) {
        let Looked { key: (meeting, source), before, attempts: after } = looked;
        if after == before {
            return;
        }
        let right = after == Attempts::default();
        self.of(meeting, source, now, |attempts| {
            if right {
                *attempts = Attempts::default();
            } else {
                attempts.failed(now);
            }
        });
    }
}

/// What a wrong or right code makes of a count, decided before it is stored ([`CodeAttempts::keep`]).
pub(crate) struct Looked {
    key: (MeetingId, Source),
    before: Attempts,
    /// To decide on.
    pub attempts: Attempts,
}

/// Drops what does not matter any more, and then the one whose last wrong code is the oldest.
fn make_room(counted: &mut Counted, now: OffsetDateTime) {
    if counted.len() >= REMEMBERED {
        counted.retain(|_, attempts| !attempts.is_forgotten(now));
    }
    if counted.len() >= REMEMBERED {
        let oldest = counted.iter().min_by_key(|(_, attempts)| attempts.last()).map(|(key, _)| key.clone());
        oldest.map(|key| counted.remove(&key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use time::{Duration, macros::datetime};

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn fails(attempts: &CodeAttempts, source: u32, now: OffsetDateTime) -> u32 {
        let source = Source::at(Ipv4Addr::from_bits(source).into());
        attempts.of(MeetingId(1), source, now, |attempts| attempts.failed(now))
    }

    #[test]
    fn a_flood_of_addresses_drops_the_oldest_and_no_other() {
        let attempts = CodeAttempts::default();
        fails(&attempts, 0, NOON);
        for source in 1..10_000 {
            fails(&attempts, source, NOON + Duration::SECOND);
        }
        let later = NOON + Duration::seconds(2);
        fails(&attempts, 10_000, later);
        assert_eq!(attempts.counted.lock().unwrap().len(), REMEMBERED);
        assert_eq!(fails(&attempts, 1, later), 3, "known");
        assert_eq!(fails(&attempts, 10_000, later), 3, "known");
        assert_eq!(fails(&attempts, 0, later), 4, "the oldest is not");
    }

    #[test]
    fn a_code_that_was_looked_at_counts_once_it_is_kept_beside_those_of_others() {
        let attempts = CodeAttempts::default();
        let source = Source::at(Ipv4Addr::from_bits(1).into());
        let mut dropped = attempts.look(MeetingId(1), source.clone());
        dropped.attempts.failed(NOON);
        let mut wrong = attempts.look(MeetingId(1), source.clone());
        wrong.attempts.failed(NOON);
        assert_eq!(fails(&attempts, 1, NOON), 4, "another call's");
        attempts.keep(wrong, NOON);
        assert_eq!(fails(&attempts, 1, NOON), 2);
        let digit = attempts.look(MeetingId(1), source.clone());
        attempts.keep(digit, NOON);
        assert_eq!(fails(&attempts, 1, NOON), 1, "a key that decides nothing changes nothing");
        let mut right = attempts.look(MeetingId(1), source);
        right.attempts = Attempts::default();
        attempts.keep(right, NOON);
        assert_eq!(fails(&attempts, 1, NOON), 4);
    }

    #[test]
    fn what_is_forgotten_makes_room_first() {
        let attempts = CodeAttempts::default();
        for source in 0..9_999 {
            fails(&attempts, source, NOON);
        }
        let later = NOON + Duration::minutes(10);
        fails(&attempts, 10_000, later - Duration::SECOND);
        fails(&attempts, 10_001, later);
        assert_eq!(attempts.counted.lock().unwrap().len(), 2);
    }
}
