use crate::{
    Civility, Entropy, NameError, ParticipantId, PersonName, Role, account::sentence, settings::MailAddress,
    sort_key,
};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// Somebody who is to be invited (SCHED-03).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitee {
    /// «Civilité»; may be none.
    pub civility: Civility,
    /// «Nom prénom».
    pub name: PersonName,
    /// «E-mail»: where the personal link is sent.
    pub email: MailAddress,
    /// «Rôle».
    pub role: Role,
}

/// The same as it was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InviteeForm {
    /// By its label; may be empty.
    pub civility: String,
    /// «Nom prénom».
    pub name: String,
    /// «E-mail».
    pub email: String,
    /// `organizer`, `guest`, `spectator`.
    pub role: String,
}

/// A row of the participants' table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Participant {
    /// The store's row number.
    pub id: ParticipantId,
    /// Who.
    pub invitee: Invitee,
    /// «Envoyer ?»: whether mails about the meeting are sent.
    pub send: bool,
    /// Whether an invitation was sent to this address.
    pub mailed: bool,
}

/// A row as it is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParticipantEntry {
    /// Of one who is in the table already.
    pub id: Option<ParticipantId>,
    /// Who.
    pub invitee: Invitee,
    /// «Envoyer ?».
    pub send: bool,
}

/// What is wrong with one field of one row; for the user, in French.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryFault {
    /// The row, from 0.
    pub row: usize,
    /// The field's JSON name.
    pub field: &'static str,
    /// A sentence that says what to do.
    pub message: String,
}

impl InviteeForm {
    fn read(&self, mut fault: impl FnMut(&'static str, String)) -> Option<Invitee> {
        let mut note = |field, message: String| fault(field, sentence(&message));
        let civility = Civility::from_label(self.civility.trim());
        if civility.is_none() {
            note("civility", "Choisissez Madame, Monsieur ou Maître, ou laissez ce champ vide.".to_owned());
        }
        let name =
            PersonName::new(&self.name).map_err(|error: NameError| note("name", error.to_string())).ok();
        let email = MailAddress::new(&self.email).map_err(|error| note("email", error.to_string())).ok();
        let role =
            [Role::Organizer, Role::Guest, Role::Spectator].into_iter().find(|role| role.word() == self.role);
        if role.is_none() {
            note("role", "Choisissez Organisateur, Invité ou Spectateur.".to_owned());
        }
        Some(Invitee { civility: civility?, name: name?, email: email?, role: role? })
    }
}

impl Invitee {
    /// «Maître Pierre Dupont».
    #[must_use]
    pub fn full_name(&self) -> String {
        let parts = [self.civility.label(), self.name.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Two rows with the same are one person: a couple has one address and two names.
    fn identity(&self) -> (String, String) {
        (self.email.as_str().to_lowercase(), sort_key(self.name.as_str()))
    }
}

/// Reads all rows of the table; each fault says of which one.
///
/// # Errors
/// What is wrong, in the table's order.
pub fn read_all(
    rows: impl IntoIterator<Item = (Option<ParticipantId>, InviteeForm, bool)>,
) -> Result<Vec<ParticipantEntry>, Vec<EntryFault>> {
    let (mut entries, mut faults, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for (row, (id, form, send)) in rows.into_iter().enumerate() {
        let fault = |field, message| faults.push(EntryFault { row, field, message });
        let Some(invitee) = form.read(fault) else { continue };
        if !known.insert(invitee.identity()) {
            let message =
                "Ce participant figure déjà dans la liste. Supprimez l’une des deux lignes.".to_owned();
            faults.push(EntryFault { row, field: "email", message });
        }
        entries.push(ParticipantEntry { id, invitee, send });
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}

/// The secret of a participant's personal link: 128 bits. The store has its hash.
pub struct LinkSecret {
    /// What the link carries, base64url.
    pub token: String,
    /// What is kept.
    pub hash: [u8; 32],
}

impl LinkSecret {
    /// A new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let token = entropy.token128();
        Self { hash: Self::hash(&token), token }
    }

    /// What is kept of a link's secret.
    #[must_use]
    pub fn hash(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;

    fn form(name: &str, email: &str) -> InviteeForm {
        let (name, email) = (name.to_owned(), email.to_owned());
        InviteeForm { civility: String::new(), name, email, role: "guest".to_owned() }
    }

    fn read(rows: &[InviteeForm]) -> Result<Vec<ParticipantEntry>, Vec<EntryFault>> {
        read_all(rows.iter().map(|form| (None, form.clone(), true)))
    }

    #[test]
    fn people_of_all_scripts_are_invited_and_as_many_as_one_wants() {
        let people =
            read(&[form("Żółć Łukasz", "l@client.fr"), form("山田 太郎", "yamada@client.fr")]).unwrap();
        assert_eq!(people[1].invitee.full_name(), "山田 太郎");
        let maitre = InviteeForm {
            civility: "Maître".into(),
            role: "organizer".into(),
            ..form("Pierre Dupont", "p@n.fr")
        };
        assert_eq!(read(&[maitre]).unwrap()[0].invitee.full_name(), "Maître Pierre Dupont");
        let crowd: Vec<_> =
            (0..500).map(|i| form(&format!("Client {i}"), &format!("c{i}@client.fr"))).collect();
        assert_eq!(read(&crowd).unwrap().len(), 500);
    }

    #[test]
    fn who_is_there_twice_is_told_and_a_couple_with_one_address_is_not() {
        let faults =
            read(&[form("Élise Roy", "elise@client.fr"), form("elise roy", "ELISE@client.fr")]).unwrap_err();
        assert_eq!((faults.len(), faults[0].row, faults[0].field), (1, 1, "email"));
        assert!(read(&[form("Élise Roy", "roy@client.fr"), form("Marc Roy", "roy@client.fr")]).is_ok());
    }

    #[test]
    fn each_fault_names_its_row_and_its_field() {
        let bad =
            InviteeForm { civility: "Docteur".into(), role: "delegate".into(), ..form("<b>", "personne") };
        let faults =
            read(&[form("Anne", "a@client.fr"), bad, form(&"é".repeat(81), "b@client.fr")]).unwrap_err();
        let told: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field)).collect();
        assert_eq!(told, [(1, "civility"), (1, "name"), (1, "email"), (1, "role"), (2, "name")]);
        assert!(faults.iter().all(|fault| fault.message.ends_with('.')), "{faults:?}");
    }

    #[test]
    fn a_link_carries_128_bits_and_what_is_kept_does_not_tell_them() {
        let link = LinkSecret::draw(&FakeEntropy::default());
        assert_eq!((link.token.len(), LinkSecret::hash(&link.token)), (22, link.hash));
    }
}
