//! The recovery key of the data partition: a key of its own beside the machine's, for a day on which the machine's does not
//! open it (another TPM, another mainboard, a key file that is gone).

use super::{CHEAP, KEY_FILE, Mode, OPENED, PARTITION, make_key, tpm};
use crate::{
    asking::{CONSOLES, Screens},
    requests,
    run::{run, run_with_input},
};
use anyhow::{Context, Result, bail};
use std::{fs, io::Write, os::unix::fs::fchown, path::Path, time::Duration};
use tracing::{info, warn};

/// Control's request.
const REQUEST: &str = "/run/tabellion-requests/recovery-key.json";
/// Where control finds the key: in its own folder, in memory only, for itself only.
const ANSWER: &str = "/run/tabellion-requests/recovery-key.answer";
/// The key that was typed, in memory, while this machine gets one of its own.
const TYPED: &str = "/run/tabellion-storage/typed";
/// Letters of a key, and how many are shown together (systemd-cryptenroll(1), modhex).
const LETTERS: usize = 64;
const GROUP: usize = 8;
const ALPHABET: &str = "cbdefghijklnrtuv";
/// How long a start waits for somebody who types the key, each time, and how often they may type it: all of it within the
/// unit's TimeoutStartSec=.
const PATIENCE: Duration = Duration::from_secs(240);
const ATTEMPTS: usize = 3;

/// Makes a recovery key in the place of the former one, for control to show once (tabellion-recovery-key.service).
///
/// # Errors
/// The partition is not encrypted, or its machine's key does not open it any more.
pub(crate) fn make_recovery_key() -> Result<()> {
    requests::take::<requests::Nothing>(Path::new(REQUEST))?;
    let filesystem = run("blkid", &["-p", "-o", "value", "-s", "TYPE", PARTITION])?;
    let unlock = match Mode::of(&filesystem, Path::new(KEY_FILE))? {
        Mode::Tpm2 => "--unlock-tpm2-device=auto".to_owned(),
        Mode::KeyFile => format!("--unlock-key-file={KEY_FILE}"),
        Mode::None => bail!("the data partition is not encrypted: there is nothing that a key would open"),
    };
    // The former one goes only once the new one is there.
    let key = run("systemd-cryptenroll", &["--recovery-key", "--wipe-slot=recovery", &unlock, PARTITION])?;
    let key = typed(&key).context("systemd-cryptenroll has made a key of another form")?;
    give(&key, Path::new(ANSWER))?;
    info!("a recovery key of the data partition was made; one that was made before opens it no more");
    Ok(())
}

fn give(key: &str, answer: &Path) -> Result<()> {
    let control = nix::unistd::User::from_name("tabellion")?.context("there is no user “tabellion”")?;
    let making = answer.with_extension("making");
    let written = || {
        let mut file = requests::make_anew(&making)?;
        file.write_all(key.as_bytes())?;
        fchown(&file, Some(control.uid.as_raw()), Some(control.gid.as_raw()))?;
        fs::rename(&making, answer)
    };
    written().context("the key cannot be given to control")
}

/// The machine's own key has not opened the partition: asks for the recovery key on the screen, for a while.
///
/// # Errors
/// Nobody has typed it.
pub(super) fn ask_and_unlock() -> Result<()> {
    let mut screens = Screens::open(&CONSOLES);
    screens.tell(&format!(
        "\n\nTabellion\u{a0}: les données de la boîte sont chiffrées, et cette machine ne les ouvre plus.\n\
         Saisissez leur clé de récupération dans les {} minutes, ou attendez\u{a0}: la boîte réessaiera d’elle-même.\n",
        PATIENCE.as_secs() / 60
    ));
    for _ in 0..ATTEMPTS {
        screens.tell("\nClé de récupération\u{a0}: ");
        let Some(line) = screens.line(PATIENCE)? else { bail!("nobody has typed the recovery key") };
        let Some(key) = typed(&line) else {
            screens.tell(&format!("Une clé compte {LETTERS} lettres, en groupes de {GROUP}.\n"));
            continue;
        };
        screens.tell("Vérification…\n");
        let opened = run_with_input(
            "cryptsetup",
            &["open", "--type", "luks2", "--allow-discards", "--key-file", "-", PARTITION, OPENED],
            &key,
        );
        match opened {
            Ok(_) => {
                screens.tell("Les données sont ouvertes. La boîte démarre.\n");
                if let Err(problem) = bind_to_this_machine(&key) {
                    warn!("the next start will ask for the recovery key again: {problem:#}");
                }
                return Ok(());
            }
            Err(problem) => warn!("a recovery key does not open the data partition: {problem:#}"),
        }
        screens.tell("Cette clé n’ouvre pas les données. Vérifiez chaque lettre.\n");
    }
    bail!("the recovery key was mistyped {ATTEMPTS} times")
}

/// Gives the machine as it is now a key of its own again: after a change of the mainboard or of its firmware, the next start is
/// to need nobody. A TPM's former key goes; a key file is made where there is no TPM.
fn bind_to_this_machine(recovery_key: &str) -> Result<()> {
    let path = Path::new(TYPED);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    requests::make_anew(path)?.write_all(recovery_key.as_bytes())?;
    let bound = if tpm() {
        let unlock = format!("--unlock-key-file={TYPED}");
        // In two steps: it enrols nothing where a TPM is enrolled with the same policy, whichever TPM that is.
        run("systemd-cryptenroll", &["--wipe-slot=tpm2", PARTITION])
            .and_then(|_| run("systemd-cryptenroll", &[&unlock, "--tpm2-device=auto", PARTITION]))
            .map(drop)
    } else {
        make_key(Path::new(KEY_FILE)).and_then(|()| {
            let add = ["luksAddKey", "--batch-mode", "--key-file", TYPED];
            let mut add = add.to_vec();
            add.extend(CHEAP);
            add.extend([PARTITION, KEY_FILE]);
            run("cryptsetup", &add).map(drop)
        })
    };
    fs::remove_file(path)?;
    bound.inspect(|()| info!("the data partition has a key of this machine again"))
}

/// A key in the form that opens the partition; case, spaces and hyphens do not matter. None: no key looks like this.
fn typed(text: &str) -> Option<String> {
    let letters: Vec<char> =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let known = letters.len() == LETTERS && letters.iter().all(|letter| ALPHABET.contains(*letter));
    known.then(|| letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_however_it_is_typed() {
        let key = ["cbdefghi"; 8].join("-");
        for text in
            [key.clone(), key.to_uppercase(), key.replace('-', " "), format!(" {}\n", key.replace('-', ""))]
        {
            assert_eq!(typed(&text).as_deref(), Some(key.as_str()), "{text}");
        }
        for text in ["", "cbdefghi", &key[1..], &key.replace('c', "a")] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn a_recovery_key_opens_a_partition_whose_first_key_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, first) = (folder.path().join("disk"), folder.path().join("first"));
        fs::File::create(&disk).unwrap().set_len(32 << 20).unwrap();
        fs::write(&first, [7; 64]).unwrap();
        let (disk, first) = (disk.display().to_string(), first.display().to_string());
        let cheap = ["--batch-mode", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
        let mut format = vec!["luksFormat", "--type", "luks2", "--key-file", &first];
        format.extend(cheap);
        format.push(&disk);
        run("cryptsetup", &format).unwrap();
        // As systemd-cryptenroll stores it: the text with its hyphens.
        let key = typed(&"cbdefghi".repeat(8)).unwrap();
        let mut add = vec!["luksAddKey", "--key-file", &first];
        add.extend(cheap);
        add.extend([disk.as_str(), "-"]);
        run_with_input("cryptsetup", &add, &key).unwrap();
        let open = ["open", "--test-passphrase", "--type", "luks2", "--key-file", "-", &disk];
        run_with_input("cryptsetup", &open, &key).unwrap();
        assert!(run_with_input("cryptsetup", &open, &key.replace('c', "d")).is_err());
    }
}
