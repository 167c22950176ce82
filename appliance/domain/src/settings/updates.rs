use super::{Channel, Refusal, TimeOfDay, UpdateSource, setup::Answers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime, UtcOffset};

/// How the box comes by its updates, and when it restarts into them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateSettings {
    /// The server. None: updates come by hand only, uploaded or on a USB stick.
    pub source: Option<UpdateSource>,
    /// Which of the server's releases: `stable` where nothing else is said.
    pub channel: Channel,
    /// Who decides that one is installed.
    pub mode: UpdateMode,
    /// When the box may restart into one.
    pub window: MaintenanceWindow,
}

/// Who decides that an update is installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateMode {
    /// The box: what the server has is fetched, installed, and started within the window.
    #[default]
    Automatic,
    /// An administrator, each time.
    OnRequest,
}

/// A day of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The hours, by the box's own time zone, in which it may restart. One that ends before it begins goes on into the next
/// day, and belongs to the day on which it begins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct MaintenanceWindow {
    /// All days where nothing else is said.
    pub days: BTreeSet<Day>,
    /// Its first minute: 02:00.
    pub from: TimeOfDay,
    /// The first minute after it: 05:00.
    pub to: TimeOfDay,
}

const WEEK: [Day; 7] =
    [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];

/// A window of one day a week that a change of the clocks swallows comes again a week later.
const HORIZON: Duration = Duration::days(15);

impl Default for MaintenanceWindow {
    fn default() -> Self {
        let at = |text| TimeOfDay::new(text).expect("a time of day by its form");
        Self { days: WEEK.into(), from: at("02:00"), to: at("05:00") }
    }
}

impl MaintenanceWindow {
    /// Whether it is open at `now`. `offset_at`: the time zone, as what is added to UTC at an instant.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime, offset_at: &dyn Fn(OffsetDateTime) -> UtcOffset) -> bool {
        let local = now.to_offset(offset_at(now));
        let minute = TimeOfDay::of(local.time());
        let today = WEEK[usize::from(local.weekday().number_days_from_monday())];
        let yesterday = WEEK[usize::from((local.weekday().number_days_from_monday() + 6) % 7)];
        let begins = |day| self.days.contains(&day);
        if self.from < self.to {
            begins(today) && minute >= self.from && minute < self.to
        } else {
            begins(today) && minute >= self.from || begins(yesterday) && minute < self.to
        }
    }

    /// The first minute from `now` on in which it is open. Minute by minute: the clocks of a zone may be changed at any of
    /// them, forwards over a whole window. None: it has no day.
    #[must_use]
    pub fn next_opening(
        &self,
        now: OffsetDateTime,
        offset_at: &dyn Fn(OffsetDateTime) -> UtcOffset,
    ) -> Option<OffsetDateTime> {
        if self.is_open(now, offset_at) {
            return Some(now);
        }
        let minute = Duration::MINUTE;
        let mut at = now - Duration::new(now.second().into(), now.nanosecond().cast_signed()) + minute;
        while at < now + HORIZON {
            if self.is_open(at, offset_at) {
                return Some(at);
            }
            at += minute;
        }
        None
    }
}

impl UpdateSettings {
    /// The folder that holds the signed list of the channel's release.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let source = self.source.as_ref()?.as_str().trim_end_matches('/');
        Some(format!("{source}/{}/", self.channel))
    }

    pub(super) fn read(answers: &mut Answers) -> Self {
        let default = Self::default();
        let source = answers.optional("updates.source", UpdateSource::new);
        let channel = answers.optional("updates.channel", Channel::new);
        let mode = answers.optional("updates.mode", mode);
        let days: BTreeSet<_> = answers.list("updates.days", day).into_iter().collect();
        let from = answers.optional("updates.from", TimeOfDay::new).unwrap_or(default.window.from);
        let to = answers.optional("updates.to", TimeOfDay::new).unwrap_or(default.window.to);
        if from == to {
            let what = format!("la plage de maintenance commence et finit à {from}");
            let todo = "Laissez au moins une heure entre « from » et « to », par exemple de 02:00 à 05:00";
            answers.refuse("updates.to", Refusal::new(what, todo));
        }
        let days = if days.is_empty() { default.window.days } else { days };
        Self {
            source,
            channel: channel.unwrap_or(default.channel),
            mode: mode.unwrap_or(default.mode),
            window: MaintenanceWindow { days, from, to },
        }
    }
}

fn mode(text: &str) -> Result<UpdateMode, Refusal> {
    match text.trim() {
        "automatic" => Ok(UpdateMode::Automatic),
        "on_request" => Ok(UpdateMode::OnRequest),
        other => Err(Refusal::new(
            format!("« {other} » n’est pas une façon d’installer les mises à jour"),
            "Écrivez « automatic » ou « on_request »",
        )),
    }
}

fn day(text: &str) -> Result<Day, Refusal> {
    let known = |day: &Day| format!("{day:?}").eq_ignore_ascii_case(text.trim());
    WEEK.into_iter().find(known).ok_or_else(|| {
        Refusal::new(
            format!("« {text} » n’est pas un jour"),
            "Écrivez « monday », « tuesday », « wednesday », « thursday », « friday », « saturday » ou « sunday »",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    /// France: +1, and +2 between the last Sundays of March and October, at 01:00 UTC.
    fn paris(at: OffsetDateTime) -> UtcOffset {
        let summer = [
            (datetime!(2026-03-29 01:00 UTC), datetime!(2026-10-25 01:00 UTC)),
            (datetime!(2027-03-28 01:00 UTC), datetime!(2027-10-31 01:00 UTC)),
        ];
        if summer.iter().any(|(from, to)| (*from..*to).contains(&at)) { offset!(+2) } else { offset!(+1) }
    }

    fn window(days: &[Day], from: &str, to: &str) -> MaintenanceWindow {
        let at = |text| TimeOfDay::new(text).unwrap();
        MaintenanceWindow { days: days.iter().copied().collect(), from: at(from), to: at(to) }
    }

    /// How long it is open from `from` on, in minutes, within a day.
    fn open_minutes(window: &MaintenanceWindow, from: OffsetDateTime) -> usize {
        (0..24 * 60).filter(|minute| window.is_open(from + Duration::minutes(*minute), &paris)).count()
    }

    #[test]
    fn it_is_open_by_the_boxs_own_time_from_its_first_minute_to_before_its_last() {
        let nights = MaintenanceWindow::default();
        for (at, open) in [
            (datetime!(2026-11-25 00:59:59 UTC), false),
            (datetime!(2026-11-25 01:00 UTC), true),
            (datetime!(2026-11-25 03:59:59 UTC), true),
            (datetime!(2026-11-25 04:00 UTC), false),
            (datetime!(2026-07-14 00:00 UTC), true),
            (datetime!(2026-07-14 03:00 UTC), false),
        ] {
            assert_eq!(nights.is_open(at, &paris), open, "{at}");
        }
    }

    #[test]
    fn only_on_its_days_and_one_over_midnight_belongs_to_the_day_it_begins() {
        // The 27th of November 2026 is a Friday.
        let friday = window(&[Day::Friday], "22:00", "04:00");
        for (at, open) in [
            (datetime!(2026-11-27 02:00 UTC), false),
            (datetime!(2026-11-27 21:00 UTC), true),
            (datetime!(2026-11-28 02:59 UTC), true),
            (datetime!(2026-11-28 03:00 UTC), false),
            (datetime!(2026-11-28 21:30 UTC), false),
        ] {
            assert_eq!(friday.is_open(at, &paris), open, "{at}");
        }
    }

    #[test]
    fn when_the_clocks_go_forward_the_hour_that_is_missing_is_not_waited_for() {
        let noon_before = datetime!(2027-03-27 11:00 UTC);
        assert_eq!(open_minutes(&MaintenanceWindow::default(), noon_before), 2 * 60);
        let missing = window(&WEEK, "02:00", "03:00");
        assert_eq!(open_minutes(&missing, noon_before), 0);
        assert_eq!(missing.next_opening(noon_before, &paris), Some(datetime!(2027-03-29 00:00 UTC)));
        // And one that is there on no other day comes again after a week.
        let sundays = window(&[Day::Sunday], "02:00", "03:00");
        assert_eq!(sundays.next_opening(noon_before, &paris), Some(datetime!(2027-04-04 00:00 UTC)));
    }

    #[test]
    fn when_the_clocks_go_back_the_hour_that_comes_twice_is_open_twice() {
        let noon_before = datetime!(2026-10-24 10:00 UTC);
        assert_eq!(open_minutes(&MaintenanceWindow::default(), noon_before), 4 * 60);
        let twice = window(&WEEK, "02:00", "03:00");
        assert_eq!(open_minutes(&twice, noon_before), 2 * 60);
        assert_eq!(twice.next_opening(noon_before, &paris), Some(datetime!(2026-10-25 00:00 UTC)));
    }

    #[test]
    fn the_next_opening_is_now_or_a_whole_minute() {
        let nights = MaintenanceWindow::default();
        let open = datetime!(2026-11-25 02:30:17.5 UTC);
        assert_eq!(nights.next_opening(open, &paris), Some(open));
        let evening = datetime!(2026-11-25 19:12:31.25 UTC);
        assert_eq!(nights.next_opening(evening, &paris), Some(datetime!(2026-11-26 01:00 UTC)));
        assert_eq!(window(&[], "02:00", "05:00").next_opening(evening, &paris), None);
    }

    #[test]
    fn the_channels_folder_is_below_the_servers() {
        let mut settings = UpdateSettings::default();
        assert_eq!(settings.url(), None);
        settings.source = Some(UpdateSource::new("https://maj.test/tabellion/").unwrap());
        assert_eq!(settings.url().unwrap(), "https://maj.test/tabellion/stable/");
    }
}
