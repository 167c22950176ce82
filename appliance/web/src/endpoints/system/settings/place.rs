//! Where the pages are to be found under other settings, and whether a request has come by them.

use axum::http::{HeaderMap, Uri, header, uri::Authority};
use std::net::{IpAddr, SocketAddr};
use tabellion_domain::settings::{Addressing, Settings};

/// What the browser asked for: `192.168.10.5:8443`.
pub(crate) fn asked(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    // HTTP/2 has it in the address, HTTP/1.1 beside it.
    let named = || headers.get(header::HOST)?.to_str().ok()?.parse().ok();
    uri.authority().cloned().or_else(named)
}

/// Where somebody who reached the pages at `asked` finds them once `before` has become `after`: `https://host:port`. None:
/// the network will say.
pub(crate) fn after_the_change(
    asked: &Authority,
    before: &Settings,
    after: &Settings,
    fixed_port: bool,
) -> Option<String> {
    let host = host(asked.host(), before, after)?;
    let port = if fixed_port { asked.port_u16().unwrap_or(443) } else { after.ports.https };
    Some(match port {
        443 => format!("https://{host}"),
        port => format!("https://{host}:{port}"),
    })
}

fn host(asked: &str, before: &Settings, after: &Settings) -> Option<String> {
    let (was, is) = (&before.network, &after.network);
    if (&was.addressing, &was.interface) != (&is.addressing, &is.interface) {
        // Also for who came by a name: it leads to the former address until somebody changes it.
        return is.addressing.fixed().map(|fixed| written(fixed.address()));
    }
    match (&before.names.public, &after.names.public) {
        (Some(public), Some(new)) if public.as_str() == asked => Some(new.as_str().to_owned()),
        _ => Some(asked.to_owned()),
    }
}

fn written(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Whether a request that came in at `reached` shows that the box is reached under these settings.
pub(super) fn is_there(reached: SocketAddr, settings: &Settings, fixed_port: bool) -> bool {
    let address = match &settings.network.addressing {
        Addressing::Dhcp => true,
        Addressing::Fixed { address, .. } => reached.ip().to_canonical() == address.address(),
    };
    address && (fixed_port || reached.port() == settings.ports.https)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::{InterfaceAddress, Server};

    fn fixed(address: &str) -> Settings {
        let mut settings = Settings::default();
        let address = InterfaceAddress::new(address).unwrap();
        settings.network.addressing = Addressing::Fixed { address, gateway: None };
        settings.names.public = Some(Server::new("visio.office.fr").unwrap());
        settings
    }

    fn found(asked: &str, before: &Settings, after: &Settings) -> Option<String> {
        after_the_change(&asked.parse().unwrap(), before, after, false)
    }

    #[test]
    fn the_pages_are_followed_to_their_new_address_port_and_name() {
        let before = fixed("192.168.10.5/24");
        let (mut port, mut name) = (before.clone(), before.clone());
        port.ports.https = 8443;
        name.names.public = Some(Server::new("salle.office.fr").unwrap());
        let moved = fixed("192.168.10.9/24");
        for (asked, after, expected) in [
            ("192.168.10.5", &moved, "https://192.168.10.9"),
            ("visio.office.fr", &moved, "https://192.168.10.9"),
            ("192.168.10.5", &fixed("2001:db8::5/64"), "https://[2001:db8::5]"),
            ("192.168.10.5", &port, "https://192.168.10.5:8443"),
            ("visio.office.fr", &port, "https://visio.office.fr:8443"),
            ("visio.office.fr", &name, "https://salle.office.fr"),
            ("192.168.10.5", &name, "https://192.168.10.5"),
        ] {
            assert_eq!(found(asked, &before, after).as_deref(), Some(expected), "{asked}");
        }
    }

    #[test]
    fn an_address_that_the_network_gives_is_not_known_beforehand() {
        let before = fixed("192.168.10.5/24");
        let dhcp = Settings { names: before.names.clone(), ..Settings::default() };
        assert_eq!(found("192.168.10.5", &before, &dhcp), None);
        assert_eq!(found("192.168.10.5", &dhcp, &dhcp).as_deref(), Some("https://192.168.10.5"));
    }

    #[test]
    fn the_demonstrations_port_is_not_in_its_settings() {
        let before = fixed("192.168.10.5/24");
        let asked = "10.77.0.1:8443".parse().unwrap();
        let found = after_the_change(&asked, &before, &before, true);
        assert_eq!(found.as_deref(), Some("https://10.77.0.1:8443"));
    }

    #[test]
    fn only_a_request_at_the_new_address_and_port_shows_that_it_is_reached() {
        let settings = fixed("192.168.10.9/24");
        let there = |reached: &str, fixed_port| is_there(reached.parse().unwrap(), &settings, fixed_port);
        assert!(there("192.168.10.9:443", false));
        assert!(there("[::ffff:192.168.10.9]:443", false), "a socket for both families");
        assert!(!there("192.168.10.5:443", false));
        assert!(!there("192.168.10.9:8443", false));
        assert!(there("192.168.10.9:8443", true));
    }
}
