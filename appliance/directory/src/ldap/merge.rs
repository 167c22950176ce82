use super::{LdapFailure, mapping::Read};
use std::collections::BTreeMap;
use tabellion_domain::directory::DirectoryEntry;

/// What a search gave.
#[derive(Default, Debug)]
pub(super) struct Found {
    /// By key; none for one that cannot be taken.
    pub entries: BTreeMap<String, Option<DirectoryEntry>>,
    /// How many those are.
    pub refused: u64,
    /// The newest change among them.
    pub newest: Option<String>,
}

impl Found {
    pub(super) fn take(&mut self, read: Read) {
        let Read { key, changed, entry } = read;
        self.refused += u64::from(entry.is_err());
        self.newest = self.newest.take().max(changed);
        self.entries.insert(key, entry.ok());
    }
}

/// Whether a look at everything is to be believed: a server that has lost its data, or shows them to nobody, answers as one without.
///
/// # Errors
/// [`LdapFailure::Nothing`], [`LdapFailure::TooFew`].
pub(super) fn plausible(found: &Found, former: usize) -> Result<(), LdapFailure> {
    let good = found.entries.values().flatten().count();
    if good == 0 {
        return Err(LdapFailure::Nothing { refused: found.refused });
    }
    if good < former / 2 {
        return Err(LdapFailure::TooFew { found: good, former });
    }
    Ok(())
}

/// The whole directory, where it is another one than the former.
pub(super) fn whole(former: &[DirectoryEntry], found: Found) -> Option<Vec<DirectoryEntry>> {
    other_than(former, found.entries.into_values().flatten().collect())
}

/// The former directory with what has changed; none where nothing has.
pub(super) fn changed(former: &[DirectoryEntry], found: Found) -> Option<Vec<DirectoryEntry>> {
    let mut merged: BTreeMap<&str, DirectoryEntry> =
        former.iter().map(|entry| (entry.key.as_str(), entry.clone())).collect();
    for (key, entry) in &found.entries {
        match entry {
            Some(entry) => drop(merged.insert(key, entry.clone())),
            None => drop(merged.remove(key.as_str())),
        }
    }
    other_than(former, merged.into_values().collect())
}

/// These, in the order of their keys, unless they are the former ones.
fn other_than(former: &[DirectoryEntry], now: Vec<DirectoryEntry>) -> Option<Vec<DirectoryEntry>> {
    let mut sorted: Vec<_> = former.iter().collect();
    sorted.sort_by(|one, other| one.key.cmp(&other.key));
    (!sorted.into_iter().eq(&now)).then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::directory::{EntryRefusal, Field};

    fn entry(key: &str, name: &str) -> DirectoryEntry {
        let mut entry = DirectoryEntry { key: key.to_owned(), ..DirectoryEntry::default() };
        entry.set(Field::Name, name);
        entry
    }

    fn found(entries: &[(&str, Option<&str>, &str)]) -> Found {
        let mut found = Found::default();
        for (key, name, changed) in entries {
            let entry = name.map(|name| entry(key, name)).ok_or(EntryRefusal::Nameless);
            found.take(Read { key: (*key).to_owned(), changed: Some((*changed).to_owned()), entry });
        }
        found
    }

    #[test]
    fn changes_are_put_among_the_former_entries() {
        let former = [entry("b", "Bertrand"), entry("a", "Anne"), entry("c", "Chloé")];
        let now = changed(
            &former,
            found(&[("b", Some("Béatrice"), "2"), ("c", None, "3"), ("d", Some("David"), "1")]),
        );
        assert_eq!(now.unwrap(), [entry("a", "Anne"), entry("b", "Béatrice"), entry("d", "David")]);
        assert_eq!(
            changed(&former, found(&[("b", Some("Bertrand"), "2")])),
            None,
            "seen again, and the same"
        );
    }

    #[test]
    fn a_look_at_everything_forgets_what_is_not_there_any_more() {
        let former = [entry("b", "Bertrand"), entry("a", "Anne")];
        assert_eq!(whole(&former, found(&[("b", Some("Bertrand"), "1")])).unwrap(), [entry("b", "Bertrand")]);
        assert_eq!(whole(&former, found(&[("b", Some("Bertrand"), "1"), ("a", Some("Anne"), "1")])), None);
    }

    #[test]
    fn a_server_that_has_lost_its_data_is_not_believed() {
        let one = found(&[("a", Some("Anne"), "1"), ("b", None, "20261123090000Z")]);
        assert_eq!((one.refused, one.newest.as_deref()), (1, Some("20261123090000Z")));
        assert!(plausible(&one, 0).is_ok() && plausible(&one, 3).is_ok());
        assert!(matches!(plausible(&one, 4), Err(LdapFailure::TooFew { found: 1, former: 4 })));
        assert!(matches!(plausible(&found(&[]), 0), Err(LdapFailure::Nothing { refused: 0 })));
        assert!(matches!(
            plausible(&found(&[("a", None, "1")]), 0),
            Err(LdapFailure::Nothing { refused: 1 })
        ));
    }
}
