//! Restored data take the place of a box's own, at a start of control, before the database is opened.
//!
//! Each step is a rename, and what is there says which is next, so that a power cut between any two is made good at the
//! following start:
//!
//! 1. `restored/` appears with all restored files: from here on the restore happens.
//! 2. The box's files are moved into `former.making/`, which becomes `former/`: none of them is left in its place.
//! 3. The files of `restored/` are moved into place, and the empty folder is removed.
//! 4. Control serves with them: `former/` is removed. Where control does not serve within some starts, `former/` becomes
//!    `restored/`, and it all happens once more, the other way round.

use crate::{PARTS, remove_dir_if_there, sync};
use std::{fs, io, path::Path};
use tracing::{info, warn};

/// Complete, and to be put in place.
pub(crate) const RESTORED: &str = "restored";
/// What was in its place, complete, until the restored data have served.
pub(crate) const FORMER: &str = "former";
const MAKING: &str = "former.making";
const GONE: &str = "former.gone";
/// In [`FORMER`]: how often control was started with the restored data.
const STARTS: &str = "starts";
/// In [`FORMER`]: these are data that a box did not serve with. They are never put back.
const TAKEN_BACK: &str = "taken-back";
/// What SQLite keeps beside the database: never to meet another one.
const LOGS: [&str; 2] = ["tabellion.db-wal", "tabellion.db-shm"];
/// The box is set up (`tabellion setup`).
const SET_UP: &str = "set-up";
/// Starts within which control has to serve with the restored data.
const PATIENCE: usize = 5;

/// What a start has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placed {
    /// The box's own data.
    Nothing,
    /// Restored data, which have not served yet.
    Restored,
    /// The former data are back, because the box did not serve with the restored ones.
    TakenBack,
}

/// The restore happens from here on. `checked`: a folder on the same file system with all parts, which are on the disk.
pub(crate) fn commit(state: &Path, checked: &Path) -> io::Result<()> {
    fs::rename(checked, state.join(RESTORED))?;
    sync(state)
}

/// Puts restored data in place, where some wait for it; to be called before the database is opened.
///
/// # Errors
/// Files cannot be moved. It goes on where it was when it is called again.
pub fn put_in_place(state: &Path) -> io::Result<Placed> {
    // A folder that was not removed to its end is none to be put back.
    remove_dir_if_there(&state.join(GONE))?;
    let (restored, former) = (state.join(RESTORED), state.join(FORMER));
    if restored.exists() {
        if !former.exists() {
            put_aside(state)?;
        }
        // First: from now on `former` is what has failed.
        move_into(&restored, &former, &[TAKEN_BACK])?;
        // Former data that come back have a log, in which the last that was acknowledged may be.
        move_into(&restored, state, &LOGS)?;
        move_into(&restored, state, &PARTS)?;
        fs::write(state.join(SET_UP), "")?;
        fs::remove_dir_all(&restored)?;
        sync(state)?;
        info!("restored data are in place");
    }
    Ok(match (former.exists(), former.join(TAKEN_BACK).exists()) {
        (false, _) => Placed::Nothing,
        (true, false) => Placed::Restored,
        (true, true) => Placed::TakenBack,
    })
}

/// A start of control with the data that [`put_in_place`] has found. After some that never served, the former data are put
/// back.
///
/// # Errors
/// Files cannot be moved.
pub fn count_start(state: &Path) -> io::Result<Placed> {
    let placed = put_in_place(state)?;
    if placed != Placed::Restored {
        return Ok(placed);
    }
    let former = state.join(FORMER);
    let starts = fs::read_to_string(former.join(STARTS)).unwrap_or_default() + "|";
    if starts.len() <= PATIENCE {
        fs::write(former.join(STARTS), starts)?;
        return Ok(Placed::Restored);
    }
    warn!(starts = PATIENCE, "the box does not serve with the restored data: the former ones are put back");
    fs::write(former.join(TAKEN_BACK), "")?;
    sync(&former)?;
    fs::rename(&former, state.join(RESTORED))?;
    sync(state)?;
    put_in_place(state)
}

/// Control serves: what the restored data have replaced is no longer needed.
///
/// # Errors
/// It cannot be removed.
pub fn served(state: &Path) -> io::Result<()> {
    if !state.join(FORMER).exists() {
        return Ok(());
    }
    // Renamed first: half of it must never be put back.
    fs::rename(state.join(FORMER), state.join(GONE))?;
    sync(state)?;
    remove_dir_if_there(&state.join(GONE))
}

fn put_aside(state: &Path) -> io::Result<()> {
    let making = state.join(MAKING);
    fs::create_dir_all(&making)?;
    move_into(state, &making, &PARTS)?;
    move_into(state, &making, &LOGS)?;
    fs::rename(&making, state.join(FORMER))?;
    sync(state)
}

/// What of it is there; the rest was moved before.
fn move_into(from: &Path, to: &Path, names: &[&str]) -> io::Result<()> {
    for name in names {
        match fs::rename(from.join(name), to.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !from.join(name).exists() => {}
            moved => moved?,
        }
    }
    sync(to)?;
    sync(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn put(folder: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// A box with its data, and restored ones that wait.
    fn committed() -> tempfile::TempDir {
        let state = tempfile::tempdir().unwrap();
        put(state.path(), &[("tabellion.db", "old"), ("tabellion.db-wal", "old log"), ("ca.key", "old key")]);
        put(&state.path().join("restore/checked"), &[("tabellion.db", "new"), ("ca.pem", "new pem")]);
        commit(state.path(), &state.path().join("restore/checked")).unwrap();
        state
    }

    fn data(state: &Path) -> BTreeMap<String, String> {
        let names = PARTS.iter().chain(&LOGS);
        let read = |name: &&str| Some(((*name).to_owned(), fs::read_to_string(state.join(name)).ok()?));
        names.filter_map(read).collect()
    }

    fn is_new(state: &Path) {
        let expected = [("tabellion.db", "new"), ("ca.pem", "new pem")];
        assert_eq!(data(state), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    }

    fn is_old(state: &Path) {
        let expected = [("tabellion.db", "old"), ("tabellion.db-wal", "old log"), ("ca.key", "old key")];
        assert_eq!(data(state), expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    }

    #[test]
    fn restored_data_replace_all_of_the_former_and_these_stay_until_the_box_has_served() {
        let state = committed();
        assert_eq!(put_in_place(state.path()).unwrap(), Placed::Restored);
        is_new(state.path());
        assert!(state.path().join("set-up").exists());
        is_old(&state.path().join("former"));
        assert_eq!(put_in_place(state.path()).unwrap(), Placed::Restored, "again and again");
        is_new(state.path());
        served(state.path()).unwrap();
        assert_eq!(put_in_place(state.path()).unwrap(), Placed::Nothing);
        assert!(!state.path().join("former").exists());
        served(state.path()).unwrap();
    }

    #[test]
    fn a_box_that_does_not_serve_with_them_has_its_former_data_again_and_for_good() {
        let state = committed();
        for _ in 0..PATIENCE {
            assert_eq!(count_start(state.path()).unwrap(), Placed::Restored);
        }
        assert_eq!(count_start(state.path()).unwrap(), Placed::TakenBack);
        is_old(state.path());
        for _ in 0..2 * PATIENCE {
            assert_eq!(count_start(state.path()).unwrap(), Placed::TakenBack);
        }
        is_old(state.path());
        served(state.path()).unwrap();
        assert_eq!(count_start(state.path()).unwrap(), Placed::Nothing);
    }

    /// Each point where the power may be cut is a state of the folder: the start after it makes it good.
    #[test]
    fn a_power_cut_between_any_two_moves_is_made_good_at_the_next_start() {
        type Cut = fn(&Path);
        let cuts: [Cut; 5] = [
            |_| (),
            |state| {
                fs::create_dir(state.join(MAKING)).unwrap();
                fs::rename(state.join("tabellion.db"), state.join(MAKING).join("tabellion.db")).unwrap();
            },
            |state| put_aside(state).unwrap(),
            |state| {
                put_aside(state).unwrap();
                fs::rename(state.join(RESTORED).join("tabellion.db"), state.join("tabellion.db")).unwrap();
            },
            |state| {
                put_aside(state).unwrap();
                move_into(&state.join(RESTORED), state, &PARTS).unwrap();
            },
        ];
        for (number, cut) in cuts.iter().enumerate() {
            let state = committed();
            cut(state.path());
            assert_eq!(put_in_place(state.path()).unwrap(), Placed::Restored, "{number}");
            is_new(state.path());
            is_old(&state.path().join("former"));
        }
        let state = committed();
        put_in_place(state.path()).unwrap();
        fs::rename(state.path().join(FORMER), state.path().join(GONE)).unwrap();
        assert_eq!(put_in_place(state.path()).unwrap(), Placed::Nothing, "while they were being removed");
        is_new(state.path());
    }
}
