//! «Journal d'appel» (LOG-01): what is kept of a user's direct calls. Coming into a meeting is no call.

use crate::{UserId, sort_key};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Characters of a number, and of a name, at most.
const LONGEST: usize = 200;

/// Who called whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallDirection {
    /// The user was called.
    Received,
    /// The user called.
    Made,
}

/// What was called for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallMedia {
    /// Picture and sound: the blue camera.
    Video,
    /// Sound alone: the green telephone.
    Audio,
}

/// What became of it, as seen by whoever was called (CALL-18).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// They spoke.
    Answered,
    /// It rang, and nobody answered.
    Missed,
    /// The red telephone.
    Refused,
    /// Whoever was called was in another call.
    Busy,
    /// Whoever was called had no page open and no equipment registered.
    Absent,
    /// Nobody has the number.
    UnknownNumber,
    /// The caller gave up before anybody answered.
    Cancelled,
}

/// A call that is over, as one of its two sides keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallRecord {
    /// Whose log it is in.
    pub user: UserId,
    /// Who called whom.
    pub direction: CallDirection,
    /// The other side's, as it is called back.
    pub number: String,
    /// The other side's, as far as it was known; may be empty.
    pub name: String,
    /// What was called for.
    pub media: CallMedia,
    /// What became of it.
    pub outcome: CallOutcome,
    /// When the first ring was sent, or came.
    pub began_at: OffsetDateTime,
    /// When they began to speak.
    pub answered_at: Option<OffsetDateTime>,
    /// When it was over.
    pub ended_at: OffsetDateTime,
}

/// What no call can be: the caller's fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CallRecordError {
    /// The number is empty, or a text is longer than 200 characters.
    #[error("a call's number has 1 to {LONGEST} characters, its name {LONGEST} at most")]
    Text,
    /// The times contradict each other, or the outcome.
    #[error(
        "a call is answered between its beginning and its end, and only one that is answered has that time"
    )]
    Times,
}

impl CallRecord {
    /// Checks that it can have been.
    ///
    /// # Errors
    /// [`CallRecordError`].
    pub fn checked(self) -> Result<Self, CallRecordError> {
        let too_long = |text: &str| text.chars().count() > LONGEST;
        if self.number.trim().is_empty() || too_long(&self.number) || too_long(&self.name) {
            return Err(CallRecordError::Text);
        }
        let answered = self.outcome == CallOutcome::Answered;
        let between = self.answered_at.is_none_or(|at| (self.began_at..=self.ended_at).contains(&at));
        if answered != self.answered_at.is_some() || !between || self.ended_at < self.began_at {
            return Err(CallRecordError::Times);
        }
        Ok(self)
    }

    /// How long they spoke; none where nobody answered.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.answered_at.map(|answered| self.ended_at - answered)
    }

    /// Whether the user should call back: a call that came, and neither was answered nor refused (DASH-01).
    #[must_use]
    pub fn is_missed(&self) -> bool {
        let seen = matches!(self.outcome, CallOutcome::Answered | CallOutcome::Refused);
        self.direction == CallDirection::Received && !seen
    }

    /// What a search looks into: name and number, without regard to case and accents.
    #[must_use]
    pub fn search_text(&self) -> String {
        format!("{}\n{}", sort_key(&self.name), sort_key(&self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn call(direction: CallDirection, outcome: CallOutcome) -> CallRecord {
        let began_at = datetime!(2026-11-23 12:00 UTC);
        let answered = outcome == CallOutcome::Answered;
        CallRecord {
            user: UserId(1),
            direction,
            number: "1099000200".to_owned(),
            name: "LEFÈVRE Zoé".to_owned(),
            media: CallMedia::Video,
            outcome,
            began_at,
            answered_at: answered.then(|| began_at + Duration::seconds(8)),
            ended_at: began_at + Duration::seconds(68),
        }
    }

    #[test]
    fn what_came_and_nobody_saw_is_missed() {
        use CallDirection::{Made, Received};
        let missed = |direction, outcome| call(direction, outcome).is_missed();
        assert!(missed(Received, CallOutcome::Missed) && missed(Received, CallOutcome::Cancelled));
        assert!(missed(Received, CallOutcome::Busy) && missed(Received, CallOutcome::Absent));
        assert!(!missed(Received, CallOutcome::Answered) && !missed(Received, CallOutcome::Refused));
        assert!(!missed(Made, CallOutcome::Missed));
    }

    #[test]
    fn a_call_lasts_from_its_answer_to_its_end() {
        let answered = call(CallDirection::Made, CallOutcome::Answered).checked().unwrap();
        assert_eq!(answered.duration(), Some(Duration::minutes(1)));
        assert_eq!(call(CallDirection::Made, CallOutcome::Busy).checked().unwrap().duration(), None);
    }

    #[test]
    fn what_cannot_have_been_is_no_call() {
        let good = call(CallDirection::Made, CallOutcome::Answered);
        let late = good.ended_at + Duration::seconds(1);
        for wrong in [
            CallRecord { answered_at: None, ..good.clone() },
            CallRecord { outcome: CallOutcome::Busy, ..good.clone() },
            CallRecord { answered_at: Some(late), ..good.clone() },
            CallRecord {
                ended_at: good.began_at - Duration::seconds(1),
                answered_at: None,
                outcome: CallOutcome::Busy,
                ..good.clone()
            },
        ] {
            assert_eq!(wrong.checked(), Err(CallRecordError::Times));
        }
        let nameless = CallRecord { number: " ".to_owned(), ..good.clone() };
        assert_eq!(nameless.checked(), Err(CallRecordError::Text));
        assert_eq!(CallRecord { name: "a".repeat(201), ..good }.checked(), Err(CallRecordError::Text));
    }

    #[test]
    fn accents_and_case_do_not_hide_anybody() {
        assert_eq!(call(CallDirection::Made, CallOutcome::Busy).search_text(), "lefevre zoe\n1099000200");
    }
}
