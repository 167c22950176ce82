use crate::{MeetingId, UserId, admission::JournalEntry, settings::Author};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the audit journal keeps. Never a password, a code or a mail address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// Password and second factor were right.
    LoggedIn {
        /// Who.
        user: UserId,
    },
    /// A wrong password. Without a user: no such login.
    PasswordRefused {
        /// Whose login it was.
        user: Option<UserId>,
    },
    /// A wrong, expired or used second factor.
    SecondFactorRefused {
        /// Whose.
        user: UserId,
        /// Which of the three.
        why: String,
    },
    /// An authenticator application has become an account's second factor.
    AuthenticatorEnrolled {
        /// Whose.
        user: UserId,
    },
    /// A recovery code stood in for an authenticator.
    RecoveryCodeUsed {
        /// Whose.
        user: UserId,
        /// How many are left.
        left: u32,
    },
    /// Someone has made an account. The texts that were agreed to for it are kept with it.
    UserCreated {
        /// Who; none: the box's set-up.
        by: Option<UserId>,
        /// Whose.
        user: UserId,
    },
    /// Someone has changed an account.
    UserChanged {
        /// Who.
        by: UserId,
        /// Whose.
        user: UserId,
        /// Which parts: `name`, `visio`, `administrator` …; never a value.
        what: Vec<String>,
    },
    /// Someone has deleted an account.
    UserDeleted {
        /// Who.
        by: UserId,
        /// Whose.
        user: UserId,
    },
    /// Someone has had an account's login details sent anew, with a temporary password.
    CredentialsSent {
        /// Who.
        by: UserId,
        /// Whose.
        user: UserId,
    },
    /// A link to a new password was sent to whom an account belongs.
    PasswordLinkSent {
        /// Whose.
        user: UserId,
    },
    /// An account has another password; its other sessions have ended.
    PasswordChanged {
        /// Whose.
        user: UserId,
        /// `first`, `own`, `link`.
        how: String,
    },
    /// Something was ordered of whoever bills.
    Ordered {
        /// The order's row.
        order: i64,
        /// Who.
        by: UserId,
        /// `licences`, `directory_entry`, `directory_removal`.
        what: String,
    },
    /// The orders up to one were handed over to whoever bills.
    OrdersHandedOver {
        /// Who says so.
        by: UserId,
        /// How many.
        orders: u64,
    },
    /// Signed out.
    LoggedOut {
        /// Who.
        user: UserId,
    },
    /// Someone made, changed, shared or deleted a meeting.
    MeetingEdited {
        /// Who.
        user: UserId,
        /// Which.
        meeting: MeetingId,
        /// `created`, `changed`, `shared`, `deleted`; of a scheduled one also `participants`, `validated`, `sent`, `link`.
        what: String,
    },
    /// A scheduled meeting's day is over: nothing of it opens any more (SCHED-14).
    MeetingExpired {
        /// Which.
        meeting: MeetingId,
    },
    /// Someone wants the box's settings changed, or changed them at once.
    SettingsProposed {
        /// The change's row.
        change: i64,
        /// Who.
        by: Author,
        /// Which parts: `network`, `mail` …; never a value.
        parts: Vec<String>,
    },
    /// A change of the settings is in force.
    SettingsConfirmed {
        /// The change's row.
        change: i64,
        /// Who said so.
        by: Author,
    },
    /// A change of the settings is undone.
    SettingsUndone {
        /// The change's row.
        change: i64,
        /// Who said so, or the deadline.
        by: Author,
    },
    /// The box opened a meeting of its own, to test itself. Who comes into it is not written down: nobody does.
    Rehearsed,
    /// Someone had an update installed, or the box restarted into one.
    UpdateAsked {
        /// Who; none: the box itself, by its settings.
        user: Option<UserId>,
        /// `server`, `upload`, `stick`, `restart`.
        what: String,
    },
    /// The box's data left it, encrypted.
    BackupMade {
        /// Who asked; none for the schedule.
        user: Option<UserId>,
        /// `download`, `usb`, `sftp`.
        to: String,
    },
    /// Someone had a backup put in the place of the box's data.
    RestoreAsked {
        /// Who; none for one that was not signed in.
        user: Option<UserId>,
    },
    /// These are the data of a backup. What comes before was written by the box that it was made on.
    Restored {
        /// When the backup was made, RFC 3339.
        made_at: String,
        /// The firmware that made it.
        version: String,
        /// Whether this box has kept its own network settings.
        network_kept: bool,
    },
    /// The box did not serve with the restored data, and has its former ones again.
    RestoreTakenBack,
    /// An administrator has all data of the box destroyed. Only the support sees this line, where it fails.
    FactoryResetAsked {
        /// Who.
        user: UserId,
    },
    /// A recovery key of the data partition was made and shown.
    RecoveryKeyMade {
        /// Who asked.
        user: UserId,
    },
    /// The support console was allowed. What is typed there is in the operating system's journal.
    ConsoleOpened {
        /// By whom.
        user: UserId,
        /// For how long.
        minutes: u32,
    },
    /// The support console was closed before its time.
    ConsoleClosed {
        /// By whom.
        user: UserId,
    },
    /// The directory of notaries was replaced by another copy.
    DirectoryReplaced {
        /// Who has given it; none: the box itself, or somebody at its command line.
        user: Option<UserId>,
        /// Where it comes from: `file`, `ldap`, `demonstration`.
        origin: String,
        /// How many entries it has.
        entries: u64,
        /// How many were refused.
        refused: u64,
    },
    /// A paper of the office was made and given out.
    PaperIssued {
        /// To whom.
        user: UserId,
        /// `attestation`, `record`.
        kind: String,
        /// Its number.
        number: String,
        /// The CRPCEN of the office that it is about.
        crpcen: String,
        /// SHA-256 of the document, hexadecimal.
        sha256: String,
    },
    /// The journal's retention period is over for its first lines: they are deleted. What is left proves itself by this line.
    JournalShortened {
        /// The last line that is deleted.
        up_to: i64,
        /// Its hash, hexadecimal.
        hash: String,
    },
    /// What other retention periods are over for was deleted.
    Purged {
        /// Calls of the users' logs.
        calls: u64,
        /// Scheduled meetings that are over, with those who were invited.
        meetings: u64,
        /// Seats in meetings that are over.
        seats: u64,
        /// Mails and SMS.
        messages: u64,
        /// Names of accounts that had been deleted.
        names: u64,
    },
    /// What the box keeps of one person was given out. Of whom, the journal does not say where it is no account.
    PersonExported {
        /// To whom.
        by: UserId,
        /// The person's accounts.
        accounts: Vec<UserId>,
    },
    /// In a meeting, or in front of it.
    Meeting {
        /// Which.
        meeting: MeetingId,
        /// What.
        entry: JournalEntry,
    },
}

/// One line of the journal, as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JournalLine {
    /// 1, 2, 3 … without gaps.
    pub number: i64,
    /// When, as Unix time in microseconds.
    pub at_micros: i64,
    /// [`AuditEvent`] as JSON: exactly the bytes that were hashed.
    pub event: String,
    /// [`chain_hash`].
    pub hash: [u8; 32],
}

/// Where the chain is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the audit journal was altered at line {number}")]
pub struct ChainError {
    /// The first line that does not fit the one before.
    pub number: i64,
}

/// A line's hash: SHA-256 over the hash of the line before (zeros for the first), number, time and event. Whoever
/// changes, removes or inserts a line has to write all later ones anew, and the last hash is known elsewhere.
#[must_use]
pub fn chain_hash(previous: &[u8; 32], number: i64, at_micros: i64, event: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(previous)
        .chain_update(number.to_be_bytes())
        .chain_update(at_micros.to_be_bytes())
        .chain_update(event.as_bytes())
        .finalize()
        .into()
}

/// Where a journal begins whose first lines were deleted, because their retention period is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The last line that is gone.
    pub number: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Checks a journal line by line, in order, however long it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChainCheck {
    checked: i64,
    last: [u8; 32],
    /// The line that tells of the checkpoint, as long as none has: [`AuditEvent::JournalShortened`].
    unproven: Option<(i64, String)>,
}

impl ChainCheck {
    /// From its beginning, or from where it begins now.
    #[must_use]
    pub fn from(checkpoint: Option<Checkpoint>) -> Self {
        let Some(Checkpoint { number, hash }) = checkpoint else { return Self::default() };
        let told = AuditEvent::JournalShortened { up_to: number, hash: hexadecimal(&hash) };
        let told = serde_json::to_string(&told).expect("an audit event has string keys only");
        Self { checked: number, last: hash, unproven: Some((number + 1, told)) }
    }

    /// The next line.
    ///
    /// # Errors
    /// [`ChainError`]: it does not fit the ones before.
    pub fn line(&mut self, line: &JournalLine) -> Result<(), ChainError> {
        let expected = self.checked + 1;
        let hash = chain_hash(&self.last, line.number, line.at_micros, &line.event);
        if line.number != expected || hash != line.hash {
            return Err(ChainError { number: expected });
        }
        (self.checked, self.last) = (expected, hash);
        self.unproven.take_if(|(_, told)| *told == line.event);
        Ok(())
    }

    /// That was the last one.
    ///
    /// # Errors
    /// [`ChainError`]: no line tells that the ones before the first were deleted by their age.
    pub fn end(&self) -> Result<(), ChainError> {
        self.unproven.as_ref().map_or(Ok(()), |(number, _)| Err(ChainError { number: *number }))
    }

    /// How far the lines were found unaltered: the last one's number.
    #[must_use]
    pub fn lines(&self) -> i64 {
        self.checked
    }

    /// The last line's hash. Lines cut off the end leave a chain that is whole: only this value, known elsewhere,
    /// tells.
    #[must_use]
    pub fn head(&self) -> [u8; 32] {
        self.last
    }
}

fn hexadecimal(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Checkpoint> for AuditEvent {
    fn from(Checkpoint { number, hash }: Checkpoint) -> Self {
        Self::JournalShortened { up_to: number, hash: hexadecimal(&hash) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Vec<JournalLine> {
        let mut previous = [0; 32];
        (1..=3)
            .map(|number| {
                let event = format!("{{\"event\":\"logged_in\",\"user\":{number}}}");
                let hash = chain_hash(&previous, number, number * 10, &event);
                previous = hash;
                JournalLine { number, at_micros: number * 10, event, hash }
            })
            .collect()
    }

    fn check(checkpoint: Option<Checkpoint>, lines: &[JournalLine]) -> Result<(), ChainError> {
        let mut check = ChainCheck::from(checkpoint);
        lines.iter().try_for_each(|line| check.line(line))?;
        check.end()
    }

    #[test]
    fn a_journal_without_its_first_lines_proves_itself_by_the_line_that_tells_of_it() {
        let mut lines = journal();
        let checkpoint = Checkpoint { number: 2, hash: lines[1].hash };
        let event = serde_json::to_string(&AuditEvent::from(checkpoint)).unwrap();
        let hash = chain_hash(&lines[2].hash, 4, 40, &event);
        lines.push(JournalLine { number: 4, at_micros: 40, event, hash });
        assert_eq!(check(None, &lines), Ok(()));
        assert_eq!(check(Some(checkpoint), &lines[2..]), Ok(()));
        assert_eq!(
            check(Some(checkpoint), &lines[2..3]),
            Err(ChainError { number: 3 }),
            "nobody has told of it"
        );
        assert_eq!(check(None, &lines[2..]), Err(ChainError { number: 1 }));
        let other = Checkpoint { hash: [7; 32], ..checkpoint };
        assert_eq!(check(Some(other), &lines[2..]), Err(ChainError { number: 3 }));
    }

    #[test]
    fn whatever_is_altered_is_found() {
        assert_eq!(check(None, &journal()), Ok(()));
        let mut changed = journal();
        changed[1].event = changed[1].event.replace('2', "9");
        assert_eq!(check(None, &changed), Err(ChainError { number: 2 }));
        let mut later = journal();
        later[2].at_micros += 1;
        assert_eq!(check(None, &later), Err(ChainError { number: 3 }));
        let mut removed = journal();
        removed.remove(0);
        assert_eq!(check(None, &removed), Err(ChainError { number: 1 }));
    }
}
