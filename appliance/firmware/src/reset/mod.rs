//! Back to the carton: everything that a box keeps is destroyed, its firmware stays.
//!
//! Whoever asks for it, at the page or at the boot loader's menu, leaves a mark on the ESP and restarts the box. The next start
//! does it before /var is opened, and takes the mark away last: a power cut leaves a box that was not touched, or one whose
//! next start finishes.

mod erase;

use crate::{asking::Screens, requests, run::run};
use anyhow::{Context, Result};
pub(crate) use erase::erase;
use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};
use tracing::{info, warn};

/// On the ESP: a reset was asked for, and is not finished.
const MARK: &str = "/boot/tabellion/factory-reset";
/// Control's request: an administrator has confirmed it.
const REQUEST: &str = "/run/tabellion-requests/factory-reset.json";
/// The word that is typed at the screen.
const YES: &str = "OUI";
/// How long the screen waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// An administrator has asked for it at the page (tabellion-factory-reset.service).
///
/// # Errors
/// It cannot be noted: the box goes on as before.
pub(crate) fn reset() -> Result<()> {
    requests::take::<requests::Nothing>(Path::new(REQUEST))?;
    note(Path::new(MARK))?;
    warn!("an administrator has asked for a factory reset: the next start destroys all data");
    run("systemctl", &["reboot"]).map(drop)
}

/// Somebody has chosen it in the boot loader's menu (tabellion-reset-menu.service): asks on the screen, and restarts the box
/// whatever the answer is.
///
/// # Errors
/// It cannot be noted, or the box cannot be restarted.
pub(crate) fn reset_after_asking() -> Result<()> {
    let mut screens = Screens::open(&crate::asking::CONSOLES);
    if is_meant(&mut screens, PATIENCE)? {
        note(Path::new(MARK))?;
        screens.tell("\nLes données vont être effacées. La boîte redémarre.\n");
    } else {
        screens.tell("\nRien n’a été modifié. La boîte redémarre.\n");
    }
    run("systemctl", &["--force", "reboot"]).map(drop)
}

fn is_meant(screens: &mut Screens, patience: Duration) -> Result<bool> {
    screens.tell(&format!(
        "\n\nTabellion\u{a0}: réinitialisation usine\n\n\
         Toutes les données de la boîte (comptes, réunions, réglages, journaux) seront détruites.\n\
         Le micrologiciel reste.\n\n\
         Tapez {YES} puis Entrée dans les {} secondes pour les détruire\u{a0}: ",
        patience.as_secs()
    ));
    Ok(screens.line(patience)?.as_deref() == Some(YES))
}

/// Whether a reset waits to be finished.
pub(crate) fn is_asked() -> bool {
    Path::new(MARK).exists()
}

/// The reset is finished: from here on, the box is as from its carton.
///
/// # Errors
/// The mark stays, and the next start destroys what is there by then.
pub(crate) fn finished() -> Result<()> {
    fs::remove_file(MARK).with_context(|| format!("{MARK} cannot be removed"))?;
    sync_folder(Path::new(MARK))?;
    info!("the factory reset is finished");
    Ok(())
}

/// On the disk before anybody relies on it.
fn note(mark: &Path) -> Result<()> {
    let noted = || {
        if let Some(folder) = mark.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(mark)?.sync_all()
    };
    noted().with_context(|| format!("{} cannot be written", mark.display()))?;
    sync_folder(mark)
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("{} cannot be written", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn only_the_word_in_time_means_it() {
        for (typed, meant) in [("OUI\n", true), ("oui\n", false), ("\n", false), ("", false), ("OUI", false)]
        {
            let (mut screens, mut person) = crate::asking::tests::screens();
            person.write_all(typed.as_bytes()).unwrap();
            assert_eq!(is_meant(&mut screens, Duration::from_millis(50)).unwrap(), meant, "{typed}");
        }
    }

    #[test]
    fn a_machine_without_a_keyboard_changes_nothing() {
        let mut nobody = Screens::open(&["/nowhere/tty1"]);
        assert!(!is_meant(&mut nobody, Duration::from_millis(50)).unwrap());
    }

    #[test]
    fn the_mark_is_made_with_its_folder_and_twice_is_once() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("tabellion/factory-reset");
        note(&mark).unwrap();
        note(&mark).unwrap();
        assert!(mark.exists());
    }
}
