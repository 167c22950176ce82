//! The office's days: Europe/Paris, by the IANA time zone database, of which the program carries this one zone (decision 29).

use jiff::{
    Timestamp, civil,
    tz::{self, AmbiguousOffset, Offset, TimeZone},
};
use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};

static PARIS: TimeZone = tz::get!("Europe/Paris");

/// Why a day's hour names no one moment: the clocks are changed then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClockChange {
    /// Clocks are put forward over it: it is never shown.
    #[error("clocks are put forward over this hour")]
    Skipped,
    /// Clocks are put back over it: it is shown twice.
    #[error("clocks are put back over this hour")]
    Twice,
}

/// The moment as clocks in Paris show it.
#[must_use]
pub fn in_paris(at: OffsetDateTime) -> OffsetDateTime {
    at.to_offset(offset_at(at))
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
    moment(day, Time::MIDNIGHT).unwrap_or_else(|_| {
        // Clocks there are not changed at midnight; if they ever are, the day begins with what is shown first.
        let shown = day.with_time(Time::MIDNIGHT).assume_utc();
        in_paris(shown - Duration::hours(1))
    })
}

/// The moment at which clocks in Paris show this hour of this day.
///
/// # Errors
/// [`ClockChange`]: there is none, or there are two.
pub fn moment(day: Date, hour: Time) -> Result<OffsetDateTime, ClockChange> {
    let shown = day.with_time(hour);
    let offset = civil_of(shown).map(|shown| PARIS.to_ambiguous_timestamp(shown).offset());
    match offset {
        Some(AmbiguousOffset::Unambiguous { offset }) => Ok(shown.assume_offset(of(offset))),
        Some(AmbiguousOffset::Gap { .. }) => Err(ClockChange::Skipped),
        Some(AmbiguousOffset::Fold { .. }) => Err(ClockChange::Twice),
        // Beyond what the database's crate counts: years that no box sees.
        None => Ok(shown.assume_offset(WINTER)),
    }
}

const WINTER: UtcOffset = time::macros::offset!(+1);

fn offset_at(at: OffsetDateTime) -> UtcOffset {
    Timestamp::from_second(at.unix_timestamp()).map_or(WINTER, |at| of(PARIS.to_offset(at)))
}

fn of(offset: Offset) -> UtcOffset {
    UtcOffset::from_whole_seconds(offset.seconds()).unwrap_or(WINTER)
}

fn civil_of(shown: time::PrimitiveDateTime) -> Option<civil::DateTime> {
    let narrow = |number: u8| i8::try_from(number).ok();
    civil::DateTime::new(
        i16::try_from(shown.year()).ok()?,
        narrow(u8::from(shown.month()))?,
        narrow(shown.day())?,
        narrow(shown.hour())?,
        narrow(shown.minute())?,
        narrow(shown.second())?,
        0,
    )
    .ok()
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

    #[test]
    fn an_hour_is_one_moment_but_where_clocks_are_changed() {
        use time::macros::time;
        assert_eq!(moment(date!(2026 - 11 - 27), time!(16:00)), Ok(datetime!(2026-11-27 15:00 UTC)));
        assert_eq!(moment(date!(2026 - 07 - 01), time!(16:00)), Ok(datetime!(2026-07-01 14:00 UTC)));
        for (hour, spring, autumn) in [
            (time!(1:59:59), Ok(datetime!(2026-03-29 00:59:59 UTC)), Ok(datetime!(2026-10-24 23:59:59 UTC))),
            (time!(2:00), Err(ClockChange::Skipped), Err(ClockChange::Twice)),
            (time!(2:59), Err(ClockChange::Skipped), Err(ClockChange::Twice)),
            (time!(3:00), Ok(datetime!(2026-03-29 01:00 UTC)), Ok(datetime!(2026-10-25 02:00 UTC))),
        ] {
            assert_eq!(moment(date!(2026 - 03 - 29), hour), spring, "{hour}");
            assert_eq!(moment(date!(2026 - 10 - 25), hour), autumn, "{hour}");
        }
    }
}
