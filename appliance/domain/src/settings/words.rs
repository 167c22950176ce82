//! Texts of one form: a host name, a time zone, a mail address. Each is checked where it comes in, also out of the
//! database, so that what renders them may write them down as they are.

use super::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $check:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and trims.
            ///
            /// # Errors
            /// [`Refusal`].
            pub fn new(text: &str) -> Result<Self, Refusal> {
                $check(text.trim()).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refusal;
            fn try_from(text: String) -> Result<Self, Refusal> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0
            }
        }
    )*};
}

impl TimeOfDay {
    /// A clock's, seconds left out.
    pub(crate) fn of(time: time::Time) -> Self {
        Self(format!("{:02}:{:02}", time.hour(), time.minute()))
    }
}

impl Default for Channel {
    fn default() -> Self {
        Self("stable".to_owned())
    }
}

words! {
    /// A name in the DNS, lower case: labels of 1 to 63 letters, digits and hyphens, 253 characters in all (RFC 1123
    /// §2.1). No address.
    DomainName = domain_name;
    /// A server: a name as in [`DomainName`], or an address.
    Server = server;
    /// One label of a [`DomainName`]: the box's own name.
    HostLabel = host_label;
    /// An IANA time zone by its form, `Europe/Paris`; whether there is such a zone, the system knows.
    ZoneName = zone_name;
    /// A network interface as the kernel calls it: 1 to 15 letters, digits, `.`, `_`, `-`.
    InterfaceName = interface_name;
    /// A hardware address, lower case with colons: `52:54:00:12:34:56`. Never a group's.
    MacAddress = mac_address;
    /// `name@domain` (RFC 5321 §4.1.2, without quoted names).
    MailAddress = mail_address;
    /// `02:00`: hours and minutes of a day, 00:00 to 23:59.
    TimeOfDay = time_of_day;
    /// Where a TURN server is reached (RFC 7065): `turn:turn.office.fr:3478?transport=udp`, `turns:turn.office.fr:443`.
    TurnUri = super::turn::uri;
    /// Where an LDAP server is reached: `ldaps://host:port`, or `ldap://host:port` for StartTLS.
    LdapUrl = super::directory::url;
    /// Where a server keeps updates, `https://host/folder`: up to 200 characters. What comes from there is signed.
    UpdateSource = update_source;
    /// One line of a server's releases: a [`HostLabel`].
    Channel = channel;
    /// A mobile telephone number in E.164: `+33612345678`. French numbers may come without their country.
    MobileNumber = mobile_number;
}

fn domain_name(text: &str) -> Result<String, Refusal> {
    let name = text.trim_end_matches('.').to_ascii_lowercase();
    let all_digits = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    // A last label of digits alone is a mistyped address.
    if name.is_empty() || name.len() > 253 || all_digits || !name.split('.').all(is_label) {
        return Err(Refusal::new(
            format!("« {text} » n’est pas un nom de domaine"),
            "Écrivez un nom comme visio.office.fr : lettres sans accent, chiffres, tirets et points",
        ));
    }
    Ok(name)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn server(text: &str) -> Result<String, Refusal> {
    if let Ok(address) = text.parse::<std::net::IpAddr>() {
        return Ok(address.to_string());
    }
    domain_name(text).map_err(|_| {
        Refusal::new(
            format!("« {text} » n’est ni un nom de serveur ni une adresse IP"),
            "Écrivez un nom comme smtp.office.fr, ou une adresse comme 192.168.10.2",
        )
    })
}

fn host_label(text: &str) -> Result<String, Refusal> {
    let name = text.to_ascii_lowercase();
    if is_label(&name) && !name.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(name);
    }
    Err(Refusal::new(
        format!("« {text} » n’est pas un nom d’appareil"),
        "Écrivez un seul mot, comme tabellion : lettres sans accent, chiffres et tirets, 63 caractères au plus",
    ))
}

fn zone_name(text: &str) -> Result<String, Refusal> {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    if text.len() <= 64 && text.split('/').all(part) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("« {text} » n’est pas un fuseau horaire"),
        "Écrivez un fuseau de la liste IANA, par exemple Europe/Paris ou Indian/Reunion",
    ))
}

fn time_of_day(text: &str) -> Result<String, Refusal> {
    let two = |part: &str, most: u8| {
        part.len() == 2
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|n| n <= most)
    };
    match text.split_once(':') {
        Some((hours, minutes)) if two(hours, 23) && two(minutes, 59) => Ok(text.to_owned()),
        _ => Err(Refusal::new(
            format!("« {text} » n’est pas une heure"),
            "Écrivez deux chiffres, deux points et deux chiffres, par exemple 02:00",
        )),
    }
}

fn update_source(text: &str) -> Result<String, Refusal> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'<' | b'>' | b'?' | b'#');
    if text.len() <= 200 && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("« {text} » n’est pas l’adresse d’un serveur de mises à jour"),
        "Écrivez une adresse comme https://maj.exemple.fr/tabellion, sans espace",
    ))
}

fn channel(text: &str) -> Result<String, Refusal> {
    host_label(text).map_err(|_| {
        Refusal::new(
            format!("« {text} » n’est pas un canal de mises à jour"),
            "Écrivez un seul mot, par exemple stable",
        )
    })
}

fn interface_name(text: &str) -> Result<String, Refusal> {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if (1..=15).contains(&text.len()) && text.bytes().all(known) && !matches!(text, "." | ".." | "lo") {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("« {text} » n’est pas une interface réseau"),
        "Écrivez son nom, comme enp1s0, ou son adresse matérielle, comme 52:54:00:12:34:56",
    ))
}

fn mac_address(text: &str) -> Result<String, Refusal> {
    let address = text.to_ascii_lowercase().replace('-', ":");
    let octets: Option<Vec<u8>> = address
        .split(':')
        .map(|octet| u8::from_str_radix(octet, 16).ok().filter(|_| octet.len() == 2))
        .collect();
    match octets.as_deref() {
        // The lowest bit of the first octet marks a group (IEEE 802, §8.2).
        Some([first, rest @ ..]) if rest.len() == 5 && first & 1 == 0 => Ok(address),
        _ => Err(Refusal::new(
            format!("« {text} » n’est pas une adresse matérielle d’interface"),
            "Recopiez les six paires de chiffres de l’étiquette, par exemple 52:54:00:12:34:56",
        )),
    }
}

fn mail_address(text: &str) -> Result<String, Refusal> {
    let refusal = || {
        Refusal::new(
            format!("« {text} » n’est pas une adresse électronique"),
            "Écrivez une adresse comme visio@office.fr",
        )
    };
    let (name, domain) = text.rsplit_once('@').ok_or_else(refusal)?;
    let known = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let domain = domain_name(domain).map_err(|_| refusal())?;
    if !(1..=64).contains(&name.len()) || !name.chars().all(known) || dots || !domain.contains('.') {
        return Err(refusal());
    }
    Ok(format!("{name}@{domain}"))
}

fn mobile_number(text: &str) -> Result<String, Refusal> {
    let bare: String =
        text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '\u{a0}' | '\u{202f}')).collect();
    let number = match bare.strip_prefix("00") {
        Some(foreign) => format!("+{foreign}"),
        None if matches!(bare.get(..2), Some("06" | "07")) && bare.len() == 10 => {
            format!("+33{}", &bare[1..])
        }
        None => bare,
    };
    let digits = number.strip_prefix('+').unwrap_or_default();
    if (8..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
    {
        return Ok(number);
    }
    Err(Refusal::new(
        format!("« {text} » n’est pas un numéro de téléphone mobile"),
        "Écrivez-le comme 06 12 34 56 78, ou avec l’indicatif du pays, comme +33 6 12 34 56 78",
    ))
}

#[cfg(test)]
mod tests;
