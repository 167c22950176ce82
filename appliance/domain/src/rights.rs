use serde::{Deserialize, Serialize};

/// What a user may do with meetings (USER-02).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisioRight {
    /// «Utilisateur Visioconférence»: all services. Takes a licence.
    User,
    /// «Organisation des réunions VisioConférence (sans participation)», «Délégué Visio»: manages the meetings of the
    /// office's users and enters none. Takes no licence.
    Delegate,
}

impl VisioRight {
    /// As stored, and as the pages have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Delegate => "delegate",
        }
    }

    /// From its word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::User, Self::Delegate].into_iter().find(|right| right.word() == word)
    }
}

/// What a user of the espace client may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rights {
    /// With meetings.
    pub visio: VisioRight,
    /// «Délégué télétravail».
    pub telework: bool,
    /// «Accès aux factures».
    pub invoices: bool,
    /// Manages the box, its users and its orders (USER-07).
    pub administrator: bool,
}

impl Rights {
    /// Whoever uses all services, and nothing else.
    pub const USER: Self =
        Self { visio: VisioRight::User, telework: false, invoices: false, administrator: false };

    /// Makes, changes, shares and deletes meetings, and lets people in by doing so.
    #[must_use]
    pub fn may_manage_meetings(self) -> bool {
        match self.visio {
            VisioRight::User | VisioRight::Delegate => true,
        }
    }

    /// Takes part in meetings and calls, as organizer too. A delegate who follows a link does so as a guest, like anybody.
    #[must_use]
    pub fn may_join(self) -> bool {
        self.visio == VisioRight::User
    }

    /// Whether the office needs a licence for such a user.
    #[must_use]
    pub fn takes_a_licence(self) -> bool {
        self.may_join()
    }

    /// Which of them differ, by their words: for the audit journal.
    #[must_use]
    pub fn changed(self, before: Self) -> Vec<&'static str> {
        let parts = [
            ("visio", self.visio != before.visio),
            ("telework", self.telework != before.telework),
            ("invoices", self.invoices != before.invoices),
            ("administrator", self.administrator != before.administrator),
        ];
        parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegate_manages_meetings_and_enters_none() {
        let delegate = Rights { visio: VisioRight::Delegate, ..Rights::USER };
        assert!(delegate.may_manage_meetings() && !delegate.may_join() && !delegate.takes_a_licence());
        assert!(
            Rights::USER.may_manage_meetings() && Rights::USER.may_join() && Rights::USER.takes_a_licence()
        );
        assert_eq!(delegate.changed(Rights::USER), ["visio"]);
        assert_eq!(VisioRight::from_word("delegate"), Some(VisioRight::Delegate));
        assert_eq!(VisioRight::from_word("organizer"), None);
    }
}
