//! A meeting of the box's own, in which it tests itself. The same actor, the same admission, the same ways in for pages and
//! room systems as in an office's meeting. But it is in no table and on no page, it has no link, it lasts only as long as
//! whoever asked for it, and none but its own room system may dial it.

use crate::{
    actor::{Command, Person},
    conference::{Conference, Shared, room_of},
    error::JoinError,
};
use std::{
    fmt,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};
use tabellion_domain::{
    AuditEvent, MeetingFacts, MeetingId, MeetingNumber, Role, SecurityCode, admission::Identity,
};
use tabellion_sip::IncomingCall;
use tabellion_store::StoreError;
use tracing::error;

/// What its seats and its meeting are called.
const NAME: &str = "Auto-test";
/// Digits of its code: as many as a code may have.
const CODE: usize = 8;

/// What opens a rehearsal.
#[derive(Clone)]
pub struct RehearsalKeys {
    /// The secret of the organizer's seat.
    pub organizer_seat: String,
    /// The secret of a guest's, who waits.
    pub guest_seat: String,
    /// What a room system dials.
    pub number: MeetingNumber,
    /// And types.
    pub code: SecurityCode,
    /// The only room system that may dial it: its username.
    pub device: String,
    /// And its password.
    pub password: String,
}

impl fmt::Debug for RehearsalKeys {
    /// Secrets have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RehearsalKeys(…)")
    }
}

/// Why there is no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// Another one runs: try again when it is over.
    #[error("another rehearsal runs")]
    Busy,
    /// This box's fault.
    #[error(transparent)]
    Seat(#[from] JoinError),
    /// This box's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The rehearsals of this process: one at a time.
#[derive(Default)]
pub(crate) struct Rehearsals {
    running: Mutex<Option<Running>>,
    number: AtomicU32,
}

struct Running {
    facts: MeetingFacts,
    device: String,
    password: String,
}

impl Rehearsals {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().expect("no panic while locked")
    }

    fn facts(&self, wanted: impl Fn(&MeetingFacts) -> bool) -> Option<MeetingFacts> {
        self.running().as_ref().map(|running| running.facts.clone()).filter(wanted)
    }

    /// Whether a call goes where it may: to a rehearsal from its own room system alone, and from that one nowhere else.
    pub(crate) fn lets_through(&self, call: &IncomingCall, to: MeetingId) -> bool {
        let own = self.running().as_ref().map(|running| running.device.clone());
        let from_own = own.is_some() && call.caller.device == own;
        from_own == to.is_rehearsal()
    }
}

impl Shared {
    /// A meeting as it is now: an office's, or the rehearsal.
    pub(crate) async fn meeting(&self, id: MeetingId) -> Result<Option<MeetingFacts>, StoreError> {
        if id.is_rehearsal() {
            return Ok(self.rehearsals.facts(|facts| facts.id == id));
        }
        if id.is_scheduled() {
            return Ok(self.store.scheduled_meeting(id).await?.map(|meeting| meeting.facts()));
        }
        Ok(self.store.permanent_meeting(id).await?.map(MeetingFacts::from))
    }

    /// What a dialled number leads to.
    pub(crate) async fn meeting_by_number(
        &self,
        number: &MeetingNumber,
    ) -> Result<Option<MeetingFacts>, StoreError> {
        match self.rehearsals.facts(|facts| facts.number == *number) {
            Some(rehearsal) => Ok(Some(rehearsal)),
            None => self.store.meeting_by_number(number).await,
        }
    }
}

impl Conference {
    /// Opens a rehearsal. It runs until [`Self::end_rehearsal`].
    ///
    /// # Errors
    /// [`RehearsalError`]; there is none then.
    pub async fn rehearse(&self) -> Result<RehearsalKeys, RehearsalError> {
        let (facts, code) = self.rehearsal_facts().await?;
        let entropy = &self.shared.entropy;
        let (device, password) = (format!("auto-test-{}", entropy.digits(CODE)), entropy.token128());
        {
            let mut running = self.shared.rehearsals.running();
            if running.is_some() {
                return Err(RehearsalError::Busy);
            }
            *running =
                Some(Running { facts: facts.clone(), device: device.clone(), password: password.clone() });
        }
        match self.rehearsal_seats(&facts).await {
            Ok((organizer_seat, guest_seat)) => {
                let number = facts.number;
                Ok(RehearsalKeys { organizer_seat, guest_seat, number, code, device, password })
            }
            Err(problem) => {
                self.end_rehearsal().await;
                Err(problem)
            }
        }
    }

    /// Ends the rehearsal, where there is one: for everybody who is in it, and without a trace in the store.
    pub async fn end_rehearsal(&self) {
        let Some(Running { facts, .. }) = self.shared.rehearsals.running().take() else { return };
        let room = room_of(facts.id);
        let actor = self.actors().get(&room).cloned();
        if let Some(actor) = &actor {
            // An actor that has just ended has nobody to tell.
            let _ = actor.send(Command::Changed).await;
        }
        let conference = self.clone();
        tokio::spawn(async move {
            if let Some(actor) = actor {
                // It tells its seats first, and ends its call.
                actor.closed().await;
            }
            if let Err(problem) = conference.shared.store.forget_rehearsals(Some(facts.id)).await {
                error!(%problem, "the seats of a rehearsal stay in the store until the next start");
            }
        });
    }

    /// The password of the rehearsal's room system, if this is its username.
    #[must_use]
    pub fn rehearsal_password(&self, username: &str) -> Option<String> {
        let running = self.shared.rehearsals.running();
        running.as_ref().filter(|running| running.device == username).map(|running| running.password.clone())
    }

    /// The secrets of both seats.
    async fn rehearsal_seats(&self, facts: &MeetingFacts) -> Result<(String, String), RehearsalError> {
        self.shared.store.append_audit(AuditEvent::Rehearsed, self.shared.clock.now()).await?;
        let organizer = self.seat(facts.clone(), person(Role::Organizer)).await?;
        Ok((organizer, self.seat(facts.clone(), person(Role::Guest)).await?))
    }

    async fn rehearsal_facts(&self) -> Result<(MeetingFacts, SecurityCode), StoreError> {
        let Shared { entropy, store, rehearsals, .. } = &*self.shared;
        let number = loop {
            let number = MeetingNumber::draw("", entropy.as_ref());
            if store.meeting_by_number(&number).await?.is_none() {
                break number;
            }
        };
        let code = SecurityCode::new(&entropy.digits(CODE)).expect("eight digits");
        let facts = MeetingFacts {
            id: MeetingId::of_rehearsal(rehearsals.number.fetch_add(1, Ordering::Relaxed)),
            name: NAME.to_owned(),
            number,
            code: Some(code.clone()),
            open: true,
            closes_at: None,
        };
        Ok((facts, code))
    }
}

/// Nothing proves who this is, but that the seat's secret was given to it alone.
fn person(role: Role) -> Person {
    Person { name: NAME.to_owned(), role, identity: Identity::Declared, user: None, source: None, link: None }
}
