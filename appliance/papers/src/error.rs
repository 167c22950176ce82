/// Why a paper cannot be made. None of these goes away by trying again.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The caller's fault: a QR code would not lead there.
    #[error(
        "the check link {link:?} is no web address in ASCII: make it of the box's public name, and punycode where that has accents"
    )]
    NoLink {
        /// As it was given.
        link: String,
    },
    /// The caller's fault: ISO/IEC 18004 has no code that large.
    #[error(
        "the check link has {length} bytes, more than a QR code holds: give the box a shorter public name"
    )]
    LinkTooLong {
        /// In bytes.
        length: usize,
    },
    /// This program's fault.
    #[error(
        "the font {font} cannot be embedded ({reason}): this build is damaged, install the firmware again"
    )]
    Font {
        /// Its PostScript name.
        font: &'static str,
        /// What the library said.
        reason: String,
    },
    /// This program's fault.
    #[error("the document cannot be put together ({reason}): tell the support which paper it was")]
    Document {
        /// What the library said.
        reason: String,
    },
}

impl From<lopdf::Error> for PaperError {
    fn from(error: lopdf::Error) -> Self {
        Self::Document { reason: error.to_string() }
    }
}
