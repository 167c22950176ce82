use super::*;
use crate::{edge, perception::Perception, picture::Code, tone};

fn member(name: &str, sender: u8) -> Member {
    Member {
        name: name.to_owned(),
        sender,
        kind: Kind::Browser,
        speaks: true,
        joined_at: Some(edge::now()),
        seat: Some(u64::from(sender)),
        slots: (0..4).map(|seat| (format!("slot{seat}"), seat)).collect(),
        senses: None,
        skipped: None,
    }
}

/// Three seconds of somebody's picture and tone.
fn perceives(seen: u8, heard: u8) -> Option<Senses> {
    let perception = Perception::default();
    let step = std::f64::consts::TAU * f64::from(tone::of_sender(heard)) / f64::from(tone::RATE);
    let sound: Vec<f32> = (0..tone::WINDOW).map(|at| (0.2 * (step * at as f64).sin()) as f32).collect();
    for counter in 0..75 {
        perception.saw(&[Code { sender: seen, counter }], &format!("slot{seen}"), edge::now());
    }
    (0..15).for_each(|_| perception.heard(&sound));
    Some(perception.senses().clone())
}

fn words(rows: &[Row]) -> Vec<String> {
    let line = |row: &Row| format!("{} {} {}: {}", row.who, row.sense.words(), row.whom, row.verdict.word());
    rows.iter().map(line).collect()
}

#[test]
fn two_who_perceive_each_other_pass() {
    let (mut alice, mut bob) = (member("organizer", 0), member("guest", 1));
    (alice.senses, bob.senses) = (perceives(1, 1), perceives(0, 0));
    let expected = [
        "organizer sees guest: PASS",
        "organizer hears guest: PASS",
        "organizer does not hear itself: PASS",
        "guest sees organizer: PASS",
        "guest hears organizer: PASS",
        "guest does not hear itself: PASS",
    ];
    assert_eq!(words(&judge(&[alice, bob])), expected);
}

#[test]
fn an_echo_and_a_missing_picture_fail_with_a_reason() {
    let (mut alice, bob) = (member("organizer", 0), member("guest", 1));
    alice.senses = perceives(2, 0);
    let rows = judge(&[alice, bob]);
    let reasons: Vec<&str> = rows.iter().take(3).map(|row| row.verdict.reason()).collect();
    let expected = [
        "75 pictures came, none with this code: look at the switchboard",
        "the tone was in 0 of 15 windows of sound: look at the switchboard",
        "its own tone comes back: look at the switchboard",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_slot_that_is_announced_as_somebody_else_fails() {
    let (mut alice, bob) = (member("organizer", 0), member("guest", 1));
    alice.senses = perceives(1, 1);
    alice.slots = vec![("slot1".to_owned(), 7)];
    let rows = judge(&[alice, bob]);
    assert!(rows[0].verdict.reason().contains("slot1"), "{rows:?}");
}

#[test]
fn who_does_not_take_part_is_skipped_with_the_reason_and_who_does_not_come_fails() {
    let (mut room, mut late) = (member("room system", 2), member("guest", 1));
    room.skipped = Some("no --device".to_owned());
    late.joined_at = None;
    let rows = judge(&[member("organizer", 0), late, room]);
    assert_eq!(rows[0].verdict, Verdict::Failed("the guest did not get into the meeting".to_owned()));
    assert_eq!(rows[2].verdict, Verdict::Skipped("no --device".to_owned()));
}

#[test]
fn guests_of_a_load_only_have_to_perceive_the_organizer() {
    let mut extra = member("guest 2", 3);
    extra.speaks = false;
    let rows = words(&judge(&[member("organizer", 0), member("guest", 1), extra]));
    let of_extra: Vec<_> = rows.iter().filter(|row| row.contains("guest 2")).collect();
    assert_eq!(of_extra, ["guest 2 sees organizer: FAIL", "guest 2 hears organizer: FAIL"]);
}
