//! A face with the glyphs that a paper uses, and no others: 20 kB instead of 220. printpdf does that itself only
//! together with its layout engine (decision 27).

use crate::{PaperError, faces::Face};
use printpdf::ParsedFont;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use subsetter::GlyphRemapper;

/// What is embedded, for these characters.
///
/// # Errors
/// [`PaperError::Font`].
pub(crate) fn subset(face: &Face, used: &BTreeSet<char>) -> Result<ParsedFont, PaperError> {
    let mut glyphs = GlyphRemapper::new();
    let (mut characters, mut widths) = (BTreeMap::new(), BTreeMap::new());
    for letter in used {
        let Some(glyph) = face.glyph(*letter) else { continue };
        let renumbered = glyphs.remap(glyph);
        characters.insert(u32::from(*letter), renumbered);
        widths.insert(renumbered, face.parsed.get_glyph_width(glyph).unwrap_or(0));
    }
    let bytes = subsetter::subset(face.bytes, 0, &glyphs)
        .map_err(|error| PaperError::Font { font: face.name, reason: error.to_string() })?;
    Ok(ParsedFont {
        font_name: Some(format!("{}+{}", tag(&bytes), face.name)),
        original_bytes: bytes,
        font_index: 0,
        codepoint_to_glyph: characters,
        glyph_widths: widths,
        units_per_em: face.parsed.units_per_em,
        font_metrics: face.parsed.font_metrics.clone(),
        font_type: face.parsed.font_type,
        pdf_font_metrics: face.parsed.pdf_font_metrics.clone(),
    })
}

/// Six letters that tell this subset from others of the face (ISO 32000-1 §9.6.4).
fn tag(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}
