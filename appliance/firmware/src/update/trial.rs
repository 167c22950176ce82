use super::{
    DATABASE, FOLDER, PUBLISHED,
    failure::{findings, journal, reason},
    forget_brought, is_newer, keep,
    kernel::{self, Kernel},
    request::publish,
    running_version, snapshot,
    state::{Rejection, State, Trial},
};
use crate::run::run;
use anyhow::{Result, ensure};
use std::path::Path;
use tracing::{error, info, warn};

/// What a start means for the version on trial.
#[derive(PartialEq, Eq, Debug)]
enum Verdict {
    /// Nothing is on trial.
    Nothing,
    /// The version on trial runs.
    Started,
    /// It was not written to its end, or its kernel is gone: nobody has tried it.
    Interrupted,
    /// It is written, and this start came before its own.
    StillToCome,
    /// The former version runs again.
    TakenBack,
}

/// At each start, before control: notes a start on trial, and copies the data before its first; where the former version
/// is back, says why, and puts its data back if the other one has changed their form.
///
/// # Errors
/// The state or the data cannot be read or written.
pub(crate) fn record_boot() -> Result<()> {
    let folder = Path::new(FOLDER);
    let mut state = State::load_or_begin_anew(folder)?;
    let Some(trial) = &mut state.trial else { return publish(&state, Path::new(PUBLISHED)) };
    let kernel = Kernel::find(Path::new(kernel::FOLDER), &trial.to)?;
    match judge(Some(trial), &running_version()?, kernel.as_ref()) {
        Verdict::Nothing | Verdict::StillToCome => {}
        Verdict::Started => start(trial, Path::new(DATABASE), folder)?,
        Verdict::Interrupted => {
            warn!(version = trial.to, "the installation was interrupted: nothing has changed");
            // Not to be started without a trial.
            remove(kernel)?;
            state.trial = None;
        }
        Verdict::TakenBack => take_back(&mut state, kernel, folder)?,
    }
    keep(&state)
}

fn remove(kernel: Option<Kernel>) -> Result<()> {
    kernel.map_or(Ok(()), |kernel| kernel.remove())
}

fn judge(trial: Option<&Trial>, running: &str, kernel: Option<&Kernel>) -> Verdict {
    let Some(trial) = trial else { return Verdict::Nothing };
    match kernel {
        _ if trial.to == running => Verdict::Started,
        _ if trial.starts > 0 => Verdict::TakenBack,
        Some(kernel) if kernel.is_spent() => Verdict::TakenBack,
        Some(_) if trial.written => Verdict::StillToCome,
        _ => Verdict::Interrupted,
    }
}

/// The copy is of the data as the former version has left them: control has not been started yet.
fn start(trial: &mut Trial, database: &Path, folder: &Path) -> Result<()> {
    if trial.schema.is_none() && database.exists() {
        trial.schema = Some(snapshot::take(database, folder)?);
    }
    trial.starts += 1;
    info!(version = trial.to, starts = trial.starts, "this version is on trial");
    Ok(())
}

fn take_back(state: &mut State, kernel: Option<Kernel>, folder: &Path) -> Result<()> {
    let Some(trial) = state.trial.take() else { return Ok(()) };
    // First of all room: with a full disk the data would not come back.
    forget_brought()?;
    put_data_back(&trial, Path::new(DATABASE), folder)?;
    let Trial { to, failure, starts, .. } = trial;
    let rejection = failure.unwrap_or_else(|| Rejection {
        reason: "elle n’a pas démarré jusqu’au bout".to_owned(),
        detail: match starts {
            0 => vec!["it never got as far as the data partition, where its journal would be".to_owned()],
            _ => journal(&["--boot=-1"]),
        },
    });
    warn!(version = to, starts, "Mise à jour annulée\u{a0}: {}.", rejection.reason);
    state.rejected.insert(to, rejection);
    // Kept before the kernel goes: a power cut in between must not make it an installation that was interrupted.
    keep(state)?;
    // Also where the boot loader had not given it up: it must not come back by itself.
    remove(kernel)?;
    // Last: a copy that cannot be removed must not keep the kernel.
    snapshot::forget(folder)
}

/// Where the version on trial has changed the data's form; otherwise what was acknowledged during the trial stays.
fn put_data_back(trial: &Trial, database: &Path, folder: &Path) -> Result<()> {
    let Some(before) = trial.schema else { return Ok(()) };
    if snapshot::schema(database).is_ok_and(|now| now == before) {
        return Ok(());
    }
    snapshot::restore(database, folder)?;
    info!("the data are as they were before the update");
    Ok(())
}

/// The health gate has not let this version pass: on trial, it is noted why, and the box starts again (the boot loader
/// counts). A version that passed once goes on, degraded: a restart would cure nothing, and cut everybody off.
///
/// # Errors
/// The state cannot be read or written. A version on trial is started again all the same.
pub(crate) fn reject() -> Result<()> {
    let noted = note_failure(Path::new(FOLDER));
    if !kernel::start_is_counted() {
        warn!("this box does not do all its work; its status page says what is wrong");
        return noted;
    }
    if let Err(problem) = &noted {
        error!("why this version does not pass cannot be noted: {problem:#}");
    }
    warn!("this version does not pass: starting again");
    run("systemctl", &["reboot"]).map(drop)
}

fn note_failure(folder: &Path) -> Result<()> {
    let mut state = State::load(folder)?;
    let running = running_version()?;
    let Some(trial) = state.trial.as_mut().filter(|trial| trial.to == running) else { return Ok(()) };
    let findings = findings(Path::new("/run/tabellion-health/report.json"));
    let mut detail = findings.clone();
    detail.extend(journal(&["--boot", "--priority=warning"]));
    trial.failure = Some(Rejection { reason: reason(&findings), detail });
    keep(&state)
}

/// The gate has let this version pass: it stays.
///
/// # Errors
/// The boot loader has not marked it as good, or the state cannot be read or written: the trial goes on.
pub(crate) fn bless() -> Result<()> {
    let folder = Path::new(FOLDER);
    let mut state = State::load_or_begin_anew(folder)?;
    let running = running_version()?;
    if state.trial.as_ref().is_none_or(|trial| trial.to != running) {
        return Ok(());
    }
    let kernel = Kernel::find(Path::new(kernel::FOLDER), &running)?;
    ensure!(
        kernel.is_some_and(|kernel| kernel.left.is_none()),
        "the boot loader still counts the starts of {running}: it has not been marked as good"
    );
    state.trial = None;
    let rejected = std::mem::take(&mut state.rejected);
    for (version, rejection) in rejected {
        // What was taken back before is of the past; a newer one must not be tried again by itself.
        if is_newer(&version, &running)? {
            state.rejected.insert(version, rejection);
        }
    }
    keep(&state)?;
    snapshot::forget(folder)?;
    snapshot::forget_replaced(folder)?;
    info!(version = running, "the update has passed and stays");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn on_trial() -> Trial {
        let (from, to) = ("0.1.0".to_owned(), "0.2.0".to_owned());
        Trial { from, to, written: true, starts: 0, schema: None, failure: None }
    }

    /// The kernel of 0.2.0 as the boot loader has named it.
    fn kernel(count: &str) -> Kernel {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!("tabellion_0.2.0{count}.efi")), "").unwrap();
        Kernel::find(folder.path(), "0.2.0").unwrap().unwrap()
    }

    #[test]
    fn a_start_and_a_return_of_the_former_version_are_recognised() {
        let mut trial = on_trial();
        assert_eq!(judge(Some(&trial), "0.2.0", Some(&kernel("+2-1"))), Verdict::Started);
        assert_eq!(
            judge(Some(&trial), "0.1.0", Some(&kernel("+0-3"))),
            Verdict::TakenBack,
            "no start got far"
        );
        trial.starts = 3;
        assert_eq!(judge(Some(&trial), "0.1.0", Some(&kernel("+0-3"))), Verdict::TakenBack);
        assert_eq!(judge(Some(&trial), "0.1.0", None), Verdict::TakenBack);
        assert_eq!(judge(None, "0.1.0", None), Verdict::Nothing);
    }

    #[test]
    fn a_power_cut_during_the_installation_condemns_no_version() {
        let trial = Trial { written: false, ..on_trial() };
        assert_eq!(judge(Some(&trial), "0.1.0", None), Verdict::Interrupted);
        assert_eq!(judge(Some(&trial), "0.1.0", Some(&kernel("+3-0"))), Verdict::Interrupted);
        assert_eq!(
            judge(Some(&trial), "0.2.0", Some(&kernel("+2-1"))),
            Verdict::Started,
            "the kernel came last"
        );
        assert_eq!(judge(Some(&on_trial()), "0.1.0", Some(&kernel("+3-0"))), Verdict::StillToCome);
    }

    #[test]
    fn the_data_are_copied_before_the_first_start_and_come_back_if_their_form_has_changed() {
        let home = tempfile::tempdir().unwrap();
        let (database, folder) = (home.path().join("tabellion.db"), home.path());
        let live = rusqlite::Connection::open(&database).unwrap();
        live.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA user_version = 7").unwrap();
        let mut trial = on_trial();
        start(&mut trial, &database, folder).unwrap();
        assert_eq!((trial.starts, trial.schema), (1, Some(7)));
        live.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        start(&mut trial, &database, folder).unwrap();
        put_data_back(&trial, &database, folder).unwrap();
        let count = || live.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(count(), 2, "the same form: what was acknowledged stays");
        live.execute_batch("INSERT INTO t VALUES (3); PRAGMA user_version = 8").unwrap();
        put_data_back(&trial, &database, folder).unwrap();
        assert_eq!(count(), 1, "the copy is of before the first start");
    }
}
