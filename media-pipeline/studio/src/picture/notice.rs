use super::{Canvas, Colour, Fonts, Rect, Weight};
use tabellion_media_protocol::Notice;

/// The height that sizes below are given for.
const DRAWN_FOR: f32 = 720.0;
const OFFICE: f32 = 34.0;
const TITLE: f32 = 72.0;
const TEXT: f32 = 44.0;
/// Free at either side, as part of the width.
const MARGIN: f32 = 0.09;
/// Sizes are reduced by this much at a time until everything fits.
const SMALLER: f32 = 0.9;
/// Below this nobody reads it from across a meeting room.
const SMALLEST: f32 = 0.3;

/// One line to be drawn: weight, size, text, colour, and the space above it.
struct Line {
    weight: Weight,
    size: f32,
    text: String,
    colour: Colour,
    above: f32,
}

/// A notice over the whole picture: the office at the top, the title and the text in the middle.
pub fn draw_notice(canvas: &mut Canvas<'_>, fonts: &Fonts, notice: &Notice) {
    canvas.clear(Colour::rgb(13, 34, 74));
    let scale = length(canvas.height) / DRAWN_FOR;
    let top = heading(canvas, fonts, &notice.office, scale);
    let room = length(canvas.height) - top;
    let width = length(canvas.width) * (1.0 - 2.0 * MARGIN);
    let mut lines = body(fonts, notice, scale, width);
    let mut size = scale;
    while height(&lines) > room * 0.92 && size > scale * SMALLEST {
        size *= SMALLER;
        lines = body(fonts, notice, size, width);
    }
    // A little above the middle reads as the middle.
    let mut y = top + (room - height(&lines)).max(0.0) * 0.44;
    for line in &lines {
        y += line.above;
        centred(canvas, fonts, line, y);
        y += line.size;
    }
}

/// The office's name and a line below it. Gives where the rest begins.
fn heading(canvas: &mut Canvas<'_>, fonts: &Fonts, office: &str, scale: f32) -> f32 {
    let size = OFFICE * scale;
    let width = length(canvas.width) * (1.0 - 2.0 * MARGIN);
    let text = fonts.shortened(Weight::Regular, size, office, width);
    let line = Line { weight: Weight::Regular, size, text, colour: Colour::rgb(190, 208, 240), above: 0.0 };
    centred(canvas, fonts, &line, 48.0 * scale);
    let rule = 112.0 * scale;
    let half = pixels(60.0 * scale);
    let part = Rect {
        x: canvas.width / 2 - half,
        y: pixels(rule) & !1,
        width: half * 2,
        height: pixels(4.0 * scale).max(2) & !1,
    };
    canvas.fill(part, Colour::rgb(224, 178, 84));
    rule + 16.0 * scale
}

fn body(fonts: &Fonts, notice: &Notice, scale: f32, width: f32) -> Vec<Line> {
    let parts = [
        (Weight::Bold, TITLE, &notice.title, Colour::WHITE, 0.0),
        (Weight::Regular, TEXT, &notice.text, Colour::rgb(228, 235, 248), 44.0),
    ];
    let mut lines = Vec::new();
    for (weight, size, text, colour, gap) in parts {
        let size = size * scale;
        for (i, text) in fonts.wrap(weight, size, text, width).into_iter().enumerate() {
            let text = fonts.shortened(weight, size, &text, width);
            let above = if i == 0 { gap * scale } else { size * 0.28 };
            lines.push(Line { weight, size, text, colour, above });
        }
    }
    lines
}

fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.above + line.size).sum()
}

fn centred(canvas: &mut Canvas<'_>, fonts: &Fonts, line: &Line, y: f32) {
    let mask = fonts.line(line.weight, line.size, &line.text);
    let x = (canvas.width.saturating_sub(mask.width) / 2) & !1;
    canvas.ink(&mask, x, pixels(y) & !1, line.colour);
}

#[expect(clippy::cast_precision_loss, reason = "a picture's sizes")]
fn length(pixels: usize) -> f32 {
    pixels as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture's sizes; never negative"
)]
fn pixels(length: f32) -> usize {
    length as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The luma of a drawn notice.
    fn drawn(width: usize, height: usize, text: &str) -> Vec<u8> {
        let notice = Notice {
            office: "Office Notarial de la Place".into(),
            title: "Veuillez patienter".into(),
            text: text.into(),
        };
        let (mut y, chroma) = (vec![0; width * height], width / 2 * (height / 2));
        let (mut u, mut v) = (vec![0; chroma], vec![0; chroma]);
        let strides = [width, width / 2, width / 2];
        let mut canvas = Canvas { width, height, planes: [&mut y, &mut u, &mut v], strides };
        draw_notice(&mut canvas, &Fonts::load().unwrap(), &notice);
        y
    }

    #[test]
    fn the_text_is_bright_on_a_dark_ground() {
        for (width, height) in [(1280, 720), (640, 360), (352, 288)] {
            let luma = drawn(width, height, "L’organisateur va vous accueillir.");
            let bright = luma.iter().filter(|value| **value > 180).count();
            let dark = luma.iter().filter(|value| **value < 60).count();
            assert!(bright * 200 > luma.len(), "{bright} bright of {} at {width}x{height}", luma.len());
            assert!(dark * 2 > luma.len(), "{dark} dark of {} at {width}x{height}", luma.len());
        }
    }

    #[test]
    fn another_text_is_another_picture() {
        assert_ne!(drawn(1280, 720, "Composez le code, puis #."), drawn(1280, 720, "Code faux."));
    }

    #[test]
    fn a_long_text_is_made_smaller_and_fits() {
        let luma = drawn(640, 360, &"Une phrase plutôt longue qui se répète encore. ".repeat(30));
        assert!(luma[640 * 358..].iter().all(|value| *value < 60), "nothing is cut at the lower edge");
    }
}
