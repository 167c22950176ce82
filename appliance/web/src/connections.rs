//! How many connections there may be: an address that opens them without end takes those of nobody else.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};
use tabellion_domain::settings::Access;

/// From one address. A page in a meeting holds two; many people may come from behind one router.
const PER_PEER: usize = 200;
/// In all: each costs about 50 kB.
const IN_ALL: usize = 2_000;

/// Counts open connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
    access: Arc<Access>,
}

/// One open connection; dropping it frees its place.
pub(crate) struct Place {
    peer: IpAddr,
    connections: Connections,
}

impl Connections {
    /// `access`: whose settings name the reverse proxies, behind which anybody may be.
    pub(crate) fn new(access: &Access) -> Self {
        Self { open: Arc::default(), access: Arc::new(access.clone()) }
    }

    /// A place, unless this address, or all together, have too many.
    pub(crate) fn take(&self, peer: IpAddr) -> Option<Place> {
        let mut open = self.open.lock().expect("no panic while locked");
        let in_all: usize = open.values().sum();
        let of_peer = open.get(&peer).copied().unwrap_or_default();
        let most = if self.access.is_proxy(peer) { IN_ALL } else { PER_PEER };
        if in_all >= IN_ALL || of_peer >= most {
            return None;
        }
        open.insert(peer, of_peer + 1);
        Some(Place { peer, connections: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().expect("no panic while locked");
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn peer(last: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, last).into()
    }

    #[test]
    fn a_greedy_address_takes_nobody_elses_place() {
        let connections = Connections::new(&Access::default());
        let mut greedy: Vec<_> = (0..PER_PEER).filter_map(|_| connections.take(peer(1))).collect();
        assert_eq!(greedy.len(), PER_PEER);
        assert!(connections.take(peer(1)).is_none());
        assert!(connections.take(peer(2)).is_some());
        greedy.pop();
        assert!(connections.take(peer(1)).is_some());
        drop(greedy);
        assert!(connections.open.lock().unwrap().is_empty(), "nothing is kept of those who left");
    }

    #[test]
    fn there_is_an_end_to_all_together() {
        let connections = Connections::new(&Access::default());
        let places: Vec<_> = (0..=255)
            .flat_map(|last| (0..10).map(move |_| last))
            .filter_map(|last| connections.take(peer(last)))
            .collect();
        assert_eq!(places.len(), IN_ALL);
    }

    #[test]
    fn a_reverse_proxy_has_the_connections_of_all_who_come_by_it() {
        let proxies = vec![tabellion_domain::settings::IpNetwork::new("10.0.0.1").unwrap()];
        let connections = Connections::new(&Access { proxies, ..Access::default() });
        let places: Vec<_> = (0..=IN_ALL).filter_map(|_| connections.take(peer(1))).collect();
        assert_eq!(places.len(), IN_ALL);
    }
}
