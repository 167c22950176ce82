use super::{User, alive};
use crate::{OrderMail, OutboxKind, Store, StoreError, audit, convert, licences, orders, outbox};
use rusqlite::{Transaction, params};
use serde_json::Value;
use tabellion_domain::{
    AuditEvent, Licences, Rights, UserId,
    account::Account,
    orders::OrderKind,
    settings::{MailAddress, MobileNumber},
};
use time::OffsetDateTime;

/// A text that was agreed to for a user (USER-03).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// `terms`, `liability`.
    pub text: &'static str,
    /// Which version of it.
    pub version: String,
}

/// An account to be made by an administrator (USER-01).
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Whose.
    pub account: Account,
    /// What the user may do.
    pub rights: Rights,
    /// Whether an entry in the ADSN directory is ordered (USER-04).
    pub in_directory: bool,
    /// The temporary password's hash: argon2id, PHC string.
    pub password_hash: String,
    /// Until when that password opens anything.
    pub temporary_until: OffsetDateTime,
    /// What was agreed to.
    pub agreements: Vec<Agreement>,
    /// The mail with the login details, as the outbox takes it.
    pub mail: Value,
}

/// Why an account is not made, changed or deleted. Nothing was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UserRefusal {
    /// Somebody has that login.
    #[error("the login is taken")]
    LoginTaken,
    /// All licences are used.
    #[error("all licences are used")]
    NoLicence(Licences),
    /// Somebody else has changed the account since it was looked at.
    #[error("the account was changed meanwhile")]
    Changed,
    /// There is no such account (any more).
    #[error("no such account")]
    Unknown,
    /// Nobody would be left to manage the box.
    #[error("nobody would be left to manage the box")]
    LastAdministrator,
    /// Whoever asks is no administrator any more.
    #[error("who asks is no administrator any more")]
    NotAdministrator,
}

/// Ends a transaction with a refusal: what was changed in it before is undone.
pub(crate) enum Stop {
    Refused(UserRefusal),
    Failed(StoreError),
}

impl From<UserRefusal> for Stop {
    fn from(refusal: UserRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Store {
    /// Makes an account, with the mail that tells of it, the agreements, the order where there is one, and the journal's
    /// line.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn create_account(
        &self,
        new: NewAccount,
        by: UserId,
        order_mail: Option<OrderMail>,
        at: OffsetDateTime,
    ) -> Result<Result<UserId, UserRefusal>, StoreError> {
        let made = self.transact_or_refuse(move |tx| create(tx, &new, by, order_mail.as_ref(), at)).await;
        self.outbox.send_replace(());
        made
    }

    /// One transaction, which is undone where it is refused.
    pub(crate) async fn transact_or_refuse<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, Stop> + Send + 'static,
    ) -> Result<Result<R, UserRefusal>, StoreError> {
        self.transact(move |tx| {
            tx.execute_batch("SAVEPOINT users")?;
            match work(tx) {
                Ok(done) => Ok(Ok(done)),
                Err(Stop::Refused(refusal)) => {
                    tx.execute_batch("ROLLBACK TO users")?;
                    Ok(Err(refusal))
                }
                Err(Stop::Failed(error)) => Err(error),
            }
        })
        .await
    }
}

fn create(
    tx: &Transaction<'_>,
    new: &NewAccount,
    by: UserId,
    order_mail: Option<&OrderMail>,
    at: OffsetDateTime,
) -> Result<UserId, Stop> {
    let by = administrator(tx, by)?;
    if super::login_is_taken(tx, &new.account.login)? {
        return Err(UserRefusal::LoginTaken.into());
    }
    if new.rights.takes_a_licence() {
        one_is_left(tx)?;
    }
    let user = insert(tx, new, at)?;
    for Agreement { text, version } in &new.agreements {
        let sql = "INSERT INTO user_agreements (user, text, version, at, by) VALUES (?1, ?2, ?3, ?4, ?5)";
        tx.execute(sql, params![user.0, text, version, convert::micros(at), by.id.0])?;
    }
    outbox::enqueue(tx, OutboxKind::Mail, &new.mail, at)?;
    audit::append(tx, &AuditEvent::UserCreated { by: Some(by.id), user }, at)?;
    if new.in_directory {
        let made = alive(tx, user)?.ok_or(UserRefusal::Unknown)?;
        orders::add(tx, OrderKind::DirectoryEntry, &by, Some(&made), order_mail, at)?;
    }
    Ok(user)
}

fn insert(tx: &Transaction<'_>, new: &NewAccount, at: OffsetDateTime) -> Result<UserId, StoreError> {
    let Account { civility, last_name, first_name, login, email, mobile } = &new.account;
    tx.execute(
        "INSERT INTO users (login, civility, first_name, last_name, email, mobile, administrator, visio, telework, \
         invoices, in_directory, password_hash, temporary_until, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            login,
            civility.label(),
            first_name.as_str(),
            last_name.as_str(),
            MailAddress::as_str(email),
            mobile.as_ref().map(MobileNumber::as_str),
            new.rights.administrator,
            new.rights.visio.word(),
            new.rights.telework,
            new.rights.invoices,
            new.in_directory,
            new.password_hash,
            convert::micros(new.temporary_until),
            convert::micros(at)
        ],
    )?;
    Ok(UserId(tx.last_insert_rowid()))
}

/// Whoever asks, who may have been deleted or have lost the right since the request came in.
pub(crate) fn administrator(tx: &Transaction<'_>, by: UserId) -> Result<User, Stop> {
    let found = alive(tx, by)?.filter(|user| user.rights.administrator);
    found.ok_or_else(|| UserRefusal::NotAdministrator.into())
}

pub(super) fn one_is_left(tx: &Transaction<'_>) -> Result<(), Stop> {
    let licences = licences::count(tx)?;
    if licences.left() == 0 {
        return Err(UserRefusal::NoLicence(licences).into());
    }
    Ok(())
}
