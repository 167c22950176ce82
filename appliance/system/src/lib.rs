//! The box and its operating system: renders the settings into its configuration, and speaks with the updater.
//!
//! [`render`] knows the settings and the machine, and does nothing but text. [`apply`] puts the text into [`FOLDER`] in one
//! step. Where the operating system looks for it are links, [`LINKS`], which never change.
//!
//! Whoever applies a change tells the operating system so afterwards:
//!
//! | what changed | what takes it up |
//! | --- | --- |
//! | `network/…` | `networkctl reload`; a VLAN's device is deleted before |
//! | `resolved.conf.d/…` | `systemctl reload-or-restart systemd-resolved` |
//! | `timesyncd.conf.d/…` | `systemctl restart systemd-timesyncd` |
//! | `nftables.conf` | `nft -f` |
//! | `tabellion.socket.d/…` | `systemctl daemon-reload`, `systemctl restart tabellion.socket` |
//! | `media.env` | `systemctl restart tabellion-media` |
//! | `hostname` | `sethostname(2)` |
//! | `localtime` | whatever starts next |

mod apply;
mod check;
mod firewall;
mod machine;
mod network;
mod ports;
mod render;
mod rendered;
pub mod updater;
mod workable;
mod zone;

pub use apply::{ApplyError, apply};
pub use check::check;
pub use machine::{Machine, NetworkInterface};
pub use network::ROOMS;
pub use render::{render, render_default};
pub use rendered::{Entry, Rendered};
pub use workable::workable;
pub use zone::{Zone, ZoneError};

/// Where the rendered configuration lies on a box.
pub const FOLDER: &str = "/run/tabellion-system";

/// Where the operating system looks, and what in [`FOLDER`] such a place is a link to.
pub const LINKS: &[(&str, &str)] = &[
    ("/run/systemd/network", "network"),
    ("/run/systemd/resolved.conf.d", "resolved.conf.d"),
    ("/run/systemd/timesyncd.conf.d", "timesyncd.conf.d"),
    ("/run/systemd/system/tabellion.socket.d", "tabellion.socket.d"),
    ("/etc/localtime", "localtime"),
];
