use serde::{Deserialize, Serialize};

/// Where a copy of the directory comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryOrigin {
    /// A CSV file that an administrator has given.
    File,
    /// An LDAP server that the settings name.
    Ldap,
    /// Made up, for the demonstration.
    Demonstration,
}

impl DirectoryOrigin {
    /// As it is stored and told to the pages: `file`, `ldap`, `demonstration`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Ldap => "ldap",
            Self::Demonstration => "demonstration",
        }
    }

    /// From [`DirectoryOrigin::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::File, Self::Ldap, Self::Demonstration].into_iter().find(|one| one.word() == word)
    }
}
