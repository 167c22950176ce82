/// The smallest value that so many hundredths of all do not exceed (nearest rank). None where there is no value.
pub fn percentile(values: &mut [f64], hundredths: usize) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * hundredths).div_ceil(100);
    values.get(rank.saturating_sub(1)).copied()
}

/// Of an even number the lower one of the middle two.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    percentile(&mut values.into_iter().collect::<Vec<_>>(), 50)
}

/// The largest one.
pub fn most(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    values.into_iter().max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut hundred, 50), Some(50.0));
        assert_eq!(percentile(&mut hundred, 99), Some(99.0));
        assert_eq!(percentile(&mut hundred, 100), Some(100.0));
        assert_eq!(percentile(&mut [3.0, 1.0, 2.0], 95), Some(3.0));
        assert_eq!(percentile(&mut [7.0], 1), Some(7.0));
        assert_eq!(percentile(&mut [], 50), None);
    }

    #[test]
    fn one_run_that_was_disturbed_does_not_move_the_median() {
        assert_eq!(median([6.1, 30.0, 6.3]), Some(6.3));
        assert_eq!(median([]), None);
        assert_eq!(most([6.1, 30.0, 6.3]), Some(30.0));
    }
}
