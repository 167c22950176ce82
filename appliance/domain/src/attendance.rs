//! Who was in a meeting, and when: told from the lines that the audit journal has of it.

use crate::{
    SeatId,
    admission::{Decision, JournalEntry},
};
use time::OffsetDateTime;

/// From the moment that the first one went in until the last one was out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sitting {
    /// Its begin.
    pub from: OffsetDateTime,
    /// Its end.
    pub until: OffsetDateTime,
    /// Who was inside, in the order in which they went in.
    pub presences: Vec<Presence>,
}

/// One seat's time in a sitting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presence {
    /// Whose.
    pub seat: SeatId,
    /// The organizer's seat that let it in; none where it needed nobody.
    pub admitted_by: Option<SeatId>,
    /// From when.
    pub from: OffsetDateTime,
    /// Until when.
    pub until: OffsetDateTime,
    /// When neither its picture nor its sound came through although it was inside.
    pub gaps: Vec<(OffsetDateTime, OffsetDateTime)>,
}

/// A seat that is inside.
struct Inside {
    presence: Presence,
    lost: Option<OffsetDateTime>,
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    sittings: Vec<Sitting>,
    accepted: Vec<(SeatId, SeatId)>,
    inside: Vec<Inside>,
    out: Vec<Presence>,
}

/// The sittings of one meeting that are over, oldest first. `lines`: all of the meeting, in the journal's order. What comes before the
/// first of them is not known any more; who was inside then is there from the first line on that tells of it.
#[must_use]
pub fn sittings(lines: impl IntoIterator<Item = (OffsetDateTime, JournalEntry)>) -> Vec<Sitting> {
    let mut reading = Reading::default();
    for (at, entry) in lines {
        reading.line(at, &entry);
    }
    reading.sittings
}

impl Reading {
    fn line(&mut self, at: OffsetDateTime, entry: &JournalEntry) {
        match *entry {
            JournalEntry::Decided { seat, by, decision: Decision::Accept } => self.accepted.push((seat, by)),
            JournalEntry::Entered { seat } => self.entered(seat, at),
            JournalEntry::MediaLost { seat } => {
                if let Some(inside) = self.seat(seat) {
                    inside.lost.get_or_insert(at);
                }
            }
            JournalEntry::MediaBack { seat } => {
                if let Some(inside) = self.seat(seat) {
                    inside.back(at);
                }
            }
            JournalEntry::Ended { seat, .. } => self.ended(seat, at),
            JournalEntry::Requested { .. }
            | JournalEntry::Decided { .. }
            | JournalEntry::WrongCode { .. } => {}
        }
    }

    fn seat(&mut self, seat: SeatId) -> Option<&mut Inside> {
        self.inside.iter_mut().find(|inside| inside.presence.seat == seat)
    }

    fn entered(&mut self, seat: SeatId, at: OffsetDateTime) {
        if self.seat(seat).is_some() {
            return;
        }
        let admitted_by = self.accepted.iter().rfind(|(accepted, _)| *accepted == seat).map(|(_, by)| *by);
        let presence = Presence { seat, admitted_by, from: at, until: at, gaps: Vec::new() };
        self.inside.push(Inside { presence, lost: None });
    }

    fn ended(&mut self, seat: SeatId, at: OffsetDateTime) {
        let Some(index) = self.inside.iter().position(|inside| inside.presence.seat == seat) else { return };
        let mut inside = self.inside.remove(index);
        inside.back(at);
        inside.presence.until = at;
        self.out.push(inside.presence);
        if self.inside.is_empty() {
            self.close(at);
        }
    }

    fn close(&mut self, until: OffsetDateTime) {
        let mut presences = std::mem::take(&mut self.out);
        presences.sort_by_key(|presence| presence.from);
        let from = presences.first().map_or(until, |first| first.from);
        self.sittings.push(Sitting { from, until, presences });
    }
}

impl Inside {
    fn back(&mut self, at: OffsetDateTime) {
        if let Some(lost) = self.lost.take() {
            self.presence.gaps.push((lost, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::EndReason;
    use time::{Duration, macros::datetime};

    const CLAIRE: SeatId = SeatId(1);
    const BOB: SeatId = SeatId(2);
    const ANNE: SeatId = SeatId(3);

    fn at(minute: i64) -> OffsetDateTime {
        datetime!(2026-11-27 16:00 UTC) + Duration::minutes(minute)
    }

    fn read(lines: &[(i64, JournalEntry)]) -> Vec<Sitting> {
        sittings(lines.iter().map(|(minute, entry)| (at(*minute), entry.clone())))
    }

    fn entered(seat: SeatId) -> JournalEntry {
        JournalEntry::Entered { seat }
    }

    fn left(seat: SeatId) -> JournalEntry {
        JournalEntry::Ended { seat, reason: EndReason::Left }
    }

    #[test]
    fn a_sitting_lasts_from_the_first_who_comes_to_the_last_who_goes() {
        let found = read(&[
            (0, entered(CLAIRE)),
            (1, JournalEntry::Requested { seat: BOB }),
            (2, JournalEntry::Decided { seat: BOB, by: CLAIRE, decision: Decision::Accept }),
            (3, entered(BOB)),
            (10, JournalEntry::MediaLost { seat: BOB }),
            (11, JournalEntry::MediaLost { seat: BOB }),
            (12, JournalEntry::MediaBack { seat: BOB }),
            (20, left(CLAIRE)),
            (21, JournalEntry::MediaLost { seat: BOB }),
            (25, left(BOB)),
        ]);
        let [sitting] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((sitting.from, sitting.until), (at(0), at(25)));
        let [claire, bob] = sitting.presences.as_slice() else { panic!("{sitting:?}") };
        assert_eq!(
            (claire.seat, claire.admitted_by, claire.from, claire.until),
            (CLAIRE, None, at(0), at(20))
        );
        assert_eq!((bob.seat, bob.admitted_by, bob.from, bob.until), (BOB, Some(CLAIRE), at(3), at(25)));
        assert_eq!(
            bob.gaps,
            [(at(10), at(12)), (at(21), at(25))],
            "who goes while nothing comes through was not seen to the end"
        );
    }

    #[test]
    fn a_room_that_was_empty_in_between_has_had_two_sittings() {
        let found = read(&[
            (0, entered(CLAIRE)),
            (5, left(CLAIRE)),
            (60, entered(ANNE)),
            (61, entered(BOB)),
            (70, left(BOB)),
            (80, left(ANNE)),
            (90, entered(CLAIRE)),
        ]);
        assert_eq!(
            found.iter().map(|sitting| (sitting.from, sitting.until)).collect::<Vec<_>>(),
            [(at(0), at(5)), (at(60), at(80))]
        );
        assert_eq!(found[1].presences.iter().map(|one| one.seat).collect::<Vec<_>>(), [ANNE, BOB]);
    }

    #[test]
    fn who_never_went_in_was_not_there() {
        let refused = JournalEntry::Ended { seat: BOB, reason: EndReason::Refused };
        assert_eq!(read(&[(0, JournalEntry::Requested { seat: BOB }), (1, refused)]), []);
        assert_eq!(read(&[]), []);
    }
}
