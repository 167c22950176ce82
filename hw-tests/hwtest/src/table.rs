//! The report for the eye.

use crate::{
    arguments::Task,
    inventory::Inventory,
    report::{Judgement, Limit, Row, Value},
};
use std::io::{Result, Write};

/// What the machine is and what its elements will be given to do.
///
/// # Errors
/// Those of the writer.
pub(crate) fn machine(machine: &Inventory, task: &Task, out: &mut impl Write) -> Result<()> {
    writeln!(out, "CPU        {} ({} cores), {} MiB", machine.cpu, machine.cores, machine.memory_mib)?;
    writeln!(out, "kernel     {}", machine.kernel)?;
    writeln!(out, "media      {}", machine.gstreamer)?;
    for device in machine.dri.iter().chain(&machine.video) {
        writeln!(out, "device     /dev/{} {}", device.node.display(), device.name)?;
    }
    if machine.dri.is_empty() && machine.video.is_empty() {
        writeln!(out, "device     neither /dev/dri nor /dev/video*")?;
    }
    match &machine.nvidia {
        Some(nvidia) => writeln!(out, "NVIDIA     {} ({})", nvidia.cards.join(", "), nvidia.driver)?,
        None => writeln!(out, "NVIDIA     no driver")?,
    }
    writeln!(
        out,
        "task       {}×{} at {}/s, {} kb/s, then {} kb/s, {} s each",
        task.width,
        task.height,
        task.rate,
        task.bitrate,
        task.bitrate / 2,
        task.seconds
    )
}

/// All rows in short.
///
/// # Errors
/// Those of the writer.
pub(crate) fn summary(rows: &[Row], out: &mut impl Write) -> Result<()> {
    writeln!(out)?;
    rows.iter().try_for_each(|row| writeln!(out, "{:6} {}", row.verdict.word(), row.element))
}

/// One element's row with its judgements.
///
/// # Errors
/// Those of the writer.
pub(crate) fn row(row: &Row, out: &mut impl Write) -> Result<()> {
    let with = row.judged_with.join(", ");
    let with = if with.is_empty() { with } else { format!(" (judged with {with})") };
    writeln!(out, "\n{:6} {}{with}", row.verdict.word(), row.element)?;
    for remark in &row.remarks {
        writeln!(out, "       {remark}")?;
    }
    for judgement in &row.judgements {
        line(judgement, out)?;
    }
    Ok(())
}

fn line(judgement: &Judgement, out: &mut impl Write) -> Result<()> {
    let Judgement { what, measured, unit, limit, verdict } = judgement;
    let limit = limit.as_ref().map(self::limit).unwrap_or_default();
    let line = format!("  {:4} {what:42} {:>20} {unit:12} {limit}", verdict.word(), value(measured));
    writeln!(out, "{}", line.trim_end())
}

fn value(value: &Value) -> String {
    match value {
        Value::Number(value) => number(*value),
        Value::Text(text) => text.clone(),
        Value::Nothing(()) => "nothing".into(),
    }
}

fn limit(limit: &Limit) -> String {
    match limit {
        Limit::AtLeast(least) => format!("≥ {}", number(*least)),
        Limit::AtMost(most) => format!("≤ {}", number(*most)),
        Limit::Between(low, high) => format!("{} to {}", number(*low), number(*high)),
        Limit::Exactly(_) => String::from("as asked"),
    }
}

/// Three digits that count, no more.
fn number(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    fn lines(found: &Row) -> Vec<String> {
        let mut text = vec![];
        row(found, &mut text).unwrap();
        String::from_utf8(text).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_shows_value_limit_and_verdict() {
        let judgements = vec![
            Judgement::new("PSNR, mean", Some(36.24), "dB", Some(Limit::AtLeast(30.0))),
            Judgement::new("CPU", Some(0.1234), "s a second", None),
        ];
        let shown = lines(&Row::judged("x264enc", vec!["avdec_h264".into()], vec![], judgements));
        assert_eq!(shown[1], "PASS   x264enc (judged with avdec_h264)");
        let words: Vec<&str> = shown[2].split_whitespace().collect();
        assert_eq!(words, ["PASS", "PSNR,", "mean", "36.2", "dB", "≥", "30"]);
        assert!(shown[3].ends_with("0.123 s a second"), "{}", shown[3]);
    }

    #[test]
    fn what_is_absent_says_why() {
        let shown = lines(&Row::without_judgement("vah264enc", Verdict::Absent, "no device".into()));
        assert_eq!(shown[1..], ["ABSENT vah264enc", "       no device"]);
    }
}
