use super::{
    DOWNLOADS, PUBLISHED, free_mib,
    helper::{DOWNLOAD, Interrupted},
    incoming::{Incoming, Listed},
    request::publish,
    running_version,
    state::State,
};
use crate::run::run;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};
use tabellion_domain::updates::LIST;
use tabellion_system::updater::Goal;
use tracing::info;

/// Free space on the data partition that an update's files need, in MiB: its root partition has at most 1024.
const ROOM_MIB: u64 = 1_200;
/// What a server may send, in bytes: a list has some hundred, the largest file is a root partition's.
const LARGEST_LIST: u64 = 64 << 10;
const LARGEST_FILE: u64 = 1_100 << 20;
/// What is to be fetched, as the updater asks for it.
const ORDER: &str = "/run/tabellion-firmware/download.json";

/// What is to be fetched.
#[derive(Serialize, Deserialize)]
struct Order {
    /// `https://host/folder/`.
    url: String,
    /// Also a version that was taken back before.
    again: bool,
    /// Whether more than the list.
    #[serde(default)]
    goal: Goal,
}

/// Has the update at `url`, or its list alone, fetched by a unit that talks with the server and has no rights
/// (tabellion-download.service). `tell` hears how many bytes are here, of how many.
///
/// # Errors
/// French: what [`download`] says.
pub(super) fn have_downloaded(
    url: &str,
    goal: Goal,
    again: bool,
    tell: &dyn Fn(u64, Option<u64>) -> Result<()>,
) -> Result<()> {
    publish(&Order { url: url.to_owned(), again, goal }, Path::new(ORDER))?;
    DOWNLOAD.run(tell)
}

/// Fetches the update that the updater has asked for, from where an interrupted download stopped.
///
/// # Errors
/// The server is away, the update is not for this box, or the disk is full. What has been fetched stays for the next
/// attempt; why is left for the updater.
pub(crate) fn download() -> Result<()> {
    DOWNLOAD.leave_word(fetch_update)
}

fn fetch_update() -> Result<()> {
    let order = fs::read(ORDER).with_context(|| format!("{ORDER} cannot be read"))?;
    let Order { url, again, goal } =
        serde_json::from_slice(&order).with_context(|| format!("{ORDER} is no order"))?;
    check_url(&url)?;
    let (url, folder) = (url.trim_end_matches('/'), Path::new(DOWNLOADS));
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    // The list first, and always anew: it says which version is there now.
    for name in LIST {
        fetch_anew(url, folder, name)?;
    }
    let update = Incoming::announced(folder)?;
    if let Some(total) = total(url, &update) {
        DOWNLOAD.announce(total)?;
    }
    if goal == Goal::Look {
        return Ok(());
    }
    let known = Path::new(PUBLISHED).parent().context("the published state has a folder")?;
    update.wanted(&running_version()?, &State::load(known)?, again)?;
    forget_others(folder, &update)?;
    room(folder)?;
    for file in &update.files {
        fetch(url, folder, file)?;
    }
    info!(version = update.version, "downloaded");
    Ok(())
}

/// Of all its files, in bytes, where the server says it: for whoever watches.
fn total(url: &str, update: &Incoming) -> Option<u64> {
    let length = |file: &Listed| {
        let from = format!("{url}/{}", file.name);
        let mut arguments = CURL.to_vec();
        arguments.extend([
            "--head",
            "--output",
            "/dev/null",
            "--write-out",
            "%header{content-length}",
            "--url",
        ]);
        arguments.push(&from);
        run("curl", &arguments).ok()?.trim().parse::<u64>().ok()
    };
    update.files.iter().map(length).sum()
}

/// A file of another version would only take room; one of this version is gone on with.
fn forget_others(folder: &Path, update: &Incoming) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path: PathBuf = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !update.files.iter().any(|file| file.name == name) && !LIST.contains(&name.as_str()) {
            fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

/// For what is still to come: what is there already has its place.
fn room(folder: &Path) -> Result<()> {
    let mut there = 0;
    for entry in fs::read_dir(folder)? {
        there += entry?.metadata()?.len();
    }
    let needed = ROOM_MIB.saturating_sub(there >> 20);
    ensure!(
        free_mib(folder)? >= needed,
        "Il ne reste pas assez de place pour la mise à jour\u{a0}: il faut {needed}\u{a0}Mio sur l’espace de données."
    );
    Ok(())
}

/// A file of the list, from where it ends if a part of it is there. One that is not what the list says is thrown away,
/// and fetched once more from its beginning: an interrupted write or another state of the server must not stay for good.
fn fetch(url: &str, folder: &Path, file: &Listed) -> Result<()> {
    let path = folder.join(&file.name);
    let began = size(&path);
    if began > 0 && file.is_whole(folder)? {
        return Ok(());
    }
    info!(file = file.name, from = began, "downloading");
    if let Err(problem) = resume(url, folder, &file.name) {
        // Nothing comes after the file's end: what is there is no part of it (RFC 9110 §15.5.17). Or the server knows no
        // ranges (curl's exit status 33): then only the whole file is to be had.
        let text = format!("{problem:#}");
        if began == 0 || !(text.contains("error: 416") || text.contains("exit status: 33")) {
            return Err(problem);
        }
    } else {
        File::open(&path).and_then(|file| file.sync_all())?;
        if file.is_whole(folder)? {
            return Ok(());
        }
    }
    fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    if began > 0 {
        info!(file = file.name, "what was there was no part of it: from the beginning");
        return fetch(url, folder, file);
    }
    bail!(
        "Le fichier {} du serveur n’est pas celui que la liste signée annonce. Rien n’a été installé ; \
         réessayez plus tard, et prévenez le support si cela se répète.",
        file.name
    )
}

/// From where the file ends (RFC 9110 §14). An attempt that brought something is followed by another one; curl's own
/// retries would each begin where the first one began.
fn resume(url: &str, folder: &Path, name: &str) -> Result<()> {
    let path = folder.join(name);
    loop {
        let before = size(&path);
        let Err(problem) = curl(&format!("{url}/{name}"), &path, LARGEST_FILE, &["--continue-at", "-"])
        else {
            return Ok(());
        };
        if size(&path) > before {
            info!(file = name, bytes = size(&path), "the line broke: going on from here");
            continue;
        }
        return Err(problem).with_context(|| {
            Interrupted(format!(
                "Le téléchargement de la mise à jour s’est interrompu ({name}). Il reprendra où il s’est arrêté."
            ))
        });
    }
}

fn fetch_anew(url: &str, folder: &Path, name: &str) -> Result<()> {
    curl(&format!("{url}/{name}"), &folder.join(name), LARGEST_LIST, &[]).with_context(|| {
        Interrupted(format!(
            "Le serveur des mises à jour ne répond pas ou n’a pas de mise à jour ({name}). Réessayez plus tard."
        ))
    })
}

/// What each of its runs is told; first of all: no configuration file. A line that has died is given up, not a slow one:
/// an office's 1 Mb/s are 125,000.
const CURL: [&str; 14] = [
    "--disable",
    "--silent",
    "--show-error",
    "--fail",
    "--location",
    "--globoff",
    "--proto",
    "=http,https",
    "--connect-timeout",
    "20",
    "--speed-limit",
    "1000",
    "--speed-time",
    "60",
];

fn curl(from: &str, to: &Path, largest: u64, more: &[&str]) -> Result<()> {
    let (to, largest) = (to.display().to_string(), largest.to_string());
    let mut arguments = CURL.to_vec();
    arguments.extend(["--max-filesize", &largest]);
    arguments.extend(more);
    arguments.extend(["--output", &to, "--url", from]);
    run("curl", &arguments).map(drop)
}

/// # Errors
/// French: it is no address of a web server. What curl would take for an option or a file never gets there.
fn check_url(url: &str) -> Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    ensure!(
        rest.is_some_and(|rest| !rest.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic())),
        "L’adresse des mises à jour doit commencer par https:// et ne contenir aucune espace."
    );
    Ok(())
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::{super::incoming, *};
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        sync::mpsc,
        thread,
    };

    const CONTENT: &str = "0123456789abcdef";
    const LISTED: &str = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f  file";

    /// A server of one file, with ranges; what it was asked for, as the first byte.
    fn server(content: &'static str) -> (String, mpsc::Receiver<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let head: Vec<_> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let range = head.iter().find_map(|line| line.strip_prefix("Range: bytes="));
                let from = range.map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
                if tell.send(from).is_err() {
                    return;
                }
                let length = content.len();
                let answer = match content.get(from..) {
                    Some(rest) if from > 0 && !rest.is_empty() => format!(
                        "HTTP/1.1 206 P\r\nContent-Range: bytes {from}-{}/{length}\r\nContent-Length: {}\r\n\r\n{rest}",
                        length - 1,
                        rest.len()
                    ),
                    Some(rest) if !rest.is_empty() => {
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{rest}")
                    }
                    _ => format!(
                        "HTTP/1.1 416 R\r\nContent-Range: bytes */{length}\r\nContent-Length: 0\r\n\r\n"
                    ),
                };
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        (url, asked)
    }

    fn file() -> Listed {
        incoming::listed(LISTED).unwrap().remove(0)
    }

    #[test]
    fn only_the_address_of_a_web_server_is_one() {
        for wrong in
            ["-K/var/lib/x", "file:///etc/shadow", "https://", "http://a b/", "https://a\n-o /dev/sda", ""]
        {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
        check_url("https://fleet.test/0.2.0/").unwrap();
    }

    #[test]
    fn a_part_is_gone_on_with_and_a_whole_file_is_not_asked_for_again() {
        let (url, asked) = server(CONTENT);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), &CONTENT[..7]).unwrap();
        fetch(&url, folder.path(), &file()).unwrap();
        fetch(&url, folder.path(), &file()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), CONTENT);
        assert_eq!(asked.try_iter().collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn a_part_that_is_damaged_or_too_long_is_fetched_from_its_beginning() {
        for there in ["0123XX", "0123456789abcdXX", "longer than the file is"] {
            let (url, _asked) = server(CONTENT);
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("file"), there).unwrap();
            fetch(&url, folder.path(), &file()).unwrap();
            assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), CONTENT, "{there}");
        }
    }

    #[test]
    fn a_server_with_another_file_is_told_and_leaves_nothing_behind() {
        let (url, asked) = server("0123456789ABCDEF");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), &CONTENT[..7]).unwrap();
        let error = fetch(&url, folder.path(), &file()).unwrap_err().to_string();
        assert!(error.contains("liste signée"), "{error}");
        assert!(!folder.path().join("file").exists());
        assert_eq!(asked.try_iter().collect::<Vec<_>>(), [7, 0]);
    }
}
