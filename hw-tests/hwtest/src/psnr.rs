//! Peak signal-to-noise ratio: how much a picture differs from its source.

use crate::picture::Picture;

/// Told for pictures that do not differ, whose ratio has no bound, in dB. More than 8 bits can show otherwise for
/// any size here: one wrong sample by 1 in 3840×2160 gives 119 dB.
pub(crate) const IDENTICAL: f64 = 120.0;

/// Over all samples of the three planes, in dB. All three, because a driver that swaps the colours leaves the luma
/// right. None where the sizes differ.
pub(crate) fn psnr(a: &Picture, b: &Picture) -> Option<f64> {
    if (a.width, a.height, a.data.len()) != (b.width, b.height, b.data.len()) || a.data.is_empty() {
        return None;
    }
    let squares: u64 =
        a.data.iter().zip(&b.data).map(|(a, b)| u64::from(a.abs_diff(*b))).map(|error| error * error).sum();
    if squares == 0 {
        return Some(IDENTICAL);
    }
    let mean = squares as f64 / a.data.len() as f64;
    Some((10.0 * (255.0_f64.powi(2) / mean).log10()).min(IDENTICAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Scene;

    fn of(luma: u8) -> Picture {
        Picture { width: 16, height: 16, data: vec![luma; 16 * 16 * 3 / 2] }
    }

    #[test]
    fn known_differences_give_known_ratios() {
        assert_eq!(psnr(&of(100), &of(100)), Some(IDENTICAL));
        assert!((psnr(&of(100), &of(101)).unwrap() - 48.13).abs() < 0.01);
        assert!(psnr(&of(0), &of(255)).unwrap().abs() < 1e-9);
    }

    #[test]
    fn swapped_colours_are_seen() {
        let picture = Scene::new(320, 180).draw(1);
        let mut swapped = picture.clone();
        swapped.data.truncate(320 * 180);
        let (blue, red) = picture.data[320 * 180..].split_at(160 * 90);
        swapped.data.extend(red.iter().chain(blue));
        assert!(psnr(&picture, &swapped).unwrap() < 25.0);
    }

    #[test]
    fn the_neighbouring_picture_is_not_taken_for_the_right_one() {
        let scene = Scene::new(320, 180);
        assert!(psnr(&scene.draw(4), &scene.draw(5)).unwrap() < 28.0);
    }

    #[test]
    fn other_sizes_do_not_compare() {
        assert_eq!(psnr(&of(1), &Scene::new(320, 180).draw(1)), None);
    }
}
