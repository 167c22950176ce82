use super::{
    DemoArguments, announcement,
    process::{Process, Program},
};
use crate::media;
use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use std::{
    ffi::OsString,
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

/// Between the end of a process and its next start.
const RESTART: Duration = Duration::from_millis(100);
/// The longest pause between two starts that fail: each doubles the one before.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Where control's large blocks come from, as tabellion.service has it on a box, which says why.
const CONTROL_ENVIRONMENT: [(&str, &str); 1] = [("MALLOC_MMAP_THRESHOLD_", "131072")];

/// Starts the box's processes, starts again what ends, until SIGINT or SIGTERM.
///
/// # Errors
/// The runtime folder cannot be made, or a process does not become ready at the first start.
pub(super) async fn run(arguments: DemoArguments, address: IpAddr) -> Result<()> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let runtime = runtime_folder(&arguments)?;
    look_for_codecs(&runtime).await?;
    let programs = programs(&arguments, address, &runtime)?;
    let mut running = Vec::new();
    // Also while a process starts, which takes a while.
    let outcome = tokio::select! {
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
        failed = run_all(&programs, &mut running, &arguments, address) => failed,
    };
    // The last started first: control says goodbye to its callers while the media engine still runs.
    for process in running.into_iter().rev() {
        process.stop().await?;
    }
    outcome
}

/// Ends only with an error.
async fn run_all(
    programs: &[Program],
    running: &mut Vec<Process>,
    arguments: &DemoArguments,
    address: IpAddr,
) -> Result<()> {
    for program in programs {
        running.push(program.start().await?);
    }
    let pids: Vec<_> = running.iter().map(|process| (process.name, process.pid())).collect();
    announcement::print(arguments, address, &pids)?;
    let kept = programs.iter().zip(running).map(|(program, process)| keep(program, process, arguments.json));
    try_join_all(kept).await.map(drop)
}

/// Starts a process again whenever it ends, as systemd does on a box.
async fn keep(program: &Program, process: &mut Process, json: bool) -> Result<()> {
    loop {
        // An error here means that the process is gone, too.
        let _ = process.child.wait().await;
        warn!(process = process.name, "a process ended and is started again");
        *process = start_again(program).await;
        info!(process = process.name, pid = process.pid(), "started again");
        if json {
            announcement::restarted(process.name, process.pid())?;
        }
    }
}

async fn start_again(program: &Program) -> Process {
    let mut pause = RESTART;
    loop {
        tokio::time::sleep(pause).await;
        match program.start().await {
            Ok(process) => return process,
            Err(problem) => error!("{problem:#}; it is tried again"),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// As tabellion-codecs.service does on a box.
async fn look_for_codecs(runtime: &Path) -> Result<()> {
    let mut command = Command::new(media::studio()?);
    command.arg("probe").arg(codecs(runtime)).stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.kill_on_drop(true).status().await.context("cannot start tabellion-studio")?;
    anyhow::ensure!(
        status.success(),
        "the studio cannot look for codecs ({status}): the lines above say why"
    );
    Ok(())
}

/// Where it is written what encodes and decodes pictures.
fn codecs(runtime: &Path) -> PathBuf {
    runtime.join("codecs.json")
}

/// A folder of the sockets between the processes, empty.
fn runtime_folder(arguments: &DemoArguments) -> Result<PathBuf> {
    // sd_notify(3) takes absolute paths only.
    let runtime =
        std::path::absolute(arguments.state.join("run")).context("cannot tell the current folder")?;
    // Sockets of a run that was killed.
    if runtime.exists() {
        fs::remove_dir_all(&runtime).with_context(|| format!("cannot clear {}", runtime.display()))?;
    }
    fs::create_dir_all(&runtime).with_context(|| format!("cannot make {}", runtime.display()))?;
    Ok(runtime)
}

fn programs(arguments: &DemoArguments, address: IpAddr, runtime: &Path) -> Result<Vec<Program>> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let beside = |name: &str| -> Result<PathBuf> {
        let path = own.with_file_name(name);
        anyhow::ensure!(path.exists(), "{} is missing: build it with `make build`", path.display());
        Ok(path)
    };
    let program = |name, path, arguments, notifies| Program {
        name,
        path,
        arguments,
        environment: &[],
        notifies,
        runtime: runtime.to_owned(),
    };
    let ports = &arguments.ports;
    let words = |list: &[(&str, OsString)]| -> Vec<OsString> {
        list.iter().flat_map(|(flag, value)| [OsString::from(*flag), value.clone()]).collect()
    };
    let studios = words(&[("--listen", runtime.join("studio.sock").into())])
        .into_iter()
        .chain(["--seqpacket", "--accept", "--setenv=TABELLION_LOG"].map(OsString::from))
        .chain([format!("--setenv=TABELLION_CODECS={}", codecs(runtime).display()).into()])
        .chain([media::studio()?.into()])
        .collect();
    let media = words(&[
        ("--runtime", runtime.into()),
        ("--address", address.to_string().into()),
        ("--port", ports.media_port.to_string().into()),
    ]);
    let mut control = vec![OsString::from("serve")];
    control.extend(words(&[
        ("--state", arguments.state.clone().into()),
        ("--runtime", runtime.into()),
        ("--pages", arguments.pages.clone().into()),
        ("--rehearsal", runtime.join("rehearsal.sock").into()),
        ("--codecs", codecs(runtime).into()),
        ("--address", address.to_string().into()),
        ("--https-port", ports.https_port.to_string().into()),
        ("--sip-port", ports.sip_port.to_string().into()),
        ("--sips-port", ports.sips_port.to_string().into()),
        ("--media-port", ports.media_port.to_string().into()),
        ("--rtp-from", ports.rtp_from.to_string().into()),
        ("--rtp-to", ports.rtp_to.to_string().into()),
    ]));
    control.push("--demonstration".into());
    if let Some(port) = ports.guests_port {
        control.extend(words(&[("--guests-port", port.to_string().into())]));
    }
    if let Some(folder) = &arguments.updater {
        control.extend(words(&[("--updater", folder.into())]));
    }
    Ok(vec![
        program("studios", "systemd-socket-activate".into(), studios, false),
        program("media", beside("tabellion-media")?, media, true),
        Program { environment: &CONTROL_ENVIRONMENT, ..program("control", own, control, true) },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_has_its_memory_as_on_a_box() {
        let unit = include_str!("../../../../systemd/system/tabellion.service");
        let of_the_unit: Vec<_> =
            unit.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('=')).collect();
        assert_eq!(of_the_unit, CONTROL_ENVIRONMENT);
    }
}
