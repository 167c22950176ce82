//! Papers that the box gives out: the attestation of video-conference (CERT-01, CERT-02), the record of a meeting that is over; and whether
//! a paper is one of this box's.

pub(crate) mod attestation;
mod issue;
pub(crate) mod record;
pub(crate) mod sittings;
pub(crate) mod verification;

pub(crate) use issue::PaperTurns;
