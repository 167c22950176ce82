use crate::{
    OutboxKind, Store, StoreError, Topic, User, UserRefusal, audit, convert, outbox, sessions,
    users::{administrator, alive},
};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;
use tabellion_domain::{AuditEvent, Session, UserId};
use time::OffsetDateTime;

/// Accounts with one mail address that are told of: an office may have one for all.
const MOST_OWNERS: u32 = 10;

/// A link to a new password that is to be sent.
#[derive(Clone, Debug)]
pub struct NewPasswordLink {
    /// Whose.
    pub user: UserId,
    /// Hash of its secret.
    pub hash: [u8; 32],
    /// From when on it opens nothing.
    pub expires_at: OffsetDateTime,
    /// The mail with it, as the outbox takes it.
    pub mail: Value,
}

impl Store {
    /// An account has another password. All its sessions and links end; `session` begins, under the hash of its
    /// identifier. False where the account is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_password(
        &self,
        user: UserId,
        hash: String,
        how: &'static str,
        session: Option<([u8; 32], Session)>,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let set = self.transact(move |tx| {
            if !replace(tx, user, &hash, None)? {
                return Ok(false);
            }
            if let Some((id_hash, session)) = session {
                sessions::insert(tx, id_hash, &session)?;
            }
            audit::append(tx, &AuditEvent::PasswordChanged { user, how: how.to_owned() }, at)?;
            Ok(true)
        });
        let set = set.await?;
        self.tell(Topic::Sessions);
        Ok(set)
    }

    /// A temporary password in the place of an account's own, with the mail that tells of it; its sessions end.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn send_credentials(
        &self,
        user: UserId,
        hash: String,
        until: OffsetDateTime,
        mail: Value,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<Result<(), UserRefusal>, StoreError> {
        let sent = self
            .transact_or_refuse(move |tx| {
                let by = administrator(tx, by)?;
                if !replace(tx, user, &hash, Some(until))? {
                    return Err(UserRefusal::Unknown.into());
                }
                outbox::enqueue(tx, OutboxKind::Mail, &mail, at)?;
                Ok(audit::append(tx, &AuditEvent::CredentialsSent { by: by.id, user }, at)?)
            })
            .await;
        self.outbox.send_replace(());
        self.tell(Topic::Sessions);
        sent
    }

    /// Whom a login or a mail address belongs to; case does not matter.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users_called(&self, text: String) -> Result<Vec<User>, StoreError> {
        self.transact(move |tx| {
            let sql = "SELECT id FROM users WHERE (login = ?1 OR lower(email) = lower(?1)) AND deleted_at IS NULL \
                       ORDER BY id LIMIT ?2";
            let mut statement = tx.prepare(sql)?;
            let ids = statement.query_map(params![text.trim(), MOST_OWNERS], |row| row.get(0))?;
            let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
            ids.into_iter().filter_map(|id| alive(tx, UserId(id)).transpose()).collect()
        })
        .await
    }

    /// Keeps links and puts their mails into the outbox. Also where there are none, it is one write: how long it takes does
    /// not tell whether an account is there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_password_links(
        &self,
        links: Vec<NewPasswordLink>,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute("DELETE FROM password_links WHERE expires_at <= ?1", [convert::micros(at)])?;
            for NewPasswordLink { user, hash, expires_at, mail } in links {
                let sql = "INSERT INTO password_links (hash, user, expires_at) VALUES (?1, ?2, ?3)";
                tx.execute(sql, params![hash, user.0, convert::micros(expires_at)])?;
                outbox::enqueue(tx, OutboxKind::Mail, &mail, at)?;
                audit::append(tx, &AuditEvent::PasswordLinkSent { user }, at)?;
            }
            Ok(())
        })
        .await?;
        self.outbox.send_replace(());
        Ok(())
    }

    /// Whose link it is, while it is good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owner_of_link(
        &self,
        hash: [u8; 32],
        at: OffsetDateTime,
    ) -> Result<Option<User>, StoreError> {
        self.transact(move |tx| owner(tx, hash, at)).await
    }

    /// The password that a link leads to. The link, all others and all sessions of the account end. Whose it was; none
    /// where the link is good no more: of two that use it at once one does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_password_link(
        &self,
        link: [u8; 32],
        hash: String,
        at: OffsetDateTime,
    ) -> Result<Option<User>, StoreError> {
        let used = self.transact(move |tx| {
            let Some(user) = owner(tx, link, at)? else { return Ok(None) };
            replace(tx, user.id, &hash, None)?;
            audit::append(tx, &AuditEvent::PasswordChanged { user: user.id, how: "link".to_owned() }, at)?;
            Ok(Some(user))
        });
        let used = used.await?;
        self.tell(Topic::Sessions);
        Ok(used)
    }
}

fn owner(tx: &Transaction<'_>, hash: [u8; 32], at: OffsetDateTime) -> Result<Option<User>, StoreError> {
    let sql = "SELECT user FROM password_links WHERE hash = ?1 AND expires_at > ?2";
    let found = tx.query_row(sql, params![hash, convert::micros(at)], |row| row.get(0)).optional()?;
    found.map_or(Ok(None), |id| alive(tx, UserId(id)))
}

/// Another password; what was opened with the former one is closed. False where the account is gone.
fn replace(
    tx: &Transaction<'_>,
    user: UserId,
    hash: &str,
    temporary_until: Option<OffsetDateTime>,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE users SET password_hash = ?2, temporary_until = ?3 WHERE id = ?1 AND deleted_at IS NULL",
        params![user.0, hash, temporary_until.map(convert::micros)],
    )?;
    tx.execute("DELETE FROM sessions WHERE user = ?1", [user.0])?;
    tx.execute("DELETE FROM password_links WHERE user = ?1", [user.0])?;
    Ok(changed == 1)
}
