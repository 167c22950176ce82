//! The box's public interface, as the pages use it: HTTPS with JSON, a session's cookie, one-time codes.

mod address;
mod http;
mod login;
mod meeting;
mod tls;
mod totp;

pub(crate) use address::BoxAddress;
pub(crate) use http::Client;
pub(crate) use login::Login;
pub(crate) use meeting::{TestMeeting, log_out, touch};
pub(crate) use tls::Trust;
