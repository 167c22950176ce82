use crate::{name::is_invisible, sort_key};
use std::fmt;

/// Characters of a short field at most: what is known of CRPCEN and postal codes is five digits, but not promised.
const SHORT: usize = 40;
/// Characters of any other field at most.
const LONG: usize = 200;

/// Somebody in the directory.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DirectoryEntry {
    /// What its source knows it by, for a later look at what has changed; empty where the source has no such thing.
    pub key: String,
    /// «Entité»: the kind of organisation.
    pub entity: String,
    /// «CRPCEN»: the office's number among notaries. A text: its leading zeros belong to it.
    pub crpcen: String,
    /// «Office».
    pub office: String,
    /// «Nom»: the person's.
    pub name: String,
    /// «Code postal».
    pub postal_code: String,
    /// «Ville».
    pub town: String,
    /// «Compte»: the number that is called.
    pub account: String,
}

/// A field of an entry, by the name that people know it by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// «Entité».
    Entity,
    /// «CRPCEN».
    Crpcen,
    /// «Office».
    Office,
    /// «Nom».
    Name,
    /// «Code postal».
    PostalCode,
    /// «Ville».
    Town,
    /// «Compte».
    Account,
}

/// Why an entry is not taken; for the administrator, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryRefusal {
    /// Nothing that it could be found by.
    #[error("ni CRPCEN, ni office, ni nom\u{a0}: personne ne pourrait trouver cette entrée.")]
    Nameless,
    /// A field is too long.
    #[error("«\u{a0}{field}\u{a0}» compte plus de {most} caractères.")]
    TooLong {
        /// Which.
        field: Field,
        /// How many there may be.
        most: usize,
    },
    /// Control characters, or characters that hide others or turn their direction.
    #[error("«\u{a0}{0}\u{a0}» contient des signes invisibles.")]
    Forbidden(Field),
}

impl Field {
    /// In the order of the table's columns.
    pub const ALL: [Self; 7] =
        [Self::Entity, Self::Crpcen, Self::Office, Self::Name, Self::PostalCode, Self::Town, Self::Account];

    /// The column's name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Entity => "Entité",
            Self::Crpcen => "CRPCEN",
            Self::Office => "Office",
            Self::Name => "Nom",
            Self::PostalCode => "Code postal",
            Self::Town => "Ville",
            Self::Account => "Compte",
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Crpcen | Self::PostalCode => SHORT,
            _ => LONG,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl DirectoryEntry {
    /// One field.
    #[must_use]
    pub fn field(&self, field: Field) -> &str {
        match field {
            Field::Entity => &self.entity,
            Field::Crpcen => &self.crpcen,
            Field::Office => &self.office,
            Field::Name => &self.name,
            Field::PostalCode => &self.postal_code,
            Field::Town => &self.town,
            Field::Account => &self.account,
        }
    }

    /// Puts a text into a field, its white space made single spaces: sources break lines within a field.
    pub fn set(&mut self, field: Field, text: &str) {
        let tidy = tidied(text);
        match field {
            Field::Entity => self.entity = tidy,
            Field::Crpcen => self.crpcen = tidy,
            Field::Office => self.office = tidy,
            Field::Name => self.name = tidy,
            Field::PostalCode => self.postal_code = tidy,
            Field::Town => self.town = tidy,
            Field::Account => self.account = tidy,
        }
    }

    /// Whether no field holds anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        Field::ALL.iter().all(|field| self.field(*field).is_empty())
    }

    /// Checks the entry as it will be shown.
    ///
    /// # Errors
    /// [`EntryRefusal`], for the first field that is wrong.
    pub fn checked(self) -> Result<Self, EntryRefusal> {
        if [&self.crpcen, &self.office, &self.name].iter().all(|text| text.is_empty()) {
            return Err(EntryRefusal::Nameless);
        }
        for field in Field::ALL {
            let (text, most) = (self.field(field), field.most());
            if text.chars().any(|c| c.is_control() || is_invisible(c)) {
                return Err(EntryRefusal::Forbidden(field));
            }
            if text.chars().count() > most {
                return Err(EntryRefusal::TooLong { field, most });
            }
        }
        Ok(self)
    }

    /// What the table is sorted by: name, office, then what tells entries of one name apart.
    #[must_use]
    pub fn sort_key(&self) -> [String; 4] {
        [sort_key(&self.name), sort_key(&self.office), self.crpcen.clone(), self.account.clone()]
    }
}

fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fields: &[(Field, &str)]) -> DirectoryEntry {
        let mut entry = DirectoryEntry::default();
        fields.iter().for_each(|(field, text)| entry.set(*field, text));
        entry
    }

    #[test]
    fn white_space_is_tidied_and_leading_zeros_stay() {
        let read = entry(&[(Field::Crpcen, " 01001\t"), (Field::Office, "Étude \n du\u{a0}Parc")]);
        let read = read.checked().unwrap();
        assert_eq!((read.crpcen.as_str(), read.office.as_str()), ("01001", "Étude du Parc"));
    }

    #[test]
    fn markup_is_a_text_like_another() {
        assert!(entry(&[(Field::Name, "<b>Dupont</b> & \"fils\"")]).checked().is_ok());
    }

    #[test]
    fn what_cannot_be_shown_or_found_is_refused_with_the_reason() {
        assert_eq!(entry(&[(Field::Town, "Lyon")]).checked(), Err(EntryRefusal::Nameless));
        let hidden = entry(&[(Field::Name, "Dupont\u{202e}tnop")]).checked();
        assert_eq!(hidden, Err(EntryRefusal::Forbidden(Field::Name)));
        assert_eq!(entry(&[(Field::Name, "a\0b")]).checked(), Err(EntryRefusal::Forbidden(Field::Name)));
        let long = entry(&[(Field::Crpcen, &"1".repeat(41))]).checked().unwrap_err();
        assert_eq!(long.to_string(), "«\u{a0}CRPCEN\u{a0}» compte plus de 40 caractères.");
        assert!(entry(&[(Field::Office, &"é".repeat(200))]).checked().is_ok());
    }

    #[test]
    fn accents_do_not_part_names_in_the_order() {
        let key = |name| entry(&[(Field::Name, name)]).sort_key();
        assert!(key("Élie") < key("Emma") && key("ÉLIE") == key("elie"));
    }
}
