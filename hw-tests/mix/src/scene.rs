//! What the generated cameras see: somebody who sways before a wall, under a camera's noise.

use crate::{picture::Luma, stamp};
use std::f32::consts::TAU;

/// Different offsets that the noise is read from.
const OFFSETS: usize = 4_096;
/// Pictures of one sway, there and back.
const SWAY: f32 = 50.0;

/// The same number is always the same picture.
pub(crate) struct Scene {
    wall: Luma,
    person: Luma,
    noise: Vec<u8>,
}

impl Scene {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let wave = |turns: f32| (TAU * turns).sin();
        let wall = plane(width, height, |x, y| {
            110.0 + 30.0 * wave(1.5 * x + y) + 18.0 * wave(9.0 * x) * wave(5.0 * y)
        });
        let person =
            plane(width, height, |x, y| 130.0 + 35.0 * wave(7.0 * x + 3.0 * y) + 15.0 * wave(19.0 * y));
        let noise = (0..width + OFFSETS).map(|i| (hash(i as u32) % 4) as u8).collect();
        Self { wall, person, noise }
    }

    /// As I420, with its number in it.
    pub(crate) fn draw(&self, number: u16) -> Vec<u8> {
        let (width, height) = (self.wall.width, self.wall.height);
        let mut luma = self.wall.clone();
        let middle = 0.5 + 0.04 * (TAU * f32::from(number) / SWAY).sin();
        let shift = (middle * width as f32) as usize - width / 2 + width / 8;
        for (y, row) in luma.data.chunks_exact_mut(width).enumerate() {
            let half = (half_width(y as f32 / height as f32) * width as f32) as usize;
            let left = (middle * width as f32) as usize - half;
            let person = self.person.row(y).iter().cycle().skip(width - shift + left);
            row[left..left + 2 * half].iter_mut().zip(person).for_each(|(sample, person)| *sample = *person);
            let offset = hash(u32::from(number) ^ (y as u32) << 16) as usize % OFFSETS;
            row.iter_mut().zip(&self.noise[offset..]).for_each(|(sample, noise)| *sample += noise);
        }
        stamp::draw(&mut luma, number);
        let mut data = luma.data;
        data.resize(width * height * 3 / 2, 128);
        data
    }
}

/// Of head and shoulders at this height of the picture, both between 0 and 1.
fn half_width(y: f32) -> f32 {
    let round = |middle: f32, radius: f32| (1.0 - ((y - middle) / radius).powi(2)).max(0.0).sqrt();
    (0.09 * round(0.4, 0.22)).max(0.22 * round(1.05, 0.45))
}

/// Draws luma from coordinates between 0 and 1.
fn plane(width: usize, height: usize, value: impl Fn(f32, f32) -> f32) -> Luma {
    let at = |x: usize, y: usize| {
        value(x as f32 / width as f32, y as f32 / height as f32).clamp(16.0, 230.0) as u8
    };
    let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect();
    Luma { width, height, data }
}

/// Spreads a number over 32 bits (the finisher of MurmurHash3).
fn hash(number: u32) -> u32 {
    let number = (number ^ number >> 16).wrapping_mul(0x85eb_ca6b);
    let number = (number ^ number >> 13).wrapping_mul(0xc2b2_ae35);
    number ^ number >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_studio::picture::Rect;

    #[test]
    fn a_picture_is_the_same_each_time_moves_and_carries_its_number() {
        let scene = Scene::new(640, 360);
        assert!(scene.draw(7) == scene.draw(7));
        let (one, other) = (scene.draw(7), scene.draw(17));
        assert_ne!(one[640 * 200..640 * 210], other[640 * 200..640 * 210]);
        assert_eq!(one.len(), 640 * 360 * 3 / 2);
        let luma = Luma { width: 640, height: 360, data: one[..640 * 360].to_vec() };
        assert_eq!(stamp::read(&luma, Rect { x: 0, y: 0, width: 640, height: 360 }), Some(7));
    }
}
