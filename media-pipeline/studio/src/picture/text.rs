use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use std::path::Path;

/// Where Debian's `fonts-dejavu-core` puts its fonts.
const FOLDER: &str = "/usr/share/fonts/truetype/dejavu";

/// Why text cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The file cannot be read.
    #[error("the font {path} cannot be read ({source}): install the Debian package fonts-dejavu-core")]
    Missing {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no font.
    #[error("the font {path} is damaged: install the Debian package fonts-dejavu-core again")]
    Damaged {
        /// Which.
        path: String,
    },
}

/// How text is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Weight {
    /// Running text.
    Regular,
    /// Titles.
    Bold,
}

/// How much ink is on each pixel, 0–255.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mask {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Line by line.
    pub coverage: Vec<u8>,
}

impl Mask {
    /// The ink at a place; none outside.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> u8 {
        if x >= self.width {
            return 0;
        }
        self.coverage.get(y * self.width + x).copied().unwrap_or(0)
    }

    /// This one and another one at its right, so many pixels apart, on one middle.
    #[must_use]
    pub fn beside(&self, other: &Self, gap: usize) -> Self {
        let (width, height) = (self.width + gap + other.width, self.height.max(other.height));
        let mut coverage = vec![0; width * height];
        for (mask, left) in [(self, 0), (other, self.width + gap)] {
            let top = (height - mask.height) / 2;
            for (y, line) in mask.coverage.chunks_exact(mask.width.max(1)).enumerate() {
                let start = (top + y) * width + left;
                coverage[start..start + line.len()].copy_from_slice(line);
            }
        }
        Self { width, height, coverage }
    }
}

/// The two fonts.
#[derive(Debug)]
pub struct Fonts {
    regular: FontVec,
    bold: FontVec,
}

impl Fonts {
    /// Reads them.
    ///
    /// # Errors
    /// Where Debian's `fonts-dejavu-core` is not installed.
    pub fn load() -> Result<Self, FontError> {
        Ok(Self { regular: load("DejaVuSans.ttf")?, bold: load("DejaVuSans-Bold.ttf")? })
    }

    /// One line of text of this size (from the highest to the lowest letter, in pixels).
    #[must_use]
    pub fn line(&self, weight: Weight, size: f32, text: &str) -> Mask {
        let font = self.font(weight).as_scaled(PxScale::from(size));
        let (width, height) = (pixels(self.width(weight, size, text)) + 2, pixels(font.height()) + 1);
        let mut mask = Mask { width, height, coverage: vec![0; width * height] };
        let (mut x, mut before) = (1.0, None);
        for letter in text.chars() {
            let id = font.glyph_id(letter);
            x += before.map_or(0.0, |before| font.kern(before, id));
            let glyph = id.with_scale_and_position(PxScale::from(size), point(x, font.ascent()));
            if let Some(outline) = font.font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, ink| put(&mut mask, (corner.x, corner.y), (dx, dy), ink));
            }
            x += font.h_advance(id);
            before = Some(id);
        }
        mask
    }

    /// A line's width in pixels.
    #[must_use]
    pub fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let font = self.font(weight).as_scaled(PxScale::from(size));
        let mut before = None;
        text.chars()
            .map(|letter| {
                let id = font.glyph_id(letter);
                let kern = before.replace(id).map_or(0.0, |before| font.kern(before, id));
                kern + font.h_advance(id)
            })
            .sum()
    }

    /// Breaks text into lines that are not wider than this, at spaces (never at no-break ones). A word that is
    /// wider by itself is a line by itself.
    #[must_use]
    pub fn wrap(&self, weight: Weight, size: f32, text: &str, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if !line.is_empty() && self.width(weight, size, &longer) > width {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                } else {
                    line = longer;
                }
            }
            lines.push(line);
        }
        lines
    }

    /// The text, or as much of its beginning as fits, with an ellipsis.
    #[must_use]
    pub fn shortened(&self, weight: Weight, size: f32, text: &str, width: f32) -> String {
        if self.width(weight, size, text) <= width {
            return text.to_owned();
        }
        let mut letters: Vec<char> = text.chars().collect();
        while letters.pop().is_some() {
            let short = format!("{}…", letters.iter().collect::<String>().trim_end());
            if self.width(weight, size, &short) <= width {
                return short;
            }
        }
        String::new()
    }

    fn font(&self, weight: Weight) -> &FontVec {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

fn load(name: &str) -> Result<FontVec, FontError> {
    let path = Path::new(FOLDER).join(name);
    let shown = path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|source| FontError::Missing { path: shown.clone(), source })?;
    FontVec::try_from_vec(bytes).map_err(|_| FontError::Damaged { path: shown })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture's sizes; never negative"
)]
fn pixels(length: f32) -> usize {
    length.max(0.0).ceil() as usize
}

/// Letters may overlap, and reach beyond their line's box.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in the mask")]
fn put(mask: &mut Mask, corner: (f32, f32), offset: (u32, u32), ink: f32) {
    #[expect(clippy::cast_precision_loss, reason = "a letter's pixels")]
    let (x, y) = (corner.0 + offset.0 as f32, corner.1 + offset.1 as f32);
    if x < 0.0 || y < 0.0 || x as usize >= mask.width || y as usize >= mask.height {
        return;
    }
    let place = &mut mask.coverage[y as usize * mask.width + x as usize];
    *place = place.saturating_add((ink.clamp(0.0, 1.0) * 255.0) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(mask: &Mask) -> usize {
        mask.coverage.iter().filter(|ink| **ink > 128).count()
    }

    #[test]
    fn french_is_written_with_its_accents() {
        let fonts = Fonts::load().unwrap();
        let [plain, accented] = ["e", "é"].map(|text| ink(&fonts.line(Weight::Regular, 60.0, text)));
        assert!(plain > 100 && accented > plain + 20, "{plain} {accented}");
        for letter in "«»’œŒ…\u{202f}àâçéèêëîïôùûüÿÉÈÀÇ€".chars() {
            assert_ne!(fonts.regular.glyph_id(letter).0, 0, "{letter:?} is in the font");
        }
    }

    #[test]
    fn lines_break_at_spaces_only() {
        let fonts = Fonts::load().unwrap();
        let lines = fonts.wrap(Weight::Regular, 40.0, "Composez le code d’accès\u{a0}: puis #\n\nFin", 300.0);
        assert!(lines.len() > 3, "{lines:?}");
        assert!(lines.iter().all(|line| fonts.width(Weight::Regular, 40.0, line) <= 300.0), "{lines:?}");
        assert!(lines.contains(&String::new()), "the empty line stays: {lines:?}");
    }

    #[test]
    fn long_names_are_cut() {
        let fonts = Fonts::load().unwrap();
        let name = "Maître Anne-Charlotte de La Rochefoucauld-Montbel";
        let short = fonts.shortened(Weight::Regular, 24.0, name, 200.0);
        assert!(short.ends_with('…') && short.starts_with("Maître"), "{short}");
        assert_eq!(fonts.shortened(Weight::Regular, 24.0, "Claire", 200.0), "Claire");
    }
}
