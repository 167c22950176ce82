use std::net::IpAddr;
use tabellion_domain::Source;
use tabellion_sip::Caller;

/// Longest name of a caller on screen, in characters.
const LONGEST: usize = 60;

/// What a room system is called on the others' screens: its display name, or else the name in its address. What
/// equipment sends is shown to people, so control characters and excess are left out.
pub(crate) fn caller(caller: &Caller) -> String {
    let clean = |text: &str| -> String {
        text.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>().trim().to_owned()
    };
    let display = clean(&caller.display_name);
    if !display.is_empty() {
        return display;
    }
    let address = clean(caller.address.trim_start_matches("sips:").trim_start_matches("sip:"));
    if address.is_empty() { "Équipement de visioconférence".to_owned() } else { address }
}

/// Whom a caller's wrong codes are counted for: a name that a digest proved, or else where the call came from.
pub(crate) fn source(caller: &Caller, address: IpAddr) -> Source {
    caller.device.clone().map_or_else(|| Source::at(address), Source::Device)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(display_name: &str, address: &str) -> String {
        caller(&Caller { device: None, display_name: display_name.to_owned(), address: address.to_owned() })
    }

    #[test]
    fn a_registered_device_is_known_wherever_it_calls_from_and_others_by_their_address() {
        let mut who = Caller { device: None, display_name: "Salle".into(), address: "sip:1@x".into() };
        let (home, away) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert_ne!(source(&who, home), source(&who, away), "what it says of itself proves nothing");
        who.device = Some("salle".into());
        assert_eq!(source(&who, home), source(&who, away));
    }

    #[test]
    fn a_display_name_wins_and_what_is_sent_is_cleaned() {
        assert_eq!(named("Salle des actes", "sip:1@x"), "Salle des actes");
        assert_eq!(named(" \u{7}", "sip:etude@visio.test"), "etude@visio.test");
        assert_eq!(named("", ""), "Équipement de visioconférence");
        assert_eq!(named(&"x".repeat(500), "").chars().count(), LONGEST);
    }
}
