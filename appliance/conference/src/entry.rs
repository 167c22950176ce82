//! A guest's way in: the link, the form, the code.

use crate::{attempts::CodeAttempts, error::JoinError};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tabellion_domain::{Attempts, Civility, Entropy, MeetingId, PersonName, Role, Source, scheduled::When};
use time::OffsetDateTime;

/// What a guest fills in (WAIT-01).
#[derive(Clone, Debug)]
pub struct GuestForm {
    /// May be empty.
    pub civility: Civility,
    /// «Prénom».
    pub first_name: String,
    /// «Nom».
    pub last_name: String,
    /// Where the meeting has one.
    pub code: Option<String>,
}

/// What a link's page shows before anything is filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkInfo {
    /// The meeting's name.
    pub meeting_name: String,
    /// The office's name.
    pub office_name: String,
    /// Whether a code is asked for.
    pub code_required: bool,
    /// Whose link it is, where it is somebody's own.
    pub person: Option<LinkPerson>,
}

/// Whom a personal link was sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkPerson {
    /// As the others will see it.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// When the meeting is.
    pub when: When,
}

impl GuestForm {
    /// The name that the others see.
    ///
    /// # Errors
    /// [`JoinError::Invalid`] with the field at fault.
    pub fn name(&self) -> Result<String, JoinError> {
        let first = checked("first_name", "Prénom", &self.first_name)?;
        let last = checked("last_name", "Nom", &self.last_name)?;
        let civility = self.civility.label();
        let parts = [civility, first.as_str(), last.as_str()];
        Ok(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

fn checked(field: &'static str, label: &str, value: &str) -> Result<PersonName, JoinError> {
    PersonName::new(value).map_err(|error| JoinError::Invalid {
        field,
        message: format!("«\u{a0}{label}\u{a0}»\u{a0}: {error}"),
    })
}

impl CodeAttempts {
    /// Looks at a guest's code, unless too many were wrong lately.
    ///
    /// # Errors
    /// [`JoinError::WrongCode`], [`JoinError::TooManyAttempts`].
    pub(crate) fn check(
        &self,
        meeting: MeetingId,
        source: Source,
        required: &str,
        given: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(), JoinError> {
        self.of(meeting, source, now, |attempts| {
            if let Some(wait) = attempts.pause(now) {
                let retry_after = wait.try_into().unwrap_or(Duration::ZERO);
                return Err(JoinError::TooManyAttempts { retry_after });
            }
            if given.is_some_and(|given| same(given.trim(), required)) {
                *attempts = Attempts::default();
                return Ok(());
            }
            Err(JoinError::WrongCode { attempts_left: attempts.failed(now) })
        })
    }
}

/// Compares in a time that does not tell how much was right.
fn same(given: &str, required: &str) -> bool {
    Sha256::digest(given.as_bytes()) == Sha256::digest(required.as_bytes())
}

/// A seat's secret, and its hash for the store: 128 bits, base64url.
pub(crate) fn new_token(entropy: &dyn Entropy) -> (String, [u8; 32]) {
    let token = entropy.token128();
    let hash = token_hash(&token);
    (token, hash)
}

pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
