//! The mark of somebody whose sound is switched off: a microphone, crossed out.

use super::Mask;

/// Samples a pixel's side, for soft edges.
const FINE: usize = 4;

/// The mark in a square of this size, in pixels.
pub(super) fn muted(size: usize) -> Mask {
    let mut coverage = Vec::with_capacity(size * size);
    for y in 0..size {
        for x in 0..size {
            let inked = (0..FINE * FINE).filter(|i| {
                let at = |pixel: usize, part: usize| fraction(pixel * FINE + part, size * FINE);
                is_inked(at(x, i % FINE), at(y, i / FINE))
            });
            let share = inked.count() * 255 / (FINE * FINE);
            coverage.push(u8::try_from(share).expect("at most 255"));
        }
    }
    Mask { width: size, height: size, coverage }
}

#[expect(clippy::cast_precision_loss, reason = "a mark's sizes")]
fn fraction(part: usize, whole: usize) -> f32 {
    (part as f32 + 0.5) / whole as f32
}

/// Whether a place, in parts of the square's sides, is ink.
fn is_inked(x: f32, y: f32) -> bool {
    // Distance from the line that crosses the microphone out, and where along it.
    let (across, along) = ((x - y) * std::f32::consts::FRAC_1_SQRT_2, f32::midpoint(x, y));
    if (0.1..0.92).contains(&along) && across.abs() < 0.05 {
        return true;
    }
    // A gap beside the line keeps it legible.
    across.abs() > 0.11 && is_microphone(x, y)
}

fn is_microphone(x: f32, y: f32) -> bool {
    let from_axis = (x - 0.5).abs();
    // A capsule, in a bow that is open at the top, on a foot.
    let capsule = from_axis.hypot(y - y.clamp(0.22, 0.44)) < 0.15;
    let radius = from_axis.hypot(y - 0.44);
    let bow = y > 0.44 && (0.23..0.31).contains(&radius);
    let stem = from_axis < 0.04 && (0.7..0.9).contains(&y);
    let foot = from_axis < 0.19 && (0.85..0.93).contains(&y);
    capsule || bow || stem || foot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_a_crossed_microphone_of_any_size() {
        for size in [12, 26, 54] {
            let mask = muted(size);
            let at = |x: usize, y: usize| mask.at(size * x / 100, size * y / 100);
            assert!(at(52, 20) > 0 && at(52, 88) > 200, "the capsule's top, the foot");
            assert!(at(25, 25) > 200 && at(80, 80) > 200, "the line");
            assert_eq!((at(5, 50), at(95, 10)), (0, 0));
        }
    }
}
