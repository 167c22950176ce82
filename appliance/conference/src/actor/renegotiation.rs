use super::{Actor, Command, room_systems::local_media};
use crate::media::MediaRequestError;
use tabellion_domain::SeatId;
use tabellion_media_protocol::LegConfig;
use tabellion_sip::sdp::{self, Negotiated};
use tokio::sync::oneshot;
use tracing::{info, warn};

/// Our answer to a re-INVITE, or the code of a refusal.
type Reply = oneshot::Sender<Result<String, u16>>;

/// A change of a call, and whether the media engine carries it.
pub(crate) struct LegChange {
    opening: u64,
    former: LegConfig,
    answer: String,
    reply: Reply,
    result: Result<(), MediaRequestError>,
}

impl Actor {
    /// A re-INVITE: hold, another address, a content stream. The ports stay. Where it cannot be done, what was agreed
    /// before goes on.
    pub(super) async fn offered_again(&mut self, seat: SeatId, offer: &str, reply: Reply) {
        match self.agree_again(seat, offer) {
            Ok(agreed) => self.change_leg(seat, agreed, reply),
            Err(code) => {
                // The call may have ended meanwhile.
                let _ = reply.send(Err(code));
                self.store_leg(seat).await;
            }
        }
    }

    fn agree_again(&self, seat: SeatId, offer: &str) -> Result<Negotiated, u16> {
        let system = self.room_systems.get(&seat).ok_or(481_u16)?;
        if !system.opened {
            // RFC 3261 §14.2: another change is under way.
            return Err(500);
        }
        sdp::negotiate(offer, &local_media(&self.shared, &system.ports)).map_err(|refusal| {
            info!(seat = seat.0, %refusal, "a re-INVITE cannot be answered");
            488
        })
    }

    /// Asks the media engine; the outcome comes back as a command, as with [`Actor::open_leg`].
    fn change_leg(&mut self, seat: SeatId, agreed: Negotiated, reply: Reply) {
        let Some(system) = self.room_systems.get_mut(&seat) else { return };
        let former = std::mem::replace(&mut system.config, agreed.config);
        system.opened = false;
        system.opening += 1;
        let opening = system.opening;
        let request = system.open_request(self.room, seat);
        let (media, own) = (self.shared.media.clone(), self.own.clone());
        tokio::spawn(async move {
            let result = media.tell(request).await;
            let change = LegChange { opening, former, answer: agreed.answer, reply, result };
            // The meeting may be over.
            let _ = own.send(Command::LegChanged { seat, change: Box::new(change) }).await;
        });
    }

    /// Our answer goes out once the media engine carries what it says.
    pub(super) async fn leg_changed(&mut self, seat: SeatId, change: LegChange) {
        let LegChange { opening, former, answer, reply, result } = change;
        let Some(system) = self.room_systems.get_mut(&seat) else {
            return self.close_media(seat).await;
        };
        // Otherwise a switchboard that came back was asked meanwhile, with the change.
        let current = system.opening == opening;
        match result {
            Ok(()) => {
                system.opened |= current;
                let _ = reply.send(Ok(answer));
                // The picture may have changed meanwhile.
                self.show_again(seat).await;
                self.store_leg(seat).await;
            }
            Err(error) => {
                warn!(seat = seat.0, %error, "a changed call cannot be carried");
                system.config = former;
                let _ = reply.send(Err(500));
                // A switchboard that comes back is told of each leg that is not open. Otherwise the studio has dropped the
                // leg, or nobody knows: it is opened as it was, or the call ends.
                if !(current && matches!(error, MediaRequestError::Away)) {
                    self.open_leg(seat);
                }
            }
        }
    }
}
