//! Changes of the settings within a transaction: the change, the decision on it and their lines in the journal are
//! there together, or none is.

use crate::{
    StoreError, audit,
    convert::{self, author_word},
};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{
    AuditEvent,
    settings::{Author, CONFIRM_WITHIN, Settings},
};
use time::OffsetDateTime;

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingsFate {
    /// It is, or was, in force.
    InForce,
    /// It is undone.
    Undone,
}

impl SettingsFate {
    fn word(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Undone => "undone",
        }
    }

    pub(super) fn from_word(word: &str) -> Result<Self, StoreError> {
        match word {
            "in_force" => Ok(Self::InForce),
            "undone" => Ok(Self::Undone),
            other => Err(convert::unreadable("a decision on the settings", other)),
        }
    }
}

/// A change that waits: it stands from `at` to `deadline`.
pub(super) struct Waiting {
    pub id: i64,
    at: OffsetDateTime,
    deadline: OffsetDateTime,
}

impl Waiting {
    /// Also where the clock was set back behind the proposal, after a restart without a network for one: how much of the
    /// time is left is not known then.
    fn is_overdue(&self, now: OffsetDateTime) -> bool {
        now >= self.deadline || now < self.at
    }
}

/// Stores a change. It waits for its confirmation.
pub(super) fn propose(
    tx: &Transaction<'_>,
    settings: &Settings,
    by: Author,
    at: OffsetDateTime,
) -> Result<i64, StoreError> {
    undo_overdue(tx, at)?;
    if let Some(waiting) = waiting(tx)? {
        return Err(StoreError::SettingsPending { change: waiting.id });
    }
    insert(tx, settings, by, at, Awaited::Confirmation(None))
}

/// Stores a change of the settings of `base`, which are still the ones in force; in force at once, or once it is confirmed.
pub(crate) fn replace(
    tx: &Transaction<'_>,
    base: i64,
    settings: &Settings,
    by: Author,
    at: OffsetDateTime,
    confirmation: Option<[u8; 32]>,
) -> Result<i64, StoreError> {
    undo_overdue(tx, at)?;
    if let Some(waiting) = waiting(tx)? {
        return Err(StoreError::SettingsPending { change: waiting.id });
    }
    let in_force = super::in_force(tx)?.map_or(0, |change| change.id);
    if in_force != base {
        return Err(StoreError::SettingsMoved { base, in_force });
    }
    let Some(confirmation) = confirmation else { return adopt(tx, settings, by, at) };
    insert(tx, settings, by, at, Awaited::Confirmation(Some(confirmation)))
}

/// Stores a change that is in force at once, whatever was pending.
pub(crate) fn adopt(
    tx: &Transaction<'_>,
    settings: &Settings,
    by: Author,
    at: OffsetDateTime,
) -> Result<i64, StoreError> {
    undo_overdue(tx, at)?;
    if let Some(waiting) = waiting(tx)? {
        decide(tx, waiting.id, SettingsFate::Undone, by, at)?;
    }
    let change = insert(tx, settings, by, at, Awaited::Nothing)?;
    decide(tx, change, SettingsFate::InForce, by, at)?;
    Ok(change)
}

/// What a new change waits for.
enum Awaited {
    /// It is in force at once.
    Nothing,
    /// Its confirmation, also by whoever knows what has this hash.
    Confirmation(Option<[u8; 32]>),
}

fn insert(
    tx: &Transaction<'_>,
    settings: &Settings,
    by: Author,
    at: OffsetDateTime,
    awaited: Awaited,
) -> Result<i64, StoreError> {
    let (deadline, confirmation) = match awaited {
        Awaited::Nothing => (None, None),
        Awaited::Confirmation(hash) => (Some(convert::micros(at + CONFIRM_WITHIN)), hash),
    };
    let before = super::in_force(tx)?.map(|change| change.settings).unwrap_or_default();
    tx.execute(
        "INSERT INTO settings_changes (document, at, author, deadline, confirmation) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![settings.to_json(), convert::micros(at), author_word(by), deadline, confirmation],
    )?;
    let change = tx.last_insert_rowid();
    let parts = settings.changed_parts(&before).into_iter().map(ToOwned::to_owned).collect();
    audit::append(tx, &AuditEvent::SettingsProposed { change, by, parts }, at)?;
    Ok(change)
}

/// Decides on a change that waits; one that was decided on stays as it is. None: no such change.
pub(super) fn settle(
    tx: &Transaction<'_>,
    change: i64,
    fate: SettingsFate,
    by: Author,
    at: OffsetDateTime,
) -> Result<Option<SettingsFate>, StoreError> {
    undo_overdue(tx, at)?;
    if waiting(tx)?.is_some_and(|waiting| waiting.id == change) {
        decide(tx, change, fate, by, at)?;
    }
    let sql = "SELECT state FROM settings_decisions WHERE change = ?1";
    let state: Option<String> = tx.query_row(sql, [change], |row| row.get(0)).optional()?;
    state.map(|state| SettingsFate::from_word(&state)).transpose()
}

/// Undoes a change that was not confirmed in time.
pub(super) fn undo_overdue(tx: &Transaction<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    match waiting(tx)? {
        Some(waiting) if waiting.is_overdue(now) => {
            decide(tx, waiting.id, SettingsFate::Undone, Author::Deadline, now)
        }
        _ => Ok(()),
    }
}

fn waiting(tx: &Transaction<'_>) -> Result<Option<Waiting>, StoreError> {
    let found: Option<(i64, i64, i64)> = tx
        .query_row(
            "SELECT id, at, coalesce(deadline, at) FROM settings_changes \
             WHERE id NOT IN (SELECT change FROM settings_decisions) ORDER BY id DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((id, at, deadline)) = found else { return Ok(None) };
    Ok(Some(Waiting { id, at: convert::time(at)?, deadline: convert::time(deadline)? }))
}

fn decide(
    tx: &Transaction<'_>,
    change: i64,
    fate: SettingsFate,
    by: Author,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO settings_decisions (change, state, at, author) VALUES (?1, ?2, ?3, ?4)",
        params![change, fate.word(), convert::micros(at), author_word(by)],
    )?;
    let event = match fate {
        SettingsFate::InForce => AuditEvent::SettingsConfirmed { change, by },
        SettingsFate::Undone => AuditEvent::SettingsUndone { change, by },
    };
    audit::append(tx, &event, at)
}
