use crate::{Store, StoreError, audit};
use rusqlite::{OptionalExtension, params};
use tabellion_domain::{AuditEvent, UserId};
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

    /// An authenticator is the account's: its secret, the step of the code that proved it, and the journal's line, in
    /// one transaction. False where the account has one by now: of two that are enrolled at the same moment one counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrol_authenticator(
        &self,
        user: UserId,
        secret: String,
        step: i64,
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
            audit::append(tx, &AuditEvent::AuthenticatorEnrolled { user }, at)?;
            Ok(true)
        })
        .await
    }
}
