use super::{
    DemoArguments, announcement,
    process::{Process, Program},
};
use anyhow::{Context, Result};
use std::{ffi::OsString, fs, net::IpAddr, path::PathBuf, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

/// Between the end of a process and its next start.
const RESTART: Duration = Duration::from_millis(100);

/// Starts the box's processes, starts again what ends, until SIGINT or SIGTERM.
pub(super) async fn run(arguments: DemoArguments, address: IpAddr) -> Result<()> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    // sd_notify(3) takes absolute paths only.
    let runtime =
        std::path::absolute(arguments.state.join("run")).context("cannot tell the current folder")?;
    // Sockets of a run that was killed.
    if runtime.exists() {
        fs::remove_dir_all(&runtime).with_context(|| format!("cannot clear {}", runtime.display()))?;
    }
    fs::create_dir_all(&runtime).with_context(|| format!("cannot make {}", runtime.display()))?;

    let programs = programs(&arguments, address, &runtime)?;
    let mut running = Vec::new();
    for program in &programs {
        running.push(program.start().await?);
    }
    let pids: Vec<_> = running.iter().map(|process| (process.name, process.pid())).collect();
    announcement::print(&arguments, address, &pids)?;

    loop {
        tokio::select! {
            _ = interrupted.recv() => break,
            _ = terminated.recv() => break,
            index = first_to_end(&mut running) => {
                warn!(process = running[index].name, "a process ended and is started again");
                tokio::time::sleep(RESTART).await;
                running[index] = programs[index].start().await?;
                info!(process = running[index].name, pid = running[index].pid(), "started again");
                if arguments.json {
                    announcement::restarted(running[index].name, running[index].pid())?;
                }
            }
        }
    }
    // The last started first: control says goodbye to its callers while the media engine still runs.
    for process in running.into_iter().rev() {
        process.stop().await?;
    }
    Ok(())
}

fn programs(arguments: &DemoArguments, address: IpAddr, runtime: &std::path::Path) -> Result<Vec<Program>> {
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
        .chain([beside("tabellion-studio")?.into()])
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
        ("--address", address.to_string().into()),
        ("--https-port", ports.https_port.to_string().into()),
        ("--sip-port", ports.sip_port.to_string().into()),
        ("--sips-port", ports.sips_port.to_string().into()),
        ("--media-port", ports.media_port.to_string().into()),
        ("--rtp-from", ports.rtp_from.to_string().into()),
        ("--rtp-to", ports.rtp_to.to_string().into()),
    ]));
    control.push("--demonstration".into());
    Ok(vec![
        program("studios", "systemd-socket-activate".into(), studios, false),
        program("media", beside("tabellion-media")?, media, true),
        program("control", own, control, true),
    ])
}

async fn first_to_end(running: &mut [Process]) -> usize {
    let waiting = running.iter_mut().enumerate().map(|(index, process)| {
        Box::pin(async move {
            // An error here means that the process is gone, too.
            let _ = process.child.wait().await;
            index
        })
    });
    select_first(waiting.collect()).await
}

/// The output of the first future that is ready.
async fn select_first<F: Future<Output = usize> + Unpin>(mut futures: Vec<F>) -> usize {
    std::future::poll_fn(move |context| {
        for future in &mut futures {
            if let std::task::Poll::Ready(index) = std::pin::Pin::new(future).poll(context) {
                return std::task::Poll::Ready(index);
            }
        }
        std::task::Poll::Pending
    })
    .await
}
