//! Which addresses this machine has: control names one to room systems, the switchboard names all of the office's network to
//! browsers, and both start anew when they change.

use nix::ifaddrs::getifaddrs;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, UdpSocket},
};

/// The interface to the network that room systems have for themselves, where they have one: no browser is reached there.
pub const ROOMS: &str = "rooms";

/// This machine's IPv4 addresses that browsers can reach, sorted; none where it has no network (yet).
///
/// # Errors
/// The kernel does not list them.
pub fn own() -> io::Result<Vec<IpAddr>> {
    usable(|interface| interface != ROOMS)
}

/// This machine's IPv4 address on the room systems' own network; none where it has none (yet).
///
/// # Errors
/// The kernel does not list them.
pub fn rooms() -> io::Result<Option<IpAddr>> {
    Ok(usable(|interface| interface == ROOMS)?.first().copied())
}

fn usable(wanted: impl Fn(&str) -> bool) -> io::Result<Vec<IpAddr>> {
    let interfaces = getifaddrs().map_err(io::Error::from)?;
    let mut addresses: Vec<IpAddr> = interfaces
        .filter(|interface| wanted(&interface.interface_name))
        .filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip()))
        .filter(|ip| !ip.is_loopback() && !ip.is_link_local())
        .map(IpAddr::V4)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

/// The one of [`own`] that the default route leaves from, or the first.
///
/// # Errors
/// The kernel does not list them.
pub fn primary() -> io::Result<Option<IpAddr>> {
    let own = own()?;
    let routed = default_source().filter(|address| own.contains(address));
    Ok(routed.or_else(|| own.first().copied()))
}

/// Where a packet to nobody in particular would come from (TEST-NET-1, RFC 5737); none is sent.
fn default_source() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_address_is_one_of_the_own_and_never_loopback() {
        let own = own().unwrap();
        assert!(own.iter().all(|address| !address.is_loopback() && !address.is_unspecified()));
        match primary().unwrap() {
            Some(primary) => assert!(own.contains(&primary)),
            None => assert!(own.is_empty()),
        }
        assert!(rooms().unwrap().is_none_or(|rooms| !own.contains(&rooms)));
    }
}
