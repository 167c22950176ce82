use anyhow::{Context, Result};
use serde::Serialize;
use std::{fs, path::Path};

/// What a check has found, where it has not failed.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Finding {
    /// All is well: what was seen.
    Passed(String),
    /// There is nothing to check here: why. Never said of what could not be looked at.
    NotApplicable(String),
}

/// One check's outcome, as it is published.
#[derive(Serialize)]
pub(super) struct Outcome {
    pub check: &'static str,
    /// Whether it stands in nobody's way: what does not apply does not, either.
    pub passed: bool,
    /// Whether there was anything to check.
    pub applicable: bool,
    /// What was found, or what is wrong; for the support, in English.
    pub detail: String,
}

impl Outcome {
    pub(super) fn new(check: &'static str, found: Result<Finding>) -> Self {
        let (passed, applicable, detail) = match found {
            Ok(Finding::Passed(detail)) => (true, true, detail),
            Ok(Finding::NotApplicable(why)) => (true, false, format!("not applicable: {why}")),
            Err(problem) => (false, true, format!("{problem:#}")),
        };
        Self { check, passed, applicable, detail }
    }
}

/// Whole or not at all: others read it at any moment.
pub(super) fn write(path: &Path, content: &impl Serialize) -> Result<()> {
    let folder = path.parent().context("the file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let making = path.with_extension("making");
    fs::write(&making, serde_json::to_vec_pretty(content)?)
        .and_then(|()| fs::rename(&making, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_apply_passes_and_says_so() {
        let outcome = Outcome::new("sip", Ok(Finding::NotApplicable("no settings yet".to_owned())));
        assert!(outcome.passed && !outcome.applicable);
        assert_eq!(outcome.detail, "not applicable: no settings yet");
        let outcome = Outcome::new("sip", Err(anyhow::anyhow!("silence").context("no answer")));
        assert!(!outcome.passed && outcome.applicable);
        assert_eq!(outcome.detail, "no answer: silence");
    }
}
