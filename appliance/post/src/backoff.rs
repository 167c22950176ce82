use time::{Duration, OffsetDateTime};

/// Wait after the first failure; it doubles each time.
const FIRST_WAIT: Duration = Duration::seconds(5);
/// Longest wait between two attempts: an invitation goes out soon after the mail server is back.
const LONGEST_WAIT: Duration = Duration::minutes(15);
/// Attempts that fit in two days with these waits; then a message is given up.
const ATTEMPTS: u32 = 199;

/// When a message that has failed `failures` times (1 and up) is tried again: after 5 s, doubling up to a quarter of an hour.
/// `None`: it is given up, after two days or because it would come too late (`not_after`).
#[must_use]
pub fn next_attempt(
    failures: u32,
    not_after: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let doublings = failures.saturating_sub(1).min(10);
    let next = now + (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    let in_time = not_after.is_none_or(|last| next < last);
    (failures < ATTEMPTS && in_time).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn attempts(not_after: Option<OffsetDateTime>) -> Vec<OffsetDateTime> {
        let mut all = vec![NOON];
        while let Some(next) =
            next_attempt(u32::try_from(all.len()).unwrap(), not_after, *all.last().unwrap())
        {
            all.push(next);
        }
        all
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour_for_two_days() {
        let attempts = attempts(None);
        let waits: Vec<_> = attempts.windows(2).map(|two| (two[1] - two[0]).whole_seconds()).collect();
        assert_eq!(waits[..4], [5, 10, 20, 40]);
        assert!(waits.is_sorted() && waits.last() == Some(&900));
        let total = *attempts.last().unwrap() - NOON;
        assert!((Duration::hours(47)..Duration::hours(49)).contains(&total), "{total}");
    }

    #[test]
    fn what_comes_too_late_is_not_tried() {
        let end = NOON + Duration::minutes(10);
        let attempts = attempts(Some(end));
        assert!(attempts.len() > 5 && *attempts.last().unwrap() < end, "{attempts:?}");
    }
}
