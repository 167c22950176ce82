use super::{Server, ZoneName, setup::Answers};
use serde::{Deserialize, Serialize};

/// Where the box gets its time from, and how it shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Timekeeping {
    /// `Europe/Paris` where nothing else is said.
    pub zone: ZoneName,
    /// NTP servers in order; without any, the ones that DHCP names, or the operating system's.
    pub ntp: Vec<Server>,
}

impl Default for Timekeeping {
    fn default() -> Self {
        Self { zone: ZoneName::new("Europe/Paris").expect("a zone by its form"), ntp: Vec::new() }
    }
}

impl Timekeeping {
    pub(super) fn read(answers: &mut Answers) -> Self {
        let zone = answers.optional("time.zone", ZoneName::new);
        let ntp = answers.list("time.ntp", Server::new);
        Self { zone: zone.unwrap_or_else(|| Self::default().zone), ntp }
    }
}
