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

impl Conference {
    /// Hands the media engine's news to the meetings they concern.
    pub(crate) async fn follow(self, mut news: mpsc::Receiver<MediaNews>) {
        let mut room_of_seat = HashMap::new();
        while let Some(item) = news.recv().await {
            match item {
                MediaNews::Up(snapshot) => {
                    room_of_seat = snapshot.seats.iter().map(|state| (state.seat, state.room)).collect();
                    self.media_up(Arc::new(snapshot)).await;
                }
                MediaNews::Event(event) => {
                    let room = match &event {
                        Event::StudioReplaced { room, .. } => Some(*room),
                        other => self.room_of_event(other, &mut room_of_seat).await,
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

    async fn room_of_event(&self, event: &Event, known: &mut HashMap<SeatId, RoomId>) -> Option<RoomId> {
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
        if let Some(room) = known.get(&seat) {
            return Some(*room);
        }
        match self.shared.store.seat(domain_seat(seat)).await {
            Ok(Some(stored)) => {
                let room = room_of(stored.meeting);
                known.insert(seat, room);
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
