//! The seat's messages, read from the box's OpenAPI document and written apart from the box's own types, so that a
//! change of the protocol that breaks participants shows here. Fields that this program does not need are left out.

use serde::{Deserialize, Serialize};

/// To the box: one text frame.
#[derive(Serialize, Debug)]
pub(super) struct Request<'a> {
    pub id: u32,
    #[serde(flatten)]
    pub command: Command<'a>,
}

#[derive(Clone, Copy, Serialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Command<'a> {
    Attach { seat_token: &'a str, after: Option<u64> },
    Enter { offer: &'a str, microphone: bool, camera: bool },
    Decide { seat: u64, decision: &'static str },
    Leave,
}

/// From the box: one text frame.
#[derive(Deserialize, Debug)]
#[serde(untagged)]
pub(super) enum Frame {
    Reply {
        reply_to: u32,
        #[serde(flatten)]
        reply: Reply,
    },
    Event {
        #[serde(flatten)]
        event: Event,
    },
}

#[derive(Clone, Deserialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Reply {
    Done,
    Answer { answer: String },
    Error { code: String, message: String },
}

#[derive(Clone, Deserialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    Welcome {
        me: Me,
        stage: Stage,
        queue: Vec<Waiting>,
        slots: Vec<Slot>,
    },
    Stage {
        stage: Stage,
    },
    Queue {
        queue: Vec<Waiting>,
    },
    Slots {
        slots: Vec<Slot>,
    },
    MediaLost {
        message: String,
    },
    Replaced,
    #[serde(other)]
    Other,
}

/// Where a seat stands.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Before the organizer's decision.
    Waiting,
    /// May enter.
    Accepted,
    /// In the meeting.
    Inside,
    /// Over.
    Ended {
        /// How: `left`, `refused`, `deleted`, `cancelled`, `meeting_closed`, `lost`.
        reason: String,
    },
}

#[derive(Clone, Deserialize, Debug)]
pub(super) struct Me {
    pub seat: u64,
}

/// One who waits.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
pub(crate) struct Waiting {
    /// Its seat.
    pub seat: u64,
    /// `browser` or `room_system`.
    pub channel: String,
}

/// One receive slot.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
pub(crate) struct Slot {
    /// The m-line's `mid` in the offer.
    pub mid: String,
    /// Whose track it carries.
    pub seat: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boxs_frames_are_read() {
        let read = |text: &str| serde_json::from_str::<Frame>(text).unwrap();
        assert!(matches!(
            read(r#"{"reply_to":0,"type":"done"}"#),
            Frame::Reply { reply_to: 0, reply: Reply::Done }
        ));
        let stage = read(r#"{"seq":3,"type":"stage","stage":{"name":"ended","reason":"left"}}"#);
        let ended = Stage::Ended { reason: "left".to_owned() };
        assert!(matches!(stage, Frame::Event { event: Event::Stage { stage } } if stage == ended));
        let other = read(r#"{"seq":4,"type":"participants","participants":[]}"#);
        assert!(matches!(other, Frame::Event { event: Event::Other }));
    }

    #[test]
    fn commands_are_written_as_the_box_reads_them() {
        let request = Request { id: 3, command: Command::Decide { seat: 9, decision: "accept" } };
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, r#"{"id":3,"type":"decide","seat":9,"decision":"accept"}"#);
    }
}
