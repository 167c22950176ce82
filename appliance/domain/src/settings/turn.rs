use super::{DomainName, Refusal, Secret, TurnUri, setup::Answers};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Addresses of one server: more cost each browser a request for each of them, before each meeting.
const MOST_URIS: usize = 4;
/// Bytes of the shared secret. Whoever has been let into a meeting holds a text and its HMAC, and may try secrets at home.
const SECRET: std::ops::RangeInclusive<usize> = 16..=500;

/// The server that relays for browsers which neither UDP nor TCP gets through to the box's own port (RFC 8656). It is the office's or
/// its provider's, and gives those a relay who present [`crate::TurnCredentials`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TurnServer {
    /// Its addresses, 1 to 4. The browser chooses.
    pub uris: Vec<TurnUri>,
    /// What it shares with the box.
    pub secret: Secret,
}

impl TurnServer {
    /// None, also where a part is wrong: that is among the answers' errors then.
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        if !answers.has_section("turn") {
            return None;
        }
        let uris = answers.some("turn.uris", MOST_URIS, TurnUri::new);
        let secret = answers.required("turn.secret", secret);
        Some(Self { uris: uris?, secret: secret? })
    }
}

/// RFC 7065 §3.1.
pub(super) fn uri(text: &str) -> Result<String, Refusal> {
    let unreadable = || {
        Refusal::new(
            format!("« {text} » n’est pas l’adresse d’un serveur TURN"),
            "Écrivez-la comme turn:turn.office.fr:3478 ou turns:turn.office.fr:443?transport=tcp",
        )
    };
    let (scheme, rest) = text.split_once(':').ok_or_else(unreadable)?;
    let scheme = scheme.to_ascii_lowercase();
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let place = place_of(place).filter(|_| matches!(scheme.as_str(), "turn" | "turns"));
    let place = place.ok_or_else(unreadable)?;
    let query = query.map(str::to_ascii_lowercase);
    match (scheme.as_str(), query.as_deref()) {
        (_, None) => Ok(format!("{scheme}:{place}")),
        (_, Some("transport=tcp")) | ("turn", Some("transport=udp")) => {
            Ok(format!("{scheme}:{place}?{}", query.unwrap_or_default()))
        }
        // TURN over DTLS (RFC 7350), which browsers do not speak.
        ("turns", Some("transport=udp")) => {
            let todo =
                "Écrivez « transport=tcp » à la place, ou retirez le point d’interrogation et la suite";
            Err(Refusal::new("les navigateurs ne joignent une adresse turns que par TCP", todo))
        }
        (_, Some(other)) => {
            let todo = "Écrivez « transport=udp » ou « transport=tcp » après le point d’interrogation, ou retirez-le";
            Err(Refusal::new(format!("« {other} » n’est pas une façon de joindre un serveur TURN"), todo))
        }
    }
}

/// Host and port, as they are written in a URI.
fn place_of(text: &str) -> Option<String> {
    let (host, port) = match text.rfind(':').filter(|at| !text[*at..].contains(']')) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => format!("[{}]", address.parse::<Ipv6Addr>().ok()?),
        None => match host.parse::<Ipv4Addr>() {
            Ok(address) => address.to_string(),
            Err(_) => DomainName::new(host).ok()?.to_string(),
        },
    };
    let Some(port) = port else { return Some(host) };
    let number = port.parse::<u16>().ok().filter(|number| *number > 0 && !port.starts_with('+'))?;
    Some(format!("{host}:{number}"))
}

fn secret(text: &str) -> Result<Secret, Refusal> {
    if text.chars().any(char::is_control) || text.len() > *SECRET.end() {
        return Err(Refusal::new("ce secret ne peut pas être lu", "Recopiez-le sur une seule ligne"));
    }
    if text.len() < *SECRET.start() {
        let todo = "Donnez au serveur TURN et à la boîte un secret d’au moins 16 caractères tirés au hasard";
        return Err(Refusal::new("ce secret est si court qu’il pourrait être deviné", todo));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_rfc_7065() {
        for (written, read) in [
            ("turn:turn.office.fr", "turn:turn.office.fr"),
            (" TURN:Turn.Office.fr:3478?transport=UDP ", "turn:turn.office.fr:3478?transport=udp"),
            ("turns:turn.office.fr:443?transport=tcp", "turns:turn.office.fr:443?transport=tcp"),
            ("turn:192.0.2.1:3478", "turn:192.0.2.1:3478"),
            ("turns:[2001:DB8::1]", "turns:[2001:db8::1]"),
            ("turns:[2001:db8::1]:5349", "turns:[2001:db8::1]:5349"),
        ] {
            assert_eq!(uri(written.trim()).unwrap(), read);
            assert_eq!(TurnUri::new(written).unwrap().as_str(), read);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for text in [
            "",
            "turn.office.fr",
            "turn:",
            "stun:stun.office.fr",
            "turn://turn.office.fr",
            "turn:visio@turn.office.fr",
            "turn:étude.fr",
            "turn:turn.office.fr:",
            "turn:turn.office.fr:0",
            "turn:turn.office.fr:+3478",
            "turn:turn.office.fr:65536",
            "turn:2001:db8::1",
            "turn:[192.0.2.1]",
            "turn:turn.office.fr/chemin",
            "turn:a b",
        ] {
            let told = uri(text).unwrap_err().to_string();
            assert!(told.contains("n’est pas l’adresse d’un serveur TURN"), "{text}: {told}");
        }
        for (text, wanted) in [
            ("turns:turn.office.fr?transport=udp", "que par TCP"),
            ("turn:turn.office.fr?transport=sctp", "« transport=sctp » n’est pas une façon"),
            ("turn:turn.office.fr?", "n’est pas une façon"),
        ] {
            let told = uri(text).unwrap_err().to_string().replace('\u{a0}', " ");
            assert!(told.contains(wanted), "{text}: {told}");
        }
    }

    #[test]
    fn a_secret_that_could_be_guessed_is_none() {
        assert!(secret("seize-caracteres").is_ok());
        for text in ["quinze-lettres-", "un-secret-sur-deux\nlignes", &"x".repeat(501)] {
            assert!(secret(text).is_err(), "{text}");
        }
    }
}
