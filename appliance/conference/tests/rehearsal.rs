//! Stories of the meeting in which the box tests itself.

mod common;

use common::{Page, TestRoom, phone::Phone};
use tabellion_conference::{
    AttachError, RehearsalError, RehearsalKeys,
    messages::{Decision, EndReason, SeatReply, Stage},
};
use tabellion_domain::AuditEvent;
use tabellion_sip::{Calls, Resolution};
use tabellion_store::MeetingOrder;

/// Both pages of a rehearsal, inside.
async fn inside(room: &TestRoom, keys: &RehearsalKeys) -> (Page, Page) {
    let mut organizer = Page::open(room, keys.organizer_seat.clone()).await;
    organizer.enters().await;
    let mut guest = Page::open(room, keys.guest_seat.clone()).await;
    guest.stage(Stage::Waiting).await;
    assert_eq!(organizer.decides(guest.seat, Decision::Accept).await, SeatReply::Done);
    assert_eq!(guest.enters().await, SeatReply::Answer { answer: "answer".to_owned() });
    (organizer, guest)
}

#[tokio::test]
async fn a_rehearsal_is_a_meeting_like_others_that_no_list_and_no_journal_shows() {
    let room = TestRoom::open().await;
    let keys = room.conference.rehearse().await.unwrap();
    assert!(!format!("{keys:?}").contains(keys.code.as_str()));
    let (organizer, _guest) = inside(&room, &keys).await;
    assert!(matches!(room.conference.rehearse().await, Err(RehearsalError::Busy)), "one at a time");

    let listed = room.store.permanent_meetings(MeetingOrder::Name, 0, 10).await.unwrap();
    assert_eq!(listed.items, std::slice::from_ref(&room.meeting));
    assert_eq!(room.journal().await, []);
    let journal = room.store.audit_journal().await.unwrap();
    let last: AuditEvent = serde_json::from_str(&journal.last().unwrap().event).unwrap();
    assert_eq!(last, AuditEvent::Rehearsed, "but that there was one");
    drop(organizer);
}

#[tokio::test]
async fn its_end_is_the_end_for_everybody_and_nothing_of_it_stays() {
    let room = TestRoom::open().await;
    let keys = room.conference.rehearse().await.unwrap();
    let (mut organizer, mut guest) = inside(&room, &keys).await;
    room.conference.end_rehearsal().await;
    organizer.ended(EndReason::MeetingClosed).await;
    guest.ended(EndReason::MeetingClosed).await;
    assert_eq!(room.conference.resolve(keys.number.as_str()).await, Resolution::Unknown);
    assert!(room.conference.rehearsal_password(&keys.device).is_none());

    let next = room.conference.rehearse().await.unwrap();
    let organizer = Page::open(&room, next.organizer_seat.clone()).await;
    drop(organizer);
    room.conference.end_rehearsal().await;
    // Its pages have left before; nothing waits for a farewell.
    let other = room.conference.rehearse().await.unwrap();
    let (mut organizer, mut guest) = inside(&room, &other).await;
    guest.leaves().await;
    organizer.leaves().await;
    room.conference.end_rehearsal().await;
    room.until_forgotten(&other.organizer_seat).await;
}

#[tokio::test]
async fn none_but_its_own_room_system_may_dial_it() {
    let room = TestRoom::open().await;
    let keys = room.conference.rehearse().await.unwrap();
    assert_eq!(room.conference.resolve(keys.number.as_str()).await, Resolution::Meeting);
    assert_eq!(Phone::is_refused(&room, keys.number.as_str()).await, 404);
    assert_eq!(room.conference.rehearsal_password("salle"), None);
    assert_eq!(room.conference.rehearsal_password(&keys.device), Some(keys.password));
}

#[tokio::test]
async fn a_restart_ends_it_and_forgets_it() {
    let mut room = TestRoom::open().await;
    let keys = room.conference.rehearse().await.unwrap();
    let (organizer, guest) = inside(&room, &keys).await;
    room.restart().await;
    let again = room.conference.attach(&keys.organizer_seat, None).await;
    assert!(matches!(again, Err(AttachError::UnknownSeat)));
    assert_eq!(room.store.open_seats().await.unwrap(), []);
    room.conference.rehearse().await.unwrap();
    drop((organizer, guest));
}
