//! Who asks, where a reverse proxy asks for somebody else. Its word is taken from the addresses that the settings name, and from nobody
//! else: whoever connects directly could write into a header what he likes.

use axum::http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tabellion_domain::settings::Access;

/// Somebody of whom a proxy does not say where he is: in none of the office's networks.
pub(crate) const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Whom a request is from. `connected`: who has opened the connection.
///
/// Each proxy writes whom it was asked by behind what was there before: of the addresses, the last one that is no proxy's counts, and
/// what stands before it is hearsay. `X-Forwarded-For` and `Forwarded` (RFC 7239) have to agree where both are there: a proxy that
/// writes one lets the other pass as it came. A proxy that says nothing, or nothing that can be read, speaks for nobody.
pub(crate) fn client(connected: IpAddr, headers: &HeaderMap, access: &Access) -> IpAddr {
    let connected = connected.to_canonical();
    if !access.is_proxy(connected) {
        return connected;
    }
    let told = [values(headers, "x-forwarded-for", bare), values(headers, "forwarded", element)];
    let mut told = told.into_iter().flatten().map(|hops| last_stranger(&hops, access));
    match (told.next(), told.next()) {
        (Some(one), None) => one,
        (Some(one), Some(other)) if one == other => one,
        _ => UNKNOWN,
    }
}

/// Whether somebody says that he asks for somebody else.
pub(crate) fn speaks_for_others(headers: &HeaderMap) -> bool {
    ["x-forwarded-for", "forwarded"].iter().any(|name| headers.contains_key(*name))
}

/// The hops that a header names, of all its lines in their order. None: there is no such header.
fn values(
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Option<Vec<Option<IpAddr>>> {
    headers.contains_key(name).then(|| {
        let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
        lines.flat_map(|line| line.split(',')).map(|hop| read(hop.trim())).collect()
    })
}

fn last_stranger(hops: &[Option<IpAddr>], access: &Access) -> IpAddr {
    let mut last = UNKNOWN;
    for hop in hops.iter().rev() {
        match hop.map(|hop| hop.to_canonical()) {
            None => return UNKNOWN,
            Some(hop) if access.is_proxy(hop) => last = hop,
            Some(hop) => return hop,
        }
    }
    // Nobody but proxies: the first of them asks for itself, or is within a network that is named whole.
    last
}

/// `192.0.2.1`, `2001:db8::1`; some proxies add the port.
fn bare(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|at| at.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(bracketed)
}

/// `for=192.0.2.1;proto=https`, `for="[2001:db8::1]:4711"` (RFC 7239 §4). Names that hide somebody (§6.3) are nobody's.
fn element(text: &str) -> Option<IpAddr> {
    let mut parameters = text.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let value = value.trim();
    bare(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use tabellion_domain::settings::IpNetwork;

    const PROXY: &str = "192.168.10.2";

    /// Whom a request counts as that came with these headers; `-` stands for somebody unknown.
    fn from(connected: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = vec![IpNetwork::new(PROXY).unwrap(), IpNetwork::new("192.168.20.0/24").unwrap()];
        let access = Access { proxies, ..Access::default() };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let found = client(connected.parse().unwrap(), &map, &access);
        if found == UNKNOWN { "-".to_owned() } else { found.to_string() }
    }

    const X: &str = "x-forwarded-for";
    const F: &str = "forwarded";

    #[test]
    fn whoever_connects_directly_is_who_connects_whatever_the_headers_say() {
        for headers in [&[(X, "10.0.0.1")][..], &[(F, "for=10.0.0.1")], &[]] {
            assert_eq!(from("203.0.113.7", headers), "203.0.113.7");
        }
        assert_eq!(from("::ffff:203.0.113.7", &[(X, "10.0.0.1")]), "203.0.113.7");
    }

    #[test]
    fn a_proxy_says_who_asks_and_what_the_asker_wrote_before_it_counts_for_nothing() {
        for (told, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("10.0.0.1, 203.0.113.7", "203.0.113.7"),
            ("nonsense, 203.0.113.7", "203.0.113.7"),
            ("10.0.0.1, 203.0.113.7, 192.168.20.9", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(from(PROXY, &[(X, told)]), expected, "{told}");
            assert_eq!(from(&format!("::ffff:{PROXY}"), &[(X, told)]), expected, "{told}");
        }
        assert_eq!(from(PROXY, &[(X, "10.0.0.1"), (X, "203.0.113.7")]), "203.0.113.7", "two lines are one");
        for (told, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("for=10.0.0.1;proto=http, For=203.0.113.7; proto=https", "203.0.113.7"),
            ("proto=https;for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=\"203.0.113.7:4711\"", "203.0.113.7"),
        ] {
            assert_eq!(from(PROXY, &[(F, told)]), expected, "{told}");
        }
    }

    #[test]
    fn a_proxy_that_says_nothing_that_can_be_read_speaks_for_nobody() {
        assert_eq!(from(PROXY, &[]), "-");
        for told in
            ["", "unknown", "10.0.0.1, unknown", "10.0.0.1,", "10.0.0.300", "10.0.0.1, 192.168.20.9, ?"]
        {
            assert_eq!(from(PROXY, &[(X, told)]), "-", "{told}");
        }
        for told in
            ["", "for=_hidden", "for=unknown", "by=10.0.0.1", "for=\"10.0.0.1", "for=10.0.0.1, proto=https"]
        {
            assert_eq!(from(PROXY, &[(F, told)]), "-", "{told}");
        }
    }

    #[test]
    fn a_header_that_the_proxy_does_not_know_of_is_no_way_around_the_one_that_it_writes() {
        assert_eq!(from(PROXY, &[(X, "203.0.113.7"), (F, "for=10.0.0.1")]), "-");
        assert_eq!(from(PROXY, &[(X, "10.0.0.1"), (F, "for=203.0.113.7")]), "-");
        assert_eq!(from(PROXY, &[(X, "203.0.113.7"), (F, "for=203.0.113.7")]), "203.0.113.7");
    }

    #[test]
    fn who_is_in_a_network_that_is_a_proxys_as_a_whole_asks_for_himself() {
        assert_eq!(from(PROXY, &[(X, "192.168.20.7")]), "192.168.20.7");
        assert_eq!(from(PROXY, &[(X, "192.168.20.7, 192.168.20.9")]), "192.168.20.7");
    }
}
