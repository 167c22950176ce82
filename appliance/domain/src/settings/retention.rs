use super::setup::Answers;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long what tells of people is kept, in days: what is older is deleted each night (GDPR, art. 5 §1 e).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// The call log: 30 to 3650. 365.
    pub calls: u16,
    /// Meetings that are over, and who was in them: 30 to 3650. 365.
    pub meetings: u16,
    /// Mails and SMS that have gone, or were given up: 7 to 3650. 90.
    pub messages: u16,
    /// The audit journal, and the names of deleted accounts that it points to: 180 to 3650. 1095.
    pub journal: u16,
}

/// From when on the rest is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cutoffs {
    /// Of calls.
    pub calls: OffsetDateTime,
    /// Of meetings.
    pub meetings: OffsetDateTime,
    /// Of messages.
    pub messages: OffsetDateTime,
    /// Of the journal.
    pub journal: OffsetDateTime,
}

impl Default for Retention {
    fn default() -> Self {
        Self { calls: 365, meetings: 365, messages: 90, journal: 1095 }
    }
}

impl Retention {
    pub(super) fn read(answers: &mut Answers) -> Self {
        let usual = Self::default();
        let mut days = |key, least, usual| answers.number(key, least, 3650).unwrap_or(usual);
        Self {
            calls: days("retention.calls", 30, usual.calls),
            meetings: days("retention.meetings", 30, usual.meetings),
            messages: days("retention.messages", 7, usual.messages),
            journal: days("retention.journal", 180, usual.journal),
        }
    }

    /// What is kept at this moment.
    #[must_use]
    pub fn cutoffs(&self, now: OffsetDateTime) -> Cutoffs {
        let before = |days: u16| now - Duration::days(i64::from(days));
        Cutoffs {
            calls: before(self.calls),
            meetings: before(self.meetings),
            messages: before(self.messages),
            journal: before(self.journal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use serde_json::json;
    use time::macros::datetime;

    fn with(retention: serde_json::Value) -> Result<Retention, Vec<String>> {
        let mut form = Settings::default().to_form();
        form["office"] = json!({ "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" });
        form["retention"] = retention;
        let read = Settings::from_form(&form, &Settings::default());
        let read = read.map_err(|faults| faults.into_iter().map(|fault| fault.key).collect::<Vec<_>>())?;
        assert_eq!(Settings::from_json(&read.settings.to_json()).unwrap(), read.settings);
        Ok(read.settings.retention)
    }

    #[test]
    fn each_period_has_bounds_of_its_own() {
        let usual = Retention::default();
        assert_eq!(with(json!({})), Ok(usual));
        assert_eq!(
            with(json!({ "calls": 30, "journal": 180 })),
            Ok(Retention { calls: 30, journal: 180, ..usual })
        );
        let faults = with(json!({ "calls": 29, "meetings": 0, "messages": 6, "journal": 3651 })).unwrap_err();
        assert_eq!(
            faults,
            ["retention.calls", "retention.meetings", "retention.messages", "retention.journal"]
        );
    }

    #[test]
    fn what_is_kept_begins_that_many_days_ago() {
        let cutoffs =
            Retention { messages: 7, ..Retention::default() }.cutoffs(datetime!(2026-03-01 3:00 UTC));
        assert_eq!(cutoffs.messages, datetime!(2026-02-22 3:00 UTC));
        assert_eq!(cutoffs.calls, datetime!(2025-03-01 3:00 UTC));
    }
}
