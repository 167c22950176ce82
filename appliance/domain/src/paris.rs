//! The office's days: Europe/Paris, by the European Union's rule for summer time (directive 2000/84/CE, articles 2 and 3).

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, Weekday};

/// The moment as clocks in Paris show it.
#[must_use]
pub fn in_paris(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    let summer = changes_at(at.year(), Month::March)
        .zip(changes_at(at.year(), Month::October))
        .is_some_and(|(from, to)| (from..to).contains(&at));
    let hours = if summer { 2 } else { 1 };
    at.to_offset(UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC))
}

/// When the week that a moment lies in has begun: Monday, 0:00.
#[must_use]
pub fn week_began(at: OffsetDateTime) -> OffsetDateTime {
    let here = in_paris(at);
    let days = i64::from(here.weekday().number_days_from_monday());
    midnight(here.date().checked_sub(Duration::days(days)).unwrap_or(here.date()))
}

/// When a day begins in Paris.
#[must_use]
pub fn midnight(day: Date) -> OffsetDateTime {
    let winter = day.with_time(Time::MIDNIGHT).assume_utc() - Duration::hours(1);
    // Clocks never change at midnight: an hour earlier is the same offset.
    let summer = winter - Duration::hours(1);
    if in_paris(summer).date() == day { in_paris(summer) } else { in_paris(winter) }
}

/// The last Sunday of the month, 1:00 UTC.
fn changes_at(year: i32, month: Month) -> Option<OffsetDateTime> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let days = match last.weekday() {
        Weekday::Sunday => 0,
        other => i64::from(other.number_from_monday()),
    };
    Some((last - Duration::days(days)).with_time(Time::MIDNIGHT).assume_utc() + Duration::hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn summer_begins_and_ends_on_the_last_sundays() {
        for (utc, paris) in [
            (datetime!(2026-03-29 00:59:59 UTC), datetime!(2026-03-29 01:59:59 +1)),
            (datetime!(2026-03-29 01:00 UTC), datetime!(2026-03-29 03:00 +2)),
            (datetime!(2026-10-25 00:59:59 UTC), datetime!(2026-10-25 02:59:59 +2)),
            (datetime!(2026-10-25 01:00 UTC), datetime!(2026-10-25 02:00 +1)),
            (datetime!(2025-12-31 23:30 UTC), datetime!(2026-01-01 00:30 +1)),
            // The 31st is the last Sunday itself.
            (datetime!(2024-03-31 01:00 UTC), datetime!(2024-03-31 03:00 +2)),
        ] {
            let here = in_paris(utc);
            assert_eq!((here, here.offset()), (paris, paris.offset()), "{utc}");
        }
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_paris() {
        for (at, began) in [
            (datetime!(2026-11-23 12:00 UTC), datetime!(2026-11-22 23:00 UTC)),
            (datetime!(2026-11-22 22:59:59 UTC), datetime!(2026-11-15 23:00 UTC)),
            (datetime!(2026-11-22 23:00 UTC), datetime!(2026-11-22 23:00 UTC)),
            // The week in which clocks go back begins in summer and ends in winter.
            (datetime!(2026-10-25 22:30 UTC), datetime!(2026-10-18 22:00 UTC)),
            (datetime!(2026-03-29 21:30 UTC), datetime!(2026-03-22 23:00 UTC)),
        ] {
            assert_eq!(week_began(at), began, "{at}");
        }
    }

    #[test]
    fn days_of_a_change_begin_where_they_do() {
        assert_eq!(midnight(date!(2026 - 03 - 29)), datetime!(2026-03-28 23:00 UTC));
        assert_eq!(midnight(date!(2026 - 03 - 30)), datetime!(2026-03-29 22:00 UTC));
        assert_eq!(midnight(date!(2026 - 10 - 25)), datetime!(2026-10-24 22:00 UTC));
        assert_eq!(midnight(date!(2026 - 10 - 26)), datetime!(2026-10-25 23:00 UTC));
    }
}
