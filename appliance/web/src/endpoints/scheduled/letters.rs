//! The mails about a scheduled meeting (SCHED-08, SCHED-13), each with a personal link of its own.

use crate::{error::ApiError, login::MeetingManager, state::AppState};
use std::sync::Arc;
use tabellion_domain::{
    Entropy, SecurityCode,
    scheduled::{Invitee, LinkSecret, Notice, Participant, ScheduledMeeting},
};
use tabellion_post::invitations::{Invitation, Letterhead, cancelled, changed, invitation, withdrawn};
use tabellion_store::{Mailing, Told};

/// What composing them needs.
pub(super) struct Letters {
    head: Letterhead,
    /// `https://host:port`.
    url: String,
    /// The office's domain, behind numbers.
    domain: String,
    /// Who invites, where the meeting has no organizer: whoever has done this.
    by: String,
    entropy: Arc<dyn Entropy>,
}

impl Letters {
    pub(super) async fn of(state: &AppState, by: &MeetingManager) -> Result<Self, ApiError> {
        let settings = state.settings().await?;
        Ok(Self {
            head: Letterhead::of(&settings, state.clock.now()).answered_by(&by.user.email),
            url: state.config.public_url.clone(),
            domain: state.config.office.domain.clone(),
            by: by.user.display_name(),
            entropy: state.entropy.clone(),
        })
    }

    /// For the store, which composes within its transaction.
    pub(super) fn compose(self) -> impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static {
        move |told| {
            let organizer = told.organizer.as_ref().map_or_else(|| self.by.clone(), Invitee::full_name);
            let write = |(one, notice): &(Participant, Notice)| {
                self.write(&told.meeting, one, *notice, organizer.clone())
            };
            told.people.iter().map(write).collect()
        }
    }

    fn write(
        &self,
        meeting: &ScheduledMeeting,
        one: &Participant,
        notice: Notice,
        organizer_name: String,
    ) -> Mailing {
        let secret = LinkSecret::draw(self.entropy.as_ref());
        let letter = Invitation {
            // Two participants with one mailbox have two entries in its calendar, each with a link of its own.
            uid: format!("{}-{}@{}", meeting.uid, one.id, self.domain),
            sequence: meeting.sequence,
            name: meeting.public_name().to_string(),
            begins: meeting.when.begins_at(),
            link: format!("{}/reunion/{}", self.url, secret.token),
            number: format!("{}@{}", meeting.number, self.domain),
            code: meeting.code.as_ref().map(SecurityCode::as_str).map(str::to_owned),
            message: meeting.message.as_ref().map(ToString::to_string).unwrap_or_default(),
            to_name: one.invitee.full_name(),
            to: one.invitee.email.to_string(),
            organizer_name,
        };
        let (mail, link) = match notice {
            Notice::Invitation => (invitation(&letter, &self.head), Some(secret.hash)),
            Notice::Change => (changed(&letter, &self.head), Some(secret.hash)),
            // What is in it opens nothing, nor is it in the text.
            Notice::Cancellation if meeting.state.is_open() => (withdrawn(&letter, &self.head), None),
            Notice::Cancellation => (cancelled(&letter, &self.head), None),
        };
        Mailing { participant: one.id, link, payload: mail.payload() }
    }
}
