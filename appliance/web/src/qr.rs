//! QR codes as the page draws them.

use crate::error::ApiError;
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use std::fmt::Write;
use utoipa::ToSchema;

/// Light modules around the code (ISO/IEC 18004 §5.3.8).
const QUIET_ZONE: usize = 4;

/// A QR code, to be drawn dark on light.
#[derive(Serialize, ToSchema)]
pub(crate) struct QrView {
    /// Modules along a side, the light border among them.
    size: usize,
    /// The dark modules as the path of an SVG whose unit is a module.
    path: String,
}

impl QrView {
    /// # Errors
    /// The text is too long for a QR code.
    pub(crate) fn of(text: &str) -> Result<Self, ApiError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|error| ApiError::internal(&error))?;
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(PartialEq::eq) {
                if run[0] == Color::Dark {
                    let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                    write!(path, "M{left} {top}h{length}v1h-{length}z")
                        .map_err(|error| ApiError::internal(&error))?;
                }
                x += run.len();
            }
        }
        Ok(Self { size: width + 2 * QUIET_ZONE, path })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Pixels a module, for the reader.
    const SCALE: usize = 4;

    /// What a telephone reads from the drawing.
    pub(crate) fn read(size: usize, path: &str) -> String {
        let mut dark = vec![false; size * size];
        for rectangle in path.split('M').skip(1) {
            let numbers: Vec<usize> = rectangle
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let [x, y, length, height, back] = numbers[..] else { panic!("no rectangle: {rectangle}") };
            assert_eq!((height, back), (1, length));
            dark[y * size + x..][..length].fill(true);
        }
        let pixel = |x: usize, y: usize| if dark[y / SCALE * size + x / SCALE] { 0 } else { 255 };
        let side = size * SCALE;
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
        let codes = picture.detect_grids();
        assert_eq!(codes.len(), 1, "one code is seen");
        codes[0].decode().unwrap().1
    }

    #[test]
    fn a_telephone_reads_what_was_drawn() {
        for text in ["a", "otpauth://totp/Office%20Notarial?secret=JBSWY3DP", &"Étude ".repeat(60)] {
            let qr = QrView::of(text).ok().unwrap();
            assert_eq!(read(qr.size, &qr.path), text);
        }
    }
}
