//! A picture's number, drawn into it as a strip of black and white blocks along its upper edge, which any
//! encoder leaves readable: so each decoded picture is compared with the one it was made from.

/// Blocks side by side: 16 for the number and 4 to check it.
const BLOCKS: usize = 20;
const CHECK_BITS: usize = 4;
/// Luma of a 0 and of a 1: within the range of video (16 to 235), with room for ringing.
const BLACK: u8 = 40;
const WHITE: u8 = 215;

/// Side of a block in pixels, even so that the colours' half resolution fits.
pub(crate) fn side(width: usize) -> usize {
    width / BLOCKS / 2 * 2
}

fn code(number: u16) -> u32 {
    let check = (0..4).fold(0xa, |check, nibble| check ^ (number >> (4 * nibble)) & 0xf);
    u32::from(number) << CHECK_BITS | u32::from(check)
}

/// Draws a number into a plane of luma.
pub(crate) fn draw(luma: &mut [u8], width: usize, number: u16) {
    let (side, code) = (side(width), code(number));
    for row in luma.chunks_exact_mut(width).take(side) {
        for (block, pixels) in row.chunks_exact_mut(side).take(BLOCKS).enumerate() {
            let one = code >> (BLOCKS - 1 - block) & 1 == 1;
            pixels.fill(if one { WHITE } else { BLACK });
        }
    }
}

/// Reads the number out of a plane of luma. None where the check does not fit.
pub(crate) fn read(luma: &[u8], width: usize) -> Option<u16> {
    let side = side(width);
    let code = (0..BLOCKS).fold(0, |code, block| code << 1 | u32::from(is_white(luma, width, block * side)));
    let number = u16::try_from(code >> CHECK_BITS).ok()?;
    (self::code(number) == code).then_some(number)
}

/// Looks at the middle of a block only: its edges carry the neighbours' ringing.
fn is_white(luma: &[u8], width: usize, left: usize) -> bool {
    let side = side(width);
    let middle = side / 4..side - side / 4;
    let rows = luma.chunks_exact(width).take(middle.end).skip(middle.start);
    let (sum, count) = rows
        .flat_map(|row| row.iter().skip(left + middle.start).take(middle.len()))
        .fold((0_u32, 0_u32), |(sum, count), luma| (sum + u32::from(*luma), count + 1));
    sum > count * 128
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for width in [160, 320, 642, 1280, 1920] {
            for number in [0, 1, 2, 4_095, 30_001, u16::MAX] {
                let mut luma = vec![128; width * 96.max(side(width))];
                draw(&mut luma, width, number);
                assert_eq!(read(&luma, width), Some(number), "{number} at {width}");
            }
        }
    }

    #[test]
    fn a_picture_without_a_number_has_none() {
        for luma in [0, 128, 255] {
            assert_eq!(read(&vec![luma; 320 * 96], 320), None);
        }
    }

    #[test]
    fn one_wrong_block_is_noticed() {
        let mut luma = vec![128; 320 * 96];
        draw(&mut luma, 320, 77);
        for row in luma.chunks_exact_mut(320).take(16) {
            row[..16].fill(WHITE);
        }
        assert_eq!(read(&luma, 320), None);
    }
}
