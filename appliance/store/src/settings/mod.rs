//! The box's settings: each change is a row that stays, and so is the decision on it. What is in force is the last change
//! that was confirmed; a change that waits for its confirmation is undone by whoever looks after its deadline.

mod change;
mod office;

use crate::{
    NewUser, Store, StoreError,
    convert::{self, author_from_word},
    users,
};
pub use change::SettingsFate;
pub(crate) use change::{adopt, replace};
pub use office::Office;
use rusqlite::{OptionalExtension, Row, Transaction};
use tabellion_domain::settings::{Author, Settings};
use time::OffsetDateTime;
use tokio::sync::watch;

/// A change of the settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsChange {
    /// Its row, from 1 up.
    pub id: i64,
    /// The settings after it, all of them.
    pub settings: Settings,
    /// When it was asked for.
    pub at: OffsetDateTime,
    /// By whom.
    pub by: Author,
    /// Until when it has to be confirmed, where it has to be.
    pub deadline: Option<OffsetDateTime>,
    /// Hash of what confirms it without a session, where there is such a thing.
    pub confirmation: Option<[u8; 32]>,
    /// What became of it. None: it waits.
    pub fate: Option<SettingsFate>,
}

/// Where the settings stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SettingsState {
    /// What is confirmed. None: the box was not set up yet.
    pub in_force: Option<SettingsChange>,
    /// What waits for its confirmation, within its deadline.
    pub pending: Option<SettingsChange>,
}

impl SettingsState {
    /// What the system has to be rendered from now: also a change that is still to be confirmed.
    #[must_use]
    pub fn effective(&self) -> Option<&Settings> {
        self.pending.as_ref().or(self.in_force.as_ref()).map(|change| &change.settings)
    }
}

impl Store {
    /// Where the settings stand. A change whose deadline has passed is undone first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings_state(&self, now: OffsetDateTime) -> Result<SettingsState, StoreError> {
        self.transact(move |tx| {
            change::undo_overdue(tx, now)?;
            Ok(SettingsState { in_force: in_force(tx)?, pending: pending(tx)? })
        })
        .await
    }

    /// The settings to work with now; none before the box was set up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn current_settings(&self, now: OffsetDateTime) -> Result<Option<Settings>, StoreError> {
        Ok(self.settings_state(now).await?.effective().cloned())
    }

    /// Stores a change that is undone unless it is confirmed within
    /// [`CONFIRM_WITHIN`](tabellion_domain::settings::CONFIRM_WITHIN). Returns its row.
    ///
    /// # Errors
    /// [`StoreError::SettingsPending`] while another change waits: the caller's fault. Otherwise this box's.
    pub async fn propose_settings(
        &self,
        settings: Settings,
        by: Author,
        at: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        self.change_settings(move |tx| change::propose(tx, &settings, by, at)).await
    }

    /// Stores a change that is in force at once: the first set-up, or one that cuts nobody off
    /// ([`Settings::may_cut_off`]). A change that waits is undone. Returns its row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn adopt_settings(
        &self,
        settings: Settings,
        by: Author,
        at: OffsetDateTime,
    ) -> Result<i64, StoreError> {
        self.change_settings(move |tx| change::adopt(tx, &settings, by, at)).await
    }

    /// Stores a change of the settings that were in force as change `base` when its author looked at them. It is in force at
    /// once, or, with the hash of what confirms it, undone unless that comes within
    /// [`CONFIRM_WITHIN`](tabellion_domain::settings::CONFIRM_WITHIN). Returns its row.
    ///
    /// # Errors
    /// [`StoreError::SettingsMoved`] where somebody has changed them since, [`StoreError::SettingsPending`] while another
    /// change waits: the caller's fault. Otherwise this box's.
    pub async fn replace_settings(
        &self,
        base: i64,
        settings: Settings,
        by: Author,
        at: OffsetDateTime,
        confirmation: Option<[u8; 32]>,
    ) -> Result<i64, StoreError> {
        self.change_settings(move |tx| change::replace(tx, base, &settings, by, at, confirmation)).await
    }

    /// A change of the settings, whatever became of it. A change whose deadline has passed is undone first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings_change(
        &self,
        id: i64,
        now: OffsetDateTime,
    ) -> Result<Option<SettingsChange>, StoreError> {
        self.transact(move |tx| {
            change::undo_overdue(tx, now)?;
            let found = tx.query_row(&format!("{SELECT} WHERE id = ?1"), [id], read).optional()?;
            found.map(checked).transpose()
        })
        .await
    }

    /// The first set-up: settings that are in force at once, and the account that they name of who administers the box,
    /// unless that login is there already. Both or neither.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_up(&self, settings: Settings, by: Author, at: OffsetDateTime) -> Result<(), StoreError> {
        self.change_settings(move |tx| {
            add_administrator(tx, &settings, at)?;
            change::adopt(tx, &settings, by, at).map(drop)
        })
        .await
    }

    /// Confirms first settings that wait, with the account that they name, as [`Store::set_up`] does; and says what has become
    /// of them. None: no such change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_set_up(
        &self,
        change: i64,
        by: Author,
        at: OffsetDateTime,
    ) -> Result<Option<SettingsFate>, StoreError> {
        self.change_settings(move |tx| {
            let waiting = pending(tx)?.filter(|waiting| waiting.id == change);
            let fate = change::settle(tx, change, SettingsFate::InForce, by, at)?;
            if let (Some(waiting), Some(SettingsFate::InForce)) = (waiting, fate) {
                add_administrator(tx, &waiting.settings, at)?;
            }
            Ok(fate)
        })
        .await
    }

    /// Confirms a change that waits, and says what has become of it: [`SettingsFate::Undone`] where that was too late.
    /// None: no such change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn confirm_settings(
        &self,
        change: i64,
        by: Author,
        at: OffsetDateTime,
    ) -> Result<Option<SettingsFate>, StoreError> {
        self.change_settings(move |tx| change::settle(tx, change, SettingsFate::InForce, by, at)).await
    }

    /// Undoes a change that waits, and says what has become of it: [`SettingsFate::InForce`] where it was confirmed
    /// before, and stays. None: no such change.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn undo_settings(
        &self,
        change: i64,
        by: Author,
        at: OffsetDateTime,
    ) -> Result<Option<SettingsFate>, StoreError> {
        self.change_settings(move |tx| change::settle(tx, change, SettingsFate::Undone, by, at)).await
    }

    /// Tells of each change of the settings by this process, and of each decision on one; not that a deadline has passed.
    #[must_use]
    pub fn settings_news(&self) -> watch::Receiver<()> {
        self.settings.subscribe()
    }

    /// A transaction that changes them, and is told of.
    async fn change_settings<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let outcome = self.transact(work).await?;
        self.settings.send_replace(());
        Ok(outcome)
    }

    /// The last `limit` changes, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settings_changes(
        &self,
        limit: u32,
        now: OffsetDateTime,
    ) -> Result<Vec<SettingsChange>, StoreError> {
        self.transact(move |tx| {
            change::undo_overdue(tx, now)?;
            let mut statement = tx.prepare(&format!("{SELECT} ORDER BY id DESC LIMIT ?1"))?;
            let rows = statement.query_map([limit], read)?;
            rows.map(|row| checked(row?)).collect()
        })
        .await
    }
}

/// The account of the settings, unless its login is there already.
fn add_administrator(
    tx: &Transaction<'_>,
    settings: &Settings,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let Some(account) = settings.administrator.as_ref().map(NewUser::from) else { return Ok(()) };
    if !users::login_is_taken(tx, &account.login)? {
        users::insert(tx, &account, at)?;
    }
    Ok(())
}

const SELECT: &str = "SELECT id, document, settings_changes.at, settings_changes.author, deadline, \
                      confirmation, state \
                      FROM settings_changes LEFT JOIN settings_decisions ON change = id";

/// What is confirmed.
pub(crate) fn in_force(tx: &Transaction<'_>) -> Result<Option<SettingsChange>, StoreError> {
    let sql = format!("{SELECT} WHERE state = 'in_force' ORDER BY number DESC LIMIT 1");
    tx.query_row(&sql, [], read).optional()?.map(checked).transpose()
}

fn pending(tx: &Transaction<'_>) -> Result<Option<SettingsChange>, StoreError> {
    let sql = format!("{SELECT} WHERE state IS NULL ORDER BY id DESC LIMIT 1");
    tx.query_row(&sql, [], read).optional()?.map(checked).transpose()
}

struct Raw {
    id: i64,
    document: String,
    at: i64,
    author: String,
    deadline: Option<i64>,
    confirmation: Option<[u8; 32]>,
    state: Option<String>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        document: row.get(1)?,
        at: row.get(2)?,
        author: row.get(3)?,
        deadline: row.get(4)?,
        confirmation: row.get(5)?,
        state: row.get(6)?,
    })
}

fn checked(raw: Raw) -> Result<SettingsChange, StoreError> {
    Ok(SettingsChange {
        id: raw.id,
        settings: Settings::from_json(&raw.document)?,
        at: convert::time(raw.at)?,
        by: author_from_word(&raw.author)?,
        deadline: raw.deadline.map(convert::time).transpose()?,
        confirmation: raw.confirmation,
        fate: raw.state.as_deref().map(SettingsFate::from_word).transpose()?,
    })
}
