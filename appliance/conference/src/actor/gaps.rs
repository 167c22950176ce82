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

    /// What the switchboard carries of somebody inside, after either of both has started anew: a gap that a former run of this process
    /// has written down ends, too.
    pub(super) async fn gap_as_it_is(&mut self, seat: SeatId, connected: bool) {
        if !connected {
            return self.gap_begins(seat).await;
        }
        if self.is_told_to_be_lost(seat).await {
            self.interrupted.insert(seat);
        }
        self.gap_ends(seat).await;
    }

    async fn is_told_to_be_lost(&self, seat: SeatId) -> bool {
        let lines = match self.shared.store.meeting_lines(self.facts.id).await {
            Ok(lines) => lines,
            Err(problem) => {
                error!(error = %problem, "whether somebody's media was lost cannot be read");
                return false;
            }
        };
        let last = lines.into_iter().rev().find_map(|line| match line.entry {
            JournalEntry::MediaLost { seat: lost } if lost == seat => Some(true),
            JournalEntry::MediaBack { seat: back } if back == seat => Some(false),
            _ => None,
        });
        last.unwrap_or(false)
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
