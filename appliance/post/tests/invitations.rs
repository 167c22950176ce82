//! What those who are invited get, opened by readers of others' making.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use icalendar::parser::{Component, Property, read_calendar, unfold};
use mail_parser::{Message, MessageParser, MimeHeaders};
use std::path::Path;
use tabellion_domain::settings::{Accent, Settings};
use tabellion_post::{
    CalendarPart, Envelope, Mail,
    invitations::{Invitation, Letterhead, Share, cancelled, changed, invitation, share, withdrawn},
};
use time::macros::datetime;

/// What breaks HTML, headers, calendars and lines, in several scripts.
const AWKWARD: &str = "<b>\"Ève\" & 'Zoé'</b>; a,b\\n:\u{202e}مرحبا 你好 🎉";

fn head() -> Letterhead {
    Letterhead {
        service: "VisioConference Notaire".to_owned(),
        accent: Accent { red: 0x1d, green: 0x3f, blue: 0x72 },
        office: "Office Notarial de la Place".to_owned(),
        sender: "visio@office.test".to_owned(),
        reply_to: Some("claire@office.test".to_owned()),
        at: datetime!(2024-09-02 8:00 UTC),
    }
}

fn dupont() -> Invitation {
    Invitation {
        uid: "scheduled-7@visio.office.test".to_owned(),
        sequence: 0,
        name: "Réunion DUPONT".to_owned(),
        begins: datetime!(2024-09-09 15:34 UTC),
        link: "https://visio.office.test/reunion/NqRWUxxxxxxxxxxxxxxxxx".to_owned(),
        number: "1099099511@visio.office.test".to_owned(),
        code: Some("1234".to_owned()),
        message: "Seront présents lors de cette réunion\u{a0}:\nMaître BERTRAND\nMonsieur JEAN\n\nVous remerciant par avance,"
            .to_owned(),
        to_name: "Monsieur Stéphane Pellerin".to_owned(),
        to: "s.pellerin@example.test".to_owned(),
        organizer_name: "Maître Claire Moreau".to_owned(),
    }
}

/// All fields as awkward as they can be.
fn awkward() -> Invitation {
    let text = AWKWARD.to_owned();
    Invitation {
        name: text.clone(),
        message: format!("{text}\n{text}"),
        to_name: format!("{text}\r\nBcc: everybody@example.test"),
        organizer_name: text.clone(),
        number: text.clone(),
        code: Some(text),
        ..dupont()
    }
}

/// As it goes over the wire.
fn wire(mail: &Mail) -> String {
    let at = datetime!(2024-09-02 8:00 UTC);
    let envelope = Envelope { id: 7, queued_at: at, at };
    let from = "Office Notarial de la Place <visio@office.test>";
    String::from_utf8(mail.formatted(from, envelope).unwrap()).unwrap()
}

fn opened(wire: &str) -> Message<'_> {
    MessageParser::default().parse(wire.as_bytes()).unwrap()
}

/// What a calendar reads in it: its method, and the event.
fn event(ics: &str) -> (String, Vec<(String, String)>) {
    let unfolded = unfold(ics);
    let calendar = read_calendar(&unfolded).unwrap();
    let value = |property: &Property<'_>| property.val.as_str().to_owned();
    let method = calendar.properties.iter().find(|one| one.name == "METHOD").map(value).unwrap();
    let [Component { properties, .. }] = calendar.components.as_slice() else { panic!("{ics}") };
    (method, properties.iter().map(|one| (one.name.as_str().to_owned(), value(one))).collect())
}

fn property<'a>(event: &'a [(String, String)], name: &str) -> &'a str {
    &event.iter().find(|(one, _)| one == name).unwrap_or_else(|| panic!("{name} in {event:?}")).1
}

/// Compares with what is committed; `UPDATE_SNAPSHOTS=1` writes it anew.
fn assert_snapshot(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, committed, "{} differs: UPDATE_SNAPSHOTS=1 writes it anew", file.display());
}

#[test]
fn mails_read_as_they_were_agreed() {
    let shared = Share {
        name: "Vente DUPONT".to_owned(),
        link: "https://visio.office.test/reunion/NqRWUxxxxxxxxxxxxxxxxx".to_owned(),
        number: "1099053523@visio.office.test".to_owned(),
        code: None,
        message: "Voici le lien de notre réunion.".to_owned(),
        to: "s.pellerin@example.test".to_owned(),
        organizer_name: "Maître Claire Moreau".to_owned(),
    };
    for (name, mail) in [
        ("invitation", invitation(&dupont(), &head())),
        ("changed", changed(&Invitation { sequence: 1, ..dupont() }, &head())),
        ("cancelled", cancelled(&Invitation { sequence: 2, ..dupont() }, &head())),
        ("withdrawn", withdrawn(&Invitation { sequence: 2, ..dupont() }, &head())),
        ("share", share(&shared, &head())),
    ] {
        let text = format!("{}\n\n{}", mail.subject, mail.text);
        assert_snapshot(&format!("{name}.txt"), &text);
        assert_snapshot(&format!("{name}.html"), mail.html.as_deref().unwrap());
        if let Some(CalendarPart { ics, .. }) = &mail.calendar {
            assert_snapshot(&format!("{name}.ics"), &ics.replace("\r\n", "\n"));
        }
    }
    assert_snapshot("invitation.eml", &wire(&invitation(&dupont(), &head())).replace("\r\n", "\n"));
}

#[test]
fn the_invitation_says_what_the_guide_promises() {
    let mail = invitation(&dupont(), &head());
    assert_eq!(mail.subject, "VisioConference Notaire\u{a0}: rejoignez la réunion");
    for part in [
        "Cher Maître, Madame, Monsieur,",
        "Vous avez été invité à une réunion de VisioConférence prévue le 09-09-2024 à 17h34\n",
        "Pour rejoindre la réunion\u{a0}: Réunion DUPONT\n",
        "Merci de cliquer sur le lien suivant\u{a0}: https://visio.office.test/reunion/NqRWUxxxxxxxxxxxxxxxxx\n",
        "Si vous disposez d’un équipement Lifesize, rejoignez la réunion au numéro suivant\u{a0}: 1099099511@visio.office.test\n",
        "avec le code suivant\u{a0}: 1234\n",
        "Seront présents lors de cette réunion\u{a0}:\nMaître BERTRAND\n",
        "Cordialement,",
    ] {
        assert!(mail.text.contains(part), "{part}: {}", mail.text);
    }
    let without = invitation(&Invitation { code: None, ..dupont() }, &head());
    assert!(!without.text.contains("code suivant") && !without.html.unwrap().contains("code suivant"));
}

#[test]
fn mail_programs_find_text_html_calendar_and_the_attachment() {
    let wire = wire(&invitation(&dupont(), &head()));
    let message = opened(&wire);
    assert_eq!(message.subject(), Some("VisioConference Notaire\u{a0}: rejoignez la réunion"));
    let to = message.to().unwrap().first().unwrap();
    assert_eq!(
        (to.name(), to.address()),
        (Some("Monsieur Stéphane Pellerin"), Some("s.pellerin@example.test"))
    );
    assert_eq!(message.reply_to().unwrap().first().unwrap().address(), Some("claire@office.test"));
    let kinds: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            part.content_type()
                .map_or("text".to_owned(), |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap()))
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics"
        ]
    );
    let calendar = &message.parts[4];
    assert_eq!(calendar.content_type().unwrap().attribute("method"), Some("REQUEST"));
    assert_eq!(calendar.contents(), message.parts[5].contents());
    assert_eq!(message.parts[5].attachment_name(), Some("invitation.ics"));
    assert!(message.body_text(0).unwrap().contains("Réunion DUPONT"));
    assert!(message.body_html(0).unwrap().contains("<strong dir=\"auto\">Réunion DUPONT</strong>"));
}

#[test]
fn calendars_note_change_and_strike_out_the_same_meeting() {
    let later = Invitation { sequence: 1, begins: datetime!(2024-12-09 22:30 UTC), ..dupont() };
    let ics = |mail: Mail| mail.calendar.unwrap().ics;
    let (method, first) = event(&ics(invitation(&dupont(), &head())));
    assert_eq!((method.as_str(), property(&first, "SEQUENCE")), ("REQUEST", "0"));
    assert_eq!(
        (property(&first, "DTSTART"), property(&first, "DTEND")),
        ("20240909T153400Z", "20240909T163400Z")
    );
    assert_eq!((property(&first, "SUMMARY"), property(&first, "STATUS")), ("Réunion DUPONT", "CONFIRMED"));
    assert!(property(&first, "DESCRIPTION").contains("1099099511@visio.office.test"));
    assert!(
        !format!("{first:?}").contains("1234"),
        "others read calendars, and a code is none of their business"
    );
    let (method, second) = event(&ics(changed(&later, &head())));
    assert_eq!((method.as_str(), property(&second, "SEQUENCE")), ("REQUEST", "1"));
    assert_eq!(property(&second, "DTSTART"), "20241209T223000Z");
    assert_eq!(property(&second, "DTEND"), "20241209T230000Z", "at midnight in Paris it is over");
    let (method, third) = event(&ics(cancelled(&later, &head())));
    assert_eq!((method.as_str(), property(&third, "STATUS")), ("CANCEL", "CANCELLED"));
    assert_eq!(property(&first, "UID"), property(&second, "UID"));
    assert_eq!(property(&second, "UID"), property(&third, "UID"));
    assert!(!ics(cancelled(&later, &head())).contains("reunion/"), "there is no way in any more");
}

#[test]
fn a_line_of_a_calendar_is_short_and_no_character_is_cut() {
    let mail = invitation(&Invitation { name: AWKWARD.repeat(20), ..awkward() }, &head());
    let ics = mail.calendar.unwrap().ics;
    assert!(ics.ends_with("\r\n") && !ics.replace("\r\n", "").contains(['\r', '\n']));
    assert!(ics.split("\r\n").all(|line| line.len() <= 75), "{ics}");
    let (_, event) = event(&ics);
    assert_eq!(property(&event, "SUMMARY"), AWKWARD.repeat(20));
}

#[test]
fn whatever_is_written_into_a_field_stays_in_it() {
    for mail in
        [invitation(&awkward(), &head()), changed(&awkward(), &head()), cancelled(&awkward(), &head())]
    {
        let wire = wire(&mail);
        let message = opened(&wire);
        let to = message.to().unwrap().as_list().unwrap();
        assert_eq!((to.len(), to[0].address()), (1, Some("s.pellerin@example.test")));
        assert!(message.bcc().is_none() && !wire.contains("\r\nBcc"), "{wire}");
        let html = message.body_html(0).unwrap();
        assert!(
            !html.contains("<b>") && html.contains("&lt;b&gt;&quot;Ève&quot; &amp; &#39;Zoé&#39;&lt;/b&gt;"),
            "{html}"
        );
        assert!(message.body_text(0).unwrap().contains(AWKWARD));
        let (_, event) = event(&mail.calendar.unwrap().ics);
        assert_eq!(property(&event, "SUMMARY"), AWKWARD);
        assert_eq!(event.iter().filter(|(name, _)| name == "ATTENDEE").count(), 1);
    }
}

#[test]
fn html_loads_nothing_and_carries_the_brand() {
    let brand = Letterhead {
        service: "Visio <Étude>".to_owned(),
        accent: Accent { red: 0x7a, green: 0x1f, blue: 0x2b },
        ..head()
    };
    let mail = invitation(&dupont(), &brand);
    assert_eq!(mail.subject, "Visio <Étude>\u{a0}: rejoignez la réunion");
    let html = mail.html.unwrap();
    assert!(html.contains("#7a1f2b") && html.contains("Visio &lt;Étude&gt;</td>"), "{html}");
    for foreign in ["<img", "<script", "<link", "url(", "src="] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert_eq!(html.matches("href=").count(), 1);
}

#[test]
fn an_invitation_is_of_no_use_after_the_meetings_day() {
    let mail = invitation(&dupont(), &head());
    assert_eq!(mail.not_after, Some(datetime!(2024-09-09 22:00 UTC)), "midnight in Paris");
}

#[test]
fn without_a_name_of_its_own_the_service_has_the_guides() {
    let mut settings = Settings::default();
    settings.office.domain = "visio.office.test".to_owned();
    let at = datetime!(2024-09-02 8:00 UTC);
    let head = Letterhead::of(&settings, at);
    assert_eq!(
        (head.service.as_str(), head.sender.as_str()),
        ("VisioConference Notaire", "visio@visio.office.test")
    );
    settings.brand.service = "Visio des Notaires".to_owned();
    assert_eq!(Letterhead::of(&settings, at).service, "Visio des Notaires");
}
