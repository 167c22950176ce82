//! Pictures, and the moving scene that they are drawn from: the same number is always the same picture.

use crate::stamp;
use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use std::f64::consts::TAU;

/// A picture as I420: luma, then the two colours at half the resolution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Picture {
    /// In pixels, even.
    pub(crate) width: usize,
    /// In pixels, even.
    pub(crate) height: usize,
    /// The three planes without gaps.
    pub(crate) data: Vec<u8>,
}

impl Picture {
    /// Copies a decoded picture. None where the sample is not I420.
    pub(crate) fn of_sample(sample: &gst::Sample) -> Option<Self> {
        let info = gst_video::VideoInfo::from_caps(sample.caps()?).ok()?;
        if info.format() != gst_video::VideoFormat::I420 {
            return None;
        }
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer()?, &info).ok()?;
        let (width, height) = (info.width() as usize, info.height() as usize);
        let mut data = Vec::with_capacity(width * height * 3 / 2);
        for (plane, width, height) in planes(width, height) {
            let stride = usize::try_from(frame.plane_stride()[plane as usize]).ok()?;
            for row in frame.plane_data(plane).ok()?.chunks(stride).take(height) {
                data.extend_from_slice(row.get(..width)?);
            }
        }
        Some(Self { width, height, data })
    }

    /// Copies it into a buffer as GStreamer lays I420 out, with padding. None where memory is short.
    pub(crate) fn to_buffer(&self) -> Option<gst::Buffer> {
        let (width, height) = (self.width as u32, self.height as u32);
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height).build().ok()?;
        let mut buffer = gst::Buffer::with_size(info.size()).ok()?;
        let mut frame = gst_video::VideoFrameRef::from_buffer_ref_writable(buffer.get_mut()?, &info).ok()?;
        let mut source = self.data.as_slice();
        for (plane, width, height) in planes(self.width, self.height) {
            let stride = usize::try_from(frame.plane_stride()[plane as usize]).ok()?;
            for row in frame.plane_data_mut(plane).ok()?.chunks_mut(stride).take(height) {
                let (pixels, rest) = source.split_at(width);
                row.get_mut(..width)?.copy_from_slice(pixels);
                source = rest;
            }
        }
        drop(frame);
        Some(buffer)
    }

    /// The number that is drawn into it.
    pub(crate) fn number(&self) -> Option<u16> {
        stamp::read(&self.data[..self.width * self.height], self.width)
    }
}

/// I420's planes with their sizes in samples.
fn planes(width: usize, height: usize) -> [(u32, usize, usize); 3] {
    [(0, width, height), (1, width / 2, height / 2), (2, width / 2, height / 2)]
}

/// Different offsets that the noise is read from.
const OFFSETS: usize = 4_096;

/// What moves through the pictures: a texture that fits itself at its edges, its upper half going one way and its
/// lower the other, under noise as of a camera. Without the noise there would be nothing to spend a bitrate on.
#[derive(Debug)]
pub(crate) struct Scene {
    width: usize,
    height: usize,
    luma: Vec<u8>,
    colours: [Vec<u8>; 2],
    noise: Vec<u8>,
}

impl Scene {
    /// A scene of a size in pixels, both even.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let wave = |turns: f64| (TAU * turns).sin();
        let luma = plane(width, height, |x, y, block| {
            120.0 + 45.0 * wave(3.0 * x + 2.0 * y) + 20.0 * wave(11.0 * x - 7.0 * y) + f64::from(block % 24)
        });
        let blue = plane(width / 2, height / 2, |x, y, _| 128.0 + 45.0 * wave(2.0 * x + y));
        let red = plane(width / 2, height / 2, |x, y, _| 128.0 + 45.0 * wave(x - 3.0 * y));
        let noise = (0..width + OFFSETS).map(|i| (hash(i as u32) % 7) as u8).collect();
        Self { width, height, luma, colours: [blue, red], noise }
    }

    /// Draws one picture.
    pub(crate) fn draw(&self, number: u64) -> Picture {
        let Self { width, height, .. } = *self;
        let mut data = Vec::with_capacity(width * height * 3 / 2);
        let step = 2 * number as usize;
        for y in 0..height {
            let offset = hash(number as u32 ^ (y as u32) << 16) as usize % OFFSETS;
            let noise = &self.noise[offset..offset + width];
            let row = moved(&self.luma, width, height, y, step);
            data.extend(row.zip(noise).map(|(luma, noise)| luma + noise));
        }
        for colour in &self.colours {
            for y in 0..height / 2 {
                data.extend(moved(colour, width / 2, height / 2, y, step / 2));
            }
        }
        stamp::draw(&mut data[..width * height], width, (number % u64::from(u16::MAX)) as u16);
        Picture { width, height, data }
    }
}

/// A row of a plane that has moved by `step` pixels.
fn moved(plane: &[u8], width: usize, height: usize, y: usize, step: usize) -> impl Iterator<Item = &u8> {
    let row = &plane[y * width..(y + 1) * width];
    let step = step % width;
    let (left, right) = row.split_at(if y < height / 2 { step } else { width - step });
    right.iter().chain(left)
}

/// Draws a plane from coordinates between 0 and 1 and a number that is the same within blocks of 16 pixels.
fn plane(width: usize, height: usize, value: impl Fn(f64, f64, u32) -> f64) -> Vec<u8> {
    let at = |x: usize, y: usize| {
        let block = hash((x / 16) as u32 | ((y / 16) as u32) << 16);
        value(x as f64 / width as f64, y as f64 / height as f64, block).clamp(16.0, 228.0) as u8
    };
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| at(x, y)).collect()
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

    #[test]
    fn a_picture_is_the_same_each_time_and_carries_its_number() {
        let scene = Scene::new(320, 180);
        assert_eq!(scene.draw(7), scene.draw(7));
        assert_ne!(scene.draw(7).data, scene.draw(8).data);
        assert_eq!(scene.draw(1_234).number(), Some(1_234));
        assert_eq!(scene.draw(0).data.len(), 320 * 180 * 3 / 2);
    }

    #[test]
    fn luma_stays_within_the_range_of_video() {
        let picture = Scene::new(160, 96).draw(3);
        assert!(picture.data.iter().all(|sample| (16..=235).contains(sample)));
    }

    #[test]
    fn a_picture_survives_the_padding_of_a_buffer() {
        gst::init().unwrap();
        let picture = Scene::new(162, 98).draw(5);
        let buffer = picture.to_buffer().unwrap();
        assert!(buffer.size() > picture.data.len(), "there is padding");
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, 162, 98).build().unwrap();
        let sample = gst::Sample::builder().buffer(&buffer).caps(&info.to_caps().unwrap()).build();
        assert_eq!(Picture::of_sample(&sample), Some(picture));
    }
}
