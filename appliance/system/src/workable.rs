use crate::Machine;
use tabellion_domain::settings::Settings;

/// The settings as far as this machine can be reached by them. A set-up asks for [`check`](crate::check) first, but a card
/// may be replaced, or move to another slot, years after it: a box that then manages no card at all has no page left to say
/// so on.
#[must_use]
pub fn workable(mut settings: Settings, machine: &Machine) -> Settings {
    let network = &mut settings.network;
    if network.interface.is_some() && machine.office_interface(network).is_none() {
        network.interface = None;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NetworkInterface;
    use tabellion_domain::settings::{Interface, InterfaceName, MacAddress};

    #[test]
    fn a_card_that_is_gone_is_not_waited_for() {
        let name = |name| InterfaceName::new(name).unwrap();
        let card =
            NetworkInterface { name: name("enp2s0"), mac: MacAddress::new("52:54:00:12:34:56").unwrap() };
        let machine = Machine { interfaces: vec![card] };
        let with = |interface| {
            let mut settings = Settings::default();
            settings.network.interface = Some(Interface::Name(interface));
            workable(settings, &machine).network.interface
        };
        assert_eq!(with(name("enp2s0")), Some(Interface::Name(name("enp2s0"))));
        assert_eq!(with(name("enp1s0")), None);
    }
}
