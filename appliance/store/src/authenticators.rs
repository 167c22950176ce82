use crate::{Store, StoreError, audit};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{AuditEvent, CodeRefusal, UserId};
use time::OffsetDateTime;

impl Store {
    /// The secret that a session enrols: `fresh` from now on, where it had none. The same each time, so that a page
    /// that asks again shows the QR code that was scanned. None where the session is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn authenticator_candidate(
        &self,
        session_hash: [u8; 32],
        fresh: String,
    ) -> Result<Option<String>, StoreError> {
        self.transact(move |tx| {
            let sql = "UPDATE sessions SET authenticator_candidate = coalesce(authenticator_candidate, ?2) \
                       WHERE id_hash = ?1 RETURNING authenticator_candidate";
            Ok(tx.query_row(sql, params![session_hash, fresh], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// An authenticator is the account's: its secret, the step of the code that proved it, the hashes of the recovery
    /// codes that go with it, and the journal's line, in one transaction. False where the account has one by now: of two that are enrolled at the same moment one counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrol_authenticator(
        &self,
        user: UserId,
        secret: String,
        step: i64,
        recovery: Vec<[u8; 32]>,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        self.transact(move |tx| {
            let changed = tx.execute(
                "UPDATE users SET totp_secret = ?2, totp_last_step = ?3 WHERE id = ?1 AND totp_secret IS NULL",
                params![user.0, secret, step],
            )?;
            if changed == 0 {
                return Ok(false);
            }
            // What others began for this account leads nowhere from here on.
            tx.execute("UPDATE sessions SET authenticator_candidate = NULL WHERE user = ?1", [user.0])?;
            tx.execute("DELETE FROM recovery_codes WHERE user = ?1", [user.0])?;
            for hash in recovery {
                let sql = "INSERT INTO recovery_codes (user, hash, used) VALUES (?1, ?2, FALSE)";
                tx.execute(sql, params![user.0, hash])?;
            }
            audit::append(tx, &AuditEvent::AuthenticatorEnrolled { user }, at)?;
            Ok(true)
        })
        .await
    }

    /// Recovery codes that an account has not used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<u32, StoreError> {
        self.transact(move |tx| left(tx, user)).await
    }

    /// Uses a recovery code up, with its line in the journal, in one transaction: it counts once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn use_recovery_code(
        &self,
        user: UserId,
        hash: [u8; 32],
        at: OffsetDateTime,
    ) -> Result<Result<(), CodeRefusal>, StoreError> {
        self.transact(move |tx| {
            let sql = "SELECT used FROM recovery_codes WHERE user = ?1 AND hash = ?2";
            match tx.query_row(sql, params![user.0, hash], |row| row.get(0)).optional()? {
                None => return Ok(Err(CodeRefusal::Wrong)),
                Some(true) => return Ok(Err(CodeRefusal::Used)),
                Some(false) => {}
            }
            let sql = "UPDATE recovery_codes SET used = TRUE WHERE user = ?1 AND hash = ?2";
            tx.execute(sql, params![user.0, hash])?;
            audit::append(tx, &AuditEvent::RecoveryCodeUsed { user, left: left(tx, user)? }, at)?;
            Ok(Ok(()))
        })
        .await
    }
}

fn left(tx: &Transaction<'_>, user: UserId) -> Result<u32, StoreError> {
    let sql = "SELECT count(*) FROM recovery_codes WHERE user = ?1 AND NOT used";
    Ok(tx.query_row(sql, [user.0], |row| row.get(0))?)
}
