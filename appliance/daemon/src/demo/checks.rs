use crate::config::Ports;
use anyhow::{Result, anyhow, ensure};
use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
};
use tabellion_media_protocol::addresses;

/// The address that this machine's default route leaves from, or 127.0.0.1.
pub(super) fn own_address() -> Result<IpAddr> {
    Ok(addresses::primary()?.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

/// A port that the demonstration needs.
struct Needed {
    port: u16,
    transport: &'static str,
    what: &'static str,
    flag: &'static str,
}

/// Says before anything starts which port is taken, and by which flag another one is chosen.
pub(super) fn ports_are_free(address: IpAddr, ports: &Ports) -> Result<()> {
    ensure!(
        ports.rtp_from < ports.rtp_to,
        "the ports of room systems' media end ({}) before they begin ({}): \
         give --rtp-from and --rtp-to in this order",
        ports.rtp_to,
        ports.rtp_from
    );
    for needed in needed(ports) {
        let at = SocketAddr::new(address, needed.port);
        let opened = match needed.transport {
            "TCP" => TcpListener::bind(at).map(drop),
            _ => UdpSocket::bind(at).map(drop),
        };
        if let Err(error) = opened {
            return Err(refusal(address, &needed, &error));
        }
    }
    Ok(())
}

fn needed(ports: &Ports) -> impl Iterator<Item = Needed> {
    let single = [
        (ports.https_port, "TCP", "the web pages", "--https-port"),
        (ports.sip_port, "TCP", "SIP", "--sip-port"),
        (ports.sip_port, "UDP", "SIP", "--sip-port"),
        (ports.sips_port, "TCP", "SIP over TLS", "--sips-port"),
        (ports.media_port, "UDP", "the browsers' media", "--media-port"),
        (ports.media_port, "TCP", "the browsers' media", "--media-port"),
    ];
    let rooms = (ports.rtp_from..=ports.rtp_to)
        .map(|port| (port, "UDP", "room systems' media", "--rtp-to 29799 --rtp-from"));
    let guests = ports.guests_port.map(|port| (port, "TCP", "the guests' pages", "--guests-port"));
    let needed = single.into_iter().chain(guests).chain(rooms);
    needed.map(|(port, transport, what, flag)| Needed { port, transport, what, flag })
}

fn refusal(address: IpAddr, needed: &Needed, error: &io::Error) -> anyhow::Error {
    let Needed { port, transport, what, flag } = needed;
    let another = match what {
        &"room systems' media" => "29000".to_owned(),
        _ => another(*port).to_string(),
    };
    match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "{transport} port {port} of {address} ({what}) is in use: \
             end the program that has it (`ss -lntup | grep :{port}` shows it), \
             or choose another port: make run ARGS='{flag} {another}'"
        ),
        ErrorKind::AddrNotAvailable => {
            anyhow!("{address} is not an address of this machine: name one that `ip address` lists")
        }
        ErrorKind::PermissionDenied => anyhow!(
            "{transport} port {port} of {address} ({what}) may not be opened by this user: \
             ports below 1024 need root rights. Start it as root, or choose another port: \
             make run ARGS='{flag} {another}'"
        ),
        _ => anyhow!("{transport} port {port} of {address} ({what}) cannot be opened: {error}"),
    }
}

/// One that needs no rights.
fn another(port: u16) -> u16 {
    port.checked_add(1000).filter(|port| *port >= 1024).unwrap_or(9000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports() -> Ports {
        let free = || UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Ports {
            https_port: free(),
            guests_port: None,
            sip_port: free(),
            sips_port: free(),
            media_port: free(),
            rtp_from: 20_000,
            rtp_to: 20_799,
        }
    }

    fn refused(ports: &Ports) -> String {
        ports_are_free("127.0.0.1".parse().unwrap(), ports).unwrap_err().to_string()
    }

    #[test]
    fn a_port_in_use_is_named_with_the_flag_that_changes_it() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let media_port = taken.local_addr().unwrap().port();
        let text = refused(&Ports { media_port, ..ports() });
        assert!(text.contains(&media_port.to_string()) && text.contains("--media-port"), "{text}");

        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let https_port = taken.local_addr().unwrap().port();
        let text = refused(&Ports { https_port, ..ports() });
        assert!(text.contains(&format!("TCP port {https_port}")) && text.contains("--https-port"), "{text}");
    }

    #[test]
    fn a_port_in_use_among_the_room_systems_is_found_before_their_first_call() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let text = refused(&Ports { rtp_from: port - 1, rtp_to: port, ..ports() });
        assert!(text.contains(&port.to_string()) && text.contains("--rtp-from"), "{text}");
        let text = refused(&Ports { rtp_from: 20_001, rtp_to: 20_000, ..ports() });
        assert!(text.contains("in this order"), "{text}");
    }

    #[test]
    fn a_port_that_needs_rights_says_so() {
        let needed = Needed { port: 443, transport: "TCP", what: "the web pages", flag: "--https-port" };
        let text =
            refusal("127.0.0.1".parse().unwrap(), &needed, &ErrorKind::PermissionDenied.into()).to_string();
        assert!(text.contains("root rights") && text.contains("--https-port 1443"), "{text}");
    }

    #[test]
    fn an_address_of_another_machine_is_told() {
        let error = ports_are_free("192.0.2.1".parse().unwrap(), &ports()).unwrap_err();
        assert!(error.to_string().contains("not an address of this machine"), "{error}");
    }
}
