//! Session timers (RFC 4028): a call whose peer is gone ends by itself.

use crate::text;
use rsipstack::sip::Headers;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Shortest session interval that we take, in seconds (RFC 4028 §5 allows none below).
pub(crate) const MIN_SESSION: u32 = 90;
/// What we ask for where the peer knows session timers and names no interval, in seconds.
const DEFAULT_SESSION: u32 = 1800;

/// An agreed session timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct SessionTimer {
    /// In seconds.
    interval: u32,
    /// Whether we refresh, or they.
    pub ours: bool,
}

/// The interval in seconds that a request asks for.
pub(crate) fn session_asked(headers: &Headers) -> Option<u32> {
    text::value(headers, "Session-Expires")?.split(';').next()?.trim().parse().ok()
}

impl SessionTimer {
    /// What we agree to as the side that answers (RFC 4028 §9). None where the peer knows no session timers: then only
    /// the silence of its media tells that it is gone.
    pub(crate) fn agree(headers: &Headers) -> Option<Self> {
        let known = text::lists(headers, "Supported", "timer") || text::lists(headers, "Require", "timer");
        let asked = session_asked(headers);
        let refresher = text::value(headers, "Session-Expires")
            .and_then(|value| text::header_parameter(value, "refresher"));
        match (asked, known) {
            (Some(interval), true) => {
                let ours = refresher.is_some_and(|who| who.eq_ignore_ascii_case("uas"));
                Some(Self { interval: interval.max(MIN_SESSION), ours })
            }
            // A proxy wants it, the peer does not know it: then it is ours to do.
            (Some(interval), false) => Some(Self { interval: interval.max(MIN_SESSION), ours: true }),
            (None, true) => Some(Self { interval: DEFAULT_SESSION, ours: false }),
            (None, false) => None,
        }
    }

    /// What the peer agreed to in its 2xx to a refresh of ours.
    pub(crate) fn agreed(headers: &Headers) -> Option<Self> {
        let interval = session_asked(headers)?.max(MIN_SESSION);
        let refresher = text::value(headers, "Session-Expires")
            .and_then(|value| text::header_parameter(value, "refresher"));
        Some(Self { interval, ours: refresher.is_none_or(|who| who.eq_ignore_ascii_case("uac")) })
    }

    /// Value of Session-Expires in our 2xx.
    pub(super) fn answered(self) -> String {
        format!("{};refresher={}", self.interval, if self.ours { "uas" } else { "uac" })
    }

    /// Value of Session-Expires in our refresh.
    pub(super) fn refreshed(self) -> String {
        format!("{};refresher=uac", self.interval)
    }

    /// When something must be done after the last refresh: by us at half the interval, or the end of the call a little before
    /// the whole (RFC 4028 §10).
    pub(super) fn due(self) -> Duration {
        let interval = u64::from(self.interval);
        Duration::from_secs(if self.ours { interval / 2 } else { interval - (interval / 3).min(32) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::header;

    fn agree(headers: &[(&str, &str)]) -> Option<SessionTimer> {
        SessionTimer::agree(
            &headers.iter().map(|(name, value)| header(name, *value)).collect::<Vec<_>>().into(),
        )
    }

    #[test]
    fn the_refresher_is_who_was_asked_for() {
        let theirs =
            agree(&[("Supported", "replaces, timer"), ("Session-Expires", "600;refresher=uac")]).unwrap();
        assert_eq!((theirs.answered().as_str(), theirs.due().as_secs()), ("600;refresher=uac", 568));
        let ours = agree(&[("Supported", "timer"), ("Session-Expires", "600 ; refresher=UAS")]).unwrap();
        assert_eq!((ours.answered().as_str(), ours.due().as_secs()), ("600;refresher=uas", 300));
        assert!(agree(&[("Session-Expires", "600")]).unwrap().ours, "a proxy's wish");
        assert_eq!(agree(&[("Supported", "timer")]).unwrap().answered(), "1800;refresher=uac");
        assert_eq!(agree(&[]), None);
    }
}
