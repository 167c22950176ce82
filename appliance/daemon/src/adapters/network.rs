use anyhow::{Context, Result};
use std::{net::IpAddr, time::Duration};
use tabellion_media_protocol::addresses;

/// How often the machine's address is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The address that this machine is reached at.
///
/// # Errors
/// It has none (yet).
pub(crate) fn own_address() -> Result<IpAddr> {
    addresses::primary()
        .context("cannot list this machine's addresses")?
        .context("this machine has no network address yet")
}

/// The address that room systems with a network of their own reach this machine at; none where it has none there (yet).
///
/// # Errors
/// The kernel does not list them.
pub(crate) fn rooms_address() -> Result<Option<IpAddr>> {
    addresses::rooms().context("cannot list this machine's addresses")
}

/// Where this machine is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    /// By browsers.
    pub office: IpAddr,
    /// By room systems that have a network of their own, where this machine has an address there.
    pub rooms: Option<IpAddr>,
}

/// Ends when this machine is reached elsewhere.
pub(crate) async fn until_changed(found: Found) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        // Where the kernel does not say, nothing is known to have changed.
        let moved = addresses::own().is_ok_and(|own| !own.contains(&found.office));
        if moved || addresses::rooms().is_ok_and(|rooms| rooms != found.rooms) {
            return;
        }
    }
}
