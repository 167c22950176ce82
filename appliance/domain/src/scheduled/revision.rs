use super::{Participant, ParticipantEntry};
use crate::ParticipantId;
use std::collections::HashMap;

/// What a new list of participants means for those of the former one (SCHED-13).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Revision {
    /// Who comes in.
    pub added: Vec<ParticipantEntry>,
    /// Who stays, and is written otherwise now. Where it is somebody else in a way that counts ([`Participant::is_another`]), the
    /// former links and the seats taken by them end.
    pub changed: Vec<(Participant, ParticipantEntry)>,
    /// Of whom nothing but «Envoyer ?» is otherwise.
    pub switched: Vec<(Participant, ParticipantEntry)>,
    /// Who is not there any more; links and seats end.
    pub removed: Vec<Participant>,
}

/// The list names a participant whom the meeting does not have (any more): it was made from another state of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the list names a participant whom the meeting does not have")]
pub struct Unknown;

/// What a participant is told by mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// Comes to the meeting.
    Invitation,
    /// Something of it is otherwise than in the mail of before.
    Change,
    /// The invitation is withdrawn, or the meeting does not take place.
    Cancellation,
}

impl Revision {
    /// Compares both lists.
    ///
    /// # Errors
    /// [`Unknown`].
    pub fn between(before: &[Participant], after: Vec<ParticipantEntry>) -> Result<Self, Unknown> {
        let mut left: HashMap<ParticipantId, &Participant> = before.iter().map(|one| (one.id, one)).collect();
        let mut revision = Self::default();
        for entry in after {
            let Some(id) = entry.id else {
                revision.added.push(entry);
                continue;
            };
            let former = left.remove(&id).ok_or(Unknown)?.clone();
            if former.invitee != entry.invitee {
                revision.changed.push((former, entry));
            } else if former.send != entry.send {
                revision.switched.push((former, entry));
            }
        }
        revision.removed = before.iter().filter(|one| left.contains_key(&one.id)).cloned().collect();
        Ok(revision)
    }

    /// Whether both lists are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.changed.is_empty()
            && self.switched.is_empty()
            && self.removed.is_empty()
    }
}

impl Participant {
    /// Whether one who stays, and is changed so, is somebody else: another name, address or role. A civility makes nobody another.
    #[must_use]
    pub fn is_another(&self, now: &ParticipantEntry) -> bool {
        let (before, now) = (&self.invitee, &now.invitee);
        before.name != now.name || before.email != now.email || before.role != now.role
    }

    /// Whether the address is another one.
    #[must_use]
    pub fn moves(&self, now: &ParticipantEntry) -> bool {
        self.invitee.email != now.invitee.email
    }

    /// What one who stays, and is changed so, is told; the second one goes to the address of before.
    #[must_use]
    pub fn notices(&self, now: &ParticipantEntry) -> (Option<Notice>, Option<Notice>) {
        let moved = self.moves(now);
        let farewell = (moved && self.mailed).then_some(Notice::Cancellation);
        let notice = match (now.send, self.mailed && !moved) {
            (false, _) => None,
            (true, true) => Some(Notice::Change),
            (true, false) => Some(Notice::Invitation),
        };
        (notice, farewell)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{InviteeForm, read_all};
    use super::*;

    fn entry(id: Option<i64>, name: &str, email: &str, role: &str, send: bool) -> ParticipantEntry {
        let form = InviteeForm {
            civility: String::new(),
            name: name.into(),
            email: email.into(),
            role: role.into(),
        };
        read_all([(id.map(ParticipantId), form, send)]).unwrap().remove(0)
    }

    fn there(id: i64, name: &str, mailed: bool) -> Participant {
        let entry = entry(Some(id), name, "a@client.fr", "guest", true);
        Participant { id: ParticipantId(id), invitee: entry.invitee, send: true, mailed }
    }

    #[test]
    fn two_lists_differ_in_who_comes_goes_and_is_changed() {
        let before =
            [there(1, "Anne", true), there(2, "Bob", true), there(3, "Diane", true), there(4, "Ève", true)];
        let revision = Revision::between(
            &before,
            vec![
                entry(Some(1), "Anne", "a@client.fr", "guest", true),
                entry(Some(2), "Bob", "a@client.fr", "spectator", true),
                entry(Some(4), "Ève", "a@client.fr", "guest", false),
                entry(None, "Félix", "f@client.fr", "guest", true),
            ],
        )
        .unwrap();
        assert_eq!(revision.added[0].invitee.name.as_str(), "Félix");
        assert_eq!(revision.changed.iter().map(|(one, _)| one.id.0).collect::<Vec<_>>(), [2]);
        assert_eq!(revision.switched.iter().map(|(one, _)| one.id.0).collect::<Vec<_>>(), [4]);
        assert_eq!(revision.removed.iter().map(|one| one.id.0).collect::<Vec<_>>(), [3]);
        let same = before.iter().map(|one| ParticipantEntry {
            id: Some(one.id),
            invitee: one.invitee.clone(),
            send: one.send,
        });
        assert!(Revision::between(&before, same.collect()).unwrap().is_empty());
    }

    #[test]
    fn another_name_address_or_role_makes_somebody_else_and_a_civility_does_not() {
        let anne = there(1, "Anne", true);
        let mut same = entry(Some(1), "Anne", "a@client.fr", "guest", true);
        same.invitee.civility = crate::Civility::Maitre;
        assert!(!anne.is_another(&same));
        assert_eq!(Revision::between(std::slice::from_ref(&anne), vec![same]).unwrap().changed.len(), 1);
        for (name, email, role) in [
            ("Anna", "a@client.fr", "guest"),
            ("Anne", "b@client.fr", "guest"),
            ("Anne", "a@client.fr", "spectator"),
        ] {
            assert!(anne.is_another(&entry(Some(1), name, email, role, true)), "{name} {email} {role}");
        }
    }

    #[test]
    fn a_list_from_another_state_of_the_meeting_is_refused() {
        let twice = vec![entry(Some(1), "Anne", "a@client.fr", "guest", true); 2];
        assert_eq!(Revision::between(&[there(1, "Anne", true)], twice), Err(Unknown));
        let foreign = vec![entry(Some(9), "Anne", "a@client.fr", "guest", true)];
        assert_eq!(Revision::between(&[], foreign), Err(Unknown));
    }

    #[test]
    fn who_gets_another_address_is_invited_there_and_cancelled_at_the_former_one() {
        let (anne, new) = (there(1, "Anne", true), there(2, "Bob", false));
        let stays = entry(Some(1), "Anne", "a@client.fr", "spectator", true);
        assert_eq!(anne.notices(&stays), (Some(Notice::Change), None));
        let moves = entry(Some(1), "Anne", "b@client.fr", "guest", true);
        assert_eq!(anne.notices(&moves), (Some(Notice::Invitation), Some(Notice::Cancellation)));
        assert_eq!(new.notices(&moves), (Some(Notice::Invitation), None));
        let silent = entry(Some(1), "Anne", "a@client.fr", "guest", false);
        assert_eq!(anne.notices(&silent), (None, None));
    }
}
