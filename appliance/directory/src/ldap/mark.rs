use serde::{Deserialize, Serialize};
use tabellion_domain::settings::{DirectoryAttributes, DirectoryServer};
use time::{Duration, OffsetDateTime};

/// Between two looks at everything: for so long a deleted entry may stay.
const WHOLE_EVERY: Duration = Duration::hours(24);

/// What a later look goes on from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    url: String,
    base: String,
    filter: String,
    attributes: DirectoryAttributes,
    /// The newest `modifyTimestamp` that was seen; empty where the server tells none.
    pub newest: String,
    /// When everything was looked at last, Unix seconds.
    pub full_at: i64,
}

impl Mark {
    pub(super) fn new(server: &DirectoryServer, newest: String, full_at: i64) -> Self {
        Self {
            url: server.url.as_str().to_owned(),
            base: server.base.clone(),
            filter: server.filter.clone(),
            attributes: server.attributes.clone(),
            newest,
            full_at,
        }
    }

    /// None where another release wrote it in another form: everything is looked at then.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).expect("a mark has string keys only")
    }

    /// Whether the settings still ask for the same.
    pub(super) fn is_of(&self, server: &DirectoryServer) -> bool {
        *self == Self::new(server, self.newest.clone(), self.full_at)
    }

    /// From when on changes are enough to know; none where everything has to be looked at.
    pub(super) fn since(&self, now: OffsetDateTime) -> Option<&str> {
        let age = now.unix_timestamp().saturating_sub(self.full_at);
        // A clock that was set back tells nothing.
        let recent = (0..WHOLE_EVERY.whole_seconds()).contains(&age);
        (recent && !self.newest.is_empty()).then_some(self.newest.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::LdapUrl;
    use time::macros::datetime;

    #[test]
    fn changes_are_enough_for_a_day_and_for_the_same_settings() {
        let server = DirectoryServer {
            url: LdapUrl::new("ldaps://annuaire.exemple.fr").unwrap(),
            base: "dc=fr".to_owned(),
            filter: "(cn=*)".to_owned(),
            login: None,
            authority_pem: None,
            hours: 6,
            attributes: DirectoryAttributes::default(),
        };
        let noon = datetime!(2026-11-23 12:00 UTC);
        let mark = Mark::new(&server, "20261123090000Z".to_owned(), noon.unix_timestamp());
        assert_eq!(Mark::read(&mark.written()), Some(mark.clone()));
        assert_eq!(mark.since(noon + Duration::hours(23)), Some("20261123090000Z"));
        assert_eq!(mark.since(noon + Duration::hours(24)), None);
        assert_eq!(mark.since(noon - Duration::hours(1)), None);
        assert_eq!(Mark::new(&server, String::new(), noon.unix_timestamp()).since(noon), None);
        assert!(mark.is_of(&server) && mark.is_of(&DirectoryServer { hours: 7, ..server.clone() }));
        assert!(!mark.is_of(&DirectoryServer { filter: "(o=*)".to_owned(), ..server }));
        assert_eq!(Mark::read("{}"), None);
    }
}
