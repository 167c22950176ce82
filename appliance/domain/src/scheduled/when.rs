use crate::paris::{self, ClockChange, in_paris};
use time::{Date, Duration, Month, OffsetDateTime, Time};

/// A meeting may be planned so long ahead: a year that is mistyped is seen.
const FURTHEST: Duration = Duration::days(5 * 366);
/// A meeting may be said to have begun so long ago: whoever meets at once looks at the clock before the form is filled in.
const JUST_NOW: Duration = Duration::hours(1);

/// When a meeting is: a day and an hour of Paris, as they were chosen. They stay what they are if the zone's rules change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    day: Date,
    hour: Time,
    begins_at: OffsetDateTime,
}

impl When {
    /// From a day and an hour.
    ///
    /// # Errors
    /// [`ClockChange`]: the hour names no one moment of that day.
    pub fn new(day: Date, hour: Time) -> Result<Self, ClockChange> {
        Ok(Self { day, hour, begins_at: paris::moment(day, hour)? })
    }

    /// The day.
    #[must_use]
    pub fn day(&self) -> Date {
        self.day
    }

    /// The hour, to the minute.
    #[must_use]
    pub fn hour(&self) -> Time {
        self.hour
    }

    /// The moment.
    #[must_use]
    pub fn begins_at(&self) -> OffsetDateTime {
        self.begins_at
    }

    /// From when on nothing of it opens any more: the midnight after it (SCHED-14).
    #[must_use]
    pub fn closes_at(&self) -> OffsetDateTime {
        paris::midnight(self.day.next_day().unwrap_or(self.day))
    }

    /// Whether it is past by more than the hour that is left to whoever meets at once.
    #[must_use]
    pub fn is_past(&self, now: OffsetDateTime) -> bool {
        now - self.begins_at > JUST_NOW
    }

    /// What is wrong with it, as of now; by its field. A meeting that keeps its hour may go on having it.
    pub(super) fn fault(&self, now: OffsetDateTime) -> Option<(&'static str, &'static str)> {
        let today = in_paris(now).date();
        if self.day < today {
            return Some(("date", "Cette date est passée. Choisissez aujourd’hui ou un jour à venir."));
        }
        if self.begins_at - now > FURTHEST {
            return Some((
                "date",
                "Cette date est trop lointaine. Choisissez un jour dans les cinq ans à venir.",
            ));
        }
        if self.is_past(now) {
            return Some(("time", "Cette heure est déjà passée. Choisissez une heure à venir."));
        }
        None
    }
}

/// What is wrong with an hour of a day on which clocks are changed.
pub(super) fn of_change(change: ClockChange) -> &'static str {
    match change {
        ClockChange::Skipped => {
            "Cette heure n’existe pas ce jour-là\u{a0}: les horloges passent de 2h00 à 3h00. Choisissez-en une autre."
        }
        ClockChange::Twice => {
            "Cette heure existe deux fois ce jour-là\u{a0}: les horloges reculent de 3h00 à 2h00. Choisissez une heure \
             avant 2h00, ou à partir de 3h00."
        }
    }
}

/// A day as the guide writes it, `18-06-2024`; also `18/06/2024`, `18.06.2024`, and `2024-06-18`.
pub(super) fn read_day(text: &str) -> Option<Date> {
    let parts: Vec<_> = text.trim().split(['-', '/', '.']).map(str::trim).collect();
    let &[first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 || day.len() > 2 || month.len() > 2 {
        return None;
    }
    let month = Month::try_from(number::<u8>(month)?).ok()?;
    Date::from_calendar_date(i32::from(number::<u16>(year)?), month, number(day)?).ok()
}

/// An hour as the guide writes it, `14h00`; also `14h`, `14 h 00`, `14:00`.
pub(super) fn read_hour(text: &str) -> Option<Time> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let (hour, minute) = text.split_once(['h', ':'])?;
    let minute = if minute.is_empty() && text.ends_with('h') { "00" } else { minute };
    if minute.len() != 2 || hour.len() > 2 {
        return None;
    }
    Time::from_hms(number(hour)?, number(minute)?, 0).ok()
}

/// Digits alone: no sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// `18-06-2024`.
#[must_use]
pub fn day_text(day: Date) -> String {
    format!("{:02}-{:02}-{:04}", day.day(), u8::from(day.month()), day.year())
}

/// `14h00`.
#[must_use]
pub fn clock_text(hour: Time) -> String {
    format!("{:02}h{:02}", hour.hour(), hour.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime, time};

    #[test]
    fn days_and_hours_are_read_as_people_write_them_and_written_as_the_guide_does() {
        for text in ["18-06-2024", "18/06/2024", "18.6.2024", " 2024-06-18 "] {
            assert_eq!(read_day(text), Some(date!(2024 - 06 - 18)), "{text}");
        }
        for text in
            ["", "18-06", "31-02-2026", "18-06-24", "+8-06-2024", "2024-18-06", "demain", "١٨-06-2024"]
        {
            assert_eq!(read_day(text), None, "{text}");
        }
        for text in ["14h00", "14H00", "14 h 00", "14:00", "14h"] {
            assert_eq!(read_hour(text), Some(time!(14:00)), "{text}");
        }
        for text in ["", "14", "24h00", "14h60", "14h5", "h00", "14:", "-1h00", "quatorze"] {
            assert_eq!(read_hour(text), None, "{text}");
        }
        assert_eq!(day_text(date!(2026 - 01 - 05)), "05-01-2026");
        assert_eq!(clock_text(time!(9:05)), "09h05");
    }

    #[test]
    fn a_meeting_ends_with_its_day_in_paris_also_on_days_of_23_and_25_hours() {
        let closes = |day, hour| When::new(day, hour).unwrap().closes_at();
        assert_eq!(closes(date!(2026 - 11 - 27), time!(16:00)), datetime!(2026-11-27 23:00 UTC));
        assert_eq!(closes(date!(2026 - 07 - 01), time!(0:00)), datetime!(2026-07-01 22:00 UTC));
        assert_eq!(closes(date!(2026 - 03 - 29), time!(23:59)), datetime!(2026-03-29 22:00 UTC));
        assert_eq!(closes(date!(2026 - 10 - 25), time!(1:00)), datetime!(2026-10-25 23:00 UTC));
        assert_eq!(closes(date!(2026 - 12 - 31), time!(12:00)), datetime!(2026-12-31 23:00 UTC));
    }
}
