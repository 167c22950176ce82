//! Why a version on trial does not pass: in a line for the administrator, and in the words of the support.

use crate::run::run;
use std::{fs, path::Path};

/// Lines of the journal that are kept of a start that failed.
const LINES: usize = 30;

/// What the gate found wrong, as it wrote it.
pub(super) fn findings(report: &Path) -> Vec<String> {
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
pub(super) fn reason(findings: &[String]) -> String {
    let name = |finding: &String| match finding.split(':').next().unwrap_or_default() {
        "web" => "les pages web ne répondent pas",
        "sip" => "les équipements de salle ne peuvent pas s’enregistrer",
        "database" => "les données ne s’ouvrent pas",
        "network" => "le réseau n’est pas revenu comme avant",
        "units" => "un service de la boîte ne démarre pas",
        "selftest" => "l’image et le son ne passent pas",
        _ => "une vérification a échoué",
    };
    let names: Vec<_> = findings.iter().map(name).collect();
    if names.is_empty() { "la vérification n’a pas abouti".to_owned() } else { names.join(", ") }
}

pub(super) fn journal(arguments: &[&str]) -> Vec<String> {
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
