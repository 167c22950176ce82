use crate::{run::run, settings, update};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeMap, fs, net::IpAddr, path::PathBuf};
use tabellion_domain::SetupNotice;
use tabellion_media_protocol::addresses;

/// Where a box says how it is. What is missing or cannot be read is not known, and not shown.
pub(super) struct Sources {
    pub settings: PathBuf,
    /// The one-time code, while the box is to be set up.
    pub notice: PathBuf,
    /// Why a set-up file was not taken: of control, and of whoever reads the stick.
    pub faults: [PathBuf; 2],
    pub progress: PathBuf,
    pub updates: PathBuf,
    pub health: PathBuf,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            settings: settings::PUBLISHED.into(),
            notice: "/run/tabellion-settings/setup-page.json".into(),
            faults: ["/run/tabellion-settings/setup-faults".into(), crate::usb::FAULT.into()],
            progress: "/run/tabellion-updates/progress.json".into(),
            updates: "/run/tabellion-updates/state.json".into(),
            health: "/run/tabellion-health/report.json".into(),
        }
    }
}

/// What the screen shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Facts {
    pub version: Option<String>,
    /// The one that the box is reached at; none without a network.
    pub address: Option<IpAddr>,
    /// All others.
    pub more_addresses: Vec<IpAddr>,
    pub host: Option<String>,
    pub office: Option<String>,
    pub public_name: Option<String>,
    pub https_port: Option<u16>,
    pub work: Work,
    /// Of the set-up file, each a sentence in French.
    pub faults: Vec<String>,
    pub update: Update,
    /// Checks of the health gate that have failed.
    pub failing: Vec<String>,
}

/// What the box does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum Work {
    #[default]
    Starting,
    /// The code that opens the set-up page.
    ToSetUp(String),
    /// The same, while settings are tried out.
    ToConfirm(String),
    Serving,
}

/// What there is to say about updates.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Update {
    pub step: Option<Step>,
    /// The version that is on trial.
    pub trial: Option<String>,
    /// Versions that were taken back, and why; French.
    pub undone: Vec<(String, String)>,
}

/// How far an installation has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Fetching,
    Installing,
    Installed,
}

impl Facts {
    pub(super) fn look(sources: &Sources) -> Self {
        let serving = run("systemctl", &["is-active", "--quiet", "tabellion.service"]).is_ok();
        let mut own = addresses::own().unwrap_or_default();
        own.extend(addresses::rooms().ok().flatten());
        let address = addresses::primary().ok().flatten();
        Self::of(sources, serving, address, own)
    }

    fn of(sources: &Sources, serving: bool, address: Option<IpAddr>, own: Vec<IpAddr>) -> Self {
        let settings = settings::published(&sources.settings).ok().flatten();
        let notice: Option<SetupNotice> = json(&sources.notice);
        let work = match notice {
            // Also while control starts anew: the code stays.
            Some(notice) if notice.to_confirm => Work::ToConfirm(notice.code.shown()),
            Some(notice) => Work::ToSetUp(notice.code.shown()),
            None if serving && settings.is_some() => Work::Serving,
            None => Work::Starting,
        };
        let names = settings.as_ref().map(|settings| &settings.names);
        let office = settings.as_ref().map(|settings| settings.office.name.clone());
        Self {
            version: update::running_version().ok(),
            address,
            more_addresses: own.into_iter().filter(|one| Some(*one) != address).collect(),
            host: names.map(|names| names.host.as_str().to_owned()),
            public_name: names.and_then(|names| Some(names.public.as_ref()?.as_str().to_owned())),
            office: office.filter(|office| !office.is_empty()),
            https_port: settings.as_ref().map(|settings| settings.ports.https),
            work,
            faults: sources.faults.iter().flat_map(lines).collect(),
            update: Update::look(sources),
            failing: failing(&sources.health),
        }
    }
}

impl Update {
    fn look(sources: &Sources) -> Self {
        let progress: Option<Value> = json(&sources.progress);
        let step = match progress.as_ref().and_then(|progress| progress["state"].as_str()) {
            Some("downloading" | "copying") => Some(Step::Fetching),
            Some("installing") => Some(Step::Installing),
            Some("installed") => Some(Step::Installed),
            _ => None,
        };
        let state: Told = json(&sources.updates).unwrap_or_default();
        let undone = state.rejected.into_iter().map(|(version, rejection)| (version, rejection.reason));
        Self { step, trial: state.trial.map(|trial| trial.to), undone: undone.collect() }
    }
}

/// The part of the published state of updates that is shown.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    trial: Option<Trial>,
    rejected: BTreeMap<String, Rejection>,
}

#[derive(Deserialize)]
struct Trial {
    to: String,
}

#[derive(Deserialize)]
struct Rejection {
    reason: String,
}

#[derive(Deserialize)]
struct Check {
    check: String,
    passed: bool,
}

fn failing(report: &PathBuf) -> Vec<String> {
    let checks: Vec<Check> = json(report).unwrap_or_default();
    checks.into_iter().filter(|check| !check.passed).map(|check| check.check).collect()
}

fn json<T: DeserializeOwned>(path: &PathBuf) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn lines(path: &PathBuf) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::{SetupCode, settings::Settings, testing::FakeEntropy};

    struct Box {
        folder: tempfile::TempDir,
        sources: Sources,
    }

    impl Box {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            let sources = Sources {
                settings: at("settings"),
                notice: at("notice"),
                faults: [at("faults"), at("stick")],
                progress: at("progress"),
                updates: at("updates"),
                health: at("health"),
            };
            Self { folder, sources }
        }

        fn says(&self, name: &str, text: &str) {
            fs::write(self.folder.path().join(name), text).unwrap();
        }

        fn facts(&self, serving: bool) -> Facts {
            let address = IpAddr::from([192, 168, 1, 20]);
            Facts::of(&self.sources, serving, Some(address), vec![address, IpAddr::from([10, 0, 0, 5])])
        }
    }

    #[test]
    fn a_box_is_starting_then_to_be_set_up_then_tried_out_then_serving() {
        let new = Box::new();
        assert_eq!(new.facts(true).work, Work::Starting);
        let mut notice = SetupNotice { code: SetupCode::new(&FakeEntropy::seeded(1)), to_confirm: false };
        new.says("notice", &serde_json::to_string(&notice).unwrap());
        assert_eq!(new.facts(false).work, Work::ToSetUp(notice.code.shown()));
        notice.to_confirm = true;
        new.says("notice", &serde_json::to_string(&notice).unwrap());
        new.says("settings", &Settings::default().to_json());
        assert_eq!(new.facts(true).work, Work::ToConfirm(notice.code.shown()));
        fs::remove_file(&new.sources.notice).unwrap();
        assert_eq!((new.facts(true).work, new.facts(false).work), (Work::Serving, Work::Starting));
        assert_eq!(new.facts(true).more_addresses, [IpAddr::from([10, 0, 0, 5])]);
    }

    #[test]
    fn updates_faults_and_failing_checks_are_told_and_what_is_unknown_is_not() {
        let new = Box::new();
        for file in ["progress", "updates", "health", "settings", "notice"] {
            new.says(file, "{");
        }
        assert_eq!((new.facts(true).update, new.facts(true).failing), (Update::default(), vec![]));
        new.says("progress", r#"{"state":"downloading","done":5}"#);
        new.says(
            "updates",
            r#"{"trial":{"to":"0.3.0"},"rejected":{"0.2.0":{"reason":"La boîte ne démarre pas."}}}"#,
        );
        new.says("health", r#"[{"check":"web","passed":true},{"check":"sip","passed":false}]"#);
        new.says("faults", "Ligne 3 : un\nLigne 4 : deux\n");
        let facts = new.facts(true);
        assert_eq!(facts.update.step, Some(Step::Fetching));
        assert_eq!(facts.update.trial.as_deref(), Some("0.3.0"));
        assert_eq!(facts.update.undone, [("0.2.0".to_owned(), "La boîte ne démarre pas.".to_owned())]);
        assert_eq!((facts.failing, facts.faults.len()), (vec!["sip".to_owned()], 2));
    }
}
