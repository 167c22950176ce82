//! After a restart: what a former run of this process left goes on, or is ended properly.

use crate::{
    actor::Actor,
    conference::{Conference, INBOX, room_of},
    leg::{StoredLeg, hang_up},
    media::MediaNews,
};
use std::collections::HashMap;
use tabellion_domain::{
    MeetingFacts, MeetingId,
    admission::{EndReason, Stage},
};
use tabellion_sip::{EndCause, SipService};
use tabellion_store::{StoreError, StoredSeat};
use tokio::sync::mpsc;
use tracing::{info, warn};

impl Conference {
    /// Takes up the meetings that a former run of this process left, then follows the media engine's news.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn take_up(&self, sip: SipService, news: mpsc::Receiver<MediaNews>) -> Result<(), StoreError> {
        if self.shared.sip.set(sip.clone()).is_err() {
            warn!("the conference was told twice of its SIP service; the first stays");
        }
        let mut by_meeting: HashMap<MeetingId, Vec<_>> = HashMap::new();
        for seat in self.shared.store.open_seats().await? {
            by_meeting.entry(seat.meeting).or_default().push(seat);
        }
        let now = self.shared.clock.now();
        let mut running = Vec::new();
        for (meeting, seats) in by_meeting {
            match self.shared.meeting(meeting).await?.filter(|facts| facts.is_open(now)) {
                Some(facts) => running.push((facts, seats)),
                None => self.close(seats).await?,
            }
        }
        // Before anybody is there who may have an ended seat with a call of its own.
        self.hang_up_the_ended(&sip).await?;
        // A rehearsal does not go on: who asked for it is gone.
        self.shared.store.forget_rehearsals(None).await?;
        for (facts, seats) in running {
            self.go_on(facts, seats).await;
        }
        self.invitations_ended().await?;
        tokio::spawn(self.clone().follow(news));
        Ok(())
    }

    async fn go_on(&self, facts: MeetingFacts, seats: Vec<StoredSeat>) {
        let room = room_of(facts.id);
        info!(room = room.0, seats = seats.len(), "a running meeting is taken up again");
        let (own, commands) = mpsc::channel(INBOX);
        let mut actor = Actor::new(self.shared.clone(), facts, own.clone());
        for seat in seats {
            actor.take_up(seat).await;
        }
        self.actors().insert(room, own);
        self.spawn(room, actor, commands);
    }

    /// The meeting was switched off or deleted while this process was away.
    async fn close(&self, seats: Vec<StoredSeat>) -> Result<(), StoreError> {
        for seat in seats {
            let closed = Stage::Ended { reason: EndReason::MeetingClosed };
            self.shared.store.update_seat_stage(seat.id, closed, self.shared.clock.now()).await?;
        }
        Ok(())
    }

    /// Calls that had not been ended yet when this process went away, though their seats were over.
    async fn hang_up_the_ended(&self, sip: &SipService) -> Result<(), StoreError> {
        for seat in self.shared.store.ended_seats_with_a_call().await? {
            if let Some(leg) = StoredLeg::of(&seat) {
                hang_up(sip, leg.dialog, EndCause::finished()).await;
            }
            self.shared.store.update_seat_dialog(seat.id, None).await?;
        }
        Ok(())
    }
}
