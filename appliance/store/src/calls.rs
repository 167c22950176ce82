use crate::{Store, StoreError, Topic, convert};
use rusqlite::{Row, ToSql, Transaction, params, params_from_iter};
use tabellion_domain::{CallDirection, CallRecord, UserId, sort_key};
use time::OffsetDateTime;

/// What of a user's log is looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CallFilter {
    /// Of this direction alone.
    pub direction: Option<CallDirection>,
    /// Missed ones alone.
    pub missed: bool,
    /// Words that name and number hold together, anywhere; without regard to case and accents.
    pub words: Vec<String>,
}

/// A call, and its row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredCall {
    /// Never given twice.
    pub id: i64,
    /// What happened.
    pub call: CallRecord,
}

/// A page of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallPage {
    /// The page's calls, the last one first.
    pub items: Vec<StoredCall>,
    /// Of all pages.
    pub total: u64,
}

/// Calls that came within a time (DASH-01).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CallCount {
    /// All of them.
    pub received: u64,
    /// Those that were missed.
    pub missed: u64,
}

impl Store {
    /// Keeps a call that is over. Its row.
    ///
    /// # Errors
    /// [`StoreError`], also where there is no such user.
    pub async fn record_call(&self, call: CallRecord) -> Result<i64, StoreError> {
        let id = self.transact(move |tx| insert(tx, &call)).await?;
        self.tell(Topic::Calls);
        Ok(id)
    }

    /// Keeps many at once, all or none: the demonstration's.
    ///
    /// # Errors
    /// As [`Store::record_call`].
    pub async fn record_calls(&self, calls: Vec<CallRecord>) -> Result<(), StoreError> {
        self.transact(move |tx| calls.iter().try_for_each(|call| insert(tx, call).map(drop))).await?;
        self.tell(Topic::Calls);
        Ok(())
    }

    /// A page of a user's log. `page` counts from 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn calls(
        &self,
        user: UserId,
        filter: CallFilter,
        page: u32,
        page_size: u32,
    ) -> Result<CallPage, StoreError> {
        self.transact(move |tx| {
            let (condition, values) = condition(user, &filter);
            let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
            let count = format!("SELECT count(*) FROM calls WHERE {condition}");
            let total = tx.query_row(&count, params_from_iter(&values), |row| row.get(0))?;
            // The rows of a page are found in the index alone, and then read.
            let offset = u64::from(page) * u64::from(page_size);
            let sql = format!(
                "SELECT id, user, direction, number, name, media, outcome, began_at, answered_at, ended_at FROM calls \
                 WHERE id IN (SELECT id FROM calls WHERE {condition} ORDER BY began_at DESC, id DESC \
                 LIMIT {page_size} OFFSET {offset}) ORDER BY began_at DESC, id DESC"
            );
            let mut statement = tx.prepare(&sql)?;
            let rows = statement.query_map(params_from_iter(&values), raw)?;
            let items = rows.map(|row| checked(row?)).collect::<Result<_, _>>()?;
            Ok(CallPage { items, total })
        })
        .await
    }

    /// How many calls came to a user since then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn calls_received(&self, user: UserId, since: OffsetDateTime) -> Result<CallCount, StoreError> {
        self.transact(move |tx| {
            let sql = "SELECT count(*), coalesce(sum(missed), 0) FROM calls \
                       WHERE user = ?1 AND began_at >= ?2 AND direction = 'received'";
            Ok(tx.query_row(sql, params![user.0, convert::micros(since)], |row| {
                Ok(CallCount { received: row.get(0)?, missed: row.get(1)? })
            })?)
        })
        .await
    }

    /// Forgets the calls that began before. How many they were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_calls(&self, before: OffsetDateTime) -> Result<usize, StoreError> {
        let forgotten = self
            .transact(move |tx| {
                Ok(tx.execute("DELETE FROM calls WHERE began_at < ?1", [convert::micros(before)])?)
            })
            .await?;
        if forgotten > 0 {
            self.tell(Topic::Calls);
        }
        Ok(forgotten)
    }
}

fn insert(tx: &Transaction<'_>, call: &CallRecord) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO calls (user, direction, number, name, media, outcome, missed, search, began_at, answered_at, \
         ended_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            call.user.0,
            convert::word(&call.direction),
            call.number,
            call.name,
            convert::word(&call.media),
            convert::word(&call.outcome),
            call.is_missed(),
            call.search_text(),
            convert::micros(call.began_at),
            call.answered_at.map(convert::micros),
            convert::micros(call.ended_at)
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

/// What the index answers, and its values.
fn condition(user: UserId, filter: &CallFilter) -> (String, Vec<Box<dyn ToSql>>) {
    let mut condition = "user = ?1".to_owned();
    let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(user.0)];
    if let Some(direction) = &filter.direction {
        values.push(Box::new(convert::word(direction)));
        condition += &format!(" AND direction = ?{}", values.len());
    }
    if filter.missed {
        condition += " AND missed = 1";
    }
    for word in &filter.words {
        values.push(Box::new(sort_key(word)));
        condition += &format!(" AND instr(search, ?{}) > 0", values.len());
    }
    (condition, values)
}

/// A row as SQLite has it, before its values are checked.
struct Raw {
    id: i64,
    user: i64,
    words: [String; 3],
    number: String,
    name: String,
    times: (i64, Option<i64>, i64),
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        user: row.get(1)?,
        words: [row.get(2)?, row.get(5)?, row.get(6)?],
        number: row.get(3)?,
        name: row.get(4)?,
        times: (row.get(7)?, row.get(8)?, row.get(9)?),
    })
}

fn checked(raw: Raw) -> Result<StoredCall, StoreError> {
    let [direction, media, outcome] = raw.words;
    let (began, answered, ended) = raw.times;
    let call = CallRecord {
        user: UserId(raw.user),
        direction: convert::from_word("a call's direction", &direction)?,
        number: raw.number,
        name: raw.name,
        media: convert::from_word("a call's media", &media)?,
        outcome: convert::from_word("a call's outcome", &outcome)?,
        began_at: convert::time(began)?,
        answered_at: answered.map(convert::time).transpose()?,
        ended_at: convert::time(ended)?,
    };
    Ok(StoredCall { id: raw.id, call })
}
