//! The switchboard's whole input, in fake time: datagrams of strangers and of browsers that have joined, by UDP and TCP, what a
//! studio says, and what control asks, among it browsers' offers.

mod client;
mod room;

use crate::{
    Target,
    script::{script, steps},
};
use room::Room;
use tabellion_media_protocol::{
    PROTOCOL, RoomId, SeatId,
    control::{Publish, Request, Tile, ToMedia},
    studio::{FromStudio, H264, MEDIA, WORDS},
};

pub(crate) const TARGET: Target =
    Target { name: "switchboard", run, seeds, words: WORDS_OF_ITS_LANGUAGE, costs: 8000 };

const STRANGER: u8 = 0;
const STRANGER_BY_TCP: u8 = 1;
const AS_THE_BROWSER: u8 = 2;
const AS_THE_BROWSER_BY_TCP: u8 = 3;
const STUDIO: u8 = 4;
const REQUEST: u8 = 5;
const TIME: u8 = 6;
const TALK: u8 = 7;
const TALK_BADLY: u8 = 8;
const SEND: u8 = 9;
const RENEGOTIATE: u8 = 10;
const STUDIO_CONNECTS: u8 = 11;
const STUDIO_ENDS: u8 = 12;
const CONTROL_RETURNS: u8 = 13;
const KEY_FRAME: u8 = 14;
const KINDS: u8 = 15;

fn run(input: &[u8]) {
    let mut room = Room::open();
    for (kind, bytes) in steps(input) {
        match kind % KINDS {
            STRANGER => room.stranger(false, bytes),
            STRANGER_BY_TCP => room.stranger(true, bytes),
            AS_THE_BROWSER => room.as_the_browser(false, bytes),
            AS_THE_BROWSER_BY_TCP => room.as_the_browser(true, bytes),
            STUDIO => room.studio(bytes),
            REQUEST => room.request(bytes),
            TIME => room.pass(number(bytes)),
            TALK => room.talk(number(bytes)),
            TALK_BADLY => room.talk_badly(bytes),
            SEND => room.send(bytes),
            RENEGOTIATE => room.renegotiate(),
            STUDIO_CONNECTS => room.studio_connects(),
            STUDIO_ENDS => room.studio_ends(),
            CONTROL_RETURNS => room.control_returns(),
            _ => room.ask_key_frame(),
        }
    }
    room.pass(1_000);
}

/// The first two bytes, for a number of milliseconds.
fn number(bytes: &[u8]) -> u16 {
    bytes.first_chunk().copied().map_or(100, u16::from_be_bytes)
}

const WORDS_OF_ITS_LANGUAGE: &[&str] = &[
    "\u{0}\u{1}\u{0}\u{0}!\u{12}",
    "J{\"report\":",
    "\"leg_opened\"",
    "\"leg_failed\"",
    "\"key_frame_wanted\"",
    "\"digit\"",
    "\"leg_silent\"",
    "\"track\":",
    "\"seat\":",
    "\"request\":{\"ask\":",
    "\"join_browser\"",
    "\"renegotiate_browser\"",
    "\"show_tiles\"",
    "\"open_leg\"",
    "\"show_leg\"",
    "\"set_publish\"",
    "\"leave\"",
    "\"key_frame\"",
    "\"snapshot\"",
];

fn seeds() -> Vec<Vec<u8>> {
    let connect: [(u8, &[u8]); 1] = [(TALK, &[2, 0])];
    let key_frame = [&[1, H264][..], &[0x65, 0x88, 0x80, 0x10]].concat();
    let sound = [0, 0, 0x78, 1, 2, 3];
    let picture: [(u8, &[u8]); 4] = [(SEND, &key_frame), (SEND, &sound), (KEY_FRAME, &[]), (TALK, &[2, 0])];
    let studio = studio_story();
    let studio: Vec<(u8, &[u8])> = studio.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
    let requests: Vec<Vec<u8>> = requests().iter().map(json).collect();
    let requests: Vec<(u8, &[u8])> = requests.iter().map(|bytes| (REQUEST, bytes.as_slice())).collect();
    let check =
        [&[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12], &[0, 6, 0, 3, b'a', b':', b'b', 0]].concat();
    let rtp =
        [&[0x90, 0xe0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 7, 0, 0][..], &[1; 40]].concat();
    let hello = [&[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 1][..], &[0; 19]].concat();
    let strangers: [(u8, &[u8]); 4] =
        [(STRANGER, &check), (AS_THE_BROWSER, &rtp), (AS_THE_BROWSER_BY_TCP, &hello), (TIME, &[20, 0])];
    let badly: [(u8, &[u8]); 3] = [(TALK, &[0, 20]), (TALK_BADLY, &[0, 25, 1, 0, 60, 0x80]), (TALK, &[2, 0])];
    vec![
        script(&[&connect[..], &picture].concat()),
        script(&[&connect[..], &picture, &[(RENEGOTIATE, &[])], &connect, &picture].concat()),
        script(&[&studio[..], &connect, &picture].concat()),
        script(&[&requests[..], &connect, &picture].concat()),
        script(&strangers),
        script(&badly),
    ]
}

/// A room system's call, its media, and its end.
fn studio_story() -> Vec<(u8, Vec<u8>)> {
    let words = |report: &FromStudio| [&[WORDS][..], &json(report)].concat();
    let rtp =
        [&[MEDIA, 0, 0, 0, 2, 0x80, 0x80 | H264, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1][..], &[0x65, 0x88]].concat();
    let leg = SeatId(50);
    let open = r#"{"id":9,"request":{"ask":"open_leg","room":1,"seat":50,"name":"Salle",
        "leg":{"local_address":"10.77.0.1","audio":null,"video":null},
        "view":{"view":"meeting","alone":{"office":"o","title":"t","text":"x"}},
        "publish":{"audio":true,"video":true,"slides":true},"muted":false}}"#;
    vec![
        (REQUEST, open.as_bytes().to_vec()),
        (STUDIO_CONNECTS, Vec::new()),
        (STUDIO, words(&FromStudio::Ready { protocol: PROTOCOL, pid: 7 })),
        (STUDIO, words(&FromStudio::LegOpened { seat: leg })),
        (STUDIO, words(&FromStudio::Digit { seat: leg, digit: '#' })),
        (STUDIO, rtp),
        (STUDIO, words(&FromStudio::LegSilent { seat: leg, seconds: 10 })),
        (STUDIO_ENDS, Vec::new()),
        (TIME, vec![20, 0]),
    ]
}

fn requests() -> Vec<ToMedia> {
    let tiles = vec![Tile { mid: "2".to_owned(), rows: 180 }];
    let all = [
        Request::Hello { protocol: PROTOCOL },
        Request::ShowTiles { seat: SeatId(1), tiles },
        Request::SetPublish { seat: SeatId(1), publish: Publish::NOTHING },
        Request::LimitBandwidth { seat: SeatId(1), kbps: Some(500) },
        Request::LimitBandwidth { seat: SeatId(1), kbps: None },
        Request::KeyFrame { seat: SeatId(1) },
        Request::JoinBrowser {
            room: RoomId(1),
            seat: SeatId(3),
            name: "Bob".to_owned(),
            offer: super::offers::CHROMIUM.to_owned(),
            slides: vec!["1".to_owned()],
            publish: Publish::ALL,
            muted: false,
            limit_kbps: Some(250),
        },
        Request::Snapshot,
        Request::Leave { seat: SeatId(2) },
    ];
    all.into_iter().zip(1..).map(|(request, id)| ToMedia { id, request }).collect()
}

fn json(message: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect("the protocol's messages have string keys only")
}
