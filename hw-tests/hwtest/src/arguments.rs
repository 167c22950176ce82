//! The command line.

use clap::{Args, Parser, Subcommand, error::ErrorKind};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, time::Duration};

/// Inventories this machine and judges every H.264 encoder and decoder that it finds.
///
/// Exit status: 0 where every row is PASS or ABSENT, 1 where one is FAIL, 2 where the command line is wrong.
#[derive(Parser, Debug)]
#[command(
    version,
    disable_help_subcommand = true,
    subcommand_value_name = "",
    override_usage = "tabellion-hwtest [OPTIONS]"
)]
pub(crate) struct Arguments {
    /// Also write the report as JSON into this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Judge this GStreamer element only; repeat for more.
    #[arg(long, value_name = "ELEMENT")]
    pub(crate) only: Vec<String>,
    /// Seconds after which an element that is not done is ended and counts as hanging.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(10..=3_600))]
    pub(crate) row_limit: u64,
    #[command(flatten)]
    pub(crate) task: Task,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program starts itself with.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Judges one element in this process and prints the row as JSON.
    #[command(hide = true)]
    JudgeRow {
        /// The element.
        element: String,
    },
}

/// What the elements are given to do.
#[derive(Args, Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Of the picture, in pixels; even.
    #[arg(long, value_name = "PIXELS", default_value_t = 1280, value_parser = clap::value_parser!(u32).range(160..=3840))]
    pub(crate) width: u32,
    /// Of the picture, in pixels; even.
    #[arg(long, value_name = "PIXELS", default_value_t = 720, value_parser = clap::value_parser!(u32).range(96..=2160))]
    pub(crate) height: u32,
    /// Pictures a second.
    #[arg(long, value_name = "HZ", default_value_t = 25, value_parser = clap::value_parser!(u32).range(5..=60))]
    pub(crate) rate: u32,
    /// Length of each of the two parts that the bitrate is measured in, in seconds of video.
    #[arg(long, value_name = "SECONDS", default_value_t = 6, value_parser = clap::value_parser!(u32).range(2..=60))]
    pub(crate) seconds: u32,
    /// Asked of the encoders, in kb/s; half of it in the second part.
    #[arg(long, value_name = "KBPS", default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(64..=50_000))]
    pub(crate) bitrate: u32,
    /// Most sessions that are tried side by side.
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) max_sessions: u32,
}

impl Task {
    /// The options that hand this on to a child process.
    pub(crate) fn options(&self) -> Vec<String> {
        let Self { width, height, rate, seconds, bitrate, max_sessions } = self;
        [
            ("--width", width),
            ("--height", height),
            ("--rate", rate),
            ("--seconds", seconds),
            ("--bitrate", bitrate),
            ("--max-sessions", max_sessions),
        ]
        .into_iter()
        .flat_map(|(name, value)| [name.to_owned(), value.to_string()])
        .collect()
    }

    /// Pictures of each of the two parts.
    pub(crate) fn part(&self) -> u64 {
        u64::from(self.seconds * self.rate)
    }

    /// From one picture to the next.
    pub(crate) fn frame_time(&self) -> Duration {
        Duration::from_secs(1) / self.rate
    }
}

impl Arguments {
    /// The process's command line. Ends the process where it is wrong, saying why.
    pub(crate) fn read() -> Self {
        let this = Self::parse();
        if this.task.width % 2 != 0 || this.task.height % 2 != 0 {
            let text = format!(
                "--width {} and --height {} must both be even: H.264's colours have half the resolution",
                this.task.width, this.task.height
            );
            <Self as clap::CommandFactory>::command().error(ErrorKind::ValueValidation, text).exit();
        }
        this
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_gets_the_same_task() {
        let task = Task { width: 640, height: 360, rate: 30, seconds: 3, bitrate: 700, max_sessions: 2 };
        let line = ["hwtest".to_owned()].into_iter().chain(task.options());
        let line = line.chain(["judge-row".to_owned(), "x264enc".to_owned()]);
        let arguments = Arguments::try_parse_from(line).unwrap();
        assert_eq!(arguments.task, task);
        assert!(matches!(arguments.command, Some(Command::JudgeRow { element }) if element == "x264enc"));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [["hwtest", "--rate", "0"], ["hwtest", "--seconds", "1"], ["hwtest", "--width", "100"]] {
            assert!(Arguments::try_parse_from(line).is_err(), "{line:?}");
        }
    }
}
