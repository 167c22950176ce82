//! Stories of a scheduled meeting: personal links, and what ends them.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Page, TestRoom};
use std::sync::Arc;
use tabellion_conference::{
    GuestForm, JoinError,
    messages::{EndReason, SeatEvent, SeatReply, Stage},
};
use tabellion_domain::{
    Civility, Clock, Role, SecurityCode,
    scheduled::{InviteeForm, Line, LinkSecret, Message, Notice, Plan, When, read_all},
    testing::FakeEntropy,
};
use tabellion_store::{Edit, Mailing, NewScheduled, Scheduled, Told};
use time::{
    OffsetDateTime,
    macros::{date, datetime, time},
};

const CODE: &str = "2468";
const MIDNIGHT: OffsetDateTime = datetime!(2026-11-23 23:00 UTC);
const PEER: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

/// A person's link is the person's name.
fn compose(told: &Told) -> Vec<Mailing> {
    let people = told.people.iter().filter(|(_, notice)| *notice != Notice::Cancellation);
    let mails = people.map(|(one, _)| Mailing {
        participant: one.id,
        link: Some(LinkSecret::hash(one.invitee.name.as_str())),
        payload: serde_json::Value::Null,
    });
    mails.collect()
}

/// Today at 16h00, with Alice who organizes, Bob, and Diane who looks on.
async fn scheduled(room: &TestRoom) -> Scheduled {
    let plan = Plan {
        reference: Line::new("2026-114").unwrap(),
        when: When::new(date!(2026 - 11 - 23), time!(16:00)).unwrap(),
        code: Some(SecurityCode::new(CODE).unwrap()),
    };
    let new = NewScheduled { plan, created_by: room.alice };
    let entropy = Arc::new(FakeEntropy::seeded(11));
    let made =
        room.store.create_scheduled_meeting(new, "1099".into(), entropy, room.clock.now()).await.unwrap();
    let list = people(&[("alice", "organizer"), ("bob", "guest"), ("diane", "spectator")]);
    let made = room.store.revise_participants(edit(room, &made), list, compose).await.unwrap().unwrap();
    let (name, message) = (Line::new("Réunion DUPONT").unwrap(), Message::new("Bonjour").unwrap());
    let done = room.store.validate_scheduled_meeting(edit(room, &made), name, message, compose).await;
    done.unwrap().unwrap()
}

fn people(people: &[(&str, &str)]) -> Vec<tabellion_domain::scheduled::ParticipantEntry> {
    let rows = people.iter().map(|(name, role)| {
        let form = InviteeForm {
            civility: String::new(),
            name: (*name).to_owned(),
            email: format!("{name}@client.test"),
            role: (*role).to_owned(),
        };
        (None, form, true)
    });
    read_all(rows).unwrap()
}

fn edit(room: &TestRoom, of: &Scheduled) -> Edit {
    Edit { meeting: of.meeting.id, version: None, by: room.alice, at: room.clock.now() }
}

fn form(code: Option<&str>) -> GuestForm {
    GuestForm {
        civility: Civility::None,
        first_name: String::new(),
        last_name: String::new(),
        code: code.map(str::to_owned),
    }
}

async fn comes(room: &TestRoom, who: &str, code: Option<&str>) -> Page {
    let token = room.conference.request_entry(who, form(code), PEER).await.unwrap();
    Page::open(room, token).await
}

#[tokio::test]
async fn each_takes_the_place_that_the_link_is_for_and_nobody_else_does() {
    let room = TestRoom::open().await;
    scheduled(&room).await;
    let info = room.conference.link_info("bob").await.unwrap();
    let person = info.person.unwrap();
    assert_eq!((info.meeting_name.as_str(), info.code_required), ("Réunion DUPONT", true));
    assert_eq!((person.name.as_str(), person.role, person.when.hour()), ("bob", Role::Guest, time!(16:00)));
    assert!(!room.conference.link_info("alice").await.unwrap().code_required, "the link is enough");
    let unknown = room.conference.request_entry("eve", form(Some(CODE)), PEER).await;
    assert!(matches!(unknown, Err(JoinError::UnknownLink)), "{unknown:?}");
    let wrong = room.conference.request_entry("bob", form(Some("0000")), PEER).await;
    assert!(matches!(wrong, Err(JoinError::WrongCode { attempts_left: 4 })), "{wrong:?}");

    let mut alice = comes(&room, "alice", None).await;
    alice.stage(Stage::Accepted).await;
    alice.enters().await;
    for (who, role) in [("bob", "guest"), ("diane", "spectator")] {
        let mut page = comes(&room, who, Some(CODE)).await;
        page.stage(Stage::Accepted).await;
        assert_eq!(page.enters().await, SeatReply::Answer { answer: "answer".to_owned() });
        let told = alice
            .hears(|event| match event {
                SeatEvent::Participants { participants } => {
                    participants.iter().find(|one| one.name == who).cloned()
                }
                _ => None,
            })
            .await;
        assert_eq!(serde_json::json!(told.role), role);
    }
}

#[tokio::test]
async fn who_is_removed_is_out_at_once_and_the_others_stay() {
    let room = TestRoom::open().await;
    let meeting = scheduled(&room).await;
    let mut bob = comes(&room, "bob", Some(CODE)).await;
    let mut diane = comes(&room, "diane", Some(CODE)).await;
    bob.stage(Stage::Accepted).await;
    diane.stage(Stage::Accepted).await;
    let stay = meeting.participants.iter().filter(|one| one.invitee.name.as_str() != "bob");
    let list = stay.map(|one| tabellion_domain::scheduled::ParticipantEntry {
        id: Some(one.id),
        invitee: one.invitee.clone(),
        send: one.send,
    });
    let list = list.collect();
    room.store.revise_participants(edit(&room, &meeting), list, compose).await.unwrap().unwrap();
    room.conference.invitations_ended().await.unwrap();
    bob.ended(EndReason::Uninvited).await;
    assert_eq!(diane.enters().await, SeatReply::Answer { answer: "answer".to_owned() });
    let again = room.conference.request_entry("bob", form(Some(CODE)), PEER).await;
    assert!(matches!(again, Err(JoinError::UnknownLink)), "{again:?}");
}

#[tokio::test]
async fn a_deleted_meeting_is_over_for_everybody() {
    let room = TestRoom::open().await;
    let meeting = scheduled(&room).await;
    let mut bob = comes(&room, "bob", Some(CODE)).await;
    room.store.delete_scheduled_meeting(edit(&room, &meeting), compose).await.unwrap().unwrap();
    room.conference.meeting_changed(meeting.meeting.id).await;
    bob.ended(EndReason::MeetingClosed).await;
    let again = room.conference.request_entry("alice", form(None), PEER).await;
    assert!(matches!(again, Err(JoinError::Over)), "{again:?}");
}

/// SCHED-14: who is inside is out, and links and accounts open nothing any more.
#[tokio::test]
async fn at_midnight_it_is_over_for_those_inside_too() {
    let room = TestRoom::open().await;
    let meeting = scheduled(&room).await;
    room.clock.set(MIDNIGHT - time::Duration::SECOND);
    let mut bob = comes(&room, "bob", Some(CODE)).await;
    bob.enters().await;
    room.clock.set(MIDNIGHT);
    for (link, code) in [("bob", Some(CODE)), ("alice", None)] {
        let late = room.conference.request_entry(link, form(code), PEER).await;
        assert!(matches!(late, Err(JoinError::Over)), "{late:?}");
    }
    let late = room.conference.organizer_seat(room.alice, meeting.meeting.id).await;
    assert!(matches!(late, Err(JoinError::Over)), "{late:?}");
    let ended = room.store.expire_scheduled_meetings(MIDNIGHT).await.unwrap();
    assert_eq!(ended, [meeting.meeting.id]);
    room.conference.meeting_changed(meeting.meeting.id).await;
    bob.ended(EndReason::MeetingClosed).await;
}

#[tokio::test]
async fn a_restart_takes_it_up_and_ends_what_was_withdrawn_meanwhile() {
    let mut room = TestRoom::open().await;
    let meeting = scheduled(&room).await;
    let bob = room.conference.request_entry("bob", form(Some(CODE)), PEER).await.unwrap();
    let diane = room.conference.request_entry("diane", form(Some(CODE)), PEER).await.unwrap();
    let stay = meeting.participants.iter().filter(|one| one.invitee.name.as_str() != "bob");
    let list = stay.map(|one| tabellion_domain::scheduled::ParticipantEntry {
        id: Some(one.id),
        invitee: one.invitee.clone(),
        send: one.send,
    });
    let list = list.collect();
    room.store.revise_participants(edit(&room, &meeting), list, compose).await.unwrap().unwrap();
    room.restart().await;
    let mut diane = Page::open(&room, diane).await;
    diane.stage(Stage::Accepted).await;
    let over = async {
        while room.conference.attach(&bob, None).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), over).await.unwrap();
    assert_eq!(room.over(&bob).await, EndReason::Uninvited);
}
