//! The coded picture: a bar of cells that says who sent the picture and which of the sender's frames it is.
//!
//! The bar begins and ends with cells of two colours that no camera gives side by side, so that it is found anywhere in
//! a larger picture, and at another size: a mix shows it at half its size and beside others. Between them stand bits,
//! white or black, as wide as the coloured cells. It survives H.264 at low rates, as nothing in it is smaller than a
//! macroblock at full size, and half of one at half of it.

mod find;
mod paint;

pub(crate) use find::find;
pub(crate) use paint::paint;

/// Width of a coded picture, pixels.
pub(crate) const WIDTH: usize = 640;
/// Height of a coded picture, pixels.
pub(crate) const HEIGHT: usize = 360;
/// Width of the bar's cells, pixels.
const CELL: usize = 20;
/// The bar's height, pixels: far from the edges, where a mix writes names.
const BAR: usize = 96;
/// Coloured cells at each end.
const ENDS: usize = 3;
/// Bits between them.
const BITS: usize = 24;
/// Bits of the check.
const CHECK_BITS: u32 = 12;

/// An I420 picture to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Y, U, V.
    pub planes: [&'a [u8]; 3],
    /// Bytes from one line to the next.
    pub strides: [usize; 3],
}

/// What a bar says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Code {
    /// Who sent the picture, 0–15.
    pub sender: u8,
    /// Which of the sender's frames, modulo 256.
    pub counter: u8,
}

impl Code {
    /// The bar's bits, first cell in the highest of 24.
    fn bits(self) -> u32 {
        let payload = u32::from(self.sender & 15) << 8 | u32::from(self.counter);
        payload << CHECK_BITS | check(payload)
    }

    /// None where the check does not fit.
    fn from_bits(bits: u32) -> Option<Self> {
        let payload = bits >> CHECK_BITS;
        let [.., sender, counter] = payload.to_be_bytes();
        (check(payload) == bits & ((1 << CHECK_BITS) - 1)).then_some(Self { sender, counter })
    }
}

/// CRC-12 (x¹²+x¹¹+x³+x²+x+1) of 12 bits. Begins with ones, so that an all black bar is no code.
fn check(payload: u32) -> u32 {
    let mut rest = 0xfff;
    for at in (0..12).rev() {
        let top = (rest >> 11 ^ payload >> at) & 1;
        rest = (rest << 1 & 0xfff) ^ if top == 1 { 0x80f } else { 0 };
    }
    rest
}

#[cfg(test)]
mod tests;
