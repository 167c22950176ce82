use crate::UserId;
use time::{Duration, OffsetDateTime};

/// A login that waits for its second factor, or for a new password, ends after this.
const STEP_TIME: Duration = Duration::minutes(10);

/// How long sessions last (AUTH-07).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionLimits {
    /// So long without anybody at the page.
    pub idle: Duration,
    /// So long in any case, but for a call.
    pub longest: Duration,
}

/// How far a login has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionStage {
    /// The password was right; the second factor is asked for.
    SecondFactor,
    /// Both factors were right, but the password is a temporary one: another one is to be chosen first (AUTH-05).
    NewPassword,
    /// Logged in.
    Full,
}

/// A browser's session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// How far.
    pub stage: SessionStage,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// Its last request.
    pub last_seen_at: OffsetDateTime,
}

impl Session {
    /// One that is older, and as long without a sign of anybody, is dead whatever the limits are.
    pub const FORGOTTEN: Duration = Duration::hours(24);

    /// Whether it still counts for a page that comes to its meeting, or back to it: its day may be over, but not its user's presence.
    #[must_use]
    pub fn may_meet(&self, limits: SessionLimits, now: OffsetDateTime) -> bool {
        self.stage == SessionStage::Full && now - self.last_seen_at < limits.idle
    }

    /// Whether it still counts. `in_call`: its user is in a meeting by it, which nothing ends but its user.
    #[must_use]
    pub fn is_alive(&self, limits: SessionLimits, in_call: bool, now: OffsetDateTime) -> bool {
        match self.stage {
            SessionStage::SecondFactor | SessionStage::NewPassword => now - self.created_at < STEP_TIME,
            SessionStage::Full if in_call => true,
            SessionStage::Full => {
                now - self.last_seen_at < limits.idle && now - self.created_at < limits.longest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const LIMITS: SessionLimits = SessionLimits { idle: Duration::minutes(30), longest: Duration::hours(12) };
    const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

    fn session(stage: SessionStage) -> Session {
        Session { user: UserId(1), stage, created_at: NINE, last_seen_at: NINE }
    }

    #[test]
    fn who_was_there_a_moment_ago_comes_back_to_a_meeting_and_nobody_else_does() {
        let mut session = session(SessionStage::Full);
        session.last_seen_at = NINE + Duration::hours(13);
        let back = session.last_seen_at + Duration::minutes(1);
        assert!(session.may_meet(LIMITS, back) && !session.is_alive(LIMITS, false, back));
        assert!(
            !session.may_meet(LIMITS, session.last_seen_at + Duration::minutes(30)),
            "the page was left alone"
        );
        assert!(!Session { stage: SessionStage::SecondFactor, ..session }.may_meet(LIMITS, back));
    }

    #[test]
    fn a_session_ends_by_inactivity_and_at_the_end_of_the_day() {
        let mut session = session(SessionStage::Full);
        let alive = |session: &Session, at| session.is_alive(LIMITS, false, at);
        assert!(alive(&session, NINE + Duration::minutes(29)));
        assert!(!alive(&session, NINE + Duration::minutes(30)));
        session.last_seen_at = NINE + Duration::hours(11) + Duration::minutes(59);
        assert!(alive(&session, session.last_seen_at));
        assert!(!alive(&session, NINE + Duration::hours(12)));
    }

    #[test]
    fn a_call_ends_no_session_however_long_it_is_but_a_login_that_waits_is_none() {
        let full = session(SessionStage::Full);
        assert!(full.is_alive(LIMITS, true, NINE + Duration::hours(13)));
        for stage in [SessionStage::SecondFactor, SessionStage::NewPassword] {
            let waiting = session(stage);
            assert!(waiting.is_alive(LIMITS, false, NINE + Duration::minutes(9)));
            assert!(!waiting.is_alive(LIMITS, true, NINE + Duration::minutes(10)));
        }
    }
}
