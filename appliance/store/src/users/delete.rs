use super::{
    User, alive,
    create::{Stop, administrator},
};
use crate::{OrderMail, Store, StoreError, Topic, UserRefusal, audit, convert, orders};
use rusqlite::{ErrorCode, Transaction, params};
use tabellion_domain::{AuditEvent, UserId, orders::OrderKind};
use time::OffsetDateTime;

impl Store {
    /// Deletes accounts, all of them or none: their sessions, codes and links are gone with it, their licences are free,
    /// and their entries in the ADSN directory are ordered to end. Where meetings were made with one, its name stays with
    /// them.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn delete_users(
        &self,
        users: Vec<UserId>,
        by: UserId,
        order_mail: Option<OrderMail>,
        at: OffsetDateTime,
    ) -> Result<Result<(), UserRefusal>, StoreError> {
        let deleted = self
            .transact_or_refuse(move |tx| {
                let by = administrator(tx, by)?;
                for id in users {
                    let user = alive(tx, id)?.ok_or(UserRefusal::Unknown)?;
                    delete(tx, &user, &by, order_mail.as_ref(), at)?;
                }
                an_administrator_is_left(tx)
            })
            .await;
        self.outbox.send_replace(());
        self.tell(Topic::Sessions);
        deleted
    }
}

fn delete(
    tx: &Transaction<'_>,
    user: &User,
    by: &User,
    order_mail: Option<&OrderMail>,
    at: OffsetDateTime,
) -> Result<(), Stop> {
    if user.in_directory {
        orders::add(tx, OrderKind::DirectoryRemoval, by, Some(user), order_mail, at)?;
    }
    audit::append(tx, &AuditEvent::UserDeleted { by: by.id, user: user.id }, at)?;
    tx.execute("DELETE FROM user_agreements WHERE user = ?1", [user.id.0])?;
    match tx.execute("DELETE FROM users WHERE id = ?1", [user.id.0]) {
        Ok(_) => Ok(()),
        // Something that stays was made with the account.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Ok(keep_the_name(tx, user.id, at)?)
        }
        Err(error) => Err(error.into()),
    }
}

fn keep_the_name(tx: &Transaction<'_>, user: UserId, at: OffsetDateTime) -> Result<(), StoreError> {
    for table in ["sessions", "sms_codes", "recovery_codes", "password_links"] {
        tx.execute(&format!("DELETE FROM {table} WHERE user = ?1"), [user.0])?;
    }
    // No login has a colon: this one is nobody's, and the former one is free.
    tx.execute(
        "UPDATE users SET login = 'deleted:' || id, email = '', mobile = NULL, administrator = FALSE, \
         telework = FALSE, invoices = FALSE, in_directory = FALSE, password_hash = '', totp_secret = NULL, \
         totp_last_step = NULL, temporary_until = NULL, version = version + 1, deleted_at = ?2 WHERE id = ?1",
        params![user.0, convert::micros(at)],
    )?;
    Ok(())
}

pub(super) fn an_administrator_is_left(tx: &Transaction<'_>) -> Result<(), Stop> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE administrator AND deleted_at IS NULL)";
    if tx.query_row(sql, [], |row| row.get(0))? {
        return Ok(());
    }
    Err(UserRefusal::LastAdministrator.into())
}
