//! What a page says on its seat's WebSocket.

use crate::Target;
use tabellion_conference::messages::SeatRequest;

pub(crate) const TARGET: Target = Target { name: "seat", run, seeds, words: WORDS, costs: 50 };

fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(request) = serde_json::from_str::<SeatRequest>(text) else { return };
    let written = serde_json::to_string(&request).expect("its keys are strings");
    let again = serde_json::from_str::<SeatRequest>(&written);
    assert_eq!(Some(request), again.ok(), "{written}");
}

fn seeds() -> Vec<Vec<u8>> {
    let all = [
        r#"{"id":1,"type":"attach","seat_token":"AbC-_1","epoch":7,"after":12}"#,
        r#"{"id":2,"type":"enter","offer":"v=0\r\n","slides":["3"],"microphone":true,"camera":false}"#,
        r#"{"id":3,"type":"renegotiate","offer":"v=0\r\n"}"#,
        r#"{"id":4,"type":"show_tiles","tiles":[{"mid":"2","rows":360}]}"#,
        r#"{"id":9,"type":"limit_bandwidth","kbps":250}"#,
        r#"{"id":5,"type":"decide","seat":9,"decision":"accept"}"#,
        r#"{"id":6,"type":"media_state","microphone":false,"camera":true}"#,
        r#"{"id":7,"type":"leave"}"#,
        r#"{"id":8,"type":"ping"}"#,
    ];
    all.map(|text| text.as_bytes().to_vec()).to_vec()
}

const WORDS: &[&str] = &[
    "\"type\":\"",
    "\"id\":",
    "\"attach\"",
    "\"enter\"",
    "\"renegotiate\"",
    "\"show_tiles\"",
    "\"limit_bandwidth\"",
    "\"kbps\":",
    "\"decide\"",
    "\"cancel\"",
    "\"slides\":[",
    "\"tiles\":[{\"mid\":\"",
    "\"rows\":",
    "\"decision\":\"delete\"",
    "null",
    "true",
    "4294967295",
    "1e999",
    "\\ud800",
    "\\u0000",
];
