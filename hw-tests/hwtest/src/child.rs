//! A row in a process of its own: a driver that crashes or hangs takes nothing else along.

use crate::{
    arguments::Arguments,
    report::{Row, Verdict},
};
use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

/// How long the kernel may take to end a process that was killed.
const BURIAL: Duration = Duration::from_secs(5);

/// Judges an element in a child process.
///
/// # Errors
/// Where this program cannot be started again. Whatever the element does is a row.
pub(crate) fn judge(element: &str, arguments: &Arguments) -> Result<Row> {
    let program = std::env::current_exe().context("this program's own file cannot be found")?;
    let mut command = Command::new(program);
    command.args(arguments.task.options()).args(["judge-row", element]);
    let limit = Duration::from_secs(arguments.row_limit);
    let ended = run(&mut command, limit).context("this program cannot be started again for a row")?;
    Ok(row_of(element, ended, limit))
}

enum Ended {
    Itself(Output),
    Killed,
    /// Not even a kill ended it.
    Unkillable,
}

fn run(command: &mut Command, limit: Duration) -> Result<Ended> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let pid = Pid::from_raw(i32::try_from(child.id()).context("a process id is out of range")?);
    let outcome = wait_aside(child);
    match outcome.recv_timeout(limit) {
        Ok(output) => Ok(Ended::Itself(output?)),
        Err(RecvTimeoutError::Disconnected) => anyhow::bail!("nobody waits for the child process"),
        Err(RecvTimeoutError::Timeout) => {
            // It may have ended in this instant; its number is not given to another as fast as that.
            let _ = kill(pid, Signal::SIGKILL);
            Ok(outcome.recv_timeout(BURIAL).map_or(Ended::Unkillable, |_| Ended::Killed))
        }
    }
}

/// Waits in a thread: a process that a driver holds inside the kernel must not hold this one, too.
fn wait_aside(child: Child) -> Receiver<std::io::Result<Output>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    receiver
}

fn row_of(element: &str, ended: Ended, limit: Duration) -> Row {
    let fail = |why: String| Row::without_judgement(element, Verdict::Fail, why);
    let seconds = limit.as_secs();
    let output = match ended {
        Ended::Itself(output) => output,
        Ended::Killed => return fail(format!("hung: not done after {seconds} s (--row-limit), killed")),
        Ended::Unkillable => {
            return fail(format!(
                "hung: not done after {seconds} s, and the driver keeps it in the kernel: restart the machine"
            ));
        }
    };
    // Drivers print, too; the row is the last line.
    let text = String::from_utf8_lossy(&output.stdout);
    let row = text.lines().last().and_then(|line| serde_json::from_str::<Row>(line).ok());
    match (row, output.status.success()) {
        (Some(row), true) => row,
        (Some(mut row), false) => {
            row.verdict = Verdict::Fail;
            row.remarks.push(format!("crashed when it ended: {}", last_words(&output)));
            row
        }
        (None, _) => fail(format!("crashed: {}", last_words(&output))),
    }
}

/// How a process ended, and the last line that it wrote.
fn last_words(output: &Output) -> String {
    let status = output.status;
    let how = match status.signal().map(Signal::try_from) {
        Some(Ok(signal)) => signal.as_str().to_owned(),
        _ => status.to_string(),
    };
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it wrote nothing");
    format!("{how}; {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(script: &str, limit: Duration) -> Row {
        let ended = run(Command::new("sh").args(["-c", script]), limit).unwrap();
        row_of("x264enc", ended, limit)
    }

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_row_comes_through_whatever_drivers_print() {
        let good = Row::judged("x264enc", vec![], vec![], vec![]);
        let json = serde_json::to_string(&good).unwrap();
        assert_eq!(row(&format!("echo libva info; echo '{json}'"), LONG), good);
    }

    #[test]
    fn a_crash_is_a_fail_with_its_reason() {
        let crashed = row("echo assertion failed >&2; kill -SEGV $$", LONG);
        assert_eq!(crashed.verdict, Verdict::Fail);
        assert_eq!(crashed.remarks, ["crashed: SIGSEGV; assertion failed"]);
    }

    #[test]
    fn a_crash_at_the_end_is_a_fail_too() {
        let json = serde_json::to_string(&Row::judged("x264enc", vec![], vec![], vec![])).unwrap();
        let crashed = row(&format!("echo '{json}'; kill -ABRT $$"), LONG);
        assert_eq!(crashed.verdict, Verdict::Fail);
        assert!(crashed.remarks[0].starts_with("crashed when it ended: SIGABRT"));
    }

    #[test]
    fn a_process_that_even_a_kill_does_not_end_says_what_to_do() {
        let held = row_of("v4l2h264dec", Ended::Unkillable, Duration::from_secs(300));
        assert_eq!(held.verdict, Verdict::Fail);
        assert!(held.remarks[0].ends_with("restart the machine"), "{:?}", held.remarks);
    }

    #[test]
    fn a_process_that_hangs_is_ended() {
        let hung = row("exec tail -f /dev/null", Duration::from_millis(50));
        assert_eq!(hung.verdict, Verdict::Fail);
        assert!(hung.remarks[0].starts_with("hung"), "{:?}", hung.remarks);
    }
}
