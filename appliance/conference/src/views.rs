//! From the domain's words to the wire's.

use crate::messages::{
    Channel, Decision, EncodingView, EndReason, Identity, Me, ParticipantView, RoleView, SlotView, Stage,
    TileView, WaitingView,
};
use tabellion_domain::{
    Role,
    admission::{self, LiveMeeting, Seat},
};
use tabellion_media_protocol::{
    Content, MediaKind, VideoCodec,
    control::{Encoding, Slot, Tile},
};
use time::format_description::well_known::Rfc3339;

pub(crate) fn me(seat: &Seat) -> Me {
    Me { seat: seat_number(seat.id), name: seat.name.clone(), role: role(seat.role) }
}

/// Those inside, in the order of their arrival at the box.
pub(crate) fn participants(meeting: &LiveMeeting) -> Vec<ParticipantView> {
    let inside = meeting.seats().filter(|seat| seat.stage == admission::Stage::Inside);
    inside
        .map(|seat| ParticipantView {
            seat: seat_number(seat.id),
            name: seat.name.clone(),
            role: role(seat.role),
            channel: channel(seat.channel),
            microphone: seat.microphone,
            camera: seat.camera,
        })
        .collect()
}

/// Those who wait, oldest first.
pub(crate) fn queue(meeting: &LiveMeeting) -> Vec<WaitingView> {
    let mut waiting: Vec<_> =
        meeting.seats().filter(|seat| seat.stage == admission::Stage::Waiting).collect();
    waiting.sort_by_key(|seat| (seat.since, seat.id));
    waiting
        .into_iter()
        .map(|seat| WaitingView {
            seat: seat_number(seat.id),
            name: seat.name.clone(),
            channel: channel(seat.channel),
            identity: identity(seat.identity),
            since: seat.since.format(&Rfc3339).expect("the box's clock is between the years 0 and 9999"),
        })
        .collect()
}

pub(crate) fn slots(slots: &[Slot]) -> Vec<SlotView> {
    let view = |slot: &Slot| SlotView {
        mid: slot.mid.clone(),
        kind: match slot.kind {
            MediaKind::Audio => "audio".to_owned(),
            MediaKind::Video => "video".to_owned(),
        },
        seat: slot.seat.map(|seat| seat.0),
        content: match slot.content {
            Content::Main => "main".to_owned(),
            Content::Slides => "slides".to_owned(),
        },
        suspended: slot.suspended,
        undecodable: slot.undecodable,
    };
    slots.iter().map(view).collect()
}

pub(crate) fn encodings(encodings: &[Encoding]) -> Vec<EncodingView> {
    let view = |Encoding { mid, rid, codec }| EncodingView {
        mid,
        rid,
        codec: match codec {
            VideoCodec::H264 => "h264".to_owned(),
            VideoCodec::Vp8 => "vp8".to_owned(),
        },
    };
    encodings.iter().cloned().map(view).collect()
}

pub(crate) fn tiles(tiles: Vec<TileView>) -> Vec<Tile> {
    tiles.into_iter().map(|TileView { mid, rows }| Tile { mid, rows }).collect()
}

/// A room system that has yet to give its code is, for everybody else, one who waits.
pub(crate) fn stage(stage: admission::Stage) -> Stage {
    match stage {
        admission::Stage::Code | admission::Stage::Waiting => Stage::Waiting,
        admission::Stage::Accepted => Stage::Accepted,
        admission::Stage::Inside => Stage::Inside,
        admission::Stage::Ended { reason } => Stage::Ended { reason: end_reason(reason) },
    }
}

fn end_reason(reason: admission::EndReason) -> EndReason {
    match reason {
        // To its page an end as any: what it asks next sends it to the login.
        admission::EndReason::Left | admission::EndReason::AccountEnded => EndReason::Left,
        admission::EndReason::Refused
        | admission::EndReason::WrongCode
        | admission::EndReason::TooManyCodes => EndReason::Refused,
        admission::EndReason::Deleted => EndReason::Deleted,
        admission::EndReason::Cancelled => EndReason::Cancelled,
        admission::EndReason::Uninvited => EndReason::Uninvited,
        admission::EndReason::MeetingClosed => EndReason::MeetingClosed,
        admission::EndReason::CodeChanged => EndReason::CodeChanged,
        admission::EndReason::Lost => EndReason::Lost,
    }
}

pub(crate) fn decision(decision: Decision) -> admission::Decision {
    match decision {
        Decision::Accept => admission::Decision::Accept,
        Decision::Refuse => admission::Decision::Refuse,
        Decision::Delete => admission::Decision::Delete,
    }
}

fn role(role: Role) -> RoleView {
    match role {
        Role::Organizer => RoleView::Organizer,
        Role::Guest => RoleView::Guest,
        Role::Spectator => RoleView::Spectator,
    }
}

fn channel(channel: admission::Channel) -> Channel {
    match channel {
        admission::Channel::Browser => Channel::Browser,
        admission::Channel::RoomSystem => Channel::RoomSystem,
    }
}

fn identity(identity: admission::Identity) -> Identity {
    match identity {
        admission::Identity::Account => Identity::Account,
        admission::Identity::RegisteredDevice => Identity::RegisteredDevice,
        admission::Identity::Invited => Identity::Invited,
        admission::Identity::Declared => Identity::Declared,
    }
}

/// The store numbers seats from 1 up.
pub(crate) fn seat_number(seat: tabellion_domain::SeatId) -> u64 {
    seat.0.unsigned_abs()
}
