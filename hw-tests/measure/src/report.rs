use anyhow::Result;
use serde::Serialize;
use std::{
    io::{Write, stderr, stdout},
    process::ExitCode,
};

/// Prints what was measured, in JSON on standard output.
///
/// # Errors
/// Nobody takes it.
pub fn print(report: &impl Serialize) -> Result<()> {
    serde_json::to_writer_pretty(stdout(), report)?;
    Ok(writeln!(stdout())?)
}

/// How `program` ends; why it has failed is told on standard error.
#[must_use]
pub fn exit(program: &str, outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Where standard error is closed, the exit status still tells.
            let _ = writeln!(stderr(), "{program}: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
