//! What has happened and cannot be undone: a call is gone, a time has come, the meeting was switched off. Where the store
//! fails, it is tried again until it is stored, and nobody is told before.

use super::Actor;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tabellion_domain::{SeatId, admission::EndReason};
use tabellion_store::StoreError;
use tracing::error;

/// Between two attempts, where nothing else happens.
pub(super) const RETRY: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct Unstored {
    calls: BTreeSet<SeatId>,
    withdrawn: BTreeMap<SeatId, EndReason>,
    facts: bool,
    deadlines: bool,
}

impl Unstored {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.withdrawn.is_empty() && !self.facts && !self.deadlines
    }
}

impl Actor {
    /// Tries again what could not be stored.
    pub(super) async fn catch_up(&mut self) {
        let unstored = std::mem::take(&mut self.unstored);
        for seat in unstored.calls {
            self.call_is_gone(seat).await;
        }
        for (seat, reason) in unstored.withdrawn {
            self.withdraw(seat, reason).await;
        }
        if unstored.facts {
            self.changed().await;
        }
        if unstored.deadlines {
            self.times_have_come().await;
        }
    }

    /// A call is over, by the peer or by us: there is nothing to end and nothing to show.
    pub(super) async fn call_is_gone(&mut self, seat: SeatId) {
        let now = self.shared.clock.now();
        let outcome: Result<(), StoreError> = self.change(|live| Ok(live.call_ended(seat, now))).await;
        if self.could_not_store(outcome) {
            self.unstored.calls.insert(seat);
        } else {
            self.forget_call(seat).await;
        }
    }

    /// Whoever has no account (USER-06) or no invitation (SCHED-13) any more is in no meeting with it.
    pub(super) async fn withdraw(&mut self, seat: SeatId, reason: EndReason) {
        let now = self.shared.clock.now();
        let outcome: Result<(), StoreError> = self.change(|live| Ok(live.withdraw(seat, reason, now))).await;
        if self.could_not_store(outcome) {
            self.unstored.withdrawn.insert(seat, reason);
        }
    }

    /// PERM-09, SCHED-13: each change of the meeting takes effect at once.
    pub(super) async fn changed(&mut self) {
        let outcome = self.take_facts().await;
        self.unstored.facts = self.could_not_store(outcome);
    }

    async fn take_facts(&mut self) -> Result<(), StoreError> {
        let now = self.shared.clock.now();
        let facts = self.shared.meeting(self.facts.id).await?;
        if let Some(facts) = facts.filter(|facts| facts.is_open(now)) {
            let code = facts.required_code().map(str::to_owned);
            let former = std::mem::replace(&mut self.facts, facts);
            if former.name != self.facts.name {
                self.tell_meeting();
                self.carry_out(self.live.renamed()).await;
            }
            return self.change(|live| Ok(live.code_changed(code, now))).await;
        }
        // Who asked for a seat while it was being closed gets none.
        self.facts.open = false;
        self.change(|live| Ok(live.close(now))).await
    }

    /// What ends by itself.
    pub(super) async fn times_have_come(&mut self) {
        let now = self.shared.clock.now();
        let outcome: Result<(), StoreError> = self.change(|live| Ok(live.poll(now))).await;
        self.unstored.deadlines = self.could_not_store(outcome);
    }

    fn could_not_store(&self, outcome: Result<(), StoreError>) -> bool {
        let Err(error) = outcome else { return false };
        error!(room = self.room.0, %error, "a meeting's change could not be stored; it is tried again");
        true
    }
}
