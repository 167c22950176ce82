use super::{
    FOLDER,
    incoming::{self, Incoming},
    install::{InstallArguments, install},
    running_version,
    state::State,
};
use crate::run::run;
use anyhow::{Context, Result, ensure};
use nix::sys::statvfs::statvfs;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tracing::info;

/// Free space on the data partition that an update's files need, in MiB: its root partition has at most 1024.
const ROOM_MIB: u64 = 1_200;

/// What a download is told.
#[derive(clap::Args)]
pub(crate) struct DownloadArguments {
    /// Where the update's files lie: `https://host/folder/`.
    url: String,
    /// Also a version that was taken back before.
    #[arg(long)]
    again: bool,
    /// Installs it, and restarts the box into it.
    #[arg(long)]
    install: bool,
}

/// Fetches an update, from where an interrupted download stopped.
///
/// # Errors
/// The server is away, the update is not for this box, or the disk is full. What has been fetched stays for the next
/// attempt.
pub(crate) fn download(arguments: &DownloadArguments) -> Result<()> {
    let folder = Path::new(FOLDER).join("incoming");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    ensure!(
        free_mib(&folder)? >= ROOM_MIB,
        "Il ne reste pas assez de place pour la mise à jour : il faut {ROOM_MIB}\u{a0}Mio sur l’espace de données."
    );
    let url = arguments.url.trim_end_matches('/');
    // The list first, and always anew: it says which version is there now.
    for name in incoming::LIST {
        fetch(url, &folder, name, false)?;
    }
    let state = State::load(Path::new(FOLDER))?;
    let update = Incoming::announced(&folder, &running_version()?, &state, arguments.again)?;
    forget_others(&folder, &update)?;
    for name in &update.files {
        info!(file = name, "downloading");
        fetch(url, &folder, name, true)?;
    }
    info!(version = update.version, "downloaded");
    if !arguments.install {
        return Ok(());
    }
    install(&InstallArguments { folder: folder.clone(), again: arguments.again, restart: true })
}

/// A file of another version would only take room; one of this version is gone on with.
fn forget_others(folder: &Path, update: &Incoming) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !update.files.contains(&name) && !incoming::LIST.contains(&name.as_str()) {
            fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

/// `resume`: from where the file ends, if a part of it is there (RFC 9110 §14). An attempt that brought something is
/// followed by another one; curl's own retries would each begin where the first one began.
fn fetch(url: &str, folder: &Path, name: &str, resume: bool) -> Result<()> {
    let path = folder.join(name);
    let (from, to) = (format!("{url}/{name}"), path.display().to_string());
    let mut arguments = vec!["--silent", "--show-error", "--fail", "--location", "--proto", "=http,https"];
    // A line that has died, not a slow one: an office's 1 Mb/s are 125,000.
    arguments.extend(["--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60"]);
    if resume {
        arguments.extend(["--continue-at", "-"]);
    }
    arguments.extend(["--output", &to, &from]);
    let size = || fs::metadata(&path).map_or(0, |file| file.len());
    loop {
        let before = size();
        let Err(problem) = run("curl", &arguments) else { return Ok(()) };
        if resume && size() > before {
            info!(file = name, bytes = size(), "the line broke: going on from here");
            continue;
        }
        return Err(problem).with_context(|| {
            format!(
                "Le téléchargement de la mise à jour s’est interrompu ({name}). Il reprendra où il s’est arrêté."
            )
        });
    }
}

fn free_mib(folder: &Path) -> Result<u64> {
    let space = statvfs(folder).with_context(|| format!("{} cannot be looked at", folder.display()))?;
    Ok((space.blocks_available() * space.fragment_size()) >> 20)
}
