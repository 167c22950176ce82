//! A picture's number, drawn into it as blocks along its upper edge: 16 bits, and 16 more that check them, as a picture that was torn on
//! its way passes a shorter check too often.

use crate::picture::Luma;
use tabellion_studio::picture::Rect;

/// Blocks side by side.
const BLOCKS: usize = 32;
/// Blocks that would fill the whole width: the strip ends before the edge.
const ACROSS: usize = 40;
/// Luma of a 0 and of a 1: within the range of video, with room for ringing.
const BLACK: u8 = 40;
const WHITE: u8 = 215;

fn code(number: u16) -> u32 {
    u32::from(number) << 16 | u32::from(number.wrapping_mul(40_503) ^ 0x5a3c)
}

/// Rows that the number takes of a picture that is so wide.
pub(crate) fn rows(width: usize) -> usize {
    width / ACROSS
}

/// Draws a number into luma.
pub(crate) fn draw(luma: &mut Luma, number: u16) {
    let (side, code) = (rows(luma.width), code(number));
    for row in luma.data.chunks_exact_mut(luma.width).take(side) {
        for (block, samples) in row.chunks_exact_mut(side).take(BLOCKS).enumerate() {
            samples.fill(if code >> (BLOCKS - 1 - block) & 1 == 1 { WHITE } else { BLACK });
        }
    }
}

/// Reads the number of a picture that fills a part of another one. None where the check does not fit.
pub(crate) fn read(luma: &Luma, part: Rect) -> Option<u16> {
    let side = part.width as f32 / ACROSS as f32;
    // The middle of a block only: its edges carry the neighbours' ringing.
    let middle = |start: f32| (start + side * 0.25) as usize..(start + side * 0.75).ceil() as usize;
    let rows = middle(part.y as f32);
    let is_white = |block: usize| {
        let columns = middle(part.x as f32 + block as f32 * side);
        let samples = rows.clone().flat_map(|y| luma.row(y)[columns.clone()].iter());
        let (sum, count) =
            samples.fold((0_u32, 0_u32), |(sum, count), luma| (sum + u32::from(*luma), count + 1));
        sum > count * 128
    };
    let read = (0..BLOCKS).fold(0, |code, block| code << 1 | u32::from(is_white(block)));
    let number = (read >> 16) as u16;
    (code(number) == read).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize) -> Luma {
        Luma { width, height, data: vec![128; width * height] }
    }

    #[test]
    fn numbers_come_back_also_from_a_small_tile() {
        for number in [0, 1, 250, 30_001, u16::MAX] {
            let mut picture = grey(1_280, 720);
            draw(&mut picture, number);
            let whole = Rect { x: 0, y: 0, width: 1_280, height: 720 };
            assert_eq!(read(&picture, whole), Some(number));
            for (width, height) in [(636, 358), (252, 140)] {
                let tile = picture.shrunk(width, height);
                let mut mix = grey(1_280, 720);
                for y in 0..height {
                    mix.data[(y + 40) * 1_280 + 640..][..width].copy_from_slice(tile.row(y));
                }
                assert_eq!(read(&mix, Rect { x: 640, y: 40, width, height }), Some(number), "{width}");
            }
        }
    }

    #[test]
    fn a_picture_without_a_number_and_a_torn_one_have_none() {
        let whole = Rect { x: 0, y: 0, width: 1_280, height: 720 };
        assert_eq!(read(&grey(1_280, 720), whole), None);
        let mut torn = grey(1_280, 720);
        draw(&mut torn, 77);
        for row in torn.data.chunks_exact_mut(1_280).take(32) {
            row[..32].fill(WHITE);
        }
        assert_eq!(read(&torn, whole), None);
    }
}
