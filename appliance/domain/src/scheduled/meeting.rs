use super::{Line, Message, Participant, When};
use crate::{MeetingFacts, MeetingId, MeetingNumber, Role, SecurityCode, UserId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Where a scheduled meeting stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// «La réunion n’a pas encore été validée»: nobody is invited, nothing opens (SCHED-06).
    Draft,
    /// Open until the end of its day; no mail was sent.
    Validated,
    /// The same; invitations were sent.
    Sent,
    /// Somebody has deleted it.
    Cancelled,
    /// Its day is over (SCHED-14).
    Expired,
}

impl State {
    /// Whether it can be joined, as long as its day lasts.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Validated | Self::Sent)
    }

    /// Whether something of it can still be changed.
    #[must_use]
    pub fn may_change(self) -> bool {
        matches!(self, Self::Draft | Self::Validated | Self::Sent)
    }
}

/// A meeting of one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledMeeting {
    /// Its row; never a permanent meeting's.
    pub id: MeetingId,
    /// Counts its changes, from 1: who changes it says which version was looked at.
    pub version: i64,
    /// Where it stands.
    pub state: State,
    /// «Référence du dossier»: for the espace client alone.
    pub reference: Line,
    /// «Nom de la réunion»: for everybody. None before the validation.
    pub name: Option<Line>,
    /// «Message». None before the validation.
    pub message: Option<Message>,
    /// Day and hour.
    pub when: When,
    /// What room systems dial.
    pub number: MeetingNumber,
    /// What guests, spectators and room systems give.
    pub code: Option<SecurityCode>,
    /// What calendars know it by (RFC 5545 §3.8.4.7): the part before the office's domain.
    pub uid: String,
    /// Counts the changes that calendars are told of (RFC 5545 §3.8.7.4).
    pub sequence: u32,
    /// «Créé par».
    pub created_by: UserId,
    /// «Date de création».
    pub created_at: OffsetDateTime,
}

impl ScheduledMeeting {
    /// What everybody sees it called; before the validation, what the office calls it.
    #[must_use]
    pub fn public_name(&self) -> &Line {
        self.name.as_ref().unwrap_or(&self.reference)
    }

    /// What a live meeting is told of it.
    #[must_use]
    pub fn facts(&self) -> MeetingFacts {
        MeetingFacts {
            id: self.id,
            name: self.public_name().to_string(),
            number: self.number.clone(),
            code: self.code.clone(),
            open: self.state.is_open(),
            closes_at: Some(self.when.closes_at()),
        }
    }
}

/// Why a meeting cannot be validated yet; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Undone {
    /// Nobody is in the table.
    #[error("Ajoutez au moins un participant avant de valider la réunion.")]
    Nobody,
    /// Nobody who could let others in.
    #[error(
        "Donnez à l’un des participants le rôle «\u{a0}Organisateur\u{a0}»\u{a0}: lui seul peut faire entrer les autres."
    )]
    NoOrganizer,
    /// Its hour is past: it would be opened, and told of, for a moment that nobody can come to.
    #[error("L’heure de cette réunion est déjà passée. Modifiez-la avant de valider.")]
    Past,
}

/// Whether these people can be invited.
///
/// # Errors
/// [`Undone`].
pub fn ready(participants: &[Participant]) -> Result<(), Undone> {
    if participants.is_empty() {
        return Err(Undone::Nobody);
    }
    let organizer = participants.iter().any(|one| one.invitee.role == Role::Organizer);
    if organizer { Ok(()) } else { Err(Undone::NoOrganizer) }
}

#[cfg(test)]
mod tests {
    use super::super::{InviteeForm, read_all};
    use super::*;
    use crate::ParticipantId;
    use time::macros::{date, datetime, time};

    fn meeting(state: State, day: time::Date) -> ScheduledMeeting {
        ScheduledMeeting {
            id: MeetingId::FIRST_SCHEDULED,
            version: 1,
            state,
            reference: Line::new("2026-114").unwrap(),
            name: None,
            message: None,
            when: When::new(day, time!(16:00)).unwrap(),
            number: MeetingNumber::parse("1099053524").unwrap(),
            code: None,
            uid: "uid".to_owned(),
            sequence: 0,
            created_by: UserId(1),
            created_at: datetime!(2026-01-01 9:00 UTC),
        }
    }

    #[test]
    fn it_is_open_from_its_validation_to_midnight_of_its_day_also_where_clocks_are_changed() {
        for (day, last) in [
            (date!(2026 - 11 - 27), datetime!(2026-11-27 22:59:59 UTC)),
            (date!(2026 - 03 - 29), datetime!(2026-03-29 21:59:59 UTC)),
            (date!(2026 - 10 - 25), datetime!(2026-10-25 22:59:59 UTC)),
        ] {
            for state in [State::Validated, State::Sent] {
                let facts = meeting(state, day).facts();
                assert!(facts.is_open(last), "{day}");
                assert!(!facts.is_open(last + time::Duration::seconds(1)), "{day}");
            }
            for state in [State::Draft, State::Cancelled, State::Expired] {
                assert!(!meeting(state, day).facts().is_open(last), "{state:?}");
            }
        }
    }

    #[test]
    fn the_reference_is_not_told_to_others_once_there_is_a_name() {
        let mut sale = meeting(State::Draft, date!(2026 - 11 - 27));
        assert_eq!(sale.facts().name, "2026-114");
        sale.name = Some(Line::new("Réunion DUPONT").unwrap());
        assert_eq!(sale.facts().name, "Réunion DUPONT");
    }

    #[test]
    fn nobody_is_invited_to_where_nobody_lets_in() {
        let with = |role: &str| {
            let form = InviteeForm {
                civility: String::new(),
                name: "Anne".into(),
                email: "a@client.fr".into(),
                role: role.into(),
            };
            let entry = read_all([(None, form, true)]).unwrap().remove(0);
            [Participant { id: ParticipantId(1), invitee: entry.invitee, send: true, mailed: false }]
        };
        assert_eq!(ready(&[]), Err(Undone::Nobody));
        assert_eq!(ready(&with("guest")), Err(Undone::NoOrganizer));
        assert_eq!(ready(&with("organizer")), Ok(()));
    }
}
