use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard},
};
use tabellion_domain::network;

/// Connections at a time, incoming and outgoing, those whose handshake is not over included; each holds about 130 kB.
const MOST: usize = 512;
/// Of these, by one source. Equipment has one, a proxy or an office behind one address a handful; each may stay for up to
/// an hour of silence.
const MOST_OF_SOURCE: usize = 32;

/// Connections by source, so that a stranger does not take those of everybody.
#[derive(Default)]
pub(super) struct Connections(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    all: usize,
    by_source: HashMap<IpAddr, usize>,
}

/// The place of a connection that was accepted and is not the stack's yet: free again when dropped.
pub(crate) struct ConnectionPlace {
    connections: Arc<Connections>,
    source: IpAddr,
    handed_over: bool,
}

impl Connections {
    /// Takes a place for a source that connects.
    pub(super) fn take(self: &Arc<Self>, source: IpAddr) -> Option<ConnectionPlace> {
        let mut counts = self.counts();
        let of_source = counts.by_source.get(&network(source)).copied().unwrap_or_default();
        if counts.all >= MOST || of_source >= MOST_OF_SOURCE {
            return None;
        }
        counts.opened(source);
        Some(ConnectionPlace { connections: self.clone(), source, handed_over: false })
    }

    /// One that we opened.
    pub(super) fn opened(&self, to: IpAddr) {
        self.counts().opened(to);
    }

    /// One that was the stack's is gone.
    pub(super) fn closed(&self, source: IpAddr) {
        self.counts().closed(source);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no panic while locked")
    }
}

impl Counts {
    fn opened(&mut self, source: IpAddr) {
        self.all += 1;
        *self.by_source.entry(network(source)).or_default() += 1;
    }

    fn closed(&mut self, source: IpAddr) {
        self.all -= 1;
        let source = network(source);
        match self.by_source.get_mut(&source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                self.by_source.remove(&source);
            }
        }
    }
}

impl ConnectionPlace {
    /// The connection is the stack's from now on: its end frees the place.
    pub(crate) fn hand_over(mut self) {
        self.handed_over = true;
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        if !self.handed_over {
            self.connections.closed(self.source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn source(number: usize) -> IpAddr {
        Ipv4Addr::from_bits(u32::try_from(number).unwrap()).into()
    }

    #[test]
    fn all_sources_together_have_a_limit_and_a_place_is_free_again() {
        let connections = Arc::new(Connections::default());
        connections.opened(source(0));
        let mut places: Vec<_> = (1..MOST).map(|number| connections.take(source(number)).unwrap()).collect();
        assert!(connections.take(source(MOST)).is_none());
        drop(places.pop());
        connections.take(source(MOST)).unwrap().hand_over();
        assert!(connections.take(source(MOST)).is_none(), "the stack's connection still counts");
        connections.closed(source(MOST));
        connections.closed(source(0));
        drop(places);
        let counts = connections.counts();
        assert_eq!((counts.all, counts.by_source.len()), (0, 0));
    }
}
