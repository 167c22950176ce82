//! Logging in: password, then second factor (AUTH-01, AUTH-02), which the first login of an account may enrol (AUTH-03).

mod again;
pub(crate) mod confirm;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod enrol;
pub(crate) mod second_factor;
pub(crate) mod show;
pub(crate) mod sms;
mod throttle;
mod turns;
pub(crate) mod view;

pub(crate) use again::PasswordAgain;
pub(crate) use throttle::Subjects;
pub(crate) use turns::LoginTurns;
