//! The media engine's news.

use crate::{
    actor::Command,
    conference::{Conference, room_of},
    leg::domain_seat,
    media::MediaNews,
};
use std::{collections::HashMap, sync::Arc};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Event, Request, Snapshot},
};
use tokio::sync::mpsc;
use tracing::{error, warn};

/// Which rooms the seats are in that the media engine told of: as long as their meetings go on, and not for as long as this
/// process lives.
#[derive(Default)]
struct RoomsOfSeats(HashMap<SeatId, RoomId>);

impl RoomsOfSeats {
    /// Forgets the seats of meetings that are over when it learns another one.
    fn learn(&mut self, seat: SeatId, room: RoomId, goes_on: impl Fn(RoomId) -> bool) {
        self.0.retain(|_, room| goes_on(*room));
        self.0.insert(seat, room);
    }
}

impl Conference {
    /// Hands the media engine's news to the meetings they concern.
    pub(crate) async fn follow(self, mut news: mpsc::Receiver<MediaNews>) {
        let mut known = RoomsOfSeats::default();
        while let Some(item) = news.recv().await {
            match item {
                MediaNews::Up(snapshot) => {
                    known.0 = snapshot.seats.iter().map(|state| (state.seat, state.room)).collect();
                    self.media_up(Arc::new(snapshot)).await;
                }
                MediaNews::Event(event) => {
                    let room = match &event {
                        Event::StudioReplaced { room, .. } => Some(*room),
                        other => self.room_of_event(other, &mut known).await,
                    };
                    let actor = room.and_then(|room| self.actors().get(&room).cloned());
                    if let Some(actor) = actor {
                        // An actor that has just ended needs no news.
                        let _ = actor.send(Command::Media(event)).await;
                    }
                }
            }
        }
    }

    async fn room_of_event(&self, event: &Event, known: &mut RoomsOfSeats) -> Option<RoomId> {
        let seat = match event {
            Event::Connected { seat }
            | Event::Disconnected { seat, .. }
            | Event::Slots { seat, .. }
            | Event::Encodings { seat, .. }
            | Event::Digit { seat, .. }
            | Event::KeyFrameByInfo { seat }
            | Event::LegFailed { seat, .. }
            | Event::LegSilent { seat, .. } => *seat,
            Event::Speaker { room, .. } | Event::StudioReplaced { room, .. } => return Some(*room),
        };
        if let Some(room) = known.0.get(&seat) {
            return Some(*room);
        }
        match self.shared.store.seat(domain_seat(seat)).await {
            Ok(Some(stored)) => {
                let room = room_of(stored.meeting);
                let actors = self.actors();
                known.learn(seat, room, |room| actors.contains_key(&room));
                Some(room)
            }
            Ok(None) => None,
            Err(error) => {
                error!(seat = seat.0, %error, "a seat cannot be read");
                None
            }
        }
    }

    async fn media_up(&self, snapshot: Arc<Snapshot>) {
        let actors: Vec<_> = self.actors().iter().map(|(room, actor)| (*room, actor.clone())).collect();
        for (_, actor) in &actors {
            let _ = actor.send(Command::MediaUp(snapshot.clone())).await;
        }
        // What nobody here knows is left over from a meeting that ended while control was away.
        for state in &snapshot.seats {
            if !actors.iter().any(|(room, _)| *room == state.room) {
                let ended = self.shared.media.tell(Request::Leave { seat: state.seat }).await;
                if let Err(error) = ended {
                    warn!(seat = state.seat.0, %error, "a left-over seat could not be ended");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_of_meetings_that_are_over_are_forgotten_and_no_others() {
        let (over, goes_on) = (RoomId(1), RoomId(2));
        let mut known = RoomsOfSeats::default();
        for seat in 0..20 {
            known.learn(SeatId(seat), if seat % 2 == 0 { over } else { goes_on }, |_| true);
        }
        known.learn(SeatId(20), goes_on, |room| room == goes_on);
        assert!(known.0.values().all(|room| *room == goes_on), "{:?}", known.0);
        assert_eq!(known.0.len(), 11);
    }
}
