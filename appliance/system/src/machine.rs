use std::{fs, io, path::Path};
use tabellion_domain::settings::{Interface, InterfaceName, MacAddress, Network};

/// `ARPHRD_ETHER` (linux/if_arp.h).
const ETHERNET: &str = "1";

/// What the box is made of, as far as its settings have to do with it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Machine {
    /// Its wired network interfaces, by name.
    pub interfaces: Vec<NetworkInterface>,
}

/// A wired network interface.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NetworkInterface {
    /// The kernel's name.
    pub name: InterfaceName,
    /// Its hardware address.
    pub mac: MacAddress,
}

impl Machine {
    /// Looks at `/sys/class/net`, which is given so that tests can make their own.
    ///
    /// # Errors
    /// The folder cannot be listed. An interface that goes away meanwhile is no error.
    pub fn read(class_net: &Path) -> io::Result<Self> {
        let mut interfaces = Vec::new();
        for entry in fs::read_dir(class_net)? {
            let entry = entry?;
            interfaces.extend(wired(&entry.path(), &entry.file_name().to_string_lossy()));
        }
        interfaces.sort();
        Ok(Self { interfaces })
    }

    /// The interface that leads to the office's network. None: there is no such interface.
    #[must_use]
    pub fn office_interface(&self, network: &Network) -> Option<&NetworkInterface> {
        match &network.interface {
            Some(Interface::Name(name)) => self.interfaces.iter().find(|one| one.name == *name),
            Some(Interface::Mac(mac)) => self.interfaces.iter().find(|one| one.mac == *mac),
            // Always the same one, whatever is plugged in at this start.
            None => self.interfaces.first(),
        }
    }
}

/// An Ethernet card: a device, and not one of the radio. Bridges, VLANs and their like have no device.
fn wired(folder: &Path, name: &str) -> Option<NetworkInterface> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
    let radio = folder.join("wireless").exists() || folder.join("phy80211").exists();
    if read("type")?.trim() != ETHERNET || radio || !folder.join("device").exists() {
        return None;
    }
    let mac = MacAddress::new(&read("address")?).ok()?;
    Some(NetworkInterface { name: InterfaceName::new(name).ok()?, mac })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(folder: &Path, name: &str, kind: &str, parts: &[&str]) {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("type"), format!("{kind}\n")).unwrap();
        fs::write(folder.join("address"), format!("52:54:00:00:00:{:02x}\n", name.len())).unwrap();
        for part in parts {
            fs::create_dir(folder.join(part)).unwrap();
        }
    }

    #[test]
    fn only_wired_cards_count_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        card(folder.path(), "enp2s0f1", "1", &["device"]);
        card(folder.path(), "enp1s0", "1", &["device"]);
        card(folder.path(), "wlp3s0", "1", &["device", "phy80211"]);
        card(folder.path(), "rooms", "1", &[]);
        card(folder.path(), "lo", "772", &[]);
        let machine = Machine::read(folder.path()).unwrap();
        let names: Vec<_> = machine.interfaces.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["enp1s0", "enp2s0f1"]);
        let chosen = |interface| {
            let network = Network { interface, ..Network::default() };
            machine.office_interface(&network).map(|one| one.name.as_str().to_owned())
        };
        assert_eq!(chosen(None).as_deref(), Some("enp1s0"));
        let mac = MacAddress::new("52:54:00:00:00:08").unwrap();
        assert_eq!(chosen(Some(Interface::Mac(mac))).as_deref(), Some("enp2s0f1"));
        assert_eq!(chosen(Some(Interface::Name(InterfaceName::new("eth9").unwrap()))), None);
    }
}
