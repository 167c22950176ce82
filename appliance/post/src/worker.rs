use crate::{Envelope, Mailer, SendError, SmsGateway, next_attempt};
use serde::{Deserialize, de::DeserializeOwned};
use std::{future::Future, sync::Arc, time::Duration};
use tabellion_domain::Clock;
use tabellion_store::{MessageTrouble, OutboxEntry, OutboxKind, Store, StoreError};
use time::OffsetDateTime;
use tracing::{error, info, warn};

/// Longest sleep: the box's clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// Wait after a fault of the store.
const STORE_PATIENCE: Duration = Duration::from_secs(5);
/// A gateway for SMS that says nothing for this long is away.
const SMS_PATIENCE: Duration = Duration::from_secs(60);
/// The same of a mailer, which has its own patience: longer than that ([`crate::SmtpPatience`]).
const MAIL_PATIENCE: Duration = Duration::from_secs(900);

/// Sends what the outbox holds. Mails and SMS do not wait for each other: a slow mail server delays no code.
pub struct OutboxWorker {
    store: Store,
    mailer: Arc<dyn Mailer>,
    sms: Arc<dyn SmsGateway>,
    clock: Arc<dyn Clock>,
}

impl OutboxWorker {
    /// Does nothing before [`Self::run`].
    #[must_use]
    pub fn new(
        store: Store,
        mailer: Arc<dyn Mailer>,
        sms: Arc<dyn SmsGateway>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, mailer, sms, clock }
    }

    /// Sends until `shutdown` ends. What is on its way then is not waited for, and is sent again at the next start.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            () = self.lane(OutboxKind::Mail) => {}
            () = self.lane(OutboxKind::Sms) => {}
            () = shutdown => {}
        }
    }

    async fn lane(&self, kind: OutboxKind) {
        let mut changes = self.store.outbox_changes();
        loop {
            let sleep = match self.round(kind).await {
                Ok(next) => self.until(next),
                Err(error) => {
                    error!(?kind, %error, "the outbox cannot be read or written");
                    STORE_PATIENCE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }

    async fn round(&self, kind: OutboxKind) -> Result<Option<OffsetDateTime>, StoreError> {
        self.deliver_due(kind).await?;
        self.store.outbox_next(kind).await
    }

    fn until(&self, next: Option<OffsetDateTime>) -> Duration {
        let wait = next.map(|next| Duration::try_from(next - self.clock.now()).unwrap_or(Duration::ZERO));
        wait.map_or(LONGEST_SLEEP, |wait| wait.min(LONGEST_SLEEP))
    }

    /// Sends what is due now, up to a hundred messages of one kind. A gateway that is not to be had for one is not asked for the others.
    ///
    /// # Errors
    /// The store's: a message that went out and could not be noted is sent again.
    pub async fn deliver_due(&self, kind: OutboxKind) -> Result<(), StoreError> {
        let mut away = None;
        for entry in self.store.outbox_due(kind, self.clock.now()).await? {
            let not_after = parse::<Validity>(&entry).ok().and_then(|validity| validity.not_after);
            let outcome = self.send(&entry, not_after, away.clone()).await;
            if let Err(SendError::Away(trouble)) = &outcome {
                away = Some(trouble.clone());
            }
            self.note(&entry, outcome, not_after).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        entry: &OutboxEntry,
        not_after: Option<OffsetDateTime>,
        away: Option<MessageTrouble>,
    ) -> Result<(), SendError> {
        let envelope = Envelope { id: entry.id, queued_at: entry.queued_at, at: self.clock.now() };
        if not_after.is_some_and(|last| envelope.at >= last) {
            return Err(SendError::Temporary("too late to be of use".into()));
        }
        if let Some(trouble) = away {
            return Err(SendError::Away(trouble));
        }
        let sending = async {
            match entry.kind {
                OutboxKind::Mail => self.mailer.send_mail(&parse(entry)?, envelope).await,
                OutboxKind::Sms => self.sms.send_sms(&parse(entry)?, envelope).await,
            }
        };
        let patience = match entry.kind {
            OutboxKind::Mail => MAIL_PATIENCE,
            OutboxKind::Sms => SMS_PATIENCE,
        };
        let silent = |_| SendError::Temporary(format!("no answer for {} s", patience.as_secs()).into());
        tokio::time::timeout(patience, sending).await.map_err(silent)?
    }

    async fn note(
        &self,
        entry: &OutboxEntry,
        outcome: Result<(), SendError>,
        not_after: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        let (now, failures) = (self.clock.now(), entry.attempts.saturating_add(1));
        let (message, kind) = (entry.id, entry.kind);
        let error = match outcome {
            Ok(()) => {
                info!(message, ?kind, attempts = failures, "a message was handed on");
                return self.store.outbox_sent(entry.id, now).await;
            }
            Err(error) => error,
        };
        let trouble = match error {
            SendError::Permanent(trouble) => {
                error!(message, ?kind, %trouble, attempts = failures, "a message was refused");
                return self.store.outbox_refused(entry.id, trouble, now).await;
            }
            SendError::Temporary(trouble) | SendError::Away(trouble) => trouble,
        };
        match next_attempt(failures, not_after, now) {
            Some(next) => {
                let again_in_s = (next - now).whole_seconds();
                warn!(message, ?kind, %trouble, again_in_s, "a message could not be handed on");
                self.store.outbox_failed(entry.id, trouble, next).await
            }
            None => {
                error!(message, ?kind, %trouble, attempts = failures, "a message is given up");
                self.store.outbox_given_up(entry.id, trouble, now).await
            }
        }
    }
}

/// Of any message.
#[derive(Deserialize)]
struct Validity {
    #[serde(default, with = "time::serde::rfc3339::option")]
    not_after: Option<OffsetDateTime>,
}

fn parse<T: DeserializeOwned>(entry: &OutboxEntry) -> Result<T, SendError> {
    serde_json::from_value(entry.payload.clone())
        .map_err(|_| SendError::Permanent("the outbox holds a message without its fields".into()))
}
