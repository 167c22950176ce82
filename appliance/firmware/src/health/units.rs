use super::Finding;
use crate::run::run;
use anyhow::{Result, ensure};

/// No unit has failed: whatever the reason, a box with a failed unit is not the box that was released.
pub(super) fn none_failed() -> Result<Finding> {
    let failed = run("systemctl", &["list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"])?;
    let names: Vec<_> = failed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    ensure!(names.is_empty(), "failed: {}", names.join(" "));
    Ok(Finding::Passed("none has failed".to_owned()))
}
