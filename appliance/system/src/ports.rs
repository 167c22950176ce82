//! The ports that others than control open: systemd the web pages', the switchboard the browsers' media. Where they are the
//! ones that the units name, there is nothing to say, and no start waits for systemd to read its units again.

use crate::{Rendered, rendered::Unit};
use tabellion_domain::settings::Ports;

/// Beside the unit's own `ListenStream=443` (systemd.unit(5), drop-ins).
pub(crate) const PAGES: &str = "tabellion.socket.d/50-settings.conf";

/// Read by tabellion-media.service (systemd.exec(5), `EnvironmentFile=`).
pub(crate) const MEDIA: &str = "media.env";

pub(crate) fn render(rendered: &mut Rendered, ports: Ports) {
    let usual = Ports::default();
    if (ports.https, ports.guests) != (usual.https, usual.guests) {
        let mut unit = Unit::default();
        unit.section("Socket");
        // An empty one takes the unit's own away.
        unit.set("ListenStream", "");
        unit.set("ListenStream", ports.https);
        if let Some(guests) = ports.guests {
            unit.set("ListenStream", guests);
        }
        rendered.file(PAGES, &unit.into_text());
    }
    if ports.media != usual.media {
        rendered.file(MEDIA, &format!("TABELLION_MEDIA_PORT={}\n", ports.media));
    }
}
