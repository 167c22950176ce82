use super::{Mask, Rect};

/// A colour as it is stored (BT.709, limited range).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour {
    y: u8,
    u: u8,
    v: u8,
}

impl Colour {
    /// The background.
    pub const BLACK: Self = Self { y: 16, u: 128, v: 128 };
    /// Text.
    pub const WHITE: Self = Self { y: 235, u: 128, v: 128 };

    /// From red, green and blue, 0–255 each.
    #[must_use]
    pub fn rgb(red: u8, green: u8, blue: u8) -> Self {
        let (r, g, b) = (f32::from(red), f32::from(green), f32::from(blue));
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 16 to 240")]
        let byte = |value: f32| value.round() as u8;
        Self {
            y: byte(16.0 + luma * 219.0 / 255.0),
            u: byte(128.0 + (b - luma) / 1.8556 * 224.0 / 255.0),
            v: byte(128.0 + (r - luma) / 1.5748 * 224.0 / 255.0),
        }
    }
}

/// An I420 picture to be drawn on.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Y, U, V.
    pub planes: [&'a mut [u8]; 3],
    /// Bytes from one line to the next.
    pub strides: [usize; 3],
}

impl Canvas<'_> {
    /// Everything in one colour.
    pub fn clear(&mut self, colour: Colour) {
        let whole = Rect { x: 0, y: 0, width: self.width, height: self.height };
        self.fill(whole, colour);
    }

    /// A part in one colour. What lies outside is left out.
    pub fn fill(&mut self, part: Rect, colour: Colour) {
        for (plane, value) in [colour.y, colour.u, colour.v].into_iter().enumerate() {
            self.lines(plane, part, |line| line.fill(value));
        }
    }

    /// A part towards black: `kept` of 256 of it stays.
    pub fn shade(&mut self, part: Rect, kept: u8) {
        for plane in 0..3 {
            let dark = if plane == 0 { 16 } else { 128 };
            self.lines(plane, part, |line| {
                for value in line {
                    *value = blend(dark, *value, kept);
                }
            });
        }
    }

    /// A mask's ink in a colour, its left upper corner at `x`, `y` (even).
    pub fn ink(&mut self, mask: &Mask, x: usize, y: usize, colour: Colour) {
        let part = Rect { x, y, width: mask.width, height: mask.height };
        for (plane, value) in [colour.y, colour.u, colour.v].into_iter().enumerate() {
            let scale = if plane == 0 { 1 } else { 2 };
            let mut row = 0;
            self.lines(plane, part, |line| {
                for (column, byte) in line.iter_mut().enumerate() {
                    *byte = blend(*byte, value, mask.at(column * scale, row * scale));
                }
                row += 1;
            });
        }
    }

    fn lines(&mut self, plane: usize, part: Rect, mut paint: impl FnMut(&mut [u8])) {
        let half = usize::from(plane > 0);
        let right = (part.x + part.width).min(self.width).div_ceil(1 + half);
        let bottom = (part.y + part.height).min(self.height).div_ceil(1 + half);
        let (left, top) = (part.x >> half, part.y >> half);
        let stride = self.strides[plane];
        for y in top..bottom {
            if left < right {
                paint(&mut self.planes[plane][y * stride + left..y * stride + right]);
            }
        }
    }
}

/// `part` of 255 of the second in place of the first.
fn blend(first: u8, second: u8, part: u8) -> u8 {
    let (a, b, part) = (u32::from(first), u32::from(second), u32::from(part));
    u8::try_from((a * (255 - part) + b * part + 127) / 255).expect("between two bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(paint: impl FnOnce(&mut Canvas<'_>)) -> [Vec<u8>; 3] {
        let mut planes = [vec![0; 8 * 6], vec![0; 4 * 3], vec![0; 4 * 3]];
        let [y, u, v] = &mut planes;
        paint(&mut Canvas { width: 8, height: 6, planes: [y, u, v], strides: [8, 4, 4] });
        planes
    }

    #[test]
    fn colours_are_those_of_bt709() {
        assert_eq!(Colour::rgb(255, 255, 255), Colour::WHITE);
        assert_eq!(Colour::rgb(0, 0, 0), Colour::BLACK);
        assert_eq!(Colour::rgb(255, 0, 0), Colour { y: 63, u: 102, v: 240 });
    }

    #[test]
    fn only_the_part_is_painted_even_across_the_edge() {
        let [y, u, _] = painted(|canvas| {
            canvas.fill(Rect { x: 6, y: 4, width: 10, height: 10 }, Colour::WHITE);
        });
        assert_eq!(y.iter().filter(|value| **value == 235).count(), 4);
        assert_eq!(u.iter().filter(|value| **value == 128).count(), 1);
    }

    #[test]
    fn ink_covers_as_much_as_the_mask_says() {
        let mask = Mask { width: 2, height: 2, coverage: vec![255, 128, 0, 255] };
        let [y, ..] = painted(|canvas| canvas.ink(&mask, 2, 0, Colour::WHITE));
        assert_eq!((y[2], y[3], y[10], y[11]), (235, 118, 0, 235));
    }
}
