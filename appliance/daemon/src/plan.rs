use crate::{
    acme::Shelf,
    adapters::network::{self, Found},
    certificates::{self, Identity},
    config::{Ports, ServeArguments},
    uploaded,
};
use anyhow::{Context, Result, bail};
use std::net::IpAddr;
use tabellion_domain::{
    Clock,
    settings::{Certificate, Settings},
};
use tabellion_store::{Office, Store};
use tracing::{error, warn};

/// What this run of the control process is: its arguments and the box's settings, made definite.
pub(crate) struct Plan {
    pub arguments: ServeArguments,
    pub settings: Settings,
    pub office: Office,
    pub ports: Ports,
    /// What browsers reach the box at.
    pub address: IpAddr,
    /// What room systems reach it at: the same, unless they have a network of their own.
    pub rooms: IpAddr,
}

impl Plan {
    /// # Errors
    /// The box has no settings yet, or no address.
    pub(crate) async fn new(arguments: ServeArguments, store: &Store, clock: &dyn Clock) -> Result<Self> {
        // With a change that waits for its confirmation: what the operating system was told as well.
        let settings = store.current_settings(clock.now()).await?;
        let Some(settings) = settings.filter(|settings| !settings.office.name.is_empty()) else {
            bail!(
                "this box has no settings yet: give it a set-up file, or start it with --screen or --demonstration"
            );
        };
        let office = Office::from(settings.clone());
        let address = match arguments.address {
            Some(address) => address,
            None => network::own_address().or_else(|problem| only_ipv6(&settings).ok_or(problem))?,
        };
        // Given for all, or found for each.
        let apart = if arguments.address.is_none() { network::rooms_address()? } else { None };
        if arguments.address.is_none() && apart.is_none() && settings.network.room_systems.is_some() {
            warn!("the room systems' network has given no address yet: they are not reached before it does");
        }
        let rooms = apart.unwrap_or(address);
        let ports = if arguments.demonstration { arguments.ports.clone() } else { settings.ports.into() };
        Ok(Self { arguments, settings, office, ports, address, rooms })
    }

    /// The addresses, where they were found and not given: they may change.
    pub(crate) fn followed(&self) -> Option<Found> {
        let rooms = (self.rooms != self.address).then_some(self.rooms);
        self.arguments.address.is_none().then_some(Found { office: self.address, rooms })
    }

    /// The name in links, where the settings give one.
    pub(crate) fn public_name(&self) -> Option<String> {
        self.settings.names.public.as_ref().map(|name| name.as_str().to_owned())
    }

    /// `https://host:port`, without the port where it is the usual one.
    pub(crate) fn public_url(&self) -> String {
        let host = self.public_name().unwrap_or_else(|| match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        match self.ports.https_port {
            443 => format!("https://{host}"),
            port => format!("https://{host}:{port}"),
        }
    }

    /// The certificate of the web pages and of SIP over TLS. Where the settings' own cannot be used, the box's authority
    /// makes one: pages with a warning are pages on which this can be mended.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn identity(&self, clock: &dyn Clock) -> Result<Identity> {
        match &self.settings.certificate {
            Certificate::Own => {}
            Certificate::Uploaded { chain_pem, key_pem } => {
                match uploaded::load(chain_pem, key_pem, self.settings.certified_name(), clock.now()) {
                    Ok(identity) => return Ok(identity),
                    Err(fault) => error!("the certificate of the settings cannot be used: {fault}"),
                }
            }
            Certificate::Acme { .. } => {
                let shelf = Shelf::new(&self.arguments.state);
                match shelf.identity(self.settings.certified_name(), clock.now()) {
                    Some((identity, _)) => return Ok(identity),
                    None => warn!("the authority has given no certificate yet: the box's own makes one"),
                }
            }
        }
        let names = [self.settings.certified_name().to_owned(), "localhost".to_owned()];
        let mut addresses = vec![self.address, self.rooms];
        addresses.dedup();
        certificates::identity(&self.arguments.state, &names, &addresses, clock.now())
            .context("the box's certificate cannot be made")
    }
}

/// The address of a box that was given no IPv4 address. Room systems will not reach it; its pages are there.
fn only_ipv6(settings: &Settings) -> Option<IpAddr> {
    settings.network.addressing.fixed().map(|fixed| fixed.address()).filter(IpAddr::is_ipv6)
}
