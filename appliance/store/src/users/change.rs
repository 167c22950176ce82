use super::{
    User, alive,
    create::{Stop, administrator, one_is_left},
    delete::an_administrator_is_left,
};
use crate::{OrderMail, Store, StoreError, UserRefusal, audit, orders};
use rusqlite::{Transaction, params};
use tabellion_domain::{
    AuditEvent, Civility, PersonName, Rights, UserId,
    orders::OrderKind,
    settings::{MailAddress, MobileNumber},
};
use time::OffsetDateTime;

/// An account as it is to be (USER-06). The login stays: it is what the user knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserChange {
    /// The version that was looked at.
    pub version: i64,
    /// See [`User`].
    pub civility: Civility,
    /// See [`User`].
    pub last_name: PersonName,
    /// See [`User`].
    pub first_name: PersonName,
    /// See [`User`].
    pub email: MailAddress,
    /// See [`User`].
    pub mobile: Option<MobileNumber>,
    /// See [`User`].
    pub rights: Rights,
    /// See [`User`].
    pub in_directory: bool,
}

impl Store {
    /// Changes an account. What it is now, and whether it takes part in meetings no more.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused: [`UserRefusal::Changed`] where somebody else was first.
    pub async fn change_user(
        &self,
        user: UserId,
        change: UserChange,
        by: UserId,
        order_mail: Option<OrderMail>,
        at: OffsetDateTime,
    ) -> Result<Result<(User, bool), UserRefusal>, StoreError> {
        let changed =
            self.transact_or_refuse(move |tx| apply(tx, user, &change, by, order_mail.as_ref(), at)).await;
        self.outbox.send_replace(());
        changed
    }
}

fn apply(
    tx: &Transaction<'_>,
    id: UserId,
    change: &UserChange,
    by: UserId,
    order_mail: Option<&OrderMail>,
    at: OffsetDateTime,
) -> Result<(User, bool), Stop> {
    let by = administrator(tx, by)?;
    let before = alive(tx, id)?.ok_or(UserRefusal::Unknown)?;
    if before.version != change.version {
        return Err(UserRefusal::Changed.into());
    }
    let what = differences(&before, change);
    if what.is_empty() {
        return Ok((before, false));
    }
    if change.rights.takes_a_licence() && !before.rights.takes_a_licence() {
        one_is_left(tx)?;
    }
    write(tx, id, change)?;
    an_administrator_is_left(tx)?;
    let after = alive(tx, id)?.ok_or(UserRefusal::Unknown)?;
    audit::append(tx, &AuditEvent::UserChanged { by: by.id, user: id, what }, at)?;
    match (before.in_directory, after.in_directory) {
        (false, true) => orders::add(tx, OrderKind::DirectoryEntry, &by, Some(&after), order_mail, at)?,
        (true, false) => orders::add(tx, OrderKind::DirectoryRemoval, &by, Some(&after), order_mail, at)?,
        _ => {}
    }
    let left = before.rights.may_join() && !after.rights.may_join();
    Ok((after, left))
}

fn differences(before: &User, change: &UserChange) -> Vec<String> {
    let name = (before.civility, before.last_name.as_str(), before.first_name.as_str())
        != (change.civility, change.last_name.as_str(), change.first_name.as_str());
    let mobile = change.mobile.as_ref().map(MobileNumber::as_str);
    let parts = [
        ("name", name),
        ("email", before.email != change.email.as_str()),
        ("mobile", before.mobile.as_deref() != mobile),
        ("directory", before.in_directory != change.in_directory),
    ];
    let parts = parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part);
    parts.chain(change.rights.changed(before.rights)).map(str::to_owned).collect()
}

fn write(tx: &Transaction<'_>, id: UserId, change: &UserChange) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET civility = ?2, last_name = ?3, first_name = ?4, email = ?5, mobile = ?6, visio = ?7, \
         telework = ?8, invoices = ?9, administrator = ?10, in_directory = ?11, version = version + 1 WHERE id = ?1",
        params![
            id.0,
            change.civility.label(),
            change.last_name.as_str(),
            change.first_name.as_str(),
            change.email.as_str(),
            change.mobile.as_ref().map(MobileNumber::as_str),
            change.rights.visio.word(),
            change.rights.telework,
            change.rights.invoices,
            change.rights.administrator,
            change.in_directory
        ],
    )?;
    Ok(())
}
