use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Where attempts and requests come from: what they are counted for.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Equipment registered on this box, by its username, wherever it calls from.
    Device(String),
    /// Everybody else: the address, or its network (see [`network`]).
    Network(IpAddr),
}

impl Source {
    /// Of someone whom only the address tells apart.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self::Network(network(address))
    }
}

/// What one subscriber has: an IPv4 address, or a whole /64 of IPv6.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Source {
        Source::at(address.parse().unwrap())
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_whichever_address_it_takes() {
        assert_eq!(at("2001:db8:0:1::1"), at("2001:db8:0:1:ffff::2"));
        assert_ne!(at("2001:db8:0:1::1"), at("2001:db8:0:2::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
