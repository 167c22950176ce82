//! Who may enter a running meeting, and who is in it: one state machine for browsers, room systems and other
//! offices' callers.
//!
//! code → identity → waiting room → accepted → inside → ended. Browsers and SIP are adapters that turn their
//! messages into the methods of [`LiveMeeting`] and carry out the [`Effect`]s that come back. Nobody slips past the
//! waiting room because there is no other door.
//!
//! A browser gives its code with its request, and it is checked before a seat exists; a room system has a seat from
//! its first ring on and gives its code by DTMF (WAIT-06). Nothing here sleeps or reads a clock: what ends by itself
//! has a deadline, [`LiveMeeting::next_deadline`], and [`LiveMeeting::poll`] carries it out.

mod effect;
mod meeting;
mod seat;
#[cfg(test)]
mod tests;

pub use effect::{Effect, JournalEntry, Screen};
pub use meeting::{AdmissionError, LiveMeeting};
pub use seat::{Channel, Decision, EndReason, Identity, NewSeat, Seat, Stage};
