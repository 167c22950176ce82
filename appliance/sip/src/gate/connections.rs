use super::subscriber;
use std::{collections::HashMap, net::IpAddr, sync::Mutex};

/// Connections of one source at a time. Equipment has one, a proxy or an office behind one address a handful; each holds
/// about 130 kB, for up to an hour of silence.
const MOST_OF_SOURCE: usize = 32;

/// Connections by source, so that a stranger does not take those of everybody.
#[derive(Default)]
pub(super) struct Connections(Mutex<HashMap<IpAddr, usize>>);

impl Connections {
    /// Whether a source may have one more.
    pub(super) fn has_room(&self, source: IpAddr) -> bool {
        let counts = self.0.lock().expect("no panic while locked");
        counts.get(&subscriber(source)).is_none_or(|count| *count < MOST_OF_SOURCE)
    }

    pub(super) fn opened(&self, source: IpAddr) {
        *self.0.lock().expect("no panic while locked").entry(subscriber(source)).or_default() += 1;
    }

    pub(super) fn closed(&self, source: IpAddr) {
        let mut counts = self.0.lock().expect("no panic while locked");
        let source = subscriber(source);
        match counts.get_mut(&source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&source);
            }
        }
    }
}
