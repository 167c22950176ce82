use std::time::Duration;

/// More than this is worth an earlier step.
const WORTH: Duration = Duration::from_millis(1);
/// By how much one step may be earlier, or later, than its predecessor would have it: what goes out by the same clock arrives as evenly as
/// networks do.
const EARLIER: Duration = Duration::from_micros(500);
const LATER: Duration = Duration::from_micros(50);
/// Packets that are late by more than this are not waited for by all others: their own ring keeps more.
const DRIFT: Duration = Duration::from_millis(4);

/// By how much packets come earlier than they have to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Spare {
    /// They come so much too late.
    Lacking(std::cmp::Reverse<Duration>),
    /// They come so much earlier.
    Left(Duration),
}

impl Spare {
    /// Nothing to be changed.
    pub const NONE: Self = Self::Left(Duration::ZERO);

    /// Of packets that should come so early and do come so early.
    pub(super) fn between(wanted: Duration, early: Duration) -> Self {
        match early.checked_sub(wanted) {
            Some(left) => Self::Left(left),
            None => Self::Lacking(std::cmp::Reverse(wanted - early)),
        }
    }

    /// What is to be done for the next step, which may come earlier by `ahead` at the most.
    pub(super) fn shift(self, ahead: Duration) -> Shift {
        match self {
            Self::Left(left) if left > WORTH && ahead >= EARLIER => Shift::Earlier(EARLIER),
            Self::Lacking(std::cmp::Reverse(lacking)) if lacking < DRIFT => Shift::Later(LATER),
            Self::Left(_) | Self::Lacking(_) => Shift::Later(Duration::ZERO),
        }
    }
}

/// A change of the time between two steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shift {
    /// Shorter.
    Earlier(Duration),
    /// Longer.
    Later(Duration),
}

impl Shift {
    /// A time up to a step that is shifted.
    pub(super) fn of(self, time: Duration) -> Duration {
        match self {
            Self::Earlier(by) => time.saturating_sub(by),
            Self::Later(by) => time + by,
        }
    }
}
