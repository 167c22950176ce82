//! Users and their rights, for administrators alone (USER-01 to USER-07).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod credentials;
pub(crate) mod delete;
mod form;
pub(crate) mod list;
mod refusal;
#[cfg(test)]
mod testing;
mod view;

pub(crate) use refusal::refused;
#[cfg(test)]
pub(crate) use testing::form as tests_form;
