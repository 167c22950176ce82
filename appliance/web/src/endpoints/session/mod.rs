//! Logging in: password, then second factor (AUTH-01, AUTH-02).

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod second_factor;
pub(crate) mod show;
pub(crate) mod sms;
mod throttle;
mod turns;
pub(crate) mod view;

pub(crate) use turns::LoginTurns;
