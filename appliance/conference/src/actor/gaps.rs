//! What did not come through is written down for the meeting's record, as who was inside and when is.

use super::Actor;
use tabellion_domain::{
    AuditEvent, SeatId,
    admission::{JournalEntry, Stage},
};
use tracing::error;

impl Actor {
    /// The media of somebody inside does not come through.
    pub(super) async fn gap_begins(&mut self, seat: SeatId) {
        let inside = self.live.seat(seat).is_some_and(|seat| seat.stage == Stage::Inside);
        if inside && self.interrupted.insert(seat) {
            self.note(JournalEntry::MediaLost { seat }).await;
        }
    }

    /// It comes through again; for the first time, where it was not lost before.
    pub(super) async fn gap_ends(&mut self, seat: SeatId) {
        if self.interrupted.remove(&seat) {
            self.note(JournalEntry::MediaBack { seat }).await;
        }
    }

    async fn note(&self, entry: JournalEntry) {
        let meeting = self.facts.id;
        if meeting.is_rehearsal() {
            return;
        }
        let event = AuditEvent::Meeting { meeting, entry };
        if let Err(problem) = self.shared.store.append_audit(event, self.shared.clock.now()).await {
            error!(error = %problem, "a gap in somebody's media is in no journal");
        }
    }
}
