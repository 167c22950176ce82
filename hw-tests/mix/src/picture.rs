//! Pictures as planes of luma, and how much two of them differ.

use anyhow::{Context, Result};
use gstreamer as gst;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use tabellion_studio::picture::Rect;

/// A picture's luma.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Luma {
    pub width: usize,
    pub height: usize,
    pub data: Vec<u8>,
}

impl Luma {
    /// Of a decoded picture.
    pub(crate) fn of(sample: &gst::Sample) -> Result<Self> {
        let info = gst_video::VideoInfo::from_caps(sample.caps().context("a picture without a format")?)?;
        let buffer = sample.buffer().context("a picture without bytes")?;
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(buffer, &info)?;
        let (width, height) = (info.width() as usize, info.height() as usize);
        let stride = usize::try_from(frame.plane_stride()[0])?;
        let rows = frame.plane_data(0)?.chunks(stride).take(height);
        Ok(Self { width, height, data: rows.flat_map(|row| &row[..width]).copied().collect() })
    }

    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// A part of it.
    pub(crate) fn part(&self, part: Rect) -> Self {
        let rows = (part.y..part.y + part.height).map(|y| &self.row(y)[part.x..part.x + part.width]);
        Self { width: part.width, height: part.height, data: rows.flatten().copied().collect() }
    }

    /// Made smaller, each sample the mean of what it covers: another way than the studio's, so that its faults are not here, too.
    pub(crate) fn shrunk(&self, width: usize, height: usize) -> Self {
        let (columns, rows) = (shares(self.width, width), shares(self.height, height));
        let narrow: Vec<f32> = (0..self.height)
            .flat_map(|y| columns.iter().map(move |share| share.of(|x| f32::from(self.row(y)[x]))))
            .collect();
        let at = |x: usize, share: &Share| share.of(|y| narrow[y * width + x]).round() as u8;
        let data = rows.iter().flat_map(|share| (0..width).map(move |x| at(x, share))).collect();
        Self { width, height, data }
    }
}

/// What one sample is the mean of.
struct Share {
    first: usize,
    weights: Vec<f32>,
}

impl Share {
    fn of(&self, value: impl Fn(usize) -> f32) -> f32 {
        self.weights.iter().enumerate().map(|(i, weight)| weight * value(self.first + i)).sum()
    }
}

fn shares(from: usize, to: usize) -> Vec<Share> {
    let step = from as f32 / to as f32;
    let share = |at: usize| {
        let (start, end) = (at as f32 * step, ((at + 1) as f32 * step).min(from as f32));
        let (first, last) = (start as usize, (end.ceil() as usize).min(from));
        let covered = |i: usize| (end.min((i + 1) as f32) - start.max(i as f32)).max(0.0) / (end - start);
        Share { first, weights: (first..last).map(covered).collect() }
    };
    (0..to).map(share).collect()
}

/// Peak signal-to-noise ratio in dB; of pictures that do not differ, the most that 8 bits can show otherwise.
pub(crate) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let squares: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
    let mean = squares.max(1) as f64 / a.len().min(b.len()).max(1) as f64;
    10.0 * (255.0_f64.powi(2) / mean).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luma(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Luma {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| value(x, y));
        Luma { width, height, data: data.collect() }
    }

    #[test]
    fn what_is_made_smaller_keeps_its_mean() {
        let ramp = luma(12, 8, |x, y| (x * 10 + y) as u8).shrunk(6, 4);
        assert_eq!(ramp, luma(6, 4, |x, y| (x * 20 + 5 + 2 * y) as u8 + 1));
        assert_eq!(luma(7, 5, |_, _| 77).shrunk(3, 2), luma(3, 2, |_, _| 77));
    }

    #[test]
    fn known_differences_give_known_ratios() {
        assert!((psnr(&[100; 64], &[101; 64]) - 48.13).abs() < 0.01);
        assert!(psnr(&[0; 64], &[255; 64]).abs() < 1e-9);
        assert!(psnr(&[9; 64], &[9; 64]) > 60.0);
    }

    #[test]
    fn a_part_is_cut_out() {
        let part = luma(8, 8, |x, y| (10 * y + x) as u8).part(Rect { x: 2, y: 4, width: 2, height: 2 });
        assert_eq!(part.data, [42, 43, 52, 53]);
    }
}
