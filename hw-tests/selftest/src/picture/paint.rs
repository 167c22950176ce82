use super::{BAR, BITS, CELL, Code, ENDS, HEIGHT, WIDTH};

/// A colour as it is stored: Y, U, V (limited range).
pub(super) type Colour = [u8; 3];
/// The first of the two colours.
pub(super) const MAGENTA: Colour = [105, 200, 200];
/// The second.
pub(super) const GREEN: Colour = [130, 60, 60];
const BLACK: Colour = [16, 128, 128];
const WHITE: Colour = [235, 128, 128];
/// What surrounds the bar.
const GREY: Colour = [90, 128, 128];

/// A whole coded picture, I420 without padding: `WIDTH × HEIGHT` of Y, then a quarter of it of U, then of V; smaller by a
/// factor of 1 or 2 in each direction.
pub(crate) fn paint(code: Code, smaller: usize) -> Vec<u8> {
    let size = WIDTH * HEIGHT / (smaller * smaller);
    let mut picture = vec![GREY[0]; size * 3 / 2];
    picture[size..].fill(128);
    let left = (WIDTH - CELL * (BITS + 2 * ENDS)) / 2;
    let bits = code.bits();
    let ends = [MAGENTA, GREEN, MAGENTA].into_iter();
    let middle = (0..BITS).map(|at| if bits >> (BITS - 1 - at) & 1 == 1 { WHITE } else { BLACK });
    for (cell, colour) in ends.chain(middle).chain([GREEN, MAGENTA, GREEN]).enumerate() {
        fill(&mut picture, left + cell * CELL, colour, smaller);
    }
    picture
}

/// One cell, `x` pixels from the left at full size.
fn fill(picture: &mut [u8], x: usize, colour: Colour, smaller: usize) {
    let top = (HEIGHT - BAR) / 2;
    let mut start = 0;
    for (plane, value) in colour.into_iter().enumerate() {
        let scale = if plane == 0 { smaller } else { 2 * smaller };
        let (width, height) = (WIDTH / scale, HEIGHT / scale);
        for y in top / scale..(top + BAR) / scale {
            let line = start + y * width;
            picture[line + x / scale..line + (x + CELL) / scale].fill(value);
        }
        start += width * height;
    }
}
