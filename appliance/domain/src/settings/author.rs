use crate::UserId;
use serde::{Deserialize, Serialize};

/// Who changed the settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "author", rename_all = "snake_case")]
pub enum Author {
    /// An administrator, signed in.
    User {
        /// Who.
        user: UserId,
    },
    /// A set-up file in the virtual machine’s SMBIOS credentials.
    SmbiosCredential,
    /// A set-up file among the credentials on the EFI system partition.
    EspCredential,
    /// A set-up file on a USB stick.
    UsbStick,
    /// Whoever stood at the set-up page while the box had no settings.
    SetupPage,
    /// The demonstration's seeding.
    Demonstration,
    /// An earlier release's settings, taken over by this one.
    Upgrade,
    /// Whoever restored a backup, which keeps this box's own network.
    Restore,
    /// Nobody: what was not confirmed in time is undone.
    Deadline,
}
