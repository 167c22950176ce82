//! «Journal d'appel» (LOG-01): a user's own calls.

pub(crate) mod list;
pub(crate) mod week;
