use super::{Invitation, Letterhead, closes};
use std::fmt::Write;
use time::{Duration, OffsetDateTime, UtcOffset};

/// Octets of a line at most (RFC 5545 §3.1).
const LONGEST_LINE: usize = 75;
/// What calendars keep free for a meeting, of which nobody says how long it is: without an end it would be a line that nobody sees.
const USUAL_LENGTH: Duration = Duration::hours(1);

/// What a calendar is to do with it (RFC 5546 §3.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Note it, or change what is noted under its UID.
    Request,
    /// Strike it out.
    Cancel,
}

impl Method {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }

    fn status(self) -> &'static str {
        match self {
            Self::Request => "CONFIRMED",
            Self::Cancel => "CANCELLED",
        }
    }
}

/// The meeting as an iCalendar object (RFC 5545). Times are UTC, which each calendar shows as its own clock has it. The code is not in it:
/// others read a calendar, and the link is there already.
pub(super) fn object(invitation: &Invitation, head: &Letterhead, method: Method) -> String {
    let Invitation { uid, sequence, name, begins, link, to, to_name, organizer_name, .. } = invitation;
    let ends = (*begins + USUAL_LENGTH).min(closes(*begins)).max(*begins);
    let mut object = Object::default();
    object.line("BEGIN:VCALENDAR");
    object.line("PRODID:-//Tabellion//VisioConference//FR");
    object.line("VERSION:2.0");
    object.line("CALSCALE:GREGORIAN");
    object.line(&format!("METHOD:{}", method.word()));
    object.line("BEGIN:VEVENT");
    object.text("UID", uid);
    object.line(&format!("SEQUENCE:{sequence}"));
    object.line(&format!("DTSTAMP:{}", utc(head.at)));
    object.line(&format!("DTSTART:{}", utc(*begins)));
    object.line(&format!("DTEND:{}", utc(ends)));
    object.text("SUMMARY", name);
    if method == Method::Request {
        object.text("LOCATION", link);
        object.text("DESCRIPTION", &description(invitation));
        object.line(&format!("URL:{}", one_line(link)));
    }
    object.line(&format!("ORGANIZER;CN={}:{}", parameter(organizer_name), mailto(&head.sender)));
    // Nobody reads answers at the sender's address: none is asked for.
    object.line(&format!(
        "ATTENDEE;CN={};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:{}",
        parameter(if to_name.is_empty() { to } else { to_name }),
        mailto(to)
    ));
    object.line(&format!("STATUS:{}", method.status()));
    object.line("CLASS:PRIVATE");
    object.line("TRANSP:OPAQUE");
    object.line("END:VEVENT");
    object.line("END:VCALENDAR");
    object.0
}

fn description(invitation: &Invitation) -> String {
    let Invitation { link, number, organizer_name, code, .. } = invitation;
    let mut text = format!(
        "Merci de cliquer sur le lien suivant\u{a0}: {link}\nSi vous disposez d’un équipement Lifesize, rejoignez la réunion au numéro \
         suivant\u{a0}: {number}\n"
    );
    if code.is_some() {
        text.push_str("Le code de sécurité est dans le courriel d’invitation.\n");
    }
    text + "Organisateur\u{a0}: " + organizer_name
}

/// Lines, as they are put together.
#[derive(Default)]
struct Object(String);

impl Object {
    /// Folded (RFC 5545 §3.1): no line is longer than 75 octets, and no character is cut.
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for letter in line.chars() {
            if octets + letter.len_utf8() > LONGEST_LINE {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(letter);
            octets += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A property whose value is text (RFC 5545 §3.3.11).
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::new();
        for letter in value.replace("\r\n", "\n").chars() {
            match letter {
                '\\' | ';' | ',' => escaped.extend(['\\', letter]),
                '\n' => escaped.push_str("\\n"),
                hidden if hidden.is_control() => escaped.push(' '),
                other => escaped.push(other),
            }
        }
        self.line(&format!("{name}:{escaped}"));
    }
}

/// `20240909T153400Z`.
fn utc(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    let (date, time) = (at.date(), at.time());
    let mut text = String::new();
    write!(
        text,
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
    .expect("a string takes whatever is written");
    text
}

/// A parameter's value, in quotation marks, in which there can be none (RFC 5545 §3.2).
fn parameter(value: &str) -> String {
    format!("\"{}\"", one_line(value).replace('"', "'"))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// RFC 6068 §2: what has a meaning in a URI, and whatever is not ASCII, as its octets.
fn mailto(address: &str) -> String {
    let mut uri = "mailto:".to_owned();
    for octet in address.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~!$'*+@".contains(&octet) {
            uri.push(char::from(octet));
        } else {
            write!(uri, "%{octet:02X}").expect("a string takes whatever is written");
        }
    }
    uri
}
