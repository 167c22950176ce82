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

#[cfg(test)]
mod tests {
    use super::*;

    fn named(display_name: &str, address: &str) -> String {
        caller(&Caller { device: None, display_name: display_name.to_owned(), address: address.to_owned() })
    }

    #[test]
    fn a_display_name_wins_and_what_is_sent_is_cleaned() {
        assert_eq!(named("Salle des actes", "sip:1@x"), "Salle des actes");
        assert_eq!(named(" \u{7}", "sip:etude@visio.test"), "etude@visio.test");
        assert_eq!(named("", ""), "Équipement de visioconférence");
        assert_eq!(named(&"x".repeat(500), "").chars().count(), LONGEST);
    }
}
