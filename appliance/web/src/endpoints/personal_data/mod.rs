//! How long what tells of people is kept, and what is kept of one of them (GDPR).

pub(crate) mod export;
pub(crate) mod show;
#[cfg(test)]
mod tests;
