//! Mails that call people to a meeting, tell that it has changed, or that nobody is expected any more (SCHED-08, PERM-04): as text, as
//! HTML, and for calendars (RFC 6047). Data in, a [`Mail`] out.

mod calendar;
mod letter;
mod letterhead;

pub use letterhead::Letterhead;

use crate::{
    CalendarPart, Mail,
    texts::{day, hour},
};
use calendar::Method;
use letter::{Letter, Piece};
use tabellion_domain::paris;
use time::OffsetDateTime;

/// A scheduled meeting, for one of those who are invited.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The participant's place in the meeting, as calendars know it: the same in all mails to one participant, and in no other's
    /// (RFC 5545 §3.8.4.7), whose entry in a mailbox of both would be overwritten.
    pub uid: String,
    /// 0, and one more with each change: calendars ignore what is older than what they have (RFC 5546 §2.1.4).
    pub sequence: u32,
    /// «Nom de la réunion», which everybody may know.
    pub name: String,
    /// When.
    pub begins: OffsetDateTime,
    /// The person's own link.
    pub link: String,
    /// For room systems: `1099053523@visio.office.fr`.
    pub number: String,
    /// «Code de sécurité», where there is one.
    pub code: Option<String>,
    /// The organizer's text, «Seront présents lors de cette réunion : …» included; in lines.
    pub message: String,
    /// Whom it is for: «Maître Claire Moreau».
    pub to_name: String,
    /// The person's mail address.
    pub to: String,
    /// Who invites.
    pub organizer_name: String,
}

/// A permanent meeting, for somebody whom its organizer tells of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// «Nom de la réunion».
    pub name: String,
    /// «Lien de la réunion participants».
    pub link: String,
    /// For room systems: `1099053523@visio.office.fr`.
    pub number: String,
    /// «Code de sécurité», where one is asked for.
    pub code: Option<String>,
    /// «Votre message»; may be empty.
    pub message: String,
    /// Where it goes.
    pub to: String,
    /// Who tells.
    pub organizer_name: String,
}

/// The invitation, also when it is sent again.
#[must_use]
pub fn invitation(invitation: &Invitation, head: &Letterhead) -> Mail {
    let when = when(invitation.begins);
    let mut letter = Letter::new(format!("{}\u{a0}: rejoignez la réunion", head.service));
    letter.say(format!("Vous avez été invité à une réunion de VisioConférence prévue {when}"));
    letter.add(Piece::named("Pour rejoindre la réunion", &invitation.name));
    ways_in(&mut letter, &invitation.link, &invitation.number, invitation.code.as_deref());
    letter.add(Piece::Message(invitation.message.clone()));
    mail(invitation, letter, head, Method::Request)
}

/// The meeting has another name, date, hour or code.
#[must_use]
pub fn changed(invitation: &Invitation, head: &Letterhead) -> Mail {
    let when = when(invitation.begins);
    let mut letter = Letter::new(format!("{}\u{a0}: réunion modifiée", head.service));
    letter.say("La réunion de VisioConférence à laquelle vous avez été invité a été modifiée.");
    letter.say(format!("Elle est désormais prévue {when}. Ces informations remplacent les précédentes."));
    letter.add(Piece::named("Pour rejoindre la réunion", &invitation.name));
    ways_in(&mut letter, &invitation.link, &invitation.number, invitation.code.as_deref());
    letter.add(Piece::Message(invitation.message.clone()));
    mail(invitation, letter, head, Method::Request)
}

/// The meeting does not take place.
#[must_use]
pub fn cancelled(invitation: &Invitation, head: &Letterhead) -> Mail {
    ended(invitation, head, "Le lien et le code que vous avez reçus ne donnent plus accès à la réunion.")
}

/// The meeting takes place, and the person is not expected any more. Nothing of the code, which stays what it is.
#[must_use]
pub fn withdrawn(invitation: &Invitation, head: &Letterhead) -> Mail {
    ended(invitation, head, "Le lien que vous avez reçu ne donne plus accès à la réunion.")
}

fn ended(invitation: &Invitation, head: &Letterhead, closed: &str) -> Mail {
    let when = when(invitation.begins);
    let mut letter = Letter::new(format!("{}\u{a0}: invitation annulée", head.service));
    letter.say(format!("Votre invitation à la réunion de VisioConférence prévue {when} est annulée."));
    letter.add(Piece::named("Réunion", &invitation.name));
    letter.say(closed);
    mail(invitation, letter, head, Method::Cancel)
}

/// A permanent meeting's link and number (PERM-04).
#[must_use]
pub fn share(share: &Share, head: &Letterhead) -> Mail {
    let mut letter = Letter::new(format!("{}\u{a0}: rejoignez la réunion", head.service));
    letter.say("Vous avez été invité à une réunion de VisioConférence.");
    letter.add(Piece::named("Pour rejoindre la réunion", &share.name));
    ways_in(&mut letter, &share.link, &share.number, share.code.as_deref());
    letter.add(Piece::Message(share.message.clone()));
    letter.sign(&share.organizer_name, head);
    let text = letter.text();
    Mail {
        reply_to: head.reply_to.clone(),
        html: Some(letter.html(head)),
        ..Mail::plain(share.to.clone(), letter.subject, text)
    }
}

fn mail(invitation: &Invitation, mut letter: Letter, head: &Letterhead, method: Method) -> Mail {
    letter.sign(&invitation.organizer_name, head);
    let calendar =
        CalendarPart { method: method.word().to_owned(), ics: calendar::object(invitation, head, method) };
    let (text, html) = (letter.text(), letter.html(head));
    Mail {
        to: invitation.to.clone(),
        to_name: invitation.to_name.clone(),
        reply_to: head.reply_to.clone(),
        subject: letter.subject,
        text,
        html: Some(html),
        calendar: Some(calendar),
        not_after: Some(closes(invitation.begins)),
    }
}

fn ways_in(letter: &mut Letter, link: &str, number: &str, code: Option<&str>) {
    letter.add(Piece::Link {
        label: "Merci de cliquer sur le lien suivant".to_owned(),
        text: "Accès à la réunion".to_owned(),
        url: link.to_owned(),
    });
    letter.add(Piece::named(
        "Si vous disposez d’un équipement Lifesize, rejoignez la réunion au numéro suivant",
        number,
    ));
    if let Some(code) = code {
        letter.add(Piece::named("avec le code suivant", code));
    }
}

/// «le 09-09-2024 à 17h34», as clocks in Paris have it.
fn when(at: OffsetDateTime) -> String {
    format!("le {} à {}", day(at), hour(at))
}

/// At midnight the day's links stop working (SCHED-14).
fn closes(begins: OffsetDateTime) -> OffsetDateTime {
    let today = paris::in_paris(begins).date();
    today.next_day().map_or(begins, paris::midnight)
}

impl std::fmt::Debug for Invitation {
    /// Names, addresses, links and codes have no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation({}, {})", self.uid, self.sequence)
    }
}

impl std::fmt::Debug for Share {
    /// The same.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Share(…)")
    }
}
