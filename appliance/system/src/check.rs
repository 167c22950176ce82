use crate::Machine;
use std::{fs, path::Path};
use tabellion_domain::settings::{Refusal, Settings, SetupError, ZoneName};

/// What these settings ask of this machine that it does not have; empty where all is well. `zoneinfo` is
/// `/usr/share/zoneinfo`.
#[must_use]
pub fn check(settings: &Settings, machine: &Machine, zoneinfo: &Path) -> Vec<SetupError> {
    let mut errors = Vec::new();
    if settings.network.interface.is_some() && machine.office_interface(&settings.network).is_none() {
        let present: Vec<_> =
            machine.interfaces.iter().map(|one| format!("{} ({})", one.name, one.mac)).collect();
        let todo = match present.as_slice() {
            [] => "Vérifiez que la boîte a une carte réseau".to_owned(),
            present => format!("Choisissez parmi : {}, ou retirez cette ligne", present.join(", ")),
        };
        let refusal = Refusal::new("cette interface n’existe pas sur cette boîte", todo);
        errors.push(SetupError::new("network.interface", refusal));
    }
    if !is_zone(zoneinfo, &settings.time.zone) {
        errors.push(SetupError::new("time.zone", unknown_zone(zoneinfo, &settings.time.zone)));
    }
    errors
}

/// Whether it is a file of tzfile(5): other tables lie beside them.
fn is_zone(zoneinfo: &Path, zone: &ZoneName) -> bool {
    fs::read(zoneinfo.join(zone.as_str())).is_ok_and(|bytes| bytes.starts_with(b"TZif"))
}

fn unknown_zone(zoneinfo: &Path, zone: &ZoneName) -> Refusal {
    let todo = match meant(zoneinfo, zone.as_str()) {
        Some(meant) => format!("Écrivez « {meant} »"),
        None => "Écrivez un fuseau de la liste IANA, par exemple Europe/Paris ou Indian/Reunion".to_owned(),
    };
    Refusal::new(format!("le fuseau horaire « {zone} » n’existe pas"), todo)
}

/// A zone whose town is the one that was written, in whatever case and part of the world.
fn meant(zoneinfo: &Path, written: &str) -> Option<String> {
    let town = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase().replace('_', "-");
    // Country, place, zone, remarks; separated by tabs.
    let table = fs::read_to_string(zoneinfo.join("zone.tab")).ok()?;
    let zones =
        table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').nth(2));
    zones.map(str::to_owned).find(|zone| town(zone) == town(written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NetworkInterface, render::ZONES};
    use tabellion_domain::settings::{Interface, InterfaceName, MacAddress};

    fn machine() -> Machine {
        let name = InterfaceName::new("enp1s0").unwrap();
        let mac = MacAddress::new("52:54:00:12:34:56").unwrap();
        Machine { interfaces: vec![NetworkInterface { name, mac }] }
    }

    fn told(settings: &Settings) -> Vec<String> {
        let errors = check(settings, &machine(), Path::new(ZONES));
        errors.iter().map(|error| error.to_string().replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn what_the_machine_does_not_have_is_told() {
        let mut settings = Settings::default();
        assert_eq!(told(&settings), Vec::<String>::new());
        settings.network.interface = Some(Interface::Name(InterfaceName::new("eth9").unwrap()));
        settings.time.zone = ZoneName::new("France/Paris").unwrap();
        assert_eq!(
            told(&settings),
            [
                "Réglages, réseau › interface (network.interface) : cette interface n’existe pas sur cette boîte. \
                 Choisissez parmi : enp1s0 (52:54:00:12:34:56), ou retirez cette ligne.",
                "Réglages, heure › fuseau horaire (time.zone) : le fuseau horaire « France/Paris » n’existe pas. \
                 Écrivez « Europe/Paris ».",
            ]
        );
        for no_zone in ["Europe/Lutece", "zone.tab", "Europe"] {
            let Ok(zone) = ZoneName::new(no_zone) else { continue };
            settings.time.zone = zone;
            assert_eq!(told(&settings).len(), 2, "{no_zone}");
        }
    }
}
