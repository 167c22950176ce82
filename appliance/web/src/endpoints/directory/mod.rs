//! The directory of notaries («annuaire ADSN», DIR-01, DIR-02): everybody who is logged in searches it, administrators replace it.

pub(crate) mod import;
pub(crate) mod search;
pub(crate) mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
pub(in crate::endpoints) use testing::with_a_directory;
