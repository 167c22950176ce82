/// Why an offer or answer leads to no media.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdpRefusal {
    /// It is not a session description: the peer's fault.
    #[error("the session description cannot be read: {0}")]
    Malformed(String),
    /// It is one, but no codec, address or transport in it is ours.
    #[error("no media is left that both sides can carry")]
    NothingInCommon,
    /// Only encrypted media (SRTP) was offered, which room systems get from us in a later release.
    #[error(
        "only encrypted media was offered: switch the equipment's media encryption to «automatic» or off"
    )]
    Encrypted,
}

impl SdpRefusal {
    /// The response code that says so (RFC 3261 §21.4).
    #[must_use]
    pub fn code(&self) -> u16 {
        match self {
            Self::Malformed(_) => 400,
            Self::NothingInCommon | Self::Encrypted => 488,
        }
    }

    /// Code and text of the Warning header (RFC 3261 §20.43). The text is for the peer's log.
    #[must_use]
    pub fn warning(&self) -> (u16, &'static str) {
        match self {
            Self::Malformed(_) => (399, "Session description cannot be read"),
            Self::NothingInCommon => (305, "Incompatible media format"),
            Self::Encrypted => (302, "Incompatible transport protocol"),
        }
    }
}
