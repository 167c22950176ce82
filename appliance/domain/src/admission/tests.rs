//! Stories of a waiting room, in fake time.

use super::*;
use crate::{Attempts, Role, SeatId};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

struct TestMeeting {
    meeting: LiveMeeting,
    now: OffsetDateTime,
    next: i64,
    /// All room systems call from one place.
    attempts: Attempts,
}

impl TestMeeting {
    fn with_code(code: Option<&str>) -> Self {
        Self {
            meeting: LiveMeeting::new(code.map(str::to_owned)),
            now: NOON,
            next: 1,
            attempts: Attempts::default(),
        }
    }

    fn arrives(&mut self, name: &str, role: Role, channel: Channel) -> (SeatId, Vec<Effect>) {
        let id = SeatId(self.next);
        self.next += 1;
        let identity = if role == Role::Organizer { Identity::Account } else { Identity::Declared };
        let new = NewSeat { id, name: name.to_owned(), role, channel, identity };
        let paused = channel == Channel::RoomSystem && self.attempts.pause(self.now).is_some();
        let effects = if paused {
            self.meeting.request_in_pause(new, self.now)
        } else {
            self.meeting.request(new, self.now)
        };
        (id, effects)
    }

    fn organizer(&mut self) -> SeatId {
        let (id, _) = self.arrives("Claire", Role::Organizer, Channel::Browser);
        self.meeting.attached(id);
        self.meeting.enter(id).unwrap();
        id
    }

    fn dials(&mut self, id: SeatId, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.chars() {
            effects.extend(self.meeting.digit(id, key, &mut self.attempts, self.now));
        }
        effects
    }

    fn after(&mut self, time: Duration) -> Vec<Effect> {
        self.now += time;
        self.meeting.poll(self.now)
    }

    fn stage(&self, id: SeatId) -> Option<Stage> {
        self.meeting.seat(id).map(|seat| seat.stage)
    }
}

#[test]
fn bob_waits_is_accepted_and_joins() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let alice = room.organizer();
    let (bob, effects) = room.arrives("Bob", Role::Guest, Channel::Browser);
    assert!(effects.contains(&Effect::Queue));
    assert_eq!(room.stage(bob), Some(Stage::Waiting));
    assert!(!room.meeting.seat(bob).unwrap().sees_participants());

    room.meeting.decide(alice, bob, Decision::Accept, room.now).unwrap();
    assert!(room.meeting.seat(bob).unwrap().sees_participants());

    let effects = room.meeting.enter(bob).unwrap();
    assert_eq!(room.stage(bob), Some(Stage::Inside));
    assert!(effects.contains(&Effect::Participants));
}

#[test]
fn nobody_enters_before_being_accepted() {
    let mut room = TestMeeting::with_code(None);
    let (bob, _) = room.arrives("Bob", Role::Guest, Channel::Browser);
    assert_eq!(room.meeting.enter(bob), Err(AdmissionError::NotAccepted));
}

#[test]
fn only_an_organizer_decides_and_only_once() {
    let mut room = TestMeeting::with_code(None);
    let alice = room.organizer();
    let (bob, _) = room.arrives("Bob", Role::Guest, Channel::Browser);
    let (eve, _) = room.arrives("Eve", Role::Guest, Channel::Browser);
    let decide = |room: &mut TestMeeting, by, over| room.meeting.decide(by, over, Decision::Accept, NOON);
    assert_eq!(decide(&mut room, eve, eve), Err(AdmissionError::NotOrganizer));
    assert!(decide(&mut room, alice, bob).is_ok());
    assert_eq!(decide(&mut room, alice, bob), Err(AdmissionError::NotWaiting));
}

#[test]
fn refused_and_deleted_are_told_apart() {
    for (decision, reason) in [(Decision::Refuse, EndReason::Refused), (Decision::Delete, EndReason::Deleted)]
    {
        let mut room = TestMeeting::with_code(None);
        let alice = room.organizer();
        let (bob, _) = room.arrives("Bob", Role::Guest, Channel::Browser);
        let effects = room.meeting.decide(alice, bob, decision, NOON).unwrap();
        assert_eq!(room.stage(bob), Some(Stage::Ended { reason }));
        assert!(effects.contains(&Effect::CloseMedia(bob)));
    }
}

#[test]
fn a_room_system_dials_the_code_waits_and_enters_when_accepted() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let alice = room.organizer();
    let (lifesize, effects) = room.arrives("Salle des actes", Role::Guest, Channel::RoomSystem);
    assert!(effects.contains(&Effect::Show(lifesize, Screen::EnterCode { wrong: 0 })));
    assert!(!effects.contains(&Effect::Queue), "no request before the code");

    let effects = room.dials(lifesize, "1234");
    assert!(effects.contains(&Effect::Show(lifesize, Screen::Waiting)));
    assert!(effects.contains(&Effect::Queue));

    let effects = room.meeting.decide(alice, lifesize, Decision::Accept, NOON).unwrap();
    assert!(effects.contains(&Effect::Show(lifesize, Screen::Meeting)));
    assert_eq!(room.stage(lifesize), Some(Stage::Inside));
}

#[test]
fn a_code_ends_with_its_last_digit_or_a_hash_and_a_star_starts_again() {
    for keys in ["1234", "1234#", "99*1234", "#1234"] {
        let mut room = TestMeeting::with_code(Some("1234"));
        let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
        room.dials(lifesize, keys);
        assert_eq!(room.stage(lifesize), Some(Stage::Waiting), "{keys}");
    }
}

#[test]
fn the_third_wrong_code_is_told_on_the_screen_and_then_ends_the_call() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert!(room.dials(lifesize, "12#").contains(&Effect::Show(lifesize, Screen::EnterCode { wrong: 1 })));
    assert!(room.dials(lifesize, "1111").contains(&Effect::Show(lifesize, Screen::EnterCode { wrong: 2 })));
    let effects = room.dials(lifesize, "2222");
    assert!(effects.contains(&Effect::Show(lifesize, Screen::Ended(EndReason::WrongCode))));
    assert!(!effects.contains(&Effect::HangUp(lifesize)), "the picture is seen first");
    assert!(room.dials(lifesize, "1234").is_empty(), "too late");
    assert!(room.after(Duration::seconds(6)).contains(&Effect::HangUp(lifesize)));
    assert!(room.meeting.is_empty());
}

#[test]
fn five_wrong_codes_in_several_calls_pause_whoever_calls_from_there() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let told = |id| Effect::Show(id, Screen::Ended(EndReason::TooManyCodes));
    let (first, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    let (open_meanwhile, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    room.dials(first, "1111222233334444");
    let (second, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert!(room.dials(second, "5555").contains(&Effect::Show(second, Screen::EnterCode { wrong: 1 })));
    assert!(room.dials(second, "6666").contains(&told(second)), "the fifth");
    assert!(room.dials(open_meanwhile, "1234").contains(&told(open_meanwhile)), "not even the right one");

    let (third, effects) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert!(effects.contains(&told(third)));
    assert!(room.dials(third, "1234").is_empty());
    assert!(!room.after(Duration::seconds(10)).contains(&Effect::HangUp(third)), "the picture is seen first");
    assert!(room.after(Duration::seconds(1)).contains(&Effect::HangUp(third)));

    room.after(Duration::minutes(10));
    let (fourth, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert!(room.dials(fourth, "1234").contains(&Effect::Queue));
}

#[test]
fn a_right_code_starts_the_count_anew_and_a_meeting_without_one_knows_no_pause() {
    let mut room = TestMeeting::with_code(Some("1234"));
    for _ in 0..3 {
        let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
        room.dials(lifesize, "111122221234");
        assert_eq!(room.stage(lifesize), Some(Stage::Waiting));
    }
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    room.dials(lifesize, "111122223333");
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    room.dials(lifesize, "44445555");
    room.meeting.code_changed(None, room.now);
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert_eq!(room.stage(lifesize), Some(Stage::Waiting));
}

#[test]
fn a_room_system_that_dials_nothing_is_let_go() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    assert!(room.after(Duration::seconds(89)).is_empty());
    let effects = room.after(Duration::seconds(1));
    assert!(effects.contains(&Effect::Show(lifesize, Screen::Ended(EndReason::WrongCode))));
}

#[test]
fn a_reload_keeps_the_seat_and_a_closed_laptop_loses_it() {
    let mut room = TestMeeting::with_code(None);
    let alice = room.organizer();
    room.meeting.detached(alice, room.now);
    assert!(room.after(Duration::seconds(30)).is_empty());
    room.meeting.attached(alice);
    assert!(room.after(Duration::hours(9)).is_empty(), "a long meeting is no absence");

    room.meeting.detached(alice, room.now);
    let effects = room.after(Duration::seconds(60));
    assert!(effects.contains(&Effect::Journal(JournalEntry::Ended { seat: alice, reason: EndReason::Lost })));
    assert!(effects.contains(&Effect::Participants));
    assert!(room.meeting.is_empty());
}

#[test]
fn a_room_system_that_hangs_up_is_not_hung_up_again() {
    let mut room = TestMeeting::with_code(None);
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    let effects = room.meeting.call_ended(lifesize, room.now);
    assert!(effects.contains(&Effect::Queue) && effects.contains(&Effect::CloseMedia(lifesize)));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::HangUp(_) | Effect::Show(..))));
    assert!(room.meeting.is_empty());
}

#[test]
fn switching_the_code_off_lets_those_who_dial_it_into_the_waiting_room() {
    let mut room = TestMeeting::with_code(Some("1234"));
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    let effects = room.meeting.code_changed(None, room.now);
    assert!(effects.contains(&Effect::Show(lifesize, Screen::Waiting)));
    assert_eq!(room.stage(lifesize), Some(Stage::Waiting));
}

#[test]
fn who_waits_without_the_new_code_gives_it_and_who_was_let_in_stays() {
    let mut room = TestMeeting::with_code(None);
    let alice = room.organizer();
    let (inside, _) = room.arrives("Zoé", Role::Guest, Channel::Browser);
    room.meeting.decide(alice, inside, Decision::Accept, room.now).unwrap();
    let (bob, _) = room.arrives("Bob", Role::Guest, Channel::Browser);
    let (lifesize, _) = room.arrives("Salle", Role::Guest, Channel::RoomSystem);
    let effects = room.meeting.code_changed(Some("1234".to_owned()), room.now);
    assert!(effects.contains(&Effect::Show(lifesize, Screen::EnterCode { wrong: 0 })));
    assert!(effects.contains(&Effect::Queue));
    let ended = Some(Stage::Ended { reason: EndReason::CodeChanged });
    assert_eq!((room.stage(bob), room.stage(lifesize)), (ended, Some(Stage::Code)));
    assert_eq!((room.stage(alice), room.stage(inside)), (Some(Stage::Inside), Some(Stage::Accepted)));
    assert!(room.meeting.code_changed(Some("1234".to_owned()), room.now).is_empty(), "it is the same");
}

#[test]
fn deactivating_the_meeting_ends_it_for_everyone_inside_and_outside() {
    let mut room = TestMeeting::with_code(None);
    let alice = room.organizer();
    let (bob, _) = room.arrives("Bob", Role::Guest, Channel::Browser);
    room.meeting.close(room.now);
    let closed = Some(Stage::Ended { reason: EndReason::MeetingClosed });
    assert_eq!((room.stage(alice), room.stage(bob)), (closed, closed));
    room.after(Duration::seconds(6));
    assert!(room.meeting.is_empty());
}

#[test]
fn who_was_invited_by_name_does_not_wait_and_a_room_system_does() {
    let mut room = TestMeeting::with_code(None);
    for (number, role) in [(1, Role::Guest), (2, Role::Spectator)] {
        let new = NewSeat {
            id: SeatId(number),
            name: "Bob".into(),
            role,
            channel: Channel::Browser,
            identity: Identity::Invited,
        };
        room.meeting.request(new, room.now);
        assert_eq!(room.stage(SeatId(number)), Some(Stage::Accepted), "{role:?}");
    }
    room.next = 3;
    let (lifesize, _) = room.arrives("Lifesize", Role::Guest, Channel::RoomSystem);
    assert_eq!(room.stage(lifesize), Some(Stage::Waiting));
    room.meeting.withdraw(SeatId(1), EndReason::Uninvited, room.now);
    assert_eq!(room.stage(SeatId(1)), Some(Stage::Ended { reason: EndReason::Uninvited }));
    assert_eq!(room.stage(SeatId(2)), Some(Stage::Accepted));
}

#[test]
fn a_seat_found_after_a_restart_is_where_it_was() {
    let mut room = TestMeeting::with_code(None);
    let new = NewSeat {
        id: SeatId(7),
        name: "Bob".into(),
        role: Role::Guest,
        channel: Channel::Browser,
        identity: Identity::Declared,
    };
    room.meeting.restore(new, Stage::Inside, NOON, NOON);
    assert!(room.after(Duration::seconds(59)).is_empty());
    room.meeting.attached(SeatId(7));
    assert_eq!(room.stage(SeatId(7)), Some(Stage::Inside));
}
