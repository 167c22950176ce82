use crate::UserId;
use time::OffsetDateTime;

/// What is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderKind {
    /// So many licences more.
    Licences(u32),
    /// A user's entry in the ADSN directory; 1 € before tax a month.
    DirectoryEntry,
    /// The end of one.
    DirectoryRemoval,
    /// Licences that the office's users had when licences came to be counted. Nobody has ordered them, and nothing is billed.
    Carried(u32),
}

impl OrderKind {
    /// As stored, and as the pages have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Licences(_) => "licences",
            Self::DirectoryEntry => "directory_entry",
            Self::DirectoryRemoval => "directory_removal",
            Self::Carried(_) => "carried",
        }
    }

    /// From its word.
    #[must_use]
    pub fn from_word(word: &str, count: u32) -> Option<Self> {
        let kinds =
            [Self::Licences(count), Self::DirectoryEntry, Self::DirectoryRemoval, Self::Carried(count)];
        kinds.into_iter().find(|kind| kind.word() == word)
    }

    /// Licences that it gives the office.
    #[must_use]
    pub fn licences(self) -> u32 {
        match self {
            Self::Licences(count) | Self::Carried(count) => count,
            Self::DirectoryEntry | Self::DirectoryRemoval => 0,
        }
    }

    /// In French, for whoever bills.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Licences(_) => "Licences VisioConférence",
            Self::DirectoryEntry => "Ajout à l’annuaire ADSN",
            Self::DirectoryRemoval => "Retrait de l’annuaire ADSN",
            Self::Carried(_) => "Licences déjà attribuées",
        }
    }
}

/// How far an order has come on its way to whoever bills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// There is no address for orders: it waits to be exported and handed over.
    Waiting,
    /// A mail with it is on its way.
    Mailing,
    /// The mail server has taken that mail.
    Mailed(OffsetDateTime),
    /// The mail was refused for good: it has to be handed over as a file.
    MailFailed(OffsetDateTime),
    /// An administrator has handed it over.
    HandedOver(OffsetDateTime),
}

impl Delivery {
    /// The state in French, for the export.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "à transmettre",
            Self::Mailing => "courriel en cours d’envoi",
            Self::Mailed(_) => "transmise par courriel",
            Self::MailFailed(_) => "courriel refusé, à transmettre",
            Self::HandedOver(_) => "transmise",
        }
    }
}

/// An order, as it is kept: with the names of its time, whatever becomes of the users.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its number on this box.
    pub id: i64,
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub kind: OrderKind,
    /// Who; none: the box itself.
    pub by: Option<UserId>,
    /// The name of who has ordered; empty for the box itself.
    pub by_name: String,
    /// Whom it is for: a name; empty for licences.
    pub subject: String,
    /// Their login; empty for licences.
    pub subject_login: String,
    /// How far it has come.
    pub delivery: Delivery,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_from_their_words() {
        for kind in [
            OrderKind::Licences(3),
            OrderKind::DirectoryEntry,
            OrderKind::DirectoryRemoval,
            OrderKind::Carried(3),
        ] {
            assert_eq!(OrderKind::from_word(kind.word(), 3), Some(kind));
        }
        assert_eq!(OrderKind::from_word("gift", 1), None);
        assert_eq!((OrderKind::Licences(3).licences(), OrderKind::DirectoryEntry.licences()), (3, 0));
    }
}
