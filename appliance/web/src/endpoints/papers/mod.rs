//! The attestation of video-conference (CERT-01, CERT-02), and whether a paper is one of this box's.

pub(crate) mod attestation;
pub(crate) mod verification;
