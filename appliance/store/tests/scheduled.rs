//! Scheduled meetings on real files: versions, participants, links, mails, the end of the day.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use serde_json::json;
use std::sync::Arc;
use tabellion_domain::{
    AuditEvent, Civility, MeetingId, ParticipantId, Role, SecurityCode, UserId,
    admission::{Channel, Identity, Stage},
    scheduled::{
        InviteeForm, Line, LinkSecret, Message, Notice, Participant, Plan, State, Undone, When, prefilled,
        read_all,
    },
    testing::FakeEntropy,
};
use tabellion_store::{
    Edit, Mailing, NewScheduled, NewStoredSeat, NewUser, OutboxKind, Scheduled, ScheduledRefusal, Store,
    StoreError, Told, Topic,
};
use time::{
    Date, Duration, OffsetDateTime,
    macros::{date, datetime, time},
};

const NINE: OffsetDateTime = datetime!(2026-11-23 8:00 UTC);
const DAY: Date = date!(2026 - 11 - 27);
const CLOSES: OffsetDateTime = datetime!(2026-11-27 23:00 UTC);

struct Office {
    store: Store,
    claire: UserId,
    _folder: tempfile::TempDir,
}

/// Whose secret a test knows: the participant's number in each byte.
fn secret(one: &Participant) -> [u8; 32] {
    LinkSecret::hash(&one.id.to_string())
}

fn compose(told: &Told) -> Vec<Mailing> {
    let write = |(one, notice): &(Participant, Notice)| Mailing {
        participant: one.id,
        link: (*notice != Notice::Cancellation).then(|| secret(one)),
        payload: json!({ "to": one.invitee.email.as_str(), "notice": format!("{notice:?}") }),
    };
    told.people.iter().map(write).collect()
}

fn silent(_: &Told) -> Vec<Mailing> {
    Vec::new()
}

async fn office() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
    let claire = NewUser {
        login: "claire.moreau".into(),
        civility: Civility::Maitre,
        first_name: "Claire".into(),
        last_name: "Moreau".into(),
        email: "claire@office.test".into(),
        mobile: None,
        administrator: true,
        password_hash: "hash".into(),
        totp_secret: None,
    };
    let claire = store.create_user(claire, NINE).await.unwrap();
    Office { store, claire, _folder: folder }
}

type Person = (Option<ParticipantId>, &'static str, &'static str, &'static str, bool);

const CLAIRE: Person = (None, "Claire Moreau", "claire@office.test", "organizer", true);
const BOB: Person = (None, "Bob Martin", "bob@client.test", "guest", true);
const DENISE: Person = (None, "Denise Beausoleil", "denise@client.test", "spectator", false);

impl Office {
    fn plan(&self, day: Date) -> Plan {
        Plan {
            reference: Line::new("2026-114 Vente DUPONT").unwrap(),
            when: When::new(day, time!(16:00)).unwrap(),
            code: Some(SecurityCode::new("1234").unwrap()),
        }
    }

    async fn draft(&self, day: Date) -> Scheduled {
        let new = NewScheduled { plan: self.plan(day), created_by: self.claire };
        let entropy = Arc::new(FakeEntropy::seeded(u64::from(day.ordinal())));
        self.store.create_scheduled_meeting(new, "1099".into(), entropy, NINE).await.unwrap()
    }

    fn edit(&self, of: &Scheduled) -> Edit {
        self.edit_at(of, NINE)
    }

    fn edit_at(&self, of: &Scheduled, at: OffsetDateTime) -> Edit {
        Edit { meeting: of.meeting.id, version: Some(of.meeting.version), by: self.claire, at }
    }

    async fn revise(&self, of: &Scheduled, people: &[Person]) -> Result<Scheduled, ScheduledRefusal> {
        let rows = people.iter().map(|&(id, name, email, role, send)| {
            let form = InviteeForm {
                civility: String::new(),
                name: name.into(),
                email: email.into(),
                role: role.into(),
            };
            (id, form, send)
        });
        self.store.revise_participants(self.edit(of), read_all(rows).unwrap(), compose).await.unwrap()
    }

    async fn validate(&self, of: &Scheduled) -> Result<Scheduled, ScheduledRefusal> {
        let message = Message::new(&prefilled(of.participants.iter().map(|one| &one.invitee))).unwrap();
        let name = Line::new("Réunion DUPONT").unwrap();
        self.store.validate_scheduled_meeting(self.edit(of), name, message, compose).await.unwrap()
    }

    /// With Claire, Bob and Denise, who gets no mail.
    async fn validated(&self, day: Date) -> Scheduled {
        let draft = self.draft(day).await;
        let draft = self.revise(&draft, &[CLAIRE, BOB, DENISE]).await.unwrap();
        self.validate(&draft).await.unwrap()
    }

    /// What was sent since the last look: to whom, and what it tells. A mail waits for the older ones to the same person.
    async fn mails(&self) -> Vec<(String, String)> {
        let later = NINE + Duration::days(365);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let mut sent = Vec::new();
        loop {
            let due = self.store.outbox_due(OutboxKind::Mail, later).await.unwrap();
            if due.is_empty() {
                return sent;
            }
            for mail in due {
                sent.push((text(&mail.payload["to"]), text(&mail.payload["notice"])));
                self.store.outbox_sent(mail.id, later).await.unwrap();
            }
        }
    }

    async fn seat_by(&self, of: &Scheduled, link: [u8; 32], at: OffsetDateTime) -> Result<(), StoreError> {
        let new = NewStoredSeat {
            meeting: of.meeting.id,
            name: "Bob Martin".into(),
            role: Role::Guest,
            channel: Channel::Browser,
            identity: Identity::Invited,
            user: None,
            device: None,
            link: Some(link),
            token_hash: None,
            stage: Stage::Accepted,
            at,
        };
        self.store.insert_seat_with(new, |_| (Default::default(), ())).await.map(drop)
    }

    async fn journal(&self) -> Vec<String> {
        let lines = self.store.audit_journal().await.unwrap();
        let what = |event: &str| match serde_json::from_str(event).unwrap() {
            AuditEvent::MeetingEdited { what, .. } => Some(what),
            AuditEvent::MeetingExpired { .. } => Some("expired".to_owned()),
            _ => None,
        };
        lines.iter().filter_map(|line| what(&line.event)).collect()
    }
}

fn mailed(mails: &[(&str, &str)]) -> Vec<(String, String)> {
    mails.iter().map(|&(to, what)| (to.to_owned(), what.to_owned())).collect()
}

fn named<'a>(scheduled: &'a Scheduled, name: &str) -> &'a Participant {
    scheduled.participants.iter().find(|one| one.invitee.name.as_str().starts_with(name)).unwrap()
}

fn row(one: &Participant) -> Person {
    let word = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let name = word(one.invitee.name.as_str());
    (Some(one.id), name, word(one.invitee.email.as_str()), one.invitee.role.word(), one.send)
}

#[tokio::test]
async fn a_meeting_is_made_filled_validated_and_those_who_are_ticked_are_invited() {
    let office = office().await;
    let mut news = office.store.topics();
    let draft = office.draft(DAY).await;
    assert!(draft.meeting.id.is_scheduled() && draft.meeting.state == State::Draft);
    assert_eq!(news.recv().await.unwrap(), Topic::ScheduledMeetings);
    assert_eq!(office.validate(&draft).await, Err(ScheduledRefusal::Undone(Undone::Nobody)));

    let guests = office.revise(&draft, &[BOB]).await.unwrap();
    assert_eq!(office.validate(&guests).await, Err(ScheduledRefusal::Undone(Undone::NoOrganizer)));
    assert!(office.mails().await.is_empty());

    let scheduled = office.validated(date!(2026 - 11 - 28)).await;
    assert_eq!(scheduled.meeting.state, State::Sent);
    assert_eq!(
        office.mails().await,
        mailed(&[("bob@client.test", "Invitation"), ("claire@office.test", "Invitation")])
    );
    let found = office.store.invitation(secret(named(&scheduled, "Bob"))).await.unwrap().unwrap();
    assert_eq!((found.0.id, found.1.invitee.role), (scheduled.meeting.id, Role::Guest));
    assert_eq!(office.store.invitation(secret(named(&scheduled, "Denise"))).await.unwrap(), None);
    assert_eq!(office.validate(&scheduled).await, Err(ScheduledRefusal::Changed), "once");
}

#[tokio::test]
async fn of_two_people_who_edit_one_meeting_the_second_is_told_and_nothing_is_lost() {
    let office = office().await;
    let draft = office.draft(DAY).await;
    let first = office.revise(&draft, &[CLAIRE]).await.unwrap();
    assert_eq!(first.meeting.version, 2);
    assert_eq!(office.revise(&draft, &[BOB]).await, Err(ScheduledRefusal::Changed));
    let change = |of: &Scheduled| {
        office.store.change_scheduled_meeting(
            office.edit(of),
            office.plan(date!(2026 - 11 - 30)),
            None,
            silent,
        )
    };
    assert_eq!(change(&draft).await.unwrap(), Err(ScheduledRefusal::Changed));
    assert_eq!(change(&first).await.unwrap().unwrap().meeting.version, 3);
    let now = office.store.scheduled(draft.meeting.id).await.unwrap().unwrap();
    assert_eq!((now.participants.len(), now.meeting.when.day()), (1, date!(2026 - 11 - 30)));
    let same = office.store.change_scheduled_meeting(
        office.edit(&now),
        office.plan(date!(2026 - 11 - 30)),
        None,
        compose,
    );
    assert_eq!(same.await.unwrap().unwrap().meeting.version, 3, "no change is none");
}

#[tokio::test]
async fn who_is_added_changed_and_removed_is_told_and_links_of_before_open_nothing() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let (claire, bob) = (named(&scheduled, "Claire").clone(), named(&scheduled, "Bob").clone());
    office.seat_by(&scheduled, secret(&bob), NINE).await.unwrap();
    office.mails().await;
    let spectator = (claire.id.into(), "Claire Moreau", "claire@office.test", "organizer", true);
    let anne = (None, "Anne Dubois", "anne@client.test", "organizer", true);
    let denise =
        (named(&scheduled, "Denise").id.into(), "Denise Beausoleil", "new@client.test", "guest", true);
    let now = office.revise(&scheduled, &[spectator, anne, denise]).await.unwrap();
    assert_eq!(
        office.mails().await,
        mailed(&[
            ("bob@client.test", "Cancellation"),
            ("new@client.test", "Invitation"),
            ("anne@client.test", "Invitation")
        ])
    );
    assert_eq!(office.store.invitation(secret(&bob)).await.unwrap(), None);
    assert!(office.store.invitation(secret(&claire)).await.unwrap().is_some(), "nothing of her was changed");
    assert_eq!(office.store.uninvited_seats().await.unwrap().len(), 1);
    let refused = office.seat_by(&scheduled, secret(&bob), NINE).await;
    assert!(matches!(refused, Err(StoreError::InvitationEnded)), "{refused:?}");
    // The message still names those who will be there.
    let message = now.meeting.message.unwrap().to_string();
    assert!(message.contains("Anne Dubois") && !message.contains("Bob"), "{message}");
    assert_eq!(now.meeting.sequence, 1);
}

#[tokio::test]
async fn who_is_ticked_again_is_told_how_the_meeting_is_now() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let bob = named(&scheduled, "Bob").id;
    let list = |send| {
        let rows = scheduled.participants.iter().map(row).map(|(id, name, email, role, former)| {
            let (name, email, role) = (name.into(), email.into(), role.into());
            let form = InviteeForm { civility: String::new(), name, email, role };
            (id, form, if id == Some(bob) { send } else { former })
        });
        read_all(rows).unwrap()
    };
    let unticked = office.store.revise_participants(office.edit(&scheduled), list(false), |told| {
        assert!(told.people.is_empty(), "nobody is told of it");
        Vec::new()
    });
    let unticked = unticked.await.unwrap().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let ticked = office.store.revise_participants(office.edit(&unticked), list(true), move |now| {
        now.people.iter().for_each(|(one, notice)| tell.send((one.id, *notice)).unwrap());
        Vec::new()
    });
    ticked.await.unwrap().unwrap();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(bob, Notice::Change)]);
}

#[tokio::test]
async fn another_role_ends_the_links_and_seats_of_the_former_one() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let bob = named(&scheduled, "Bob").clone();
    office.seat_by(&scheduled, secret(&bob), NINE).await.unwrap();
    let mut rows: Vec<_> = scheduled.participants.iter().map(row).collect();
    rows[0].3 = "spectator";
    assert_eq!(rows[0].1, "Bob Martin");
    office.mails().await;
    // The change's own mail brings a link anew; the test's are the same for one person, so it is left out here.
    let list = rows.iter().map(|&(id, name, email, role, send)| {
        let form = InviteeForm {
            civility: String::new(),
            name: name.into(),
            email: email.into(),
            role: role.into(),
        };
        (id, form, send)
    });
    let list = read_all(list).unwrap();
    let told = office.store.revise_participants(office.edit(&scheduled), list, |told| {
        assert_eq!(told.people.iter().map(|(_, notice)| *notice).collect::<Vec<_>>(), [Notice::Change]);
        Vec::new()
    });
    told.await.unwrap().unwrap();
    assert!(office.mails().await.is_empty());
    assert_eq!(office.store.invitation(secret(&bob)).await.unwrap(), None);
    assert_eq!(office.store.uninvited_seats().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_corrected_address_does_not_wait_behind_the_wrong_one_which_is_told_only_what_it_knows_of() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let moved = |of: &Scheduled, email: &'static str| {
        let mut rows: Vec<_> = of.participants.iter().map(row).collect();
        assert_eq!(rows[0].1, "Bob Martin");
        rows[0].2 = email;
        rows
    };
    let now = office.revise(&scheduled, &moved(&scheduled, "bob@right.test")).await.unwrap();
    assert_eq!(
        office.mails().await,
        mailed(&[("claire@office.test", "Invitation"), ("bob@right.test", "Invitation")])
    );
    office.revise(&now, &moved(&now, "bob@home.test")).await.unwrap();
    assert_eq!(
        office.mails().await,
        mailed(&[("bob@right.test", "Cancellation"), ("bob@home.test", "Invitation")])
    );
}

#[tokio::test]
async fn a_meeting_that_is_open_keeps_an_organizer() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let guests: Vec<_> = scheduled.participants.iter().map(row).filter(|one| one.3 != "organizer").collect();
    let refused = office.revise(&scheduled, &guests).await;
    assert_eq!(refused, Err(ScheduledRefusal::Undone(Undone::NoOrganizer)));
    let refused = office.revise(&scheduled, &[]).await;
    assert_eq!(refused, Err(ScheduledRefusal::Undone(Undone::Nobody)));
    let now = office.store.scheduled(scheduled.meeting.id).await.unwrap().unwrap();
    assert_eq!(now, scheduled);
}

#[tokio::test]
async fn a_meeting_is_not_validated_more_than_an_hour_after_its_beginning() {
    let office = office().await;
    let draft = office.draft(DAY).await;
    let draft = office.revise(&draft, &[CLAIRE]).await.unwrap();
    let validated = async |at| {
        let (name, message) = (Line::new("Vente").unwrap(), Message::new("Bonjour").unwrap());
        let edit = office.edit_at(&draft, at);
        office.store.validate_scheduled_meeting(edit, name, message, silent).await.unwrap()
    };
    let hour = draft.meeting.when.begins_at() + Duration::HOUR;
    let late = validated(hour + Duration::SECOND).await;
    assert_eq!(late, Err(ScheduledRefusal::Undone(Undone::Past)));
    assert!(validated(hour).await.is_ok());
}

#[tokio::test]
async fn one_link_has_four_places_at_once() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    let link = secret(named(&scheduled, "Bob"));
    for _ in 0..4 {
        office.seat_by(&scheduled, link, NINE).await.unwrap();
    }
    let fifth = office.seat_by(&scheduled, link, NINE).await;
    assert!(matches!(fifth, Err(StoreError::InvitationCrowded)), "{fifth:?}");
}

#[tokio::test]
async fn another_day_or_code_is_told_and_another_reference_is_not() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    office.mails().await;
    let reference = Plan { reference: Line::new("2026-114 bis").unwrap(), ..office.plan(DAY) };
    let edit = office.edit(&scheduled);
    let changed = office.store.change_scheduled_meeting(edit, reference.clone(), None, silent).await.unwrap();
    let changed = changed.unwrap();
    assert_eq!((changed.meeting.sequence, changed.meeting.name), (0, scheduled.meeting.name.clone()));
    let told = |told: &Told| {
        assert_eq!(told.meeting.sequence, 1);
        let people: Vec<_> =
            told.people.iter().map(|(one, notice)| (one.invitee.name.as_str(), *notice)).collect();
        assert_eq!(people, [("Bob Martin", Notice::Change), ("Claire Moreau", Notice::Change)]);
        Vec::new()
    };
    let edit = Edit { version: None, ..edit };
    let open = Plan { code: None, ..reference };
    office.store.change_scheduled_meeting(edit, open, None, told).await.unwrap().unwrap();
    assert!(office.mails().await.is_empty());
    let bob = secret(named(&scheduled, "Bob"));
    assert!(office.store.invitation(bob).await.unwrap().is_some(), "the link of before stays good");
}

#[tokio::test]
async fn a_deleted_meeting_tells_those_who_were_invited_and_a_draft_nobody() {
    let office = office().await;
    let draft = office.draft(date!(2026 - 11 - 28)).await;
    let gone = office.store.delete_scheduled_meeting(office.edit(&draft), compose).await.unwrap();
    assert_eq!(gone, Ok(()));
    assert_eq!(office.store.scheduled(draft.meeting.id).await.unwrap(), None);
    let scheduled = office.validated(DAY).await;
    office.mails().await;
    office.store.delete_scheduled_meeting(office.edit(&scheduled), compose).await.unwrap().unwrap();
    assert_eq!(
        office.mails().await,
        mailed(&[("bob@client.test", "Cancellation"), ("claire@office.test", "Cancellation")])
    );
    let refused = office.seat_by(&scheduled, secret(named(&scheduled, "Bob")), NINE).await;
    assert!(matches!(refused, Err(StoreError::InvitationEnded)), "{refused:?}");
    let now = office.store.scheduled(scheduled.meeting.id).await.unwrap().unwrap();
    assert_eq!((now.meeting.state, now.meeting.code.clone()), (State::Cancelled, None));
    assert_eq!(office.revise(&now, &[BOB]).await, Err(ScheduledRefusal::Over));
    assert_eq!(office.store.scheduled_meetings(DAY, DAY, 0, 9).await.unwrap().total, 0);
}

/// SCHED-14, on the days of 24, 23 and 25 hours.
#[tokio::test]
async fn at_midnight_in_paris_the_days_meetings_are_over_whatever_their_state() {
    for (day, midnight) in [
        (DAY, CLOSES),
        (date!(2027 - 03 - 28), datetime!(2027-03-28 22:00 UTC)),
        (date!(2027 - 10 - 31), datetime!(2027-10-31 23:00 UTC)),
    ] {
        let office = office().await;
        let scheduled = office.validated(day).await;
        let draft = office.draft(day.previous_day().unwrap()).await;
        let later = office.draft(day.next_day().unwrap()).await;
        let (link, number) = (secret(named(&scheduled, "Bob")), scheduled.meeting.number.clone());
        let before = midnight - Duration::SECOND;
        assert_eq!(office.store.expire_scheduled_meetings(before).await.unwrap(), [draft.meeting.id]);
        office.seat_by(&scheduled, link, before).await.unwrap();
        assert!(office.store.meeting_by_number(&number).await.unwrap().unwrap().is_open(before));

        // Before the row says so, nobody gets in any more either.
        let late = office.seat_by(&scheduled, link, midnight).await;
        assert!(matches!(late, Err(StoreError::InvitationEnded)), "{late:?}");
        assert!(!office.store.meeting_by_number(&number).await.unwrap().unwrap().is_open(midnight));
        let edit = office.edit_at(&scheduled, midnight);
        let refused = office.store.delete_scheduled_meeting(edit, compose).await.unwrap();
        assert_eq!(refused, Err(ScheduledRefusal::Over));

        assert_eq!(office.store.expire_scheduled_meetings(midnight).await.unwrap(), [scheduled.meeting.id]);
        let now = office.store.scheduled_meeting(scheduled.meeting.id).await.unwrap().unwrap();
        assert_eq!((now.state, now.code), (State::Expired, None), "{day}");
        assert_eq!(office.journal().await.iter().filter(|what| *what == "expired").count(), 1);
        let shown = office.store.scheduled_meetings(Date::MIN, Date::MAX, 0, 9).await.unwrap();
        let shown: Vec<_> = shown.items.iter().map(|row| row.meeting.id).collect();
        assert_eq!(shown, [scheduled.meeting.id, later.meeting.id], "a draft that went by is not shown");
    }
}

#[tokio::test]
async fn when_the_retention_period_is_over_nothing_is_left() {
    let office = office().await;
    let scheduled = office.validated(DAY).await;
    office.store.expire_scheduled_meetings(CLOSES).await.unwrap();
    let purged = async |at| {
        let cutoffs = tabellion_domain::settings::Retention::default().cutoffs(at);
        office.store.purge(cutoffs, at).await.unwrap().meetings
    };
    let year = CLOSES + Duration::days(365);
    assert_eq!(purged(year - Duration::SECOND).await, 0);
    assert_eq!(office.store.former_participants().await.unwrap().len(), 3);
    assert_eq!(purged(year).await, 1);
    assert_eq!(office.store.scheduled(scheduled.meeting.id).await.unwrap(), None);
    assert!(office.store.former_participants().await.unwrap().is_empty());
}

#[tokio::test]
async fn former_participants_are_known_once_in_the_role_of_the_last_time() {
    let office = office().await;
    office.validated(DAY).await;
    let later = office.draft(date!(2026 - 12 - 04)).await;
    let bob = (None, "BOB MARTIN", "Bob@client.test", "spectator", true);
    office.revise(&later, &[bob]).await.unwrap();
    let former = office.store.former_participants().await.unwrap();
    let names: Vec<_> = former.iter().map(|one| one.invitee.name.as_str()).collect();
    assert_eq!(names, ["BOB MARTIN", "Claire Moreau", "Denise Beausoleil"]);
    assert_eq!((former[0].invitee.role, former[0].last), (Role::Spectator, date!(2026 - 12 - 04)));
}

#[tokio::test]
async fn five_hundred_people_are_invited_at_once() {
    let office = office().await;
    let draft = office.draft(DAY).await;
    let crowd: Vec<Person> = (0..500)
        .map(|i| {
            let word = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
            let (name, email) = (word(format!("Client {i:03}")), word(format!("client{i}@client.test")));
            (None, name, email, if i == 0 { "organizer" } else { "guest" }, true)
        })
        .collect();
    let draft = office.revise(&draft, &crowd).await.unwrap();
    assert_eq!(office.validate(&draft).await.unwrap().participants.len(), 500);
    let found = office.store.scheduled_meetings(DAY, DAY, 0, 9).await.unwrap();
    assert_eq!((found.total, found.items[0].participants), (1, 500));
    assert_eq!(found.items[0].organizer.as_ref().unwrap().name.as_str(), "Client 000");
    let last = office.store.scheduled(draft.meeting.id).await.unwrap().unwrap().participants.remove(499);
    assert!(office.store.invitation(secret(&last)).await.unwrap().is_some());
}

#[tokio::test]
async fn permanent_and_scheduled_meetings_have_no_number_in_common() {
    let office = office().await;
    let scheduled = office.draft(DAY).await;
    let number = &scheduled.meeting.number;
    let facts = office.store.meeting_by_number(number).await.unwrap().unwrap();
    assert_eq!((facts.id, facts.open), (scheduled.meeting.id, false));
    assert!(facts.id >= MeetingId::FIRST_SCHEDULED);
    // The same dice give the same number, which is taken: both kinds look at both.
    let new = tabellion_store::NewMeeting {
        description: tabellion_domain::Description::new("Salle").unwrap(),
        active: true,
        code_active: false,
        code: None,
        created_by: office.claire,
    };
    let dice = Arc::new(FakeEntropy::seeded(u64::from(DAY.ordinal())));
    let permanent = office.store.create_permanent_meeting(new, "1099".into(), dice, NINE).await.unwrap();
    assert!(permanent.number != *number && !permanent.id.is_scheduled());
}
