use clap::Args;
use std::{net::IpAddr, path::PathBuf};
use tabellion_system::updater::Updater;

/// What the control process is told at its start. Everything else is in the database.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArguments {
    /// Folder of what must survive: database, certificates.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Folder of the sockets between the processes.
    #[arg(long, value_name = "DIR")]
    pub runtime: PathBuf,
    /// Folder of the web pages, as built.
    #[arg(long, value_name = "DIR")]
    pub pages: PathBuf,
    /// Where the settings in force are written for the operating system, without their secrets; and a new start when they
    /// change.
    #[arg(long, value_name = "FILE")]
    pub publish: Option<PathBuf>,
    /// Where the attached screen is told how a box without settings is set up. Without it, such a box is not served.
    #[arg(long, value_name = "FILE")]
    pub screen: Option<PathBuf>,
    /// Where a socket is made on which this process's own user, and nobody else, asks for a meeting to test the box in.
    #[arg(long, value_name = "SOCKET")]
    pub rehearsal: Option<PathBuf>,
    /// Folder below which the updater's files are, instead of the root: for tests.
    #[arg(long, value_name = "DIR")]
    pub updater: Option<PathBuf>,
    /// This box's address, which browsers and room systems reach it at. Default: the one that its default route
    /// leaves from, and a new start when it changes.
    #[arg(long, value_name = "IP")]
    pub address: Option<IpAddr>,
    #[command(flatten)]
    pub places: Places,
    /// The demonstration's ports; a box has them in its settings.
    #[command(flatten)]
    pub ports: Ports,
    /// Shows mails and SMS on a page instead of sending them, and seeds demonstration data.
    #[arg(long)]
    pub demonstration: bool,
}

/// Where this machine says what it is made of.
#[derive(Args, Clone, Debug)]
pub(crate) struct Places {
    /// Where the kernel lists this box's network cards.
    #[arg(long, value_name = "DIR", default_value = "/sys/class/net")]
    pub cards: PathBuf,
    /// Where the studio has written what encodes and decodes pictures.
    #[arg(long, value_name = "FILE", default_value = "/run/tabellion-codecs/codecs.json")]
    pub codecs: PathBuf,
    /// Where the time zones are.
    #[arg(long, value_name = "DIR", default_value = "/usr/share/zoneinfo")]
    pub zoneinfo: PathBuf,
}

/// Ports of one box.
#[derive(Args, Clone, Debug)]
pub(crate) struct Ports {
    /// TCP port of the web pages.
    #[arg(long, default_value_t = 8443, value_name = "PORT")]
    pub https_port: u16,
    /// TCP port of the guests' pages, and nothing else: the one to publish. Without it they are where the others are.
    #[arg(long, value_name = "PORT")]
    pub guests_port: Option<u16>,
    /// UDP and TCP port of SIP.
    #[arg(long, default_value_t = 5060, value_name = "PORT")]
    pub sip_port: u16,
    /// TCP port of SIP over TLS.
    #[arg(long, default_value_t = 5061, value_name = "PORT")]
    pub sips_port: u16,
    /// UDP port of the browsers' media.
    #[arg(long, default_value_t = 7000, value_name = "PORT")]
    pub media_port: u16,
    /// First UDP port of room systems' media.
    #[arg(long, default_value_t = 20_000, value_name = "PORT")]
    pub rtp_from: u16,
    /// Last UDP port of room systems' media: each system needs four.
    #[arg(long, default_value_t = 20_799, value_name = "PORT")]
    pub rtp_to: u16,
}

impl ServeArguments {
    /// What control and the updater meet at.
    pub(crate) fn updater(&self) -> Updater {
        self.updater.as_deref().map_or_else(Updater::default, Updater::under)
    }
}

impl From<tabellion_domain::settings::Ports> for Ports {
    fn from(ports: tabellion_domain::settings::Ports) -> Self {
        Self {
            https_port: ports.https,
            guests_port: ports.guests,
            sip_port: ports.sip,
            sips_port: ports.sips,
            media_port: ports.media,
            rtp_from: ports.rtp_from,
            rtp_to: ports.rtp_to,
        }
    }
}
