use crate::ports::PortPair;
use serde::{Deserialize, Serialize};
use tabellion_domain::{SeatId, Source};
use tabellion_media_protocol::{
    LegConfig, LegView, RoomId,
    control::{Publish, Request},
};
use tabellion_sip::{DialogRecord, EndCause, Leg, SipService};
use tabellion_store::StoredSeat;
use tracing::warn;

/// A room system in front of a meeting or in it.
pub(crate) struct RoomSystem {
    pub leg: Leg,
    pub name: String,
    /// Whom its wrong codes are counted for.
    pub source: Source,
    pub config: LegConfig,
    pub view: LegView,
    /// Whether the media engine carries it; before, a change of view needs no message.
    pub opened: bool,
    /// How often it was asked to: only the outcome of the last time counts.
    pub opening: u64,
    /// The SDP that answers the call, until it is sent.
    pub answer: Option<String>,
    /// Audio's and video's; held for as long as the leg lives.
    pub ports: LegPorts,
}

/// A leg's two pairs of ports.
pub(crate) struct LegPorts {
    pub audio: PortPair,
    pub video: PortPair,
}

/// What the store keeps of a leg, so that a restart of this process finds its call again.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredLeg {
    pub dialog: DialogRecord,
    pub source: Source,
    pub config: LegConfig,
    pub audio_port: u16,
    pub video_port: u16,
}

impl StoredLeg {
    /// What the store keeps of a seat's call; none where it was not answered, and where it cannot be read.
    pub(crate) fn of(seat: &StoredSeat) -> Option<Self> {
        let read = serde_json::from_str(seat.dialog.as_deref()?);
        read.inspect_err(|error| warn!(seat = seat.id.0, %error, "a stored call cannot be read")).ok()
    }
}

/// Ends a call that a former run of this process left, and that does not go on.
pub(crate) async fn hang_up(sip: &SipService, dialog: DialogRecord, cause: EndCause) {
    match sip.restore(dialog).await {
        Ok((leg, _events)) => leg.end(cause).await,
        Err(error) => warn!(%error, "a call that a former run left could not be ended"),
    }
}

impl RoomSystem {
    /// Opens the leg's media, or tells a new switchboard about it.
    pub(crate) fn open_request(&self, room: RoomId, seat: SeatId) -> Request {
        Request::OpenLeg {
            room,
            seat: media_seat(seat),
            name: self.name.clone(),
            leg: self.config.clone(),
            view: self.view.clone(),
            publish: Publish::ALL,
        }
    }
}

/// The store's number of a seat is the media engine's.
pub(crate) fn media_seat(seat: SeatId) -> tabellion_media_protocol::SeatId {
    tabellion_media_protocol::SeatId(crate::views::seat_number(seat))
}

/// And back.
pub(crate) fn domain_seat(seat: tabellion_media_protocol::SeatId) -> SeatId {
    SeatId(i64::try_from(seat.0).unwrap_or(i64::MAX))
}
