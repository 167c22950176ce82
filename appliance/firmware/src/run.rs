use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};

/// Runs a program of the operating system to its end. Its output, without the last line's end.
///
/// # Errors
/// It cannot be started, or ends with another status than 0: with the last lines that it wrote.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .env("SYSTEMD_COLORS", "0")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
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
