use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{Arc, Mutex},
};

/// UDP ports of SIP legs' media: even ports, each with the odd one above for RTCP (RFC 3550 §11).
#[derive(Clone, Debug)]
pub struct PortPool {
    range: Range<u16>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    used: BTreeSet<u16>,
    last: u16,
}

/// One even port and the odd one above, free again when this is dropped.
#[derive(Debug)]
pub struct PortPair {
    /// The even one.
    pub rtp: u16,
    state: Arc<Mutex<State>>,
}

impl PortPool {
    /// Ports in `range`, both ends included only where a whole pair fits.
    #[must_use]
    pub fn new(range: Range<u16>) -> Self {
        let state = State { used: BTreeSet::new(), last: range.end };
        Self { range, state: Arc::new(Mutex::new(state)) }
    }

    /// The next free pair, or none when all are in use. A pair just freed comes last: packets still under way to it
    /// must not reach the next call.
    #[must_use]
    pub fn take(&self) -> Option<PortPair> {
        let mut state = self.state.lock().expect("no panic while locked");
        let pairs = || (self.range.start.next_multiple_of(2)..self.range.end.saturating_sub(1)).step_by(2);
        let after_last = pairs().filter(|port| *port > state.last).chain(pairs());
        let rtp = after_last.into_iter().find(|port| !state.used.contains(port))?;
        state.used.insert(rtp);
        state.last = rtp;
        Some(PortPair { rtp, state: self.state.clone() })
    }

    /// Takes the pair that a leg had before a restart. None where something else has it.
    #[must_use]
    pub fn take_this(&self, rtp: u16) -> Option<PortPair> {
        let fresh = self.state.lock().expect("no panic while locked").used.insert(rtp);
        fresh.then(|| PortPair { rtp, state: self.state.clone() })
    }
}

impl Drop for PortPair {
    fn drop(&mut self) {
        self.state.lock().expect("no panic while locked").used.remove(&self.rtp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_even_distinct_and_come_back_last() {
        let pool = PortPool::new(20_001..20_008);
        let first = pool.take().unwrap();
        assert_eq!(first.rtp, 20_002);
        drop(first);
        let held: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        let ports: Vec<_> = held.iter().map(|pair| pair.rtp).collect();
        assert_eq!(ports, [20_004, 20_006, 20_002]);
        assert!(pool.take().is_none(), "all in use");
        assert!(pool.take_this(20_004).is_none(), "in use");
    }
}
