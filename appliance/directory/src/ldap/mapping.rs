use ldap3::SearchEntry;
use tabellion_domain::{
    directory::{DirectoryEntry, EntryRefusal, Field},
    settings::DirectoryAttributes,
};

/// What a server knows an entry by, whatever it is called (RFC 4530).
const KEY: &str = "entryUUID";
/// When it was changed last.
pub(super) const CHANGED: &str = "modifyTimestamp";

/// An entry of the server, by its key.
pub(super) struct Read {
    pub key: String,
    /// `modifyTimestamp`, where the server tells it.
    pub changed: Option<String>,
    pub entry: Result<DirectoryEntry, EntryRefusal>,
}

/// What is asked for of each entry.
pub(super) fn asked_for(attributes: &DirectoryAttributes) -> Vec<String> {
    let fields = Field::ALL.iter().map(|field| attributes.of(*field));
    fields.chain([KEY, CHANGED]).map(str::to_owned).collect()
}

pub(super) fn read(found: SearchEntry, attributes: &DirectoryAttributes) -> Read {
    // Names of attributes have no case (RFC 4512 §2.5); of many values the first counts.
    let value = |name: &str| {
        let values = found.attrs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        values.and_then(|(_, values)| values.first()).map(String::as_str)
    };
    let mut entry = DirectoryEntry::default();
    for field in Field::ALL {
        entry.set(field, value(attributes.of(field)).unwrap_or_default());
    }
    let key = value(KEY).map_or_else(|| found.dn.to_lowercase(), str::to_owned);
    let changed = value(CHANGED).filter(|text| is_a_time(text)).map(str::to_owned);
    entry.key.clone_from(&key);
    Read { key, changed, entry: entry.checked() }
}

/// Generalized time in UTC to the second, `20261123090000Z` (RFC 4517 §3.3.13), fractions included: such times sort as texts, and may
/// stand in a filter. Whoever writes others is asked for everything each time.
fn is_a_time(text: &str) -> bool {
    let Some(digits) = text.strip_suffix('Z') else { return false };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    whole.len() == 14 && [whole, fraction].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn found(attributes: &[(&str, &str)]) -> SearchEntry {
        let attrs = attributes.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
        SearchEntry { dn: "CN=Dupont,DC=fr".to_owned(), attrs: attrs.collect(), bin_attrs: HashMap::new() }
    }

    #[test]
    fn attributes_fill_their_fields_whatever_their_case() {
        let attributes = DirectoryAttributes { crpcen: "uid".to_owned(), ..DirectoryAttributes::default() };
        let server = found(&[
            ("CN", " Dupont  Marie"),
            ("Uid", "01001"),
            ("entryuuid", "1-2"),
            ("modifytimestamp", "20261123090000Z"),
        ]);
        let Read { key, changed, entry } = read(server, &attributes);
        let entry = entry.unwrap();
        assert_eq!(
            (entry.name.as_str(), entry.crpcen.as_str(), entry.office.as_str()),
            ("Dupont Marie", "01001", "")
        );
        assert_eq!(
            (key.as_str(), entry.key.as_str(), changed.as_deref()),
            ("1-2", "1-2", Some("20261123090000Z"))
        );
    }

    #[test]
    fn what_lacks_a_key_or_a_usable_time_does_without() {
        let plain = read(found(&[("cn", "Dupont")]), &DirectoryAttributes::default());
        assert_eq!((plain.key.as_str(), plain.changed), ("cn=dupont,dc=fr", None));
        for time in [
            "",
            "2026",
            "20261123090000",
            "20261123090000+0100",
            "20261123090000Z)(uid=*",
            "20261123090000.*Z",
        ] {
            assert!(!is_a_time(time), "{time}");
        }
        assert!(is_a_time("20261123090000.123Z"));
        assert!(read(found(&[("l", "Lyon")]), &DirectoryAttributes::default()).entry.is_err());
    }
}
