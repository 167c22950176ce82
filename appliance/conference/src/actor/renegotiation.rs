use super::{Actor, room_systems::local_media};
use crate::media::MediaRequestError;
use tabellion_domain::SeatId;
use tabellion_sip::sdp;
use tokio::sync::oneshot;
use tracing::{info, warn};

/// Why a call goes on as it was.
enum NotChanged {
    /// With this code; nothing was touched.
    Refused(u16),
    /// The media engine does not carry what was offered, and maybe not what was agreed before either.
    Failed(MediaRequestError),
}

impl Actor {
    /// A re-INVITE: hold, another address, a content stream. The ports stay. Where it cannot be done, what was agreed
    /// before goes on.
    pub(super) async fn offered_again(
        &mut self,
        seat: SeatId,
        offer: &str,
        reply: oneshot::Sender<Result<String, u16>>,
    ) {
        let outcome = self.change_leg(seat, offer).await;
        // The call may have ended meanwhile.
        let _ = match &outcome {
            Ok(answer) => reply.send(Ok(answer.clone())),
            Err(NotChanged::Refused(code)) => reply.send(Err(*code)),
            Err(NotChanged::Failed(_)) => reply.send(Err(500)),
        };
        match outcome {
            // A switchboard that comes back is told of each leg that is not open.
            Err(NotChanged::Failed(MediaRequestError::Away)) => {}
            // The studio has dropped the leg, or nobody knows: it is opened as it was, or the call ends.
            Err(NotChanged::Failed(_)) => self.open_leg(seat),
            Ok(_) | Err(NotChanged::Refused(_)) => self.store_leg(seat).await,
        }
    }

    /// Our answer, once the media engine carries what it says.
    async fn change_leg(&mut self, seat: SeatId, offer: &str) -> Result<String, NotChanged> {
        let system = self.room_systems.get_mut(&seat).ok_or(NotChanged::Refused(481))?;
        if !system.opened {
            // RFC 3261 §14.2: another change is under way.
            return Err(NotChanged::Refused(500));
        }
        let local = local_media(&self.shared, &system.ports);
        let agreed = sdp::negotiate(offer, &local).map_err(|refusal| {
            info!(seat = seat.0, %refusal, "a re-INVITE cannot be answered");
            NotChanged::Refused(488)
        })?;
        let former = std::mem::replace(&mut system.config, agreed.config);
        let request = system.open_request(self.room, seat);
        if let Err(error) = self.shared.media.tell(request).await {
            warn!(seat = seat.0, %error, "a changed call cannot be carried");
            (system.config, system.opened) = (former, false);
            return Err(NotChanged::Failed(error));
        }
        Ok(agreed.answer)
    }
}
