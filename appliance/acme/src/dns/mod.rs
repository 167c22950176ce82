//! Who publishes the record that proves the name.

mod gandi;
mod ovh;
mod rfc2136;
mod sight;

use crate::{Fault, https::Https};
use gandi::Gandi;
use ovh::Ovh;
use rfc2136::Rfc2136;
use std::net::SocketAddr;
use tabellion_domain::settings::DnsProvider;
use time::OffsetDateTime;

/// Where the providers are; tests have their own.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Gandi's LiveDNS.
    pub gandi: String,
    /// OVHcloud's interface for Europe.
    pub ovh: String,
    /// UDP port of DNS servers.
    pub dns_port: u16,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            gandi: "https://api.gandi.net/v5/livedns".to_owned(),
            ovh: "https://eu.api.ovh.com/1.0".to_owned(),
            dns_port: 53,
        }
    }
}

/// A record that is there until it is taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Published {
    /// `office.fr`, without its last dot.
    zone: String,
    /// `_acme-challenge.visio.office.fr`.
    name: String,
    value: String,
    /// The provider's own number of it, where it has one.
    id: Option<u64>,
}

/// Publishes TXT records in a zone.
pub struct Publisher {
    provider: Provider,
    dns_port: u16,
}

enum Provider {
    Rfc2136(Rfc2136),
    Gandi(Gandi),
    Ovh(Ovh),
}

impl Publisher {
    /// The provider of the settings. Does not connect.
    ///
    /// # Errors
    /// [`Fault`]: the settings cannot be used, or the system's authorities cannot be read.
    pub fn new(
        settings: &DnsProvider,
        authority_pem: Option<&str>,
        endpoints: Endpoints,
    ) -> Result<Self, Fault> {
        let https = || Https::new(authority_pem).map_err(|failure| crate::order::no_tls(&failure));
        let provider = match settings {
            DnsProvider::Rfc2136 { server, key_name, key_secret } => Provider::Rfc2136(Rfc2136::new(
                server.as_str(),
                endpoints.dns_port,
                key_name.as_str(),
                key_secret,
            )?),
            DnsProvider::Gandi { token } => {
                Provider::Gandi(Gandi { base: endpoints.gandi, https: https()?, token: token.clone() })
            }
            DnsProvider::Ovh { application_key, application_secret, consumer_key } => Provider::Ovh(Ovh {
                base: endpoints.ovh,
                https: https()?,
                application_key: application_key.clone(),
                application_secret: application_secret.clone(),
                consumer_key: consumer_key.clone(),
            }),
        };
        Ok(Self { provider, dns_port: endpoints.dns_port })
    }

    pub(crate) async fn publish(
        &self,
        name: &str,
        value: &str,
        now: OffsetDateTime,
    ) -> Result<Published, Fault> {
        match &self.provider {
            Provider::Rfc2136(server) => server.publish(name, value, now).await,
            Provider::Gandi(gandi) => gandi.publish(name, value).await,
            Provider::Ovh(ovh) => ovh.publish(name, value).await,
        }
    }

    pub(crate) async fn remove(&self, published: &Published, now: OffsetDateTime) -> Result<(), Fault> {
        match &self.provider {
            Provider::Rfc2136(server) => server.remove(published, now).await,
            Provider::Gandi(gandi) => gandi.remove(published).await,
            Provider::Ovh(ovh) => ovh.remove(published).await,
        }
    }

    /// Waits until the zone's servers give the record, but no longer than is reasonable: whether they do, the authority says.
    pub(crate) async fn until_seen(&self, published: &Published) {
        let mut servers: Vec<SocketAddr> = sight::servers(&published.zone, self.dns_port).await;
        if let Provider::Rfc2136(server) = &self.provider {
            servers.extend(server.addresses().await.unwrap_or_default());
        }
        sight::until_seen(servers, &published.name, &published.value).await;
    }
}

/// A name's candidates for its zone, the longest first: `visio.office.fr`, `office.fr`.
fn zones(name: &str) -> impl Iterator<Item = &str> {
    let name = name.strip_prefix("_acme-challenge.").unwrap_or(name);
    let above = |name: &str| name.find('.').map(|dot| dot + 1);
    let starts = std::iter::successors(Some(0), move |start| above(&name[*start..]).map(|next| start + next));
    starts.map(move |start| &name[start..]).filter(|zone| zone.contains('.'))
}

/// The name within its zone: `_acme-challenge.visio`.
fn within<'a>(name: &'a str, zone: &str) -> &'a str {
    name.strip_suffix(zone).and_then(|name| name.strip_suffix('.')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_looked_for_from_the_name_up() {
        let found: Vec<_> = zones("_acme-challenge.visio.office.fr").collect();
        assert_eq!(found, ["visio.office.fr", "office.fr"]);
        assert_eq!(within("_acme-challenge.visio.office.fr", "office.fr"), "_acme-challenge.visio");
        assert_eq!(within("_acme-challenge.office.fr", "office.fr"), "_acme-challenge");
    }
}
