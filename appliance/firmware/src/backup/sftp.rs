//! A backup on its way to an SFTP server (tabellion-backup-sftp.service): a user that speaks with the network and has no
//! rights, with a key pair that the box has made for this alone.

use super::{answer, conclude, old_ones};
use crate::{
    requests,
    run::{run, run_with_input},
};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Control's, and this unit's.
const REQUEST: &str = "/run/tabellion-backup/sftp.json";
const ANSWER: &str = "/run/tabellion-backup/sftp.answer";
/// This unit's own.
const FOLDER: &str = "/var/lib/tabellion-backup";

/// What is asked for.
#[derive(Deserialize, Debug)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// The box's public key and the server's own ones, for the administrator to compare.
    Introduce { host: String, port: u16 },
    /// A backup is to be written.
    Send(Sending),
}

#[derive(Deserialize, Debug)]
struct Sending {
    host: String,
    port: u16,
    user: String,
    folder: String,
    host_key: String,
    /// The backup, on this box.
    file: PathBuf,
    /// How many are kept there.
    keep: usize,
}

/// What an administrator compares.
#[derive(Serialize, Debug)]
struct Introduction {
    /// French. None: all went well.
    refused: Option<String>,
    /// The box's: a line of `authorized_keys`.
    public_key: String,
    host_keys: Vec<HostKey>,
}

/// One of the server's keys.
#[derive(Serialize, Debug)]
struct HostKey {
    /// `ssh-ed25519 AAAA…`.
    key: String,
    /// `SHA256:…`, as servers show it.
    fingerprint: String,
}

/// Does what control asks, and tells it what became of it.
///
/// # Errors
/// Control cannot be told.
pub(crate) fn send_backup() -> Result<()> {
    let (path, folder) = (Path::new(ANSWER), Path::new(FOLDER));
    let request = requests::take::<Request>(Path::new(REQUEST));
    let outcome = request.and_then(|request| match request {
        Request::Introduce { host, port } => introduce(&host, port, folder).map(Some),
        Request::Send(sending) => send(&sending, folder).map(|()| None),
    });
    match outcome {
        Ok(Some(introduction)) => answer(path, &introduction),
        other => conclude(path, other),
    }
}

fn key_file(folder: &Path) -> String {
    folder.join("id_ed25519").display().to_string()
}

fn introduce(host: &str, port: u16, folder: &Path) -> Result<Introduction> {
    let key = key_file(folder);
    if !Path::new(&key).exists() {
        run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "tabellion", "-f", &key])?;
    }
    let public_key =
        fs::read_to_string(format!("{key}.pub")).context("the box's public key cannot be read")?;
    let scanned = run("ssh-keyscan", &["-T", "10", "-p", &port.to_string(), "--", host])
        .context("Le serveur SFTP ne répond pas. Vérifiez son adresse et son port.")?;
    let mut host_keys = Vec::new();
    for line in scanned.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, key)) = line.split_once(' ') else { continue };
        let told = run_with_input("ssh-keygen", &["-l", "-f", "-"], &format!("{line}\n"))?;
        let fingerprint = told.split(' ').nth(1).unwrap_or_default().to_owned();
        host_keys.push(HostKey { key: key.to_owned(), fingerprint });
    }
    ensure!(!host_keys.is_empty(), "Le serveur SFTP ne répond pas. Vérifiez son adresse et son port.");
    Ok(Introduction { refused: None, public_key: public_key.trim().to_owned(), host_keys })
}

/// Under its own name once it is whole; the oldest beyond `keep` go then.
fn send(sending: &Sending, folder: &Path) -> Result<()> {
    let Sending { folder: there, file, keep, .. } = sending;
    let name = file.file_name().context("a backup has a name")?.to_string_lossy();
    let put = format!(
        "put \"{}\" \"{there}/tabellion.part\"\n-rm \"{there}/{name}\"\nrename \"{there}/tabellion.part\" \"{there}/{name}\"\n",
        file.display()
    );
    sftp(sending, folder, &put).context(
        "Le serveur SFTP n’a pas pris la sauvegarde. Vérifiez qu’il fonctionne, que la clé publique de la boîte y est \
         autorisée et que le dossier existe.",
    )?;
    let listed = sftp(sending, folder, &format!("ls -1 \"{there}\"\n"))?;
    // Each command is repeated before its output.
    let names = listed.lines().filter(|line| !line.starts_with("sftp>"));
    let names = names.filter_map(|line| line.trim().rsplit('/').next()).map(str::to_owned).collect();
    let removing: String =
        old_ones(names, *keep).iter().map(|old| format!("rm \"{there}/{old}\"\n")).collect();
    if removing.is_empty() {
        return Ok(());
    }
    sftp(sending, folder, &removing)
        .map(drop)
        .context("Les anciennes sauvegardes ne peuvent pas être retirées du serveur SFTP.")
}

/// Runs a batch; the first command that fails ends it.
fn sftp(sending: &Sending, folder: &Path, batch: &str) -> Result<String> {
    let Sending { host, port, user, host_key, .. } = sending;
    let known = folder.join("known_hosts");
    let named = if *port == 22 { host.clone() } else { format!("[{host}]:{port}") };
    fs::write(&known, format!("{named} {host_key}\n")).context("the server's key cannot be noted")?;
    let port = port.to_string();
    let key = format!("-oIdentityFile={}", key_file(folder));
    let known = format!("-oUserKnownHostsFile={}", known.display());
    // The server's key is the one that was confirmed, or nothing is sent.
    let trust = ["-oStrictHostKeyChecking=yes", "-oGlobalKnownHostsFile=none", "-oIdentitiesOnly=yes"];
    let limits =
        ["-oBatchMode=yes", "-oConnectTimeout=20", "-oServerAliveInterval=15", "-oUpdateHostKeys=no"];
    let to = format!("{user}@{host}");
    let mut arguments = vec!["-F", "none", "-P", &port, &key, &known];
    arguments.extend(trust);
    arguments.extend(limits);
    arguments.extend(["-b", "-", "--", &to]);
    run_with_input("sftp", &arguments, batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        net::{TcpListener, TcpStream},
        process::{Child, Command, Stdio},
    };

    /// A real server on this machine, for whoever has the key of `allowed`.
    struct Server {
        home: tempfile::TempDir,
        port: u16,
        running: Child,
    }

    impl Server {
        fn start(allowed: &str) -> Self {
            let home = tempfile::tempdir().unwrap();
            let of = |name: &str| home.path().join(name).display().to_string();
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &of("host")]).unwrap();
            fs::write(of("allowed"), allowed).unwrap();
            fs::create_dir(of("backups")).unwrap();
            fs::create_dir_all("/run/sshd").unwrap();
            let config = format!(
                "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
                 StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n\
                 Subsystem sftp internal-sftp\n",
                of("host"),
                of("allowed")
            );
            fs::write(of("config"), config).unwrap();
            let running = Command::new("/usr/sbin/sshd")
                .args(["-D", "-e", "-f", &of("config")])
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut server = Self { home, port, running };
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(server.running.try_wait().unwrap().is_none(), "sshd runs");
                std::thread::yield_now();
            }
            server
        }

        fn sending(&self, host_key: &str, file: &Path) -> Sending {
            Sending {
                host: "127.0.0.1".to_owned(),
                port: self.port,
                user: "root".to_owned(),
                folder: self.home.path().join("backups").display().to_string(),
                host_key: host_key.to_owned(),
                file: file.to_owned(),
                keep: 2,
            }
        }

        fn names(&self) -> Vec<String> {
            let listed = fs::read_dir(self.home.path().join("backups")).unwrap();
            let mut names: Vec<_> =
                listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            self.running.kill().unwrap();
            self.running.wait().unwrap();
        }
    }

    #[test]
    fn a_server_that_was_confirmed_gets_the_backups_and_keeps_the_last_ones() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let silent = introduce("127.0.0.1", nobody, folder.path()).unwrap_err().to_string();
        assert!(silent.contains("ne répond pas"), "{silent}");
        let public_key = fs::read_to_string(folder.path().join("id_ed25519.pub")).unwrap();
        let server = Server::start(&public_key);
        let introduction = introduce("127.0.0.1", server.port, folder.path()).unwrap();
        assert_eq!(introduction.public_key, public_key.trim(), "the key is made once");
        let [HostKey { key, fingerprint }] = introduction.host_keys.as_slice() else {
            panic!("one host key")
        };
        assert!(
            key.starts_with("ssh-ed25519 AAAA") && fingerprint.starts_with("SHA256:"),
            "{key} {fingerprint}"
        );
        for day in 1..=3 {
            let file = folder.path().join(format!("tabellion-2026-11-0{day}.tabellion"));
            fs::write(&file, format!("backup {day}")).unwrap();
            send(&server.sending(key, &file), folder.path()).unwrap();
            send(&server.sending(key, &file), folder.path()).unwrap();
        }
        assert_eq!(server.names(), ["tabellion-2026-11-02.tabellion", "tabellion-2026-11-03.tabellion"]);

        // Another machine under the same address gets nothing.
        let stranger = public_key.trim().trim_end_matches(" tabellion");
        let file = folder.path().join("tabellion-2026-11-04.tabellion");
        fs::write(&file, "backup 4").unwrap();
        let refused = send(&server.sending(stranger, &file), folder.path()).unwrap_err();
        assert!(format!("{refused:#}").contains("Host key verification failed"), "{refused:#}");
        let mut elsewhere = server.sending(key, &file);
        elsewhere.folder = "/nowhere".to_owned();
        let refused = send(&elsewhere, folder.path()).unwrap_err();
        assert!(refused.to_string().contains("que le dossier existe"), "{refused:#}");
        assert_eq!(server.names().len(), 2);
    }
}
