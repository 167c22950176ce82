use crate::fault::{Fault, Outcome, Side};
use std::{
    net::{SocketAddr, UdpSocket},
    str::FromStr,
};

/// Where a box is: the host and port of `https://HOST:PORT`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BoxAddress {
    /// Name or IP address, an IPv6 one without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl FromStr for BoxAddress {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("https://").ok_or("it has to begin with https://")?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.is_empty() || authority.contains(['/', '?', '#', '@']) {
            return Err("it has to be https://HOST or https://HOST:PORT, without a path".to_owned());
        }
        let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = port.map_or(Ok(443), str::parse).map_err(|_| "its port is no number from 1 to 65535")?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl BoxAddress {
    /// As HTTP's `Host` has it (RFC 9110 §7.2).
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 443 { host } else { format!("{host}:{}", self.port) }
    }

    /// The host's first IP address, with another port.
    ///
    /// # Errors
    /// The name is not known.
    pub(crate) async fn with_port(&self, port: u16) -> Outcome<SocketAddr> {
        let unknown = |why: String| {
            Fault::new(
                Side::Caller,
                format!("the name {} cannot be resolved ({why})", self.host),
                "check --url and this machine's DNS",
            )
        };
        let mut found = tokio::net::lookup_host((self.host.as_str(), port))
            .await
            .map_err(|error| unknown(error.to_string()))?;
        found.next().ok_or_else(|| unknown("no address".to_owned()))
    }

    /// This machine's own address on the way to the box.
    ///
    /// # Errors
    /// There is no way.
    pub(crate) async fn own_address(&self) -> Outcome<std::net::IpAddr> {
        let to = self.with_port(self.port).await?;
        let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        // Nothing is sent: connecting a datagram socket only looks for the route.
        let found = UdpSocket::bind(any).and_then(|socket| {
            socket.connect(to)?;
            socket.local_addr()
        });
        found.map(|address| address.ip()).map_err(|error| {
            Fault::new(
                Side::Network,
                format!("there is no route to {to} ({error})"),
                "check this machine's network",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_browsers_do() {
        let read = |url: &str| url.parse::<BoxAddress>().map(|at| (at.host.clone(), at.port, at.authority()));
        let is = |host: &str, port, authority: &str| Ok((host.to_owned(), port, authority.to_owned()));
        assert_eq!(read("https://visio.test"), is("visio.test", 443, "visio.test"));
        assert_eq!(read("https://10.0.0.1:8443/"), is("10.0.0.1", 8443, "10.0.0.1:8443"));
        assert_eq!(read("https://[fd00::2]:8443"), is("fd00::2", 8443, "[fd00::2]:8443"));
        for wrong in ["http://visio.test", "https://", "https://a/b", "https://a:x", "https://u@a"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
