//! A meeting that the box has opened for its own test: what opens it comes over the standard input, so that no secret is on
//! a command line, and the report goes where the keys came from.

use crate::fault::{Fault, Outcome, Side};
use serde::Deserialize;
use std::io::BufRead;

/// What the box's control process says of a meeting of its own, on a line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct Keys {
    /// `https://HOST:PORT`.
    pub url: String,
    /// The certificate that the web pages have, PEM, leaf first.
    pub certificate: String,
    /// HOST:PORT, UDP.
    pub sip: String,
    /// An organizer's seat.
    pub organizer_seat: String,
    /// A guest's.
    pub guest_seat: String,
    /// What the room system dials.
    pub number: String,
    /// And types.
    pub code: String,
    /// The room system's username.
    pub device: String,
    /// And its password.
    pub password: String,
}

impl Keys {
    /// Waits for the line.
    ///
    /// # Errors
    /// None comes, or it is another one.
    pub(crate) fn read(mut from: impl BufRead) -> Outcome<Self> {
        let mut line = String::new();
        from.read_line(&mut line).map_err(|error| unreadable(&error))?;
        serde_json::from_str(&line).map_err(|error| unreadable(&error))
    }
}

/// What the line says has no place in a log.
fn unreadable(why: &dyn std::fmt::Display) -> Fault {
    let what = format!("what opens the meeting cannot be read from the standard input ({why})");
    Fault::new(Side::Caller, what, "give the line that the box's control process gives")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_one_line_and_nothing_else_is_taken_for_them() {
        let line = r#"{"url":"https://10.0.0.1:443","certificate":"PEM","sip":"10.0.0.1:5060","organizer_seat":"a",
            "guest_seat":"b","number":"1","code":"2","device":"c","password":"d","later":true}"#;
        let line = line.replace('\n', "") + "\nmore";
        assert_eq!(Keys::read(line.as_bytes()).unwrap().sip, "10.0.0.1:5060");
        for wrong in ["", "{}", r#"{"error":"another rehearsal runs"}"#] {
            assert!(Keys::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
