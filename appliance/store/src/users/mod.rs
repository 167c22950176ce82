mod change;
mod create;
mod delete;

pub use change::UserChange;
pub use create::{Agreement, NewAccount, UserRefusal};
pub(crate) use create::{Stop, administrator};

use crate::{Store, StoreError, convert};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use tabellion_domain::{Civility, Rights, UserId, VisioRight, settings::Administrator};
use time::OffsetDateTime;

/// A user of the espace client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its row.
    pub id: UserId,
    /// «Identifiant de connexion»; case does not matter.
    pub login: String,
    /// May be none.
    pub civility: Civility,
    /// «Prénom».
    pub first_name: String,
    /// «Nom».
    pub last_name: String,
    /// Where login details are sent.
    pub email: String,
    /// Where codes are sent, where the user has one.
    pub mobile: Option<String>,
    /// What the user may do.
    pub rights: Rights,
    /// Whether an entry in the ADSN directory is ordered.
    pub in_directory: bool,
    /// argon2id, PHC string.
    pub password_hash: String,
    /// Until when a password that the box has drawn opens anything; none: the user has chosen it.
    pub temporary_until: Option<OffsetDateTime>,
    /// base32, where an authenticator is enrolled.
    pub totp_secret: Option<String>,
    /// Step of the last TOTP code that was accepted.
    pub totp_last_step: Option<i64>,
    /// When the account was made.
    pub created_at: OffsetDateTime,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Nothing of the account is left but the name, for what was made with it.
    pub deleted: bool,
}

/// A user to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewUser {
    /// See [`User`].
    pub login: String,
    /// See [`User`].
    pub civility: Civility,
    /// See [`User`].
    pub first_name: String,
    /// See [`User`].
    pub last_name: String,
    /// See [`User`].
    pub email: String,
    /// See [`User`].
    pub mobile: Option<String>,
    /// See [`User`].
    pub administrator: bool,
    /// See [`User`].
    pub password_hash: String,
    /// See [`User`].
    pub totp_secret: Option<String>,
}

impl From<&Administrator> for NewUser {
    /// The account that a box is set up with: an administrator's, without an authenticator yet.
    fn from(administrator: &Administrator) -> Self {
        Self {
            login: administrator.login.clone(),
            civility: administrator.civility,
            first_name: administrator.first_name.as_str().to_owned(),
            last_name: administrator.last_name.as_str().to_owned(),
            email: administrator.email.as_str().to_owned(),
            mobile: Some(administrator.mobile.as_str().to_owned()),
            administrator: true,
            password_hash: administrator.password_hash.reveal().to_owned(),
            totp_secret: None,
        }
    }
}

impl User {
    /// «Maître Claire Moreau».
    #[must_use]
    pub fn display_name(&self) -> String {
        let parts = [self.civility.label(), &self.first_name, &self.last_name];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

const COLUMNS: &str = "id, login, civility, first_name, last_name, email, mobile, administrator, password_hash, \
                       totp_secret, totp_last_step, visio, telework, invoices, in_directory, temporary_until, \
                       created_at, version, deleted_at IS NOT NULL";

/// A row as SQLite has it, before its values are checked.
struct Raw {
    civility: String,
    visio: String,
    temporary_until: Option<i64>,
    created_at: i64,
    user: User,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let rights = Rights {
        visio: VisioRight::User,
        telework: row.get(12)?,
        invoices: row.get(13)?,
        administrator: row.get(7)?,
    };
    let user = User {
        id: UserId(row.get(0)?),
        login: row.get(1)?,
        civility: Civility::None,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        email: row.get(5)?,
        mobile: row.get(6)?,
        rights,
        in_directory: row.get(14)?,
        password_hash: row.get(8)?,
        temporary_until: None,
        totp_secret: row.get(9)?,
        totp_last_step: row.get(10)?,
        created_at: OffsetDateTime::UNIX_EPOCH,
        version: row.get(17)?,
        deleted: row.get(18)?,
    };
    Ok(Raw {
        civility: row.get(2)?,
        visio: row.get(11)?,
        temporary_until: row.get(15)?,
        created_at: row.get(16)?,
        user,
    })
}

fn checked(raw: Raw) -> Result<User, StoreError> {
    let Raw { civility, visio, temporary_until, created_at, user } = raw;
    let visio = VisioRight::from_word(&visio).ok_or_else(|| convert::unreadable("a right", &visio))?;
    Ok(User {
        civility: convert::civility(&civility)?,
        rights: Rights { visio, ..user.rights },
        temporary_until: temporary_until.map(convert::time).transpose()?,
        created_at: convert::time(created_at)?,
        ..user
    })
}

fn one(
    tx: &Transaction<'_>,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> Result<Option<User>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE {condition}");
    tx.query_row(&sql, [value], read).optional()?.map(checked).transpose()
}

/// An account that is not deleted.
pub(crate) fn alive(tx: &Transaction<'_>, id: UserId) -> Result<Option<User>, StoreError> {
    one(tx, "id = ?1 AND deleted_at IS NULL", &id.0)
}

/// Whether the account is gone.
pub(crate) fn is_deleted(tx: &Transaction<'_>, id: UserId) -> Result<bool, StoreError> {
    Ok(alive(tx, id)?.is_none())
}

/// Whether the account is there, and takes part in meetings.
pub(crate) fn may_join(tx: &Transaction<'_>, id: UserId) -> Result<bool, StoreError> {
    Ok(alive(tx, id)?.is_some_and(|user| user.rights.may_join()))
}

impl Store {
    /// The mail addresses of all administrators.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn administrators_mail(&self) -> Result<Vec<String>, StoreError> {
        self.transact(|tx| {
            let mut statement = tx.prepare(
                "SELECT DISTINCT email FROM users WHERE administrator AND deleted_at IS NULL ORDER BY id",
            )?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// By row; also one that is deleted, whose name stays ([`User::deleted`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.transact(move |tx| one(tx, "id = ?1", &id.0)).await
    }

    /// All accounts, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.transact(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM users WHERE deleted_at IS NULL ORDER BY id");
            let mut statement = tx.prepare(&sql)?;
            let rows = statement.query_map([], read)?;
            rows.map(|row| checked(row?)).collect()
        })
        .await
    }

    /// By login; case does not matter.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user_by_login(&self, login: String) -> Result<Option<User>, StoreError> {
        self.transact(move |tx| one(tx, "login = ?1 AND deleted_at IS NULL", &login.trim())).await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError`], also where the login is taken.
    pub async fn create_user(&self, user: NewUser, at: OffsetDateTime) -> Result<UserId, StoreError> {
        self.transact(move |tx| insert(tx, &user, at)).await
    }

    /// Notes the step of a TOTP code that is being accepted. False where this step or a later one was used already:
    /// two logins with one code at the same moment, of which one must fail.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_totp_step(&self, user: UserId, step: i64) -> Result<bool, StoreError> {
        self.transact(move |tx| {
            let changed = tx.execute(
                "UPDATE users SET totp_last_step = ?2 WHERE id = ?1 AND (totp_last_step IS NULL OR totp_last_step < ?2)",
                params![user.0, step],
            )?;
            Ok(changed == 1)
        })
        .await
    }
}

/// Makes a user.
pub(crate) fn insert(tx: &Transaction<'_>, user: &NewUser, at: OffsetDateTime) -> Result<UserId, StoreError> {
    tx.execute(
        "INSERT INTO users (login, civility, first_name, last_name, email, mobile, administrator, \
         password_hash, totp_secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            user.login,
            user.civility.label(),
            user.first_name,
            user.last_name,
            user.email,
            user.mobile,
            user.administrator,
            user.password_hash,
            user.totp_secret,
            convert::micros(at)
        ],
    )?;
    Ok(UserId(tx.last_insert_rowid()))
}

/// Whether there is somebody with this login; case does not matter.
pub(crate) fn login_is_taken(tx: &Transaction<'_>, login: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE login = ?1)";
    Ok(tx.query_row(sql, [login.trim()], |row| row.get(0))?)
}
