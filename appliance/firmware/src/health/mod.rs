//! The health gate: whether this version of the firmware does its work on this machine. An update stays only where it
//! does (systemd's boot-complete.target requires this); the same checks make the status page.

mod database;
mod sip;
mod units;
mod web;

use crate::settings;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use tabellion_domain::settings::{Certificate, Settings};
use tracing::{info, warn};

/// Between two looks at what did not pass yet.
const PAUSE: Duration = Duration::from_secs(2);

/// What the gate is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of what control keeps: its authority's certificate and its database.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/tabellion")]
    state: PathBuf,
    /// The settings as control publishes them: which ports it answers on, and with which certificate.
    #[arg(long, value_name = "FILE", default_value = settings::PUBLISHED)]
    settings: PathBuf,
    /// TCP port of the web pages. Default: the settings'.
    #[arg(long, value_name = "PORT")]
    https_port: Option<u16>,
    /// UDP port of SIP. Default: the settings'.
    #[arg(long, value_name = "PORT")]
    sip_port: Option<u16>,
    /// This box's address. Default: the one that its default route leaves from.
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    /// Seconds until what does not pass has failed: a slow disk makes a slow start.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    patience: u64,
    /// Where the outcome is written, for the status page.
    #[arg(long, value_name = "FILE", default_value = "/run/tabellion-health/report.json")]
    report: PathBuf,
}

/// One check's outcome.
#[derive(Serialize)]
struct Outcome {
    check: &'static str,
    passed: bool,
    /// What was found, or what is wrong; for the support, in English.
    detail: String,
}

/// # Errors
/// What did not pass within the patience, each with its reason.
pub(crate) fn check(arguments: &Arguments) -> Result<()> {
    let deadline = now() + Duration::from_secs(arguments.patience);
    let outcomes = loop {
        let outcomes = all(arguments);
        if outcomes.iter().all(|outcome| outcome.passed) || now() >= deadline {
            break outcomes;
        }
        pause();
    };
    write(&arguments.report, &outcomes)?;
    let mut failures = Vec::new();
    for Outcome { check, passed, detail } in &outcomes {
        if *passed {
            info!(check, detail, "passed");
        } else {
            warn!(check, detail, "FAILED");
            failures.push(format!("{check}: {detail}"));
        }
    }
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("; ")) }
}

type Check<'a> = (&'static str, &'a dyn Fn() -> Result<String>);

fn all(arguments: &Arguments) -> Vec<Outcome> {
    let address = || match arguments.address {
        Some(address) => Ok(address),
        None => {
            tabellion_media_protocol::addresses::primary()?.context("this machine has no network address")
        }
    };
    // Read at each look: a change of the settings may fall into this.
    let published = || Ok::<_, anyhow::Error>(settings::published(&arguments.settings)?.unwrap_or_default());
    let web = || {
        let settings = published()?;
        let port = arguments.https_port.unwrap_or(settings.ports.https);
        web::answers(address()?, port, &arguments.state.join("ca.pem"), given(&settings))
    };
    let sip = || {
        let port = arguments.sip_port.map_or_else(|| published().map(|settings| settings.ports.sip), Ok)?;
        sip::answers(address()?, port)
    };
    let checks: [Check; 4] = [
        ("units", &units::none_failed),
        ("database", &|| database::opens(&arguments.state.join("tabellion.db"))),
        ("web", &web),
        ("sip", &sip),
    ];
    let outcome = |(check, look): Check| match look() {
        Ok(detail) => Outcome { check, passed: true, detail },
        Err(problem) => Outcome { check, passed: false, detail: format!("{problem:#}") },
    };
    checks.into_iter().map(outcome).collect()
}

/// The certificate that the office gave, where it gave one.
fn given(settings: &Settings) -> Option<&str> {
    match &settings.certificate {
        Certificate::Uploaded { chain_pem, .. } => Some(chain_pem),
        Certificate::Own | Certificate::Acme { .. } => None,
    }
}

/// Whole or not at all: the status page reads it at any moment.
fn write(path: &Path, outcomes: &[Outcome]) -> Result<()> {
    let folder = path.parent().context("the report has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let making = path.with_extension("making");
    fs::write(&making, serde_json::to_vec_pretty(outcomes)?)
        .and_then(|()| fs::rename(&making, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "how long a real machine may take to start is real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this process does nothing else than wait for the others")]
fn pause() {
    thread::sleep(PAUSE);
}
