use crate::{Store, StoreError, Topic, convert};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{
    CodeRefusal, LoginThrottle, Pace, Session, SessionStage, SmsCode, THROTTLE_MEMORY, UserId,
};
use time::OffsetDateTime;

fn stage_word(stage: SessionStage) -> &'static str {
    match stage {
        SessionStage::SecondFactor => "second_factor",
        SessionStage::NewPassword => "new_password",
        SessionStage::Full => "full",
    }
}

/// A session under the hash of its identifier.
pub(crate) fn insert(tx: &Transaction<'_>, id_hash: [u8; 32], session: &Session) -> Result<(), StoreError> {
    // Of an account that was deleted while its user gave a code: there is nothing to log in to.
    if crate::users::is_deleted(tx, session.user)? {
        return Err(StoreError::AccountEnded);
    }
    tx.execute(
        "INSERT INTO sessions (id_hash, user, stage, created_at, last_seen_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            id_hash,
            session.user.0,
            stage_word(session.stage),
            convert::micros(session.created_at),
            convert::micros(session.last_seen_at)
        ],
    )?;
    Ok(())
}

impl Store {
    /// Stores a session under the hash of its identifier. `instead_of`: the one that it replaces, gone with this. Those
    /// that ended by their age go too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_session(
        &self,
        id_hash: [u8; 32],
        session: Session,
        instead_of: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            let forgotten = convert::micros(session.created_at - Session::FORGOTTEN);
            // Also by when it was seen last: a call of a day and a night is one, too.
            let gone = "DELETE FROM sessions WHERE created_at <= ?1 AND last_seen_at <= ?1";
            tx.execute(gone, [forgotten])?;
            if let Some(old) = instead_of {
                tx.execute("DELETE FROM sessions WHERE id_hash = ?1", [old])?;
            }
            insert(tx, id_hash, &session)
        })
        .await?;
        self.tell(Topic::Sessions);
        Ok(())
    }

    /// A session, alive or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(&self, id_hash: [u8; 32]) -> Result<Option<Session>, StoreError> {
        self.transact(move |tx| {
            let found: Option<(i64, String, i64, i64)> = tx
                .query_row(
                    "SELECT user, stage, created_at, last_seen_at FROM sessions WHERE id_hash = ?1",
                    [id_hash],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let Some((user, stage, created, seen)) = found else { return Ok(None) };
            let stage = match stage.as_str() {
                "second_factor" => SessionStage::SecondFactor,
                "new_password" => SessionStage::NewPassword,
                "full" => SessionStage::Full,
                other => return Err(convert::unreadable("a session's stage", other)),
            };
            let (created_at, last_seen_at) = (convert::time(created)?, convert::time(seen)?);
            Ok(Some(Session { user: UserId(user), stage, created_at, last_seen_at }))
        })
        .await
    }

    /// Notes a request of a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn touch_session(&self, id_hash: [u8; 32], at: OffsetDateTime) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE sessions SET last_seen_at = ?2 WHERE id_hash = ?1",
                params![id_hash, convert::micros(at)],
            )?;
            Ok(())
        })
        .await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_session(&self, id_hash: [u8; 32]) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute("DELETE FROM sessions WHERE id_hash = ?1", [id_hash])?;
            Ok(())
        })
        .await?;
        self.tell(Topic::Sessions);
        Ok(())
    }

    /// The last code that was sent to a user.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sms_code(&self, user: UserId) -> Result<Option<SmsCode>, StoreError> {
        self.transact(move |tx| read_sms_code(tx, user)).await
    }

    /// Stores a code in place of the one before, and its message in the outbox.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn send_sms_code(
        &self,
        user: UserId,
        code: SmsCode,
        message: serde_json::Value,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            write_sms_code(tx, user, &code)?;
            crate::outbox::enqueue(tx, crate::OutboxKind::Sms, &message, at).map(drop)
        })
        .await?;
        self.outbox.send_replace(());
        Ok(())
    }

    /// Checks a code and stores the outcome, in one transaction: no code counts twice, no attempt is free. A user to
    /// whom none was sent has given a wrong one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_sms_code(
        &self,
        user: UserId,
        given: String,
        at: OffsetDateTime,
    ) -> Result<Result<(), CodeRefusal>, StoreError> {
        self.transact(move |tx| {
            let Some(mut code) = read_sms_code(tx, user)? else { return Ok(Err(CodeRefusal::Wrong)) };
            let outcome = code.check(&given, at);
            write_sms_code(tx, user, &code)?;
            Ok(outcome)
        })
        .await
    }

    /// How much an account, an address or a device has failed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_throttle(&self, subject: String) -> Result<LoginThrottle, StoreError> {
        self.transact(move |tx| read_throttle(tx, &subject)).await
    }

    /// Notes a failure for each subject, and forgets old ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_failed(
        &self,
        subjects: Vec<String>,
        pace: Pace,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "DELETE FROM login_throttles WHERE last < ?1",
                [convert::micros(at - THROTTLE_MEMORY)],
            )?;
            for subject in subjects {
                let throttle = read_throttle(tx, &subject)?.failed(pace, at);
                let last = convert::micros(throttle.last.unwrap_or(at));
                tx.execute(
                    "INSERT OR REPLACE INTO login_throttles (subject, failures, last) VALUES (?1, ?2, ?3)",
                    params![subject, throttle.failures, last],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// A login succeeded: its name starts afresh.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login_succeeded(&self, subject: String) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute("DELETE FROM login_throttles WHERE subject = ?1", [subject])?;
            Ok(())
        })
        .await
    }
}

fn read_throttle(tx: &Transaction<'_>, subject: &str) -> Result<LoginThrottle, StoreError> {
    let found: Option<(u32, i64)> = tx
        .query_row("SELECT failures, last FROM login_throttles WHERE subject = ?1", [subject], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((failures, last)) = found else { return Ok(LoginThrottle::default()) };
    Ok(LoginThrottle { failures, last: Some(convert::time(last)?) })
}

fn read_sms_code(tx: &rusqlite::Transaction<'_>, user: UserId) -> Result<Option<SmsCode>, StoreError> {
    let found = tx
        .query_row(
            "SELECT hash, salt, sent_at, attempts, used FROM sms_codes WHERE user = ?1",
            [user.0],
            |row| {
                Ok((
                    row.get::<_, [u8; 32]>(0)?,
                    row.get::<_, [u8; 16]>(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                ))
            },
        )
        .optional()?;
    let Some((hash, salt, sent_at, attempts, used)) = found else { return Ok(None) };
    Ok(Some(SmsCode { hash, salt, sent_at: convert::time(sent_at)?, attempts, used }))
}

fn write_sms_code(tx: &rusqlite::Transaction<'_>, user: UserId, code: &SmsCode) -> Result<(), StoreError> {
    tx.execute(
        "INSERT OR REPLACE INTO sms_codes (user, hash, salt, sent_at, attempts, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![user.0, code.hash, code.salt, convert::micros(code.sent_at), code.attempts, code.used],
    )?;
    Ok(())
}
