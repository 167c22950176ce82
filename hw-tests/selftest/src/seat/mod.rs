//! A seat in a meeting: its WebSocket, and what it tells of the meeting.

mod socket;
mod view;
mod wire;

pub(crate) use socket::Seat;
pub(crate) use view::View;
pub(crate) use wire::Stage;
