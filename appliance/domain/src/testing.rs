//! A clock and a source of randomness that tests hold in their hands.

use crate::{Clock, Entropy};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use time::{Duration, OffsetDateTime, macros::datetime};

/// Stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<OffsetDateTime>>);

impl FakeClock {
    /// Shows `now`.
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().expect("no panic while locked") += by;
    }

    /// Sets the time.
    pub fn set(&self, now: OffsetDateTime) {
        *self.0.lock().expect("no panic while locked") = now;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::at(datetime!(2026-11-23 12:00 UTC))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().expect("no panic while locked")
    }
}

/// The same bytes each time for the same seed. Clones go on with the same stream.
#[derive(Clone, Debug, Default)]
pub struct FakeEntropy {
    seed: u64,
    blocks: Arc<AtomicU64>,
}

impl FakeEntropy {
    /// A stream of its own for each seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, blocks: Arc::default() }
    }
}

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.blocks.fetch_add(1, Ordering::Relaxed);
            let hash = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}

/// A good set-up file with most of what one can say.
pub const SETUP: &str = r#"# Mise en service
[office]
name = "Office Notarial de la Place"
crpcen = "01234"
domain = "visio.office.fr"
number_prefix = "1099"

[support]
phone = "04 00 00 00 00"
email = "support@office.fr"

[network]
interface = "52-54-00-12-34-56"
mode = "fixed"
address = "192.168.10.5/24"
gateway = "192.168.10.1"
dns = ["192.168.10.1", "192.168.10.2"]

[network.room_systems]
vlan = 20
address = "192.168.20.5/24"

[names]
host = "Visio"
public = "visio.office.fr"

[time]
zone = "Indian/Reunion"
ntp = ["ntp.office.fr"]

[mail]
host = "smtp.office.fr"
login = "visio"
password = "mot-de-passe-du-relais"
sender = "Office Notarial <visio@office.fr>"

[turn]
uris = ["turn:turn.office.fr:3478", "turns:turn.office.fr:443?transport=tcp"]
secret = "un-secret-que-le-serveur-connait"

[certificate]
kind = "acme"
directory = "https://acme-v02.api.letsencrypt.org/directory"
contact = "informatique@office.fr"
dns_provider = "gandi"

[certificate.gandi]
token = "jeton-de-gandi"

[administrator]
civility = "Maître"
first_name = "Claire"
last_name = "Moreau"
login = "claire.moreau"
email = "claire@office.fr"
mobile = "06 12 34 56 78"
password = "Bien-trop-secret-2026"

[ports]
https = 8443
"#;
