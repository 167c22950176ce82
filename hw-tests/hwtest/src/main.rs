//! `tabellion-hwtest`: which of the machine's H.264 encoders and decoders are good enough for a conference.
//!
//! `--only` → a process for each element ([`child`]) → [`row`]: a [`trial`] of an encoder, or two decoders side by
//! side, then [`sessions`] → [`judge`] compares what was measured with [`limits`] → [`table`] and JSON. The JSON of
//! machines with an accelerator is kept in `docs/hardware/`.

mod arguments;
mod catalogue;
mod child;
mod decoder;
mod edge;
mod inventory;
mod judge;
mod level;
mod limits;
mod picture;
mod psnr;
mod pump;
mod report;
mod row;
mod sessions;
mod stamp;
mod stream;
mod table;
mod trial;

use anyhow::{Context, Result, bail};
use arguments::{Arguments, Command};
use report::{Report, Verdict};
use std::{
    fs::File,
    io::{BufWriter, Write, stderr, stdout},
    path::Path,
    process::ExitCode,
};
use tabellion_h264::Candidate;

/// Some row is FAIL.
const SOME_FAIL: u8 = 1;
/// The command line asks for what cannot be done.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::read();
    match run(&arguments) {
        Ok(Verdict::Fail) => ExitCode::from(SOME_FAIL),
        Ok(_) => ExitCode::SUCCESS,
        Err(problem) => {
            // Where standard error is closed, the exit status still tells.
            let _ = writeln!(stderr(), "tabellion-hwtest: {problem:#}");
            ExitCode::from(USAGE)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Verdict> {
    gstreamer::init().context("GStreamer does not start: install libgstreamer1.0-0 anew")?;
    match &arguments.command {
        Some(Command::JudgeRow { element }) => judge_row(element, arguments),
        None => judge_machine(arguments),
    }
}

/// In a child process: one row, as a line of JSON. What it says is in the line, not in the exit status.
fn judge_row(element: &str, arguments: &Arguments) -> Result<Verdict> {
    let chosen = chosen(&[element.to_owned()])?;
    for candidate in &chosen {
        let row = row::judge(candidate, &arguments.task);
        writeln!(stdout().lock(), "{}", serde_json::to_string(&row)?)?;
    }
    Ok(Verdict::Pass)
}

fn judge_machine(arguments: &Arguments) -> Result<Verdict> {
    let chosen = chosen(&arguments.only)?;
    // Opened first: a wrong path is told before minutes of work, not after.
    let json = arguments.json.as_deref().map(create).transpose()?;
    let inventory = inventory::Inventory::read(Path::new("/"), gstreamer::version_string().into());
    let print = "the table cannot be written";
    table::machine(&inventory, &arguments.task, &mut stdout().lock()).context(print)?;
    let mut rows = vec![];
    for candidate in &chosen {
        let row = child::judge(&candidate.name, arguments)?;
        // As they come: with many elements it takes minutes.
        table::row(&row, &mut stdout().lock()).context(print)?;
        rows.push(row);
    }
    table::summary(&rows, &mut stdout().lock()).context(print)?;
    let report = Report::new(inventory, arguments.task, rows);
    if let Some(file) = json {
        let mut file = BufWriter::new(file);
        serde_json::to_writer_pretty(&mut file, &report).context("the report cannot be written")?;
        writeln!(file).and_then(|()| file.flush()).context("the report cannot be written: make room")?;
    }
    Ok(report.verdict)
}

fn create(path: &Path) -> Result<File> {
    File::create(path)
        .with_context(|| format!("--json {}: choose a file that can be written", path.display()))
}

/// The elements that were asked for; all where none was.
fn chosen(names: &[String]) -> Result<Vec<Candidate>> {
    let mut candidates = catalogue::candidates();
    for name in names {
        if !candidates.iter().any(|candidate| candidate.name == *name) {
            let known: Vec<String> = candidates.into_iter().map(|candidate| candidate.name).collect();
            bail!(
                "--only {name}: not an H.264 element that is judged here; choose among {}",
                known.join(", ")
            );
        }
    }
    candidates.retain(|candidate| names.is_empty() || names.contains(&candidate.name));
    Ok(candidates)
}
