//! A line through points, and how well it is known.

/// Of values over time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Trend {
    /// What a value grows by in one unit of time.
    pub slope: f64,
    /// The true slope is within this of it in nineteen cases of twenty, if what is left beside the line is independent from one
    /// point to the next.
    pub uncertainty: f64,
}

/// Fewer points say nothing about how well the line is known.
const FEWEST: usize = 8;

/// The line of least squares. None: there are too few points, or all of one time.
pub(crate) fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    let count = points.len() as f64;
    if points.len() < FEWEST {
        return None;
    }
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    if spread <= 0.0 {
        return None;
    }
    let slope = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / spread;
    let left: Vec<f64> = points.iter().map(|(x, y)| y - y_mean - slope * (x - x_mean)).collect();
    let variance = left.iter().map(|rest| rest.powi(2)).sum::<f64>() / (count - 2.0);
    // Memory wanders: what is left beside the line is alike from one look to the next, and so many looks tell less than as many
    // independent ones would (the usual correction for a first-order correlation).
    let together: f64 = left.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let alike = (together / left.iter().map(|rest| rest.powi(2)).sum::<f64>().max(f64::MIN_POSITIVE))
        .clamp(0.0, 0.95);
    let fewer = (1.0 + alike) / (1.0 - alike);
    Some(Trend { slope, uncertainty: 2.0 * (variance * fewer / spread).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with something beside it that has no direction.
    fn points(slope: f64, noise: f64, count: u32) -> Vec<(f64, f64)> {
        let beside = [0.3, -0.8, 1.0, -0.2, -1.0, 0.5, 0.9, -0.7];
        (0..count)
            .map(|at| (f64::from(at), 50.0 + slope * f64::from(at) + noise * beside[at as usize % 8]))
            .collect()
    }

    #[test]
    fn a_slope_is_found_and_the_more_points_the_better() {
        let short = trend(&points(0.5, 2.0, 16)).unwrap();
        let long = trend(&points(0.5, 2.0, 160)).unwrap();
        for found in [short, long] {
            assert!((found.slope - 0.5).abs() <= found.uncertainty, "{found:?}");
        }
        assert!(long.uncertainty < short.uncertainty / 10.0, "{long:?} {short:?}");
        assert!(trend(&points(0.5, 0.0, 16)).unwrap().uncertainty < 1e-9);
    }

    #[test]
    fn what_wanders_is_less_well_known_than_what_jumps() {
        let wandering: Vec<_> = (0..80).map(|at| (f64::from(at), (f64::from(at) / 6.0).sin())).collect();
        let jumping: Vec<_> = wandering
            .iter()
            .map(|(x, _)| (*x, if (*x as u32).is_multiple_of(2) { 0.7 } else { -0.7 }))
            .collect();
        assert!(trend(&wandering).unwrap().uncertainty > 2.0 * trend(&jumping).unwrap().uncertainty);
    }

    #[test]
    fn too_few_points_have_no_trend() {
        assert_eq!(trend(&points(1.0, 1.0, 7)), None);
        assert_eq!(trend(&[(1.0, 2.0); 20]), None);
    }
}
