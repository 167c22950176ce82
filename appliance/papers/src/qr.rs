//! The check link as a QR code of areas, which stays sharp at any size.

use crate::PaperError;
use qrcode::{Color, EcLevel, QrCode, types::QrError};

/// A QR code, measured in modules from the upper left corner. It wants four light ones around it (ISO/IEC 18004
/// §5.3.8).
#[derive(Debug)]
pub(crate) struct Modules {
    /// Along a side.
    pub(crate) size: usize,
    /// Runs of dark modules in a row: left, top, length.
    pub(crate) runs: Vec<(usize, usize, usize)>,
}

/// The code of a web address.
///
/// # Errors
/// [`PaperError::NoLink`], [`PaperError::LinkTooLong`].
pub(crate) fn code(link: &str) -> Result<Modules, PaperError> {
    if !link.starts_with("https://") || !link.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(PaperError::NoLink { link: link.to_owned() });
    }
    let code =
        QrCode::with_error_correction_level(link, EcLevel::M).map_err(|error: QrError| match error {
            QrError::DataTooLong => PaperError::LinkTooLong { length: link.len() },
            other => PaperError::Document { reason: other.to_string() },
        })?;
    let width = code.width();
    let mut runs = Vec::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(PartialEq::eq) {
            if run[0] == Color::Dark {
                runs.push((x, y, run.len()));
            }
            x += run.len();
        }
    }
    Ok(Modules { size: width, runs })
}
