//! The account of a user as an administrator fills it in (USER-01), every fault at once and beside its field.

mod form;
mod link;

pub use form::{Account, AccountForm, FieldFault, RightsForm, sentence};
pub use link::{LINK_VALIDITY, PasswordLink};
