//! The ways into a meeting for people in browsers: an account, the link of a permanent meeting, a personal link to a
//! scheduled one.

use crate::{
    actor::Person,
    conference::Conference,
    entry::{GuestForm, LinkInfo, LinkPerson},
    error::JoinError,
};
use std::net::IpAddr;
use tabellion_domain::{
    AuditEvent, MeetingFacts, MeetingId, Role, Source, UserId,
    admission::{Identity, JournalEntry},
    scheduled::{Invitee, LinkSecret, When},
};

/// What a link leads to.
struct Way {
    facts: MeetingFacts,
    /// Of a personal one.
    personal: Option<Personal>,
}

struct Personal {
    invitee: Invitee,
    when: When,
    link: [u8; 32],
}

impl Way {
    /// An organizer's own link is enough (SCHED-09); all others give the code.
    fn required_code(&self) -> Option<&str> {
        let organizer = self.personal.as_ref().is_some_and(|own| own.invitee.role == Role::Organizer);
        self.facts.required_code().filter(|_| !organizer)
    }
}

impl Conference {
    /// A seat for a user of the espace client, as organizer (PERM-06). Its secret.
    ///
    /// # Errors
    /// [`JoinError::UnknownMeeting`], [`JoinError::Inactive`], [`JoinError::Over`], [`JoinError::NotParticipant`], and this
    /// box's faults.
    pub async fn organizer_seat(&self, user: UserId, meeting: MeetingId) -> Result<String, JoinError> {
        let facts = self.shared.meeting(meeting).await?.ok_or(JoinError::UnknownMeeting)?;
        let facts = self.open(facts)?;
        let user = self.shared.store.user(user).await?.ok_or(JoinError::UnknownMeeting)?;
        if user.deleted || !user.rights.may_join() {
            return Err(JoinError::NotParticipant);
        }
        let person = Person {
            name: user.display_name(),
            role: Role::Organizer,
            identity: Identity::Account,
            user: Some(user.id),
            source: None,
            link: None,
        };
        self.seat(facts, person).await
    }

    /// Somebody comes by a link: asks to enter a permanent meeting (WAIT-01), or takes the place in a scheduled one that the
    /// link is for (SCHED-09, SCHED-10). The secret of the seat.
    ///
    /// # Errors
    /// All of [`JoinError`].
    pub async fn request_entry(
        &self,
        link: &str,
        form: GuestForm,
        peer: IpAddr,
    ) -> Result<String, JoinError> {
        let way = self.way(link).await?;
        let source = Source::at(peer);
        let person = match &way.personal {
            Some(Personal { invitee, link, .. }) => Person {
                name: invitee.full_name(),
                role: invitee.role,
                identity: Identity::Invited,
                user: None,
                source: Some(source.clone()),
                link: Some(*link),
            },
            None => Person {
                name: form.name()?,
                role: Role::Guest,
                identity: Identity::Declared,
                user: None,
                source: Some(source.clone()),
                link: None,
            },
        };
        self.check_code(&way, source, form.code.as_deref()).await?;
        self.seat(way.facts, person).await
    }

    /// What a link's page shows.
    ///
    /// # Errors
    /// [`JoinError::UnknownLink`], [`JoinError::Inactive`], [`JoinError::Over`], and this box's faults.
    pub async fn link_info(&self, link: &str) -> Result<LinkInfo, JoinError> {
        let way = self.way(link).await?;
        Ok(LinkInfo {
            code_required: way.required_code().is_some(),
            person: way.personal.map(|Personal { invitee, when, .. }| LinkPerson {
                name: invitee.full_name(),
                role: invitee.role,
                when,
            }),
            meeting_name: way.facts.name,
            office_name: self.shared.config.office.clone(),
        })
    }

    async fn check_code(&self, way: &Way, source: Source, given: Option<&str>) -> Result<(), JoinError> {
        let Some(required) = way.required_code() else { return Ok(()) };
        let (now, meeting) = (self.shared.clock.now(), way.facts.id);
        let checked = self.shared.attempts.check(meeting, source, required, given, now);
        if let Err(JoinError::WrongCode { .. }) = &checked {
            let event = AuditEvent::Meeting { meeting, entry: JournalEntry::WrongCode { seat: None } };
            self.shared.store.append_audit(event, now).await?;
        }
        checked
    }

    async fn way(&self, link: &str) -> Result<Way, JoinError> {
        let store = &self.shared.store;
        if let Some(meeting) = store.permanent_meeting_by_link(link).await? {
            return Ok(Way { facts: self.open(meeting.into())?, personal: None });
        }
        let hash = LinkSecret::hash(link);
        let (meeting, participant) = store.invitation(hash).await?.ok_or(JoinError::UnknownLink)?;
        let personal = Personal { invitee: participant.invitee, when: meeting.when, link: hash };
        Ok(Way { facts: self.open(meeting.facts())?, personal: Some(personal) })
    }

    fn open(&self, facts: MeetingFacts) -> Result<MeetingFacts, JoinError> {
        match facts.is_open(self.shared.clock.now()) {
            true => Ok(facts),
            // A permanent one is switched on again.
            false if facts.closes_at.is_none() => Err(JoinError::Inactive),
            false => Err(JoinError::Over),
        }
    }
}
