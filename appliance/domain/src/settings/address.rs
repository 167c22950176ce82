use super::Refusal;
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// An address of the box with the length of its network's prefix: `192.168.10.5/24`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InterfaceAddress {
    address: IpAddr,
    prefix: u8,
}

impl InterfaceAddress {
    /// From `address/prefix`.
    ///
    /// # Errors
    /// [`Refusal`]: not of that form, or an address that no box can have: a network's own, its broadcast's, a group's.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let refusal = || {
            Refusal::new(
                format!("« {text} » n’est pas une adresse avec son préfixe"),
                "Écrivez l’adresse, une barre et la longueur du préfixe, par exemple 192.168.10.5/24",
            )
        };
        let (address, prefix) = text.split_once('/').ok_or_else(refusal)?;
        let address: IpAddr = address.parse().map_err(|_| refusal())?;
        let prefix: u8 = prefix.parse().map_err(|_| refusal())?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        if prefix == 0 || prefix > bits {
            return Err(refusal());
        }
        let address = Self { address, prefix };
        address.usable()?;
        Ok(address)
    }

    fn usable(&self) -> Result<(), Refusal> {
        let link_local = matches!(self.address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        let broadcast = matches!(self.address, IpAddr::V4(v4) if v4.is_broadcast());
        let special = self.address.is_unspecified()
            || self.address.is_loopback()
            || self.address.is_multicast()
            || link_local
            || broadcast;
        // With 31 and 32 bits, and in IPv6, there is neither a network's address nor a broadcast (RFC 3021).
        let edge = self.address.is_ipv4()
            && self.prefix < 31
            && (self.host() == 0 || self.host() == u128::MAX >> (96 + u32::from(self.prefix)));
        if !special && !edge {
            return Ok(());
        }
        Err(Refusal::new(
            format!("{self} ne peut pas être l’adresse d’un appareil"),
            "Indiquez une adresse libre du réseau de l’office, ni la première ni la dernière",
        ))
    }

    /// The address alone.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Length of the network's prefix in bits: 1 to 32, or 1 to 128.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether the address is in this one's network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && (bits(address) ^ bits(self.address)) & self.mask() == 0
    }

    /// Whether an address can be in both networks.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }

    /// The network, as it is written: `192.168.10.0/24`.
    #[must_use]
    pub fn network(&self) -> String {
        let network = bits(self.address) & self.mask();
        let network = match self.address {
            IpAddr::V4(_) => IpAddr::V4(u32::try_from(network >> 96).unwrap_or_default().into()),
            IpAddr::V6(_) => IpAddr::V6(network.into()),
        };
        format!("{network}/{}", self.prefix)
    }

    fn mask(&self) -> u128 {
        u128::MAX << (128 - u32::from(self.prefix))
    }

    /// The part behind the prefix.
    fn host(&self) -> u128 {
        let host = bits(self.address) & !self.mask();
        if self.address.is_ipv4() { host >> 96 } else { host }
    }
}

/// Both families from the top of 128 bits down, so that a prefix means the same in each.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl TryFrom<String> for InterfaceAddress {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::new(&text)
    }
}

impl From<InterfaceAddress> for String {
    fn from(address: InterfaceAddress) -> Self {
        address.to_string()
    }
}

/// An address without a prefix: a gateway's, a DNS server's.
///
/// # Errors
/// [`Refusal`].
pub(super) fn ip(text: &str) -> Result<IpAddr, Refusal> {
    let address = text.trim().parse::<IpAddr>().ok();
    let special =
        |address: &IpAddr| address.is_unspecified() || address.is_multicast() || address.is_loopback();
    address.filter(|address| !special(address)).ok_or_else(|| {
        Refusal::new(
            format!("« {text} » n’est pas une adresse IP"),
            "Écrivez une adresse comme 192.168.10.1, sans préfixe",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_knows_its_addresses() {
        let own = InterfaceAddress::new("192.168.10.5/24").unwrap();
        assert!(own.contains("192.168.10.1".parse().unwrap()));
        assert!(!own.contains("192.168.11.1".parse().unwrap()));
        assert!(!own.contains("::1".parse().unwrap()));
        assert_eq!((own.network(), own.to_string()), ("192.168.10.0/24".into(), "192.168.10.5/24".into()));
        let six = InterfaceAddress::new("2001:db8::5/64").unwrap();
        assert!(six.contains("2001:db8::1".parse().unwrap()));
        assert_eq!(six.network(), "2001:db8::/64");
        let wide = InterfaceAddress::new("192.168.0.1/16").unwrap();
        assert!(wide.overlaps(&own) && own.overlaps(&wide) && !own.overlaps(&six));
    }

    #[test]
    fn what_no_box_can_have_is_refused() {
        for wrong in [
            "192.168.10.5",
            "192.168.10.5/33",
            "192.168.10.5/0",
            "192.168.10/24",
            "192.168.10.0/24",
            "192.168.10.255/24",
            "127.0.0.1/8",
            "224.0.0.5/24",
            "0.0.0.0/8",
            "fe80::1/64",
            "2001:db8::5/129",
        ] {
            assert!(InterfaceAddress::new(wrong).is_err(), "{wrong}");
        }
        for right in ["10.0.0.0/31", "10.0.0.1/32", "10.0.255.255/15", "2001:db8::/64"] {
            assert!(InterfaceAddress::new(right).is_ok(), "{right}");
        }
    }
}
