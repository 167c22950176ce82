//! What the run found out, and how it is told.

mod json;
mod judge;
mod table;

pub(crate) use judge::{Kind, Member, judge};

use crate::{fault::Fault, media::Codecs};

/// The outcome of a run.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Who took part.
    pub members: Vec<Participation>,
    /// Who sees and hears whom.
    pub rows: Vec<Row>,
    /// What kept the run from going on, if anything did.
    pub faults: Vec<Fault>,
    /// With what pictures were coded and decoded; none where the run did not come so far.
    pub codecs: Option<Codecs>,
}

/// A participant's way in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Participation {
    /// `organizer`, `guest`, `room system`.
    pub name: String,
    /// From asking to join to the first decoded picture of somebody else, ms.
    pub first_picture_ms: Option<u64>,
}

/// A check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Who perceives.
    pub who: String,
    /// What it is about.
    pub sense: Sense,
    /// Whose picture or tone.
    pub whom: String,
    /// The outcome.
    pub verdict: Verdict,
}

/// What a row is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sense {
    /// The other's picture is there and moves.
    Sees,
    /// The other's tone is there.
    Hears,
    /// The own tone is not there.
    NotItself,
}

/// The outcome of a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// As it should be.
    Passed,
    /// Not so, and why.
    Failed(String),
    /// Not looked at, and why.
    Skipped(String),
}

impl Sense {
    fn words(self) -> &'static str {
        match self {
            Self::Sees => "sees",
            Self::Hears => "hears",
            Self::NotItself => "does not hear",
        }
    }
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "PASS",
            Self::Failed(_) => "FAIL",
            Self::Skipped(_) => "SKIPPED",
        }
    }

    fn reason(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(reason) | Self::Skipped(reason) => reason,
        }
    }
}

impl Report {
    /// Whether nothing failed.
    pub(crate) fn passed(&self) -> bool {
        self.faults.is_empty()
            && !self.rows.is_empty()
            && !self.rows.iter().any(|row| matches!(row.verdict, Verdict::Failed(_)))
    }
}
