use crate::config::Ports;
use anyhow::{Result, bail};
use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};
use tabellion_media_protocol::addresses;

/// The address that this machine's default route leaves from, or 127.0.0.1.
pub(super) fn own_address() -> Result<IpAddr> {
    Ok(addresses::primary()?.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

/// Says before anything starts which port is taken, and by which flag another one is chosen.
pub(super) fn ports_are_free(address: IpAddr, ports: &Ports) -> Result<()> {
    for (port, tcp, udp, what, flag) in [
        (ports.https_port, true, false, "the web pages", "--https-port"),
        (ports.sip_port, true, true, "SIP", "--sip-port"),
        (ports.sips_port, true, false, "SIP over TLS", "--sips-port"),
        (ports.media_port, false, true, "the browsers' media", "--media-port"),
    ] {
        let at = SocketAddr::new(address, port);
        let outcomes = [("TCP", tcp, TcpListener::bind(at).err()), ("UDP", udp, UdpSocket::bind(at).err())];
        for (transport, wanted, error) in outcomes {
            let Some(error) = error.filter(|_| wanted) else { continue };
            match error.kind() {
                ErrorKind::AddrInUse => bail!(
                    "{transport} port {port} of {address} ({what}) is in use: \
                     end the program that has it (`ss -lntup | grep :{port}` shows it), \
                     or choose another port: make run ARGS='{flag} {}'",
                    port.wrapping_add(1000)
                ),
                ErrorKind::AddrNotAvailable => {
                    bail!("{address} is not an address of this machine: name one that `ip address` lists")
                }
                _ => bail!("{transport} port {port} of {address} ({what}) cannot be opened: {error}"),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports() -> Ports {
        let free = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Ports {
            https_port: free(),
            sip_port: free(),
            sips_port: free(),
            media_port: free(),
            rtp_from: 20_000,
            rtp_to: 20_799,
        }
    }

    #[test]
    fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let media_port = taken.local_addr().unwrap().port();
        let error = ports_are_free("127.0.0.1".parse().unwrap(), &Ports { media_port, ..ports() });
        let text = error.unwrap_err().to_string();
        assert!(text.contains(&media_port.to_string()) && text.contains("--media-port"), "{text}");
    }

    #[test]
    fn an_address_of_another_machine_is_told() {
        let error = ports_are_free("192.0.2.1".parse().unwrap(), &ports()).unwrap_err();
        assert!(error.to_string().contains("not an address of this machine"), "{error}");
    }
}
