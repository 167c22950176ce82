use time::{Duration, OffsetDateTime};

/// Between two looks at the server.
const DAY: Duration = Duration::DAY;
/// After one that found no server, and after a download that the line ended: a network may come back sooner.
const HOUR: Duration = Duration::HOUR;

/// What is known when the box asks itself what to do for its updates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Situation {
    /// Now.
    pub now: OffsetDateTime,
    /// Since when control runs.
    pub started: OffsetDateTime,
    /// This box's share of the time over which all boxes spread their looks.
    pub jitter: Duration,
    /// The settings name a server.
    pub has_source: bool,
    /// The box decides on installations by itself.
    pub automatic: bool,
    /// The updater is at work, or was asked for something.
    pub working: bool,
    /// When the server was last looked at, with whatever outcome.
    pub looked_at: Option<OffsetDateTime>,
    /// Nothing is known of what it has: it was away.
    pub look_failed: bool,
    /// The server has a newer version, which was not taken back here.
    pub offered: bool,
    /// What became of its installation since that look, where it has failed.
    pub failed: Option<Failed>,
    /// An update is installed, and waits for its first start.
    pub installed: bool,
    /// The version that runs has not passed yet.
    pub on_trial: bool,
    /// The maintenance window is open.
    pub window_open: bool,
    /// How many are in meetings, in front of them, or in calls.
    pub people: usize,
}

/// An installation that has failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failed {
    /// When.
    pub at: OffsetDateTime,
    /// Only because the line to the server broke: the next attempt goes on where this one ended.
    pub interrupted: bool,
}

/// What the box does for its updates by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Nothing now.
    Nothing,
    /// Looks whether the server has something newer.
    Look,
    /// Fetches and installs it.
    Install,
    /// Restarts into what is installed.
    Restart,
}

impl Situation {
    /// What to do now.
    #[must_use]
    pub fn next_step(&self) -> Step {
        if self.working || self.on_trial {
            Step::Nothing
        } else if self.installed {
            // Whoever had it installed, by the settings or by hand, wanted it to run.
            if self.window_open && self.people == 0 { Step::Restart } else { Step::Nothing }
        } else if self.has_source && self.automatic && self.offered && self.may_be_tried() {
            Step::Install
        } else if self.has_source && self.look_is_due() {
            Step::Look
        } else {
            Step::Nothing
        }
    }

    fn may_be_tried(&self) -> bool {
        self.failed
            .is_none_or(|Failed { at, interrupted }| interrupted && (self.now >= at + HOUR || self.now < at))
    }

    /// Once a day. A clock that was set back must not put it off for long.
    fn look_is_due(&self) -> bool {
        let pause = if self.look_failed { HOUR } else { DAY + self.jitter };
        match self.looked_at {
            Some(at) => self.now >= at + pause || self.now < at,
            None => self.now >= self.started + self.jitter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-25 02:30 UTC);

    /// Looked an hour ago, found nothing, nobody there.
    fn quiet() -> Situation {
        Situation {
            now: NOW,
            started: NOW - Duration::days(9),
            jitter: Duration::minutes(30),
            has_source: true,
            automatic: true,
            working: false,
            looked_at: Some(NOW - Duration::HOUR),
            look_failed: false,
            offered: false,
            failed: None,
            installed: false,
            on_trial: false,
            window_open: true,
            people: 0,
        }
    }

    fn after(change: impl FnOnce(&mut Situation)) -> Step {
        let mut situation = quiet();
        change(&mut situation);
        situation.next_step()
    }

    #[test]
    fn it_looks_once_a_day_at_a_minute_of_its_own() {
        assert_eq!(quiet().next_step(), Step::Nothing);
        let day_and_share = Duration::DAY + Duration::minutes(30);
        assert_eq!(after(|it| it.looked_at = Some(NOW - day_and_share)), Step::Look);
        assert_eq!(after(|it| it.looked_at = Some(NOW - day_and_share + Duration::SECOND)), Step::Nothing);
        assert_eq!(
            after(|it| it.looked_at = Some(NOW + Duration::DAY)),
            Step::Look,
            "the clock was set back"
        );
        assert_eq!(after(|it| it.look_failed = true), Step::Look, "a server that was away");
        assert_eq!(after(|it| it.looked_at = None), Step::Look);
        let just_started =
            |it: &mut Situation| (it.looked_at, it.started) = (None, NOW - Duration::minutes(29));
        assert_eq!(after(just_started), Step::Nothing);
        assert_eq!(after(|it| (it.looked_at, it.has_source) = (None, false)), Step::Nothing);
    }

    #[test]
    fn what_the_server_has_is_installed_by_itself_only_where_the_settings_say_so_and_once_a_look() {
        assert_eq!(after(|it| it.offered = true), Step::Install);
        assert_eq!(after(|it| (it.offered, it.people) = (true, 5)), Step::Install, "nobody notices");
        assert_eq!(after(|it| (it.offered, it.automatic) = (true, false)), Step::Nothing);
        let failed = |ago: Duration, interrupted| {
            after(|it| (it.offered, it.failed) = (true, Some(Failed { at: NOW - ago, interrupted })))
        };
        assert_eq!(failed(Duration::HOUR, false), Step::Nothing);
        assert_eq!(failed(Duration::minutes(59), true), Step::Nothing);
        assert_eq!(failed(Duration::HOUR, true), Step::Install, "it goes on where the line broke");
        assert_eq!(failed(-Duration::HOUR, true), Step::Install, "the clock was set back");
        assert_eq!(after(|it| (it.offered, it.working) = (true, true)), Step::Nothing);
        assert_eq!(after(|it| (it.offered, it.on_trial) = (true, true)), Step::Nothing);
    }

    #[test]
    fn it_restarts_within_the_window_when_the_last_has_gone() {
        assert_eq!(after(|it| it.installed = true), Step::Restart);
        assert_eq!(after(|it| (it.installed, it.people) = (true, 1)), Step::Nothing);
        assert_eq!(after(|it| (it.installed, it.window_open) = (true, false)), Step::Nothing);
        let by_hand = |it: &mut Situation| {
            it.installed = true;
            it.automatic = false;
            it.has_source = false;
        };
        assert_eq!(after(by_hand), Step::Restart, "what was installed by hand as well");
        let overdue = |it: &mut Situation| (it.installed, it.window_open, it.looked_at) = (true, false, None);
        assert_eq!(after(overdue), Step::Nothing, "nothing else is fetched meanwhile");
    }
}
