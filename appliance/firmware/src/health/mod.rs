//! The health gate: whether this version of the firmware does its work on this machine. An update stays only where it
//! does (systemd's boot-complete.target requires this); the same checks make the status page.

mod database;
mod finding;
mod network;
mod selftest;
mod sip;
mod units;
mod web;

use crate::settings;
use anyhow::{Context, Result, bail};
use finding::{Finding, Outcome, write};
use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use tabellion_domain::settings::{ACME_CERTIFICATE, Certificate, Settings};
use tabellion_media_protocol::addresses;
use tracing::{info, warn};

/// Between two looks at what did not pass yet.
const PAUSE: Duration = Duration::from_secs(2);

/// Self-tests before one has failed, also where the patience is over: one among many packets of a busy machine gets lost.
const ATTEMPTS: u32 = 2;

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
    /// Leaves the self-test out, and says so: for a machine that is too slow to mix, such as an emulated one.
    #[arg(long)]
    without_selftest: bool,
    /// Where control opens a meeting for the self-test.
    #[arg(long, value_name = "SOCKET", default_value = "/run/tabellion-rehearsal/door.sock")]
    door: PathBuf,
    /// Where a self-test is started for whoever connects (tabellion-selftest.socket).
    #[arg(long, value_name = "SOCKET", default_value = "/run/tabellion-selftest.sock")]
    selftest: PathBuf,
    /// Seconds that one self-test may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 150)]
    selftest_limit: u64,
    /// Where it is kept how the network was when all was well.
    #[arg(long, value_name = "FILE", default_value = "/var/lib/tabellion-health/network.json")]
    network: PathBuf,
    /// Where the outcome is written, for the status page.
    #[arg(long, value_name = "FILE", default_value = "/run/tabellion-health/report.json")]
    report: PathBuf,
}

/// # Errors
/// What did not pass within the patience, each with its reason.
pub(crate) fn check(arguments: &Arguments) -> Result<()> {
    let deadline = now() + Duration::from_secs(arguments.patience);
    let mut tested = 0;
    let outcomes = loop {
        let Look { outcomes, may_change } = look(arguments);
        let well = |outcome: &Outcome| outcome.passed;
        let (last, others) = outcomes.split_last().context("there are checks")?;
        let only_the_selftest = !well(last) && others.iter().all(well);
        tested += u32::from(only_the_selftest);
        let again = only_the_selftest && tested < ATTEMPTS;
        if outcomes.iter().all(well) && !may_change || now() >= deadline && !again {
            break outcomes;
        }
        pause();
    };
    write(&arguments.report, &outcomes)?;
    let mut failures = Vec::new();
    for Outcome { check, passed, applicable, detail } in &outcomes {
        match (passed, applicable) {
            (true, true) => info!(check, detail, "passed"),
            (true, false) => warn!(check, detail, "does not apply"),
            (false, _) => {
                warn!(check, detail, "FAILED");
                failures.push(format!("{check}: {detail}"));
            }
        }
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("; "));
    }
    // Of a start that passes: the next ones are compared with it.
    network::remember(&arguments.network, ThisBox::read(arguments)?.settings.as_ref())
}

/// One look at everything.
struct Look {
    outcomes: Vec<Outcome>,
    /// A cable that is not there may not be there yet: a card takes seconds to find its switch.
    may_change: bool,
}

/// The self-test comes last, and only where all else is well: it needs all of it, and minutes on a slow machine.
fn look<'a>(arguments: &'a Arguments) -> Look {
    // Read at each look: a change of the settings may fall into this.
    let looked = ThisBox::read(arguments);
    let of = |check: fn(&ThisBox<'a>) -> Result<Finding>| match &looked {
        Ok(found) => check(found),
        Err(problem) => bail!("{problem:#}"),
    };
    let mut outcomes = vec![
        Outcome::new("units", units::none_failed()),
        Outcome::new("database", database::opens(&arguments.state.join("tabellion.db"))),
        Outcome::new("network", of(ThisBox::network)),
        Outcome::new("web", of(ThisBox::web)),
        Outcome::new("sip", of(ThisBox::sip)),
    ];
    let well = outcomes.iter().all(|outcome| outcome.passed);
    let tested = if well {
        of(ThisBox::selftest)
    } else {
        Ok(Finding::NotApplicable("it is not tried where another check has failed".to_owned()))
    };
    outcomes.push(Outcome::new("selftest", tested));
    let may_change = looked.is_ok_and(|found| found.is_unplugged());
    Look { outcomes, may_change }
}

/// The box at one look.
struct ThisBox<'a> {
    arguments: &'a Arguments,
    /// None: it has none yet.
    settings: Option<Settings>,
    network: network::State,
}

impl<'a> ThisBox<'a> {
    fn read(arguments: &'a Arguments) -> Result<Self> {
        let published = settings::published(&arguments.settings)?;
        let settings = published.filter(|settings| !settings.office.name.is_empty());
        Ok(Self { arguments, settings, network: network::State::read()? })
    }

    fn network(&self) -> Result<Finding> {
        network::is_as_before(&self.arguments.network, &self.network, self.settings.as_ref())
    }

    /// Without settings, the set-up's page.
    fn web(&self) -> Result<Finding> {
        let settings = self.settings.clone().unwrap_or_default();
        let port = self.arguments.https_port.unwrap_or(settings.ports.https);
        let authority = self.arguments.state.join("ca.pem");
        let given = given(&settings, &self.arguments.state);
        self.reached(|address| web::answers(address, port, &authority, given.as_deref()))
    }

    fn sip(&self) -> Result<Finding> {
        let Some(settings) = &self.settings else { return no_settings() };
        let port = self.arguments.sip_port.unwrap_or(settings.ports.sip);
        // As control chooses it: where room systems have a network of their own, and it is up, they are reached there.
        let apart = if self.arguments.address.is_none() { addresses::rooms()? } else { None };
        self.reached(|address| sip::answers(apart.unwrap_or(address), port))
    }

    fn selftest(&self) -> Result<Finding> {
        if self.settings.is_none() {
            return no_settings();
        }
        if self.arguments.without_selftest {
            return Ok(Finding::NotApplicable("it was left out, as asked".to_owned()));
        }
        let limit = Duration::from_secs(self.arguments.selftest_limit);
        self.reached(|_| selftest::passes(&self.arguments.door, &self.arguments.selftest, limit))
    }

    /// A look at the box's address. Without a cable it has none, control waits for one, and no version is to blame.
    fn reached(&self, look: impl FnOnce(IpAddr) -> Result<Finding>) -> Result<Finding> {
        match self.address()? {
            Some(address) => look(address),
            None if self.is_unplugged() => Ok(Finding::NotApplicable(
                "no network cable is plugged in, this box has no address".to_owned(),
            )),
            None => bail!("this box has no network address"),
        }
    }

    fn is_unplugged(&self) -> bool {
        let network = self.settings.as_ref().map(|settings| settings.network.clone()).unwrap_or_default();
        self.arguments.address.is_none() && self.network.is_unplugged(&network)
    }

    /// As control chooses it.
    fn address(&self) -> Result<Option<IpAddr>> {
        if self.arguments.address.is_some() {
            return Ok(self.arguments.address);
        }
        let fixed = self.settings.as_ref().and_then(|settings| settings.network.addressing.fixed());
        let only_ipv6 = || fixed.map(|fixed| fixed.address()).filter(IpAddr::is_ipv6);
        Ok(addresses::primary()?.or_else(only_ipv6))
    }
}

fn no_settings() -> Result<Finding> {
    Ok(Finding::NotApplicable("this box has no settings yet".to_owned()))
}

/// The certificate that the office gave, or an ACME authority, where one did.
fn given(settings: &Settings, state: &Path) -> Option<String> {
    match &settings.certificate {
        Certificate::Uploaded { chain_pem, .. } => Some(chain_pem.clone()),
        Certificate::Acme { .. } => {
            // As control keeps it; until there is one, the box's own authority stands in.
            let kept = fs::read(state.join(ACME_CERTIFICATE)).ok()?;
            let kept: serde_json::Value = serde_json::from_slice(&kept).ok()?;
            Some(kept["chain_pem"].as_str()?.to_owned())
        }
        Certificate::Own => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a real machine may take to start is real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this process does nothing else than wait for the others")]
fn pause() {
    thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::{DnsProvider, MailAddress, Secret};

    #[test]
    fn what_an_authority_has_given_is_found_where_control_keeps_it() {
        let state = tempfile::tempdir().unwrap();
        let certificate = Certificate::Acme {
            directory: "https://ca.test/".to_owned(),
            contact: MailAddress::new("claire@office.test").unwrap(),
            authority_pem: None,
            dns: DnsProvider::Gandi { token: Secret::default() },
        };
        let settings = Settings { certificate, ..Settings::default() };
        assert_eq!(given(&settings, state.path()), None, "the box's own stands in");
        fs::write(state.path().join(ACME_CERTIFICATE), r#"{"chain_pem":"PEM","key_pem":"KEY"}"#).unwrap();
        assert_eq!(given(&settings, state.path()).as_deref(), Some("PEM"));
        assert_eq!(given(&Settings::default(), state.path()), None);
    }
}
