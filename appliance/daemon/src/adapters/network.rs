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

/// Ends when `address` is not this machine's any more.
pub(crate) async fn until_changed(address: IpAddr) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        // Where the kernel does not say, nothing is known to have changed.
        if addresses::own().is_ok_and(|own| !own.contains(&address)) {
            return;
        }
    }
}
