//! How many calls there may be, and whose. A caller from outside proves nothing, and each of its calls holds two pairs of
//! RTP ports and an encoder until it is let in or given up on: strangers must leave room for the office's own equipment.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use tabellion_domain::Source;

/// Calls at a time, ringing ones included: what the RTP ports of the standard settings carry.
const MOST: usize = 200;
/// Of these, calls from outside: a quarter, so that registered devices find room whatever strangers do.
const MOST_OUTSIDE: usize = 50;
/// Calls from outside by one address; of IPv6, by one /64.
const MOST_OF_SOURCE: usize = 4;
/// Calls of one registered device. Equipment makes one; a few more where a call of before has not yet timed out.
const MOST_OF_DEVICE: usize = 4;

/// How many calls it may have: a registered device, proven by its digest, or somebody from outside.
fn most_of(party: &Source) -> usize {
    match party {
        Source::Device(_) => MOST_OF_DEVICE,
        Source::Network(_) => MOST_OF_SOURCE,
    }
}

/// Why there is no place for a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Full {
    /// This caller has as many as it may.
    Party,
    /// All callers from outside together have.
    Outside,
    /// All calls together.
    Everything,
}

/// The places for calls.
#[derive(Default)]
pub(crate) struct Places(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    all: usize,
    outside: usize,
    /// Only who has a call is in it, so that [`MOST`] bounds it.
    by_party: HashMap<Source, usize>,
}

/// A call's place: free again when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    party: Source,
}

impl Places {
    /// Takes a place for a new call.
    pub(crate) fn take(self: &Arc<Self>, party: Source) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.by_party.get(&party).is_some_and(|count| *count >= most_of(&party)) {
            return Err(Full::Party);
        }
        if matches!(party, Source::Network(_)) && taken.outside >= MOST_OUTSIDE {
            return Err(Full::Outside);
        }
        if taken.all >= MOST {
            return Err(Full::Everything);
        }
        taken.add(&party);
        Ok(Place { places: self.clone(), party })
    }

    /// The place of a call that was let in by a former run: it counts, and is not asked again.
    pub(crate) fn keep(self: &Arc<Self>, party: Source) -> Place {
        self.taken().add(&party);
        Place { places: self.clone(), party }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().expect("no panic while locked")
    }
}

impl Taken {
    fn add(&mut self, party: &Source) {
        self.all += 1;
        self.outside += usize::from(matches!(party, Source::Network(_)));
        *self.by_party.entry(party.clone()).or_default() += 1;
    }

    fn remove(&mut self, party: &Source) {
        self.all -= 1;
        self.outside -= usize::from(matches!(party, Source::Network(_)));
        if let Some(count) = self.by_party.get_mut(party) {
            *count -= 1;
            if *count == 0 {
                self.by_party.remove(party);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().remove(&self.party);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(address: &str) -> Source {
        Source::at(address.parse().unwrap())
    }

    fn device(number: usize) -> Source {
        Source::Device(format!("salle-{number}"))
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let places = Arc::new(Places::default());
        let address = |last: usize| stranger(&format!("2001:db8:0:1::{last}"));
        let _held: Vec<_> = (1..=MOST_OF_SOURCE).map(|last| places.take(address(last)).unwrap()).collect();
        assert_eq!(places.take(address(99)).err(), Some(Full::Party));
        assert!(places.take(stranger("2001:db8:0:2::1")).is_ok());
        let _mapped: Vec<_> =
            (0..MOST_OF_SOURCE).map(|_| places.take(stranger("10.0.0.1")).unwrap()).collect();
        assert_eq!(places.take(stranger("::ffff:10.0.0.1")).err(), Some(Full::Party));
    }

    #[test]
    fn a_place_is_free_again_and_nothing_is_remembered_of_it() {
        let places = Arc::new(Places::default());
        for _ in 0..1_000 {
            let _place = places.take(device(1)).unwrap();
        }
        let taken = places.taken();
        assert_eq!((taken.all, taken.outside, taken.by_party.len()), (0, 0, 0));
    }

    #[test]
    fn all_together_have_a_limit_and_former_calls_count() {
        let places = Arc::new(Places::default());
        let held: Vec<_> = (0..MOST).map(|number| places.keep(device(number))).collect();
        assert_eq!(places.take(device(MOST)).err(), Some(Full::Everything));
        let _one_more = places.keep(device(MOST));
        drop(held);
        assert!(places.take(device(0)).is_ok());
    }
}
