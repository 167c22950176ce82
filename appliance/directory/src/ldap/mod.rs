//! Copies of the directory from an LDAP server (RFC 4511), in pages (RFC 2696): all of it, or what has changed since the last look
//! (`modifyTimestamp`, RFC 4512 §3.4.2) where that is not long ago. What was deleted there only a look at all of it shows.

mod client;
mod failure;
mod mapping;
mod mark;
mod merge;

pub use failure::LdapFailure;

use mark::Mark;
use merge::Found;
use std::time::Duration;
use tabellion_domain::{directory::DirectoryEntry, settings::DirectoryServer};
use time::OffsetDateTime;

/// From the connection to the last entry.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The copy that the box has of this or another server.
#[derive(Clone, Debug, Default)]
pub struct Former {
    /// [`Look::mark`] of then.
    pub mark: Option<String>,
    /// What it holds.
    pub entries: Vec<DirectoryEntry>,
}

/// What a look at the server gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// All of the directory as it is now; none where it is as it was.
    pub entries: Option<Vec<DirectoryEntry>>,
    /// How many entries of the server cannot be taken.
    pub refused: u64,
    /// What the next look goes on from.
    pub mark: String,
}

/// Looks at the server. `former`: the copy that came from there, where there is one.
///
/// # Errors
/// [`LdapFailure`]: the former copy is better than what the server says.
pub async fn look(
    server: &DirectoryServer,
    former: Former,
    now: OffsetDateTime,
) -> Result<Look, LdapFailure> {
    let mark = former.mark.as_deref().and_then(Mark::read).filter(|mark| mark.is_of(server));
    let former = if mark.is_some() { former.entries } else { Vec::new() };
    let since = mark.as_ref().and_then(|mark| mark.since(now));
    let found = fetched(server.clone(), since.map(str::to_owned)).await?;
    if since.is_none() {
        merge::plausible(&found, former.len())?;
    }
    let refused = found.refused;
    let newest = found.newest.clone().or_else(|| mark.as_ref().map(|mark| mark.newest.clone()));
    let full_at = match (&mark, since) {
        (Some(mark), Some(_)) => mark.full_at,
        _ => now.unix_timestamp(),
    };
    let entries = if since.is_some() { merge::changed(&former, found) } else { merge::whole(&former, found) };
    let next = Mark::new(server, newest.unwrap_or_default(), full_at);
    Ok(Look { entries, refused, mark: next.written() })
}

/// What the server says. On a task of its own: the library panics at an answer that is no LDAP.
async fn fetched(server: DirectoryServer, since: Option<String>) -> Result<Found, LdapFailure> {
    let asking = tokio::spawn(async move { client::fetch(&server, since.as_deref()).await });
    let stop = asking.abort_handle();
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) => Err(LdapFailure::Nonsense),
        Err(_) => {
            stop.abort();
            Err(LdapFailure::Slow)
        }
    }
}
