use super::{
    DATABASE, FOLDER, running_version, snapshot,
    state::{Rejection, State, Trial},
};
use crate::run::run;
use anyhow::Result;
use std::{fs, path::Path};
use tracing::{info, warn};

/// Lines of the journal that are kept of a start that failed.
const LINES: usize = 30;

/// What a start means for the version on trial.
#[derive(PartialEq, Eq, Debug)]
enum Verdict {
    /// Nothing is on trial.
    Nothing,
    /// The version on trial runs.
    Started,
    /// The former version runs again.
    TakenBack,
}

/// At each start, before control: notes a start on trial; where the former version is back, says why, and puts its
/// data back if the other one has changed their form.
///
/// # Errors
/// The state cannot be read or written.
pub(crate) fn record_boot() -> Result<()> {
    let folder = Path::new(FOLDER);
    let mut state = State::load(folder)?;
    match judge(&mut state, &running_version()?) {
        Verdict::Nothing => return Ok(()),
        Verdict::Started => info!("this version is on trial"),
        Verdict::TakenBack => take_back(&mut state, folder)?,
    }
    state.save(folder)
}

fn judge(state: &mut State, running: &str) -> Verdict {
    match &mut state.trial {
        None => Verdict::Nothing,
        Some(trial) if trial.to == running => {
            trial.starts += 1;
            Verdict::Started
        }
        Some(_) => Verdict::TakenBack,
    }
}

fn take_back(state: &mut State, folder: &Path) -> Result<()> {
    let Some(trial) = state.trial.take() else { return Ok(()) };
    let database = Path::new(DATABASE);
    if database.exists() && snapshot::schema(database)? != trial.schema {
        snapshot::restore(database, folder, &trial.to)?;
        info!("the data are as they were before the update");
    }
    let Trial { to, failure, starts, .. } = trial;
    let rejection = failure.unwrap_or_else(|| Rejection {
        reason: "elle n’a pas démarré jusqu’au bout".to_owned(),
        detail: journal(&["--boot=-1"]),
    });
    warn!(version = to, starts, "Mise à jour annulée : {}.", rejection.reason);
    state.rejected.insert(to, rejection);
    Ok(())
}

/// The health gate has not let this version pass: on trial, it is noted why, and the box starts again (the boot loader
/// counts). A version that passed once goes on, degraded: a restart would cure nothing, and cut everybody off.
///
/// # Errors
/// The state cannot be read or written.
pub(crate) fn reject() -> Result<()> {
    let folder = Path::new(FOLDER);
    let mut state = State::load(folder)?;
    let running = running_version()?;
    let Some(trial) = state.trial.as_mut().filter(|trial| trial.to == running) else {
        warn!("this box does not do all its work; its status page says what is wrong");
        return Ok(());
    };
    let findings = findings(Path::new("/run/tabellion-health/report.json"));
    let mut detail = findings.clone();
    detail.extend(journal(&["--boot", "--priority=warning"]));
    trial.failure = Some(Rejection { reason: reason(&findings), detail });
    warn!(version = running, starts = trial.starts, "this version does not pass: starting again");
    state.save(folder)?;
    run("systemctl", &["reboot"]).map(drop)
}

/// The gate has let this version pass: it stays.
///
/// # Errors
/// The state cannot be read or written.
pub(crate) fn bless() -> Result<()> {
    let folder = Path::new(FOLDER);
    let mut state = State::load(folder)?;
    let running = running_version()?;
    if state.trial.take_if(|trial| trial.to == running).is_some() {
        state.rejected.clear();
        state.save(folder)?;
        info!(version = running, "the update has passed and stays");
    }
    Ok(())
}

/// What the gate found wrong, as it wrote it.
fn findings(report: &Path) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Finding {
        check: String,
        passed: bool,
        detail: String,
    }
    let found = fs::read(report).ok().and_then(|bytes| serde_json::from_slice::<Vec<Finding>>(&bytes).ok());
    let failed = found.unwrap_or_default().into_iter().filter(|finding| !finding.passed);
    failed.map(|finding| format!("{}: {}", finding.check, finding.detail)).collect()
}

/// For the administrator: the checks' names in French.
fn reason(findings: &[String]) -> String {
    let name = |finding: &String| match finding.split(':').next().unwrap_or_default() {
        "web" => "les pages web ne répondent pas",
        "sip" => "les équipements de salle ne peuvent pas s’enregistrer",
        "database" => "les données ne s’ouvrent pas",
        "units" => "un service de la boîte ne démarre pas",
        "selftest" => "l’image et le son ne passent pas",
        _ => "une vérification a échoué",
    };
    let names: Vec<_> = findings.iter().map(name).collect();
    if names.is_empty() { "la vérification n’a pas abouti".to_owned() } else { names.join(", ") }
}

fn journal(arguments: &[&str]) -> Vec<String> {
    let lines = LINES.to_string();
    let mut all = vec!["--no-pager", "--quiet", "--output=short-iso", "--lines", &lines];
    all.extend(arguments);
    match run("journalctl", &all) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(error) => vec![format!("the journal cannot be read: {error:#}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_trial() -> State {
        let trial =
            Trial { from: "0.1.0".to_owned(), to: "0.2.0".to_owned(), schema: 1, starts: 0, failure: None };
        State { trial: Some(trial), ..State::default() }
    }

    #[test]
    fn a_start_is_counted_and_the_former_version_is_recognised() {
        let mut state = on_trial();
        assert_eq!(judge(&mut state, "0.2.0"), Verdict::Started);
        assert_eq!(judge(&mut state, "0.2.0"), Verdict::Started);
        assert_eq!(state.trial.as_ref().unwrap().starts, 2);
        assert_eq!(judge(&mut state, "0.1.0"), Verdict::TakenBack);
        assert_eq!(judge(&mut State::default(), "0.1.0"), Verdict::Nothing);
    }

    #[test]
    fn the_administrator_reads_why_in_french() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.json");
        assert_eq!(reason(&findings(&report)), "la vérification n’a pas abouti");
        fs::write(
            &report,
            r#"[{"check":"web","passed":false,"detail":"x"},{"check":"sip","passed":true,"detail":"y"}]"#,
        )
        .unwrap();
        assert_eq!(findings(&report), ["web: x"]);
        assert_eq!(reason(&findings(&report)), "les pages web ne répondent pas");
    }
}
