//! A meeting's record, looked at as whoever receives it does.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Read, assert_snapshot, brand};
use tabellion_domain::{Role, chain_hash};
use tabellion_papers::{Attendance, Grade, MeetingRecord, Period, Seal, meeting_record};
use time::{Duration, OffsetDateTime, macros::datetime};

const TWO: OffsetDateTime = datetime!(2026-11-25 14:00 +1);

/// Minutes after two o'clock.
fn period(from: i64, until: i64) -> Period {
    Period { from: TWO + Duration::minutes(from), until: TWO + Duration::minutes(until) }
}

fn attendance(name: &str, role: Role, identity: Grade, present: Vec<Period>) -> Attendance {
    let admitted_by = (role != Role::Organizer).then(|| "Maître Claire Moreau".to_owned());
    Attendance { name: name.to_owned(), role, identity, admitted_by, present, gaps: Vec::new() }
}

fn data() -> MeetingRecord {
    let cut = Period { from: TWO + Duration::seconds(2_700), until: TWO + Duration::seconds(2_830) };
    MeetingRecord {
        office: "Office notarial de la Place d’Armes".to_owned(),
        meeting: "Vente Dupont / SCI Les Tilleuls".to_owned(),
        meeting_number: "1099345678".to_owned(),
        organizer: "Maître Claire Moreau".to_owned(),
        planned: Some(period(0, 60).from),
        held: period(-2, 71),
        participants: vec![
            attendance("Maître Claire Moreau", Role::Organizer, Grade::Account, vec![period(-2, 71)]),
            Attendance {
                gaps: vec![cut],
                ..attendance(
                    "Monsieur Jean Dupont",
                    Role::Guest,
                    Grade::PersonalLink,
                    vec![period(3, 40), period(45, 71)],
                )
            },
            attendance(
                "Salle Lifesize, 1er étage",
                Role::Guest,
                Grade::RegisteredDevice,
                vec![period(5, 70)],
            ),
            attendance("Zoé Peña", Role::Spectator, Grade::Declared, vec![period(10, 30)]),
        ],
        seal: Seal { line: 12_345, hash: chain_hash(&[7; 32], 12_345, 1, "{}") },
        issued_at: datetime!(2026-11-25 14:30 UTC),
        number: "2026-000045".to_owned(),
        brand: brand(),
    }
}

#[test]
fn it_says_who_was_there_when_and_on_whose_word() {
    let made = meeting_record(&data()).unwrap();
    let paper = Read::new("record", &made);
    assert_snapshot("record.txt", &paper.plain_text());
    assert!(paper.pictures().iter().all(common::Picture::keeps_margins));
    assert_eq!(paper.property("Title"), "Relevé de séance n° 2026-000045 : Vente Dupont / SCI Les Tilleuls");
    assert_eq!(paper.property("Tagged"), "yes");
    assert!(made == meeting_record(&data()).unwrap(), "the same data give the same file");
}

#[test]
fn its_seal_is_the_journals_last_hash() {
    let data = data();
    let paper = Read::new("seal", &meeting_record(&data).unwrap());
    let text = paper.plain_text();
    let digits: String = text.split_whitespace().collect();
    let hash: String = data.seal.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(digits.contains(&hash), "{hash} in {text}");
    assert!(
        paper.structure().contains("ligne n°\u{a0}12\u{202f}345 du journal d’audit"),
        "{}",
        paper.structure()
    );
}

#[test]
fn hours_are_those_of_the_meetings_place_whatever_clock_they_were_taken_from() {
    let utc = |period: Period| Period {
        from: period.from.to_offset(time::UtcOffset::UTC),
        until: period.until.to_offset(time::UtcOffset::UTC),
    };
    let mut taken = data();
    taken.planned = taken.planned.map(|at| at.to_offset(time::UtcOffset::UTC));
    for attendance in &mut taken.participants {
        attendance.present = attendance.present.iter().copied().map(utc).collect();
        attendance.gaps = attendance.gaps.iter().copied().map(utc).collect();
    }
    assert!(meeting_record(&taken).unwrap() == meeting_record(&data()).unwrap());
}

#[test]
fn a_meeting_over_midnight_names_the_second_day() {
    let mut data = data();
    let night = Period { from: datetime!(2026-11-25 23:50 +1), until: datetime!(2026-11-26 0:10 +1) };
    (data.planned, data.held) = (None, night);
    data.participants = vec![attendance("Zoé Peña", Role::Guest, Grade::Declared, vec![night])];
    let text = Read::new("midnight", &meeting_record(&data).unwrap()).plain_text();
    assert!(text.contains("Prévue : réunion permanente, sans horaire prévu"), "{text}");
    assert!(text.contains("Tenue : 25 novembre 2026, de 23h50 à 00h10 le 26 novembre 2026"), "{text}");
}

#[test]
fn many_participants_and_stretches_go_on_on_further_pages() {
    let mut data = data();
    let often = (0..130).map(|i| period(2 * i, 2 * i + 1)).collect();
    data.participants[1].present = often;
    for i in 1..=70 {
        let name = format!("Invitée {i:02} {}", "de La Tour d’Auvergne ".repeat(i % 4));
        data.participants.push(attendance(&name, Role::Guest, Grade::Declared, vec![period(1, 60)]));
    }
    let paper = Read::new("many-participants", &meeting_record(&data).unwrap());
    let text = paper.text();
    for i in 0..130 {
        let Period { from, until } = period(2 * i, 2 * i + 1);
        let hour = |at: OffsetDateTime| format!("{:02}h{:02}", at.hour(), at.minute());
        assert!(text.contains(&format!("de {} à {}", hour(from), hour(until))), "stretch {i}");
    }
    assert!((1..=70).all(|i| text.contains(&format!("Invitée {i:02}"))));
    let pages = paper.page_texts();
    for (i, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{}/{}", i + 1, pages.len())), "the number of page {}", i + 1);
        assert!(!page.contains("Invitée") || page.contains("Admission"), "the header of page {}", i + 1);
    }
    let sheets_of_the_row = pages.iter().filter(|page| page.contains("Monsieur Jean Dupont")).count();
    assert_eq!(
        (sheets_of_the_row, text.matches("(suite)").count()),
        (4, 3),
        "each says whose stretches they are"
    );
    assert!(paper.pictures().iter().all(common::Picture::keeps_margins));
}

#[test]
fn a_meeting_that_nobody_entered_has_a_record_too() {
    let data = MeetingRecord { participants: Vec::new(), ..data() };
    let text = Read::new("nobody", &meeting_record(&data).unwrap()).plain_text();
    assert!(text.contains("Personne n’est entré dans la réunion."), "{text}");
}
