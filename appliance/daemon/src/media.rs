//! What can be asked about pictures and sound on this machine.

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use std::{
    fmt::Write as _,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};
use tabellion_conference::media::{ChosenCodec, TrialOutcome, VideoCodecs};

/// `tabellion media …`
#[derive(Args)]
pub(crate) struct MediaArguments {
    #[command(subcommand)]
    command: MediaCommand,
}

#[derive(Subcommand)]
enum MediaCommand {
    /// Tries which of this machine's codecs work and what they cost, and prints which ones the studio takes. Changes nothing.
    Probe,
}

/// Carries it out.
///
/// # Errors
/// The studio's program is missing, or GStreamer does not start.
pub(crate) fn run(arguments: MediaArguments) -> Result<()> {
    let MediaCommand::Probe = arguments.command;
    let mut command = Command::new(studio()?);
    let output = command.arg("probe").stderr(Stdio::inherit()).output();
    let output = output.context("cannot start tabellion-studio")?;
    let status = output.status;
    ensure!(
        status.success(),
        "tabellion-studio could not look for codecs ({status}): its last lines say why"
    );
    let found = serde_json::from_slice(&output.stdout).context("what it found is not understood")?;
    std::io::stdout().write_all(told(&found).as_bytes()).context("nobody takes the answer")
}

/// The studio's program beside this one.
///
/// # Errors
/// It is not there.
pub(crate) fn studio() -> Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let studio = own.with_file_name("tabellion-studio");
    ensure!(studio.exists(), "{} is missing: build it with `make build`", studio.display());
    Ok(studio)
}

fn told(found: &VideoCodecs) -> String {
    let mut text = String::new();
    for (what, ChosenCodec { element, is_device }) in
        [("encoder", &found.encoder), ("decoder", &found.decoder)]
    {
        let who = if *is_device { "a device" } else { "software" };
        // Writing into a string does not fail.
        let _ = writeln!(text, "{what}  {element} ({who})");
    }
    if found.trials.is_empty() {
        text.push_str("tried    nothing: this machine has no device for H.264 that GStreamer knows\n");
    }
    for trial in &found.trials {
        let how = match &trial.outcome {
            TrialOutcome::Works { cpu_us } => {
                format!("works, {cpu_us} µs of the processor for a picture of 1280×720")
            }
            TrialOutcome::Fails { reason } => format!("fails: {reason}"),
        };
        let _ = writeln!(text, "tried    {}: {how}", trial.element);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_conference::media::CodecTrial;

    #[test]
    fn what_was_chosen_and_tried_is_told() {
        let of = |element: &str, is_device| ChosenCodec { element: element.to_owned(), is_device };
        let mut found =
            VideoCodecs { encoder: of("x264enc", false), decoder: of("vah264dec", true), trials: Vec::new() };
        assert!(
            told(&found)
                .ends_with("tried    nothing: this machine has no device for H.264 that GStreamer knows\n")
        );
        let reason = "no such profile".to_owned();
        found.trials = vec![
            CodecTrial { element: "vah264enc".to_owned(), outcome: TrialOutcome::Fails { reason } },
            CodecTrial { element: "vah264dec".to_owned(), outcome: TrialOutcome::Works { cpu_us: 812 } },
        ];
        let expected = "encoder  x264enc (software)\ndecoder  vah264dec (a device)\n\
            tried    vah264enc: fails: no such profile\n\
            tried    vah264dec: works, 812 µs of the processor for a picture of 1280×720\n";
        assert_eq!(told(&found), expected);
    }
}
