//! RTP and RTCP of one m-line (RFC 3550), without sockets: bytes and times go in, decisions and bytes come out.

mod continuity;
mod dtmf;
mod key_frame;
mod latch;
mod packet;
mod reception;
mod rtcp;
mod session;
mod silence;

pub use continuity::Continuity;
pub use dtmf::Keypad;
pub use key_frame::KeyFrameAsk;
pub use latch::Latch;
pub use packet::Packet;
pub use reception::Reception;
pub use rtcp::{Feedback, Report};
pub use session::Session;
pub use silence::SilenceWatch;
