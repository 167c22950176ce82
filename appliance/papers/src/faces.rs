//! The two faces that papers are set in, and what fits where.

use crate::PaperError;
use printpdf::ParsedFont;
use std::collections::BTreeSet;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Stands for what the font lacks.
pub(crate) const REPLACEMENT: char = '\u{fffd}';
const ELLIPSIS: &str = "…";

/// How heavy letters are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A face at a size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Font {
    pub(crate) weight: Weight,
    /// Points an em.
    pub(crate) size: f32,
}

/// One face, as printpdf reads it.
#[derive(Debug)]
pub(crate) struct Face {
    /// PostScript name.
    pub(crate) name: &'static str,
    pub(crate) bytes: &'static [u8],
    pub(crate) parsed: ParsedFont,
}

impl Face {
    fn read(name: &'static str, bytes: &'static [u8]) -> Result<Self, PaperError> {
        let parsed = ParsedFont::from_bytes(bytes, 0, &mut Vec::new());
        let parsed = parsed
            .ok_or_else(|| PaperError::Font { font: name, reason: "its tables are cut off".to_owned() })?;
        Ok(Self { name, bytes, parsed })
    }

    /// The glyph that a character is drawn by.
    pub(crate) fn glyph(&self, letter: char) -> Option<u16> {
        // Open Sans has neither the narrow no-break space nor the no-break hyphen, but what they look like.
        let drawn = match letter {
            '\u{202f}' => '\u{2009}',
            '\u{2011}' => '-',
            other => other,
        };
        self.parsed.lookup_glyph_index(u32::from(drawn)).filter(|glyph| *glyph != 0)
    }

    /// A character's width in thousandths of an em, cut to whole ones as in the document's own table of widths.
    fn advance(&self, letter: char) -> u32 {
        let width = self.glyph(letter).and_then(|glyph| self.parsed.get_glyph_width(glyph)).unwrap_or(0);
        u32::from(width) * 1000 / u32::from(self.parsed.units_per_em)
    }
}

/// Both faces.
#[derive(Debug)]
pub(crate) struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    pub(crate) fn read() -> Result<Self, PaperError> {
        Ok(Self {
            regular: Face::read("OpenSans-Regular", include_bytes!("../fonts/OpenSans-Regular.ttf"))?,
            bold: Face::read("OpenSans-Bold", include_bytes!("../fonts/OpenSans-Bold.ttf"))?,
        })
    }

    pub(crate) fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// The text as it can be drawn: composed (NFC), with [`REPLACEMENT`] for what the face lacks, which is noted.
    pub(crate) fn writable(&self, text: &str, unwritable: &mut BTreeSet<char>) -> String {
        let has = |letter: &char| self.regular.glyph(*letter).is_some() && self.bold.glyph(*letter).is_some();
        let mut written = String::with_capacity(text.len());
        for letter in text.nfc() {
            if has(&letter) {
                written.push(letter);
            } else {
                unwritable.insert(letter);
                written.push(REPLACEMENT);
            }
        }
        written
    }

    /// A line's width in points, without the spaces at its end.
    pub(crate) fn width(&self, font: Font, text: &str) -> f32 {
        let face = self.face(font.weight);
        let thousandths: u32 = text.trim_end_matches(' ').chars().map(|letter| face.advance(letter)).sum();
        thousandths as f32 * font.size / 1000.0
    }

    /// Breaks text into lines that are not wider than this (points): after plain spaces, never at no-break ones, and
    /// within a word only where it is wider than a line. Nothing is lost: the lines make the text again.
    pub(crate) fn wrap(&self, font: Font, text: &str, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_inclusive(' ') {
            if !line.is_empty() && self.width(font, &format!("{line}{word}")) > width {
                lines.push(std::mem::take(&mut line));
            }
            let mut rest = word;
            while self.width(font, rest) > width {
                let (fits, further) = rest.split_at(self.fitting(font, rest, width));
                lines.push(fits.to_owned());
                rest = further;
            }
            line.push_str(rest);
        }
        lines.push(line);
        lines
    }

    /// The text, or as much of its beginning as fits into a width (points), with an ellipsis.
    pub(crate) fn shortened(&self, font: Font, text: &str, width: f32) -> String {
        if self.width(font, text) <= width {
            return text.to_owned();
        }
        let kept = self.fitting(font, text, width - self.width(font, ELLIPSIS));
        format!("{}{ELLIPSIS}", text[..kept].trim_end())
    }

    /// How many of a text's bytes fit into a width (points): a letter with its marks at least.
    fn fitting(&self, font: Font, text: &str, width: f32) -> usize {
        let mut fits = 0;
        for (at, letter) in text.char_indices() {
            let end = at + letter.len_utf8();
            if fits > 0 && !is_combining_mark(letter) && self.width(font, &text[..end]) > width {
                break;
            }
            fits = end;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: Font = Font { weight: Weight::Regular, size: 10.0 };

    #[test]
    fn lines_fit_and_make_the_text_again() {
        let faces = Faces::read().unwrap();
        let text = "Maître Anne-Sophie de La Tour-d’Auvergne 25\u{a0}novembre Donaudampfschifffahrtselektrizitätenhauptbetriebswerk";
        for width in [30.0, 55.0, 90.0, 2000.0] {
            let lines = faces.wrap(FONT, text, width);
            assert_eq!(lines.concat(), text);
            for line in &lines {
                assert!(faces.width(FONT, line) <= width, "{line:?} in {width}");
            }
        }
        assert_eq!(faces.wrap(FONT, "", 50.0), [""]);
        let lines = faces.wrap(FONT, "le 25\u{a0}novembre", faces.width(FONT, "le 25\u{a0}novemb"));
        assert_eq!(lines, ["le ", "25\u{a0}novembre"], "a no-break space holds");
    }

    #[test]
    fn a_line_that_is_too_long_ends_in_an_ellipsis() {
        let faces = Faces::read().unwrap();
        let short = faces.shortened(FONT, "Office notarial de la Place", 80.0);
        assert!(short.ends_with('…') && faces.width(FONT, &short) <= 80.0, "{short}");
        assert_eq!(faces.shortened(FONT, "Office", 80.0), "Office");
    }

    #[test]
    fn what_the_font_lacks_is_replaced_and_noted() {
        let faces = Faces::read().unwrap();
        let mut missing = BTreeSet::new();
        let written = faces.writable("Lőrincz Ștefan Nguyễn Ελένη Жанна e\u{301} 李\u{202f}\n", &mut missing);
        assert_eq!(written, "Lőrincz Ștefan Nguyễn Ελένη Жанна é �\u{202f}�");
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), ['\n', '李']);
    }
}
