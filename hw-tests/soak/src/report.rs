//! The report: a table for people, JSON for programs.

use crate::{
    judge::{Count, Memory, Row, Verdict, judge},
    run::{Look, Observed},
};
use serde::Serialize;
use std::{
    fs,
    io::{self, Write, stdout},
    path::Path,
    time::Duration,
};

/// Complaints that are printed; the JSON has all.
const PRINTED: usize = 10;

/// What came of it, and what is said of that.
#[derive(Serialize)]
pub(crate) struct Report {
    minutes: u64,
    visits: usize,
    rows: Vec<Row>,
    failures: Vec<String>,
    complaints: Vec<String>,
    restarted: Vec<String>,
    passed: usize,
    failed: usize,
    undecided: usize,
    looks: Vec<Look>,
}

impl Report {
    pub(crate) fn of(observed: Observed, time: Duration) -> Self {
        let rows = judge(&observed.looks, time.as_secs_f64());
        let mut report = Self {
            minutes: time.as_secs() / 60,
            visits: observed.visits,
            rows,
            failures: observed.failures,
            complaints: observed.complaints,
            restarted: observed.restarted,
            passed: 0,
            failed: 0,
            undecided: 0,
            looks: observed.looks,
        };
        let all: Vec<Verdict> = report.rows.iter().flat_map(Row::verdicts).collect();
        let of = |wanted: Verdict| all.iter().filter(|verdict| **verdict == wanted).count();
        let as_wished = report.checks().iter().filter(|(_, good)| *good).count();
        report.passed = of(Verdict::Flat) + as_wished;
        report.failed = of(Verdict::Grows) + report.checks().len() - as_wished;
        report.undecided = of(Verdict::Undecided);
        report
    }

    /// What is there or not.
    fn checks(&self) -> [(String, bool); 3] {
        [
            (
                format!("all {} visits met, and those who stayed went on", self.visits),
                self.visits > 0 && self.failures.is_empty(),
            ),
            ("no warning or error in the box's log".to_owned(), self.complaints.is_empty()),
            ("no process was started again".to_owned(), self.restarted.is_empty()),
        ]
    }

    pub(crate) fn passed(&self) -> bool {
        self.failed == 0
    }

    pub(crate) fn print(&self) -> io::Result<()> {
        let mut out = stdout().lock();
        writeln!(
            out,
            "\n{:<18}{:>6}  {:<16}{:<16}memory of its own, MiB",
            "process", "looks", "threads", "descriptors"
        )?;
        for row in &self.rows {
            let (threads, descriptors, memory) =
                (counted(&row.threads), counted(&row.descriptors), grown(&row.memory));
            writeln!(out, "{:<18}{:>6}  {threads:<16}{descriptors:<16}{memory}", row.process, row.looks)?;
        }
        for (what, good) in self.checks() {
            writeln!(out, "{} {what}", if good { "✓" } else { "✗" })?;
        }
        let lines = self.failures.iter().chain(self.complaints.iter().take(PRINTED)).chain(&self.restarted);
        for line in lines {
            writeln!(out, "    {line}")?;
        }
        if self.undecided > 0 {
            writeln!(
                out,
                "undecided: the time was too short; a run of twice the time knows a slope about three times as well"
            )?;
        }
        writeln!(out, "\n{} passed, {} failed, {} skipped", self.passed, self.failed, self.undecided)
    }

    pub(crate) fn save(&self, file: &Path) -> io::Result<()> {
        fs::write(file, serde_json::to_string_pretty(self)? + "\n")
    }
}

fn told(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Flat => "flat",
        Verdict::Grows => "GROWS",
        Verdict::Undecided => "undecided",
    }
}

fn counted(count: &Count) -> String {
    let span = if count.least == count.most {
        count.least.to_string()
    } else {
        format!("{}–{}", count.least, count.most)
    };
    format!("{span} {}", told(count.verdict))
}

fn grown(memory: &Memory) -> String {
    let mib = |kib: f64| kib / 1_024.0;
    let span = format!("{:.1} → {:.1}", mib(memory.first_kib as f64), mib(memory.last_kib as f64));
    match (memory.slope_kib_an_hour, memory.uncertainty_kib_an_hour) {
        (Some(slope), Some(within)) => {
            format!("{span}, {:+.2} ± {:.2} an hour: {}", mib(slope), mib(within), told(memory.verdict))
        }
        _ => format!("{span}: {}", told(memory.verdict)),
    }
}
