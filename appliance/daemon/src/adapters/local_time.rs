use anyhow::{Context, Result};
use time::UtcOffset;
use tokio::process::Command;

/// How far the box's time zone is from UTC now. Asked of a program: reading it in a process with threads is a race with
/// whoever changes its environment, and the zone changes while this runs.
///
/// # Errors
/// The program cannot be run.
pub(crate) async fn offset() -> Result<UtcOffset> {
    let said = Command::new("date").arg("+%z").output().await.context("the time zone cannot be asked for")?;
    parsed(&String::from_utf8_lossy(&said.stdout)).context("the time zone is not understood")
}

/// `+0400`.
fn parsed(text: &str) -> Option<UtcOffset> {
    let text = text.trim();
    let (sign, digits) = (if text.starts_with('-') { -1 } else { 1 }, text.get(1..)?);
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    UtcOffset::from_hms(sign * number(0..2)?, sign * number(2..4)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn zones_on_both_sides_of_greenwich_are_read() {
        for (text, minutes) in [("+0000\n", 0), ("+0400", 240), ("-0330", -210), ("+0545", 345)] {
            assert_eq!(parsed(text).unwrap().whole_minutes(), minutes, "{text}");
        }
        assert_eq!(parsed("CET"), None);
        offset().await.unwrap();
    }
}
