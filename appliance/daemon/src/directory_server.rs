//! The directory of notaries, followed at the LDAP server of the settings.

use anyhow::Result;
use std::{sync::Arc, time::Duration};
use tabellion_directory::ldap::{self, Former, LdapFailure, Look};
use tabellion_domain::{Clock, directory::DirectoryOrigin, settings::DirectoryServer};
use tabellion_store::{NewDirectory, Store, StoreError};
use tracing::{error, info, warn};

/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(15 * 60);

/// Whoever follows the server.
pub(crate) struct Follower {
    pub server: DirectoryServer,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
}

impl Follower {
    /// At the start, and then every few hours, for as long as control runs.
    pub(crate) async fn follow(self) {
        let usual = Duration::from_secs(u64::from(self.server.hours) * 3600);
        loop {
            let pause = match self.look().await {
                Ok(true) => usual,
                Ok(false) => usual.min(AGAIN),
                Err(problem) => {
                    error!("the directory cannot be kept: {problem:#}");
                    usual.min(AGAIN)
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether the server has told what there is.
    async fn look(&self) -> Result<bool> {
        let former = self.former().await?;
        match ldap::look(&self.server, former, self.clock.now()).await {
            Ok(look) => self.keep(look).await.map(|()| true),
            Err(failure) => self.note(&failure).await.map(|()| false),
        }
    }

    /// The copy of this server; an empty one where the directory comes from elsewhere.
    async fn former(&self) -> Result<Former> {
        Ok(match self.store.directory_entries().await? {
            Some((copy, entries)) if copy.origin == DirectoryOrigin::Ldap => {
                Former { mark: copy.mark, entries }
            }
            _ => Former::default(),
        })
    }

    async fn keep(&self, Look { entries, refused, mark }: Look) -> Result<()> {
        let now = self.clock.now();
        let Some(entries) = entries else {
            return Ok(self.store.note_directory_unchanged(mark, now).await?);
        };
        let count = entries.len();
        let (origin, mark) = (DirectoryOrigin::Ldap, Some(mark));
        let new = NewDirectory { entries, origin, mark, refused, by: None };
        match self.store.replace_directory(new, now).await {
            Ok(()) => info!(entries = count, refused, "the directory was copied from its server"),
            Err(StoreError::DirectoryOvertaken) => info!("somebody has given another directory meanwhile"),
            Err(problem) => return Err(problem.into()),
        }
        Ok(())
    }

    async fn note(&self, failure: &LdapFailure) -> Result<()> {
        let cause = std::error::Error::source(failure).map(ToString::to_string);
        warn!(%failure, cause, "the directory's server gave no copy: the former one is kept");
        Ok(self.store.note_directory_trouble(failure.to_string(), self.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::{directory::DirectoryEntry, settings::LdapUrl, testing::FakeClock};

    #[tokio::test]
    async fn a_server_that_is_away_leaves_the_last_copy_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let entry = DirectoryEntry { name: "Dupont".to_owned(), ..DirectoryEntry::default() };
        let (origin, mark) = (DirectoryOrigin::Ldap, None);
        let copy = NewDirectory { entries: vec![entry], origin, mark, refused: 0, by: None };
        store.replace_directory(copy, FakeClock::default().now()).await.unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let server = DirectoryServer {
            url: LdapUrl::new(&format!("ldaps://127.0.0.1:{port}")).unwrap(),
            base: "dc=fr".to_owned(),
            filter: "(cn=*)".to_owned(),
            login: None,
            authority_pem: None,
            hours: 6,
            attributes: Default::default(),
        };
        let follower = Follower { server, store: store.clone(), clock: Arc::new(FakeClock::default()) };
        assert!(!follower.look().await.unwrap());
        let state = store.directory_state().await.unwrap();
        assert_eq!(state.copy.unwrap().entries, 1);
        let trouble = state.trouble.unwrap().text;
        assert!(trouble.contains("ne répond pas"), "{trouble}");
    }
}
