use super::Refusal;
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// A network, by its first address and the length of its prefix (RFC 4632, RFC 4291 §2.3): `192.168.10.0/24`, `fd00::/8`. One address
/// alone is a network, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpNetwork {
    first: IpAddr,
    prefix: u8,
}

impl IpNetwork {
    /// From `address/prefix`, or from an address alone.
    ///
    /// # Errors
    /// [`Refusal`]: not of that form, or an address within the network instead of its first one.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let unreadable = || {
            Refusal::new(
                format!("« {text} » n’est pas un réseau"),
                "Écrivez sa première adresse, une barre et la longueur du préfixe, par exemple 192.168.10.0/24",
            )
        };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| unreadable())?.to_canonical();
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            // u8's own reader takes a plus sign.
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= longest).ok_or_else(unreadable)?
            }
            Some(_) => return Err(unreadable()),
        };
        let network = Self::around(address, prefix);
        if network.first != address {
            let what = format!("« {text} » n’est pas la première adresse d’un réseau");
            return Err(Refusal::new(what, format!("Écrivez {network}")));
        }
        Ok(network)
    }

    /// The network of this length that an address is in.
    pub(super) fn around(address: IpAddr, prefix: u8) -> Self {
        let first = match address {
            IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & mask4(prefix)).into()),
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & mask6(prefix)).into()),
        };
        Self { first, prefix }
    }

    /// Whether an address is in it; one of IPv4 written as IPv6 (`::ffff:192.0.2.1`) counts as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()) & mask4(self.prefix) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()) & mask6(self.prefix) == 0
            }
            _ => false,
        }
    }

    /// Whether every address of its family is in it.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.prefix == 0
    }
}

fn mask4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

fn mask6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0)
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl TryFrom<String> for IpNetwork {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::new(&text)
    }
}

impl From<IpNetwork> for String {
    fn from(network: IpNetwork) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        IpNetwork::new(network).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, within, outside) in [
            ("192.168.10.0/24", "192.168.10.255", "192.168.11.0"),
            ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("10.0.0.1", "10.0.0.1", "10.0.0.2"),
            ("192.0.2.0/24", "::ffff:192.0.2.7", "::192.0.2.7"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2"),
            ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
            ("::/0", "2001:db8::1", "203.0.113.1"),
        ] {
            assert!(holds(network, within) && !holds(network, outside), "{network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_with_what_to_write() {
        for text in
            ["", "bureau", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8", "10.0/8", "10.0.0.0/8/8"]
        {
            let told = IpNetwork::new(text).unwrap_err().to_string();
            assert!(told.contains("n’est pas un réseau"), "{text}: {told}");
        }
        let told = IpNetwork::new("192.168.10.5/24").unwrap_err().to_string();
        assert!(told.contains("Écrivez 192.168.10.0/24."), "{told}");
        assert_eq!(IpNetwork::new(" 192.168.10.5 ").unwrap().to_string(), "192.168.10.5/32");
        assert_eq!(IpNetwork::new("FD12:0::/16").unwrap().to_string(), "fd12::/16");
    }
}
