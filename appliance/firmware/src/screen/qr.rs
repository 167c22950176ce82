use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code (ISO/IEC 18004 §5.3.8).
const QUIET_ZONE: usize = 4;

/// A QR code as text, two modules a sign, light ones drawn: for a dark terminal whose signs are twice as high as wide. None: the text
/// is too long for one.
pub(super) fn of(text: &str) -> Option<Vec<String>> {
    // The screen is clean and near: the fewer the modules, the larger they are.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET_ZONE;
    let light = |x: usize, y: usize| {
        let (Some(x), Some(y)) = (x.checked_sub(QUIET_ZONE), y.checked_sub(QUIET_ZONE)) else { return true };
        x >= width || y >= width || modules[y * width + x] == Color::Light
    };
    let sign = |x: usize, y: usize| match (light(x, y), light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    Some((0..side).step_by(2).map(|y| (0..side).map(|x| sign(x, y)).collect()).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Pixels a module, for the reader.
    const SCALE: usize = 4;

    /// What a telephone reads that is held before these lines.
    pub(in crate::screen) fn read(lines: &[String]) -> String {
        let signs: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
        let (width, height) = (signs.iter().map(Vec::len).max().unwrap(), signs.len() * 2);
        let light = |x: usize, y: usize| match signs[y / 2].get(x) {
            Some('█') => true,
            Some('▀') => y.is_multiple_of(2),
            Some('▄') => y % 2 == 1,
            _ => false,
        };
        let pixel = |x: usize, y: usize| if light(x / SCALE, y / SCALE) { 255 } else { 0 };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width * SCALE, height * SCALE, pixel);
        let codes = picture.detect_grids();
        assert_eq!(codes.len(), 1, "one code is seen in\n{}", lines.join("\n"));
        codes[0].decode().unwrap().1
    }

    #[test]
    fn a_telephone_reads_what_was_drawn() {
        for text in ["a", "https://192.168.100.200/installation#K7QF-2MXP", &"x".repeat(200)] {
            assert_eq!(read(&of(text).unwrap()), text);
        }
        assert!(of(&"x".repeat(5_000)).is_none());
    }
}
