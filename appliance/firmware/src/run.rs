use anyhow::{Context, Result, bail};
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Runs a program of the operating system to its end. Its output, without the last line's end.
///
/// # Errors
/// It cannot be started, or ends with another status than 0: with the last lines that it wrote.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String> {
    run_with_input(program, arguments, "")
}

/// The same; the program reads `input`, which nobody else sees: a key is no argument.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_with_input(program: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("SYSTEMD_COLORS", "0")
        .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} cannot be started"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // What ends without having read it says so by its status.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().with_context(|| format!("{program} cannot be waited for"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = said.lines().rev().take(LINES).collect();
    let said = lines.into_iter().rev().collect::<Vec<_>>().join(" | ");
    bail!("{program} {} ended with {}: {said}", arguments.join(" "), output.status)
}

/// Of what a program wrote before it failed.
const LINES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_is_told_with_its_own_last_words() {
        assert_eq!(run("echo", &["a"]).unwrap(), "a");
        let error = run("sh", &["-c", "seq 9 >&2; exit 3"]).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("5 | 6 | 7 | 8 | 9"), "{error}");
        assert!(run("/nowhere", &[]).unwrap_err().to_string().contains("/nowhere"));
    }
}
