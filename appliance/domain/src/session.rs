use crate::UserId;
use time::{Duration, OffsetDateTime};

/// A login that waits for its second factor, or for a new password, ends after this.
const STEP_TIME: Duration = Duration::minutes(10);
/// A session ends after this long without a request (AUTH-07). Pages in a call keep asking.
const INACTIVITY: Duration = Duration::minutes(30);
/// And after this long in any case: a working day.
const LONGEST: Duration = Duration::hours(12);

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
    /// No session is older than this and alive.
    pub const LONGEST: Duration = LONGEST;

    /// Whether it still counts.
    #[must_use]
    pub fn is_alive(&self, now: OffsetDateTime) -> bool {
        match self.stage {
            SessionStage::SecondFactor | SessionStage::NewPassword => now - self.created_at < STEP_TIME,
            SessionStage::Full => now - self.last_seen_at < INACTIVITY && now - self.created_at < LONGEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_session_ends_by_inactivity_and_at_the_end_of_the_day() {
        let start = datetime!(2026-11-23 9:00 UTC);
        let mut session =
            Session { user: UserId(1), stage: SessionStage::Full, created_at: start, last_seen_at: start };
        assert!(session.is_alive(start + Duration::minutes(29)));
        assert!(!session.is_alive(start + Duration::minutes(30)));
        session.last_seen_at = start + Duration::hours(11) + Duration::minutes(59);
        assert!(session.is_alive(session.last_seen_at));
        assert!(!session.is_alive(start + Duration::hours(12)));
        for stage in [SessionStage::SecondFactor, SessionStage::NewPassword] {
            session.stage = stage;
            assert!(session.is_alive(start + Duration::minutes(9)));
            assert!(!session.is_alive(start + Duration::minutes(10)));
        }
    }
}
