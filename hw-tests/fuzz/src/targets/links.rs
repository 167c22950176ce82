//! The links between the three processes: frames of JSON, and a studio's words. Their ends are of one release, but what they say
//! of browsers and room systems is a stranger's.

use crate::Target;
use serde::{Serialize, de::DeserializeOwned};
use tabellion_media_protocol::{
    PROTOCOL, SeatId,
    control::{FromMedia, Request, ToMedia},
    frame::{self, Decoder},
    studio::{FromStudio, ToStudio},
};

pub(crate) const TARGET: Target = Target { name: "links", run, seeds, words: WORDS, costs: 100 };

fn run(input: &[u8]) {
    let Some((size, stream)) = input.split_first() else { return };
    frames::<ToMedia>(stream, usize::from(*size) + 1);
    frames::<FromMedia>(stream, usize::from(*size) + 1);
    words::<ToStudio>(stream);
    words::<FromStudio>(stream);
}

/// What is read of the stream in pieces is what is read of it at once, and means the same when it is written again.
fn frames<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(stream: &[u8], size: usize) {
    let mut pieces = Vec::new();
    let mut decoder = Decoder::default();
    'stream: for piece in stream.chunks(size) {
        decoder.push(piece);
        loop {
            match decoder.next_message::<T>() {
                Ok(Some(message)) => pieces.push(message),
                Ok(None) => break,
                Err(_) => break 'stream,
            }
        }
    }
    let mut whole = Decoder::default();
    whole.push(stream);
    for message in &pieces {
        let again = whole.next_message::<T>().expect("it was read before").expect("it was whole before");
        assert_eq!(*message, again);
        let mut decoder = Decoder::default();
        decoder.push(&frame::encode(message).expect("it was short enough to be read"));
        assert_eq!(Some(again), decoder.next_message().expect("what we write can be read"));
    }
}

fn words<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(json: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_vec(&message).expect("the protocol's messages have string keys only");
    assert_eq!(message, serde_json::from_slice(&written).expect("what we write can be read"));
}

fn seeds() -> Vec<Vec<u8>> {
    let hello = ToMedia { id: 1, request: Request::Hello { protocol: PROTOCOL } };
    let leave = ToMedia { id: 2, request: Request::Leave { seat: SeatId(7) } };
    let frames = [hello, leave].map(|message| frame::encode(&message).expect("short")).concat();
    let digit = FromStudio::Digit { seat: SeatId(7), digit: '#' };
    let words = serde_json::to_vec(&digit).expect("string keys only");
    let tell = br#"{"tell":"leg","seat":7,"name":"S","config":{"local_address":"10.0.0.1","audio":{"local_port":1,
        "remote":"10.0.0.2:2","codec":"pcma","payload_type":8,"telephone_event":101,"send":true,"receive":true},"video":null},
        "view":{"view":"notice","office":"o","title":"t","text":"x"},"audio_track":1,"video_track":2,"publish_audio":true,
        "publish_video":false}"#;
    let event = br#"{"say":"event","event":"slots","seat":1,"slots":[]}"#;
    let framed = [&[0, 0, 0, event.len() as u8][..], event].concat();
    [&frames[..], &words, tell, &framed].map(|stream| [&[9], stream].concat()).to_vec()
}

const WORDS: &[&str] = &[
    "{\"id\":1,\"request\":{\"ask\":\"",
    "\"say\":\"answer\"",
    "\"say\":\"event\"",
    "\"result\":{\"Ok\":{\"outcome\":\"",
    "\"Err\":{\"error\":\"",
    "\"tell\":\"",
    "\"report\":\"",
    "\"snapshot\"",
    "\"seat\":",
    "\"room\":",
    "\"config\":",
    "\"view\":\"meeting\"",
    "\"alone\":",
    "null",
    "1e99",
    "\\ud800",
];
