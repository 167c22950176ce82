//! The support console: a shell at the box's own second screen, for as long as an administrator has allowed it at the page
//! (tabellion-console.service). Nothing of it goes over the network. Each line is in the journal before it is run.

use crate::asking::Screens;
use anyhow::{Context, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tracing::{info, warn};

/// Control's consent: as long as it is there, and not after its end.
const CONSENT: &str = "/run/tabellion-requests/console.json";
/// Between two looks at whether the consent still stands.
const LOOK: Duration = Duration::from_secs(1);
/// Wrong passwords that are taken.
const ATTEMPTS: usize = 5;
/// Runs line by line what it is given, and keeps folder and variables between them. A program has no input: the next line is
/// not for it.
const SHELL: &str =
    "while IFS= read -r line; do eval \"$line\" </dev/null; echo \"[$?]\"; printf 'tabellion# '; done";

/// What the support console is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Its screen and keyboard; the default one is reached with Alt+F2.
    #[arg(long, value_name = "DEVICE", default_value = "/dev/tty2")]
    screen: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// Unix time in seconds.
    until: u64,
    /// SHA-256 of the one-time password, hexadecimal.
    password: String,
}

/// Asks for the password, then runs what is typed, until the consent ends. What was started then ends with the unit.
///
/// # Errors
/// There is no consent, or no screen.
pub(crate) fn console(arguments: &Arguments) -> Result<()> {
    let text = std::fs::read(CONSENT).context("nobody has allowed the support console")?;
    let consent: Consent =
        serde_json::from_slice(&text).with_context(|| format!("{CONSENT} is not understood"))?;
    let mut screens = Screens::open(&[&arguments.screen]);
    let stands = || Path::new(CONSENT).exists() && now() < consent.until;
    info!(until = consent.until, "the support console is open");
    screens.tell("\x1b[2J\x1b[HTabellion\u{a0}: console de support\n");
    if admitted(&mut screens, &consent.password, &stands)? {
        info!("somebody is at the support console");
        let device = OpenOptions::new()
            .write(true)
            .open(&arguments.screen)
            .with_context(|| format!("{} cannot be opened", arguments.screen))?;
        let mut shell = shell(&device)?;
        obey(&mut screens, &mut shell, &stands)?;
    }
    screens.tell("\nLa console de support est fermée.\n");
    info!("the support console is closed");
    // Otherwise its path unit would open it once more.
    match std::fs::remove_file(CONSENT) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{CONSENT} cannot be removed"))
        }
        _ => Ok(()),
    }
}

fn admitted(screens: &mut Screens, expected: &str, stands: &dyn Fn() -> bool) -> Result<bool> {
    for _ in 0..ATTEMPTS {
        screens.tell("Mot de passe affiché sur la page de la boîte\u{a0}: ");
        let Some(line) = line_while(screens, stands)? else { return Ok(false) };
        if digest(&line) == expected {
            screens.tell("Chaque ligne est enregistrée.\ntabellion# ");
            return Ok(true);
        }
        warn!("a wrong password at the support console");
        screens.tell("Ce n’est pas ce mot de passe.\n");
    }
    Ok(false)
}

fn obey(screens: &mut Screens, shell: &mut Child, stands: &dyn Fn() -> bool) -> Result<()> {
    let mut input = shell.stdin.take().context("the shell listens")?;
    while let Some(line) = line_while(screens, stands)? {
        info!(line, "typed at the support console");
        // It ends with «exit».
        if writeln!(input, "{line}").is_err() || shell.try_wait()?.is_some() {
            break;
        }
    }
    Ok(())
}

/// The next line. None: the consent has ended.
fn line_while(screens: &mut Screens, stands: &dyn Fn() -> bool) -> Result<Option<String>> {
    while stands() {
        if let Some(line) = screens.line(LOOK)? {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

fn shell(screen: &File) -> Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", SHELL])
        .env("PAGER", "cat")
        .env("SYSTEMD_PAGER", "cat")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(screen.try_clone()?)
        .stderr(screen.try_clone()?)
        .spawn()
        .context("the shell cannot be started")
}

/// Case, spaces and hyphens do not matter.
fn digest(password: &str) -> String {
    let read: String = password
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    Sha256::digest(read.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "a consent lasts for real time")]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, io::Read};

    #[test]
    fn only_the_password_of_the_page_lets_in_and_guessing_ends_it() {
        let expected = digest("ABCD-EFGH-IJKL");
        let open = || true;
        for (typed, lets_in) in [
            ("abcd efgh ijkl\n", true),
            ("x\nABCDEFGHIJKL\n", true),
            ("x\nx\nx\nx\nx\nABCD-EFGH-IJKL\n", false),
        ] {
            let (mut screens, mut person) = crate::asking::tests::screens();
            person.write_all(typed.as_bytes()).unwrap();
            assert_eq!(admitted(&mut screens, &expected, &open).unwrap(), lets_in, "{typed}");
        }
    }

    #[test]
    fn what_is_typed_is_run_until_the_consent_ends() {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("said");
        let (mut screens, mut person) = crate::asking::tests::screens();
        person
            .write_all(
                format!("cd {}\necho here > said\nkill -STOP $$\n", folder.path().display()).as_bytes(),
            )
            .unwrap();
        let mut shell = shell(&OpenOptions::new().write(true).open("/dev/null").unwrap()).unwrap();
        // Ends once the second line has done its work, while the third one runs.
        let looks = Cell::new(0);
        let stands = || {
            looks.set(looks.get() + 1);
            looks.get() < 60 && !(said.exists() && looks.get() > 3)
        };
        obey(&mut screens, &mut shell, &stands).unwrap();
        let mut text = String::new();
        File::open(&said).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "here\n");
        assert!(shell.try_wait().unwrap().is_none(), "what it started is ended by its unit");
        shell.kill().unwrap();
        shell.wait().unwrap();
    }
}
