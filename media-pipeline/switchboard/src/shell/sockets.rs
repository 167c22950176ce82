use anyhow::{Error, Result, anyhow};
use nix::{
    errno::Errno,
    sys::socket::{
        ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmsg, setsockopt,
        sockopt::{RcvBuf, SndBuf},
    },
};
use std::{
    io::{ErrorKind, IoSlice, IoSliceMut},
    net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};
use str0m::net::Transmit;
use tracing::{debug, warn};

/// Largest datagram that is taken: browsers keep theirs under 1,500 bytes.
pub(super) const LARGEST: usize = 2_048;
/// Bytes that the kernel keeps for us, each way.
const BUFFER: usize = 4 << 20;
/// Datagrams taken in one call.
const BATCH: usize = 64;
/// Calls before the other sockets have their turn.
const TURN: usize = 4;
/// Datagrams sent in one call (Linux: UDP_MAX_SEGMENTS, 64 before 6.9).
const SEGMENTS: usize = 64;
/// Bytes sent in one call: what one UDP datagram could have.
const SENT_AT_ONCE: usize = 65_000;

/// The browsers' sockets: one for each of the box's addresses, all on one port.
pub(super) struct MediaSockets {
    sockets: Vec<MediaSocket>,
    buffers: Vec<u8>,
    /// Whether the kernel cuts what it is given at once into datagrams (UDP_SEGMENT, udp(7)).
    cuts: bool,
}

struct MediaSocket {
    address: SocketAddr,
    socket: UdpSocket,
    /// Its own: nix keeps the length of the last source's address in them, which is the family's.
    headers: MultiHeaders<SockaddrStorage>,
}

impl MediaSockets {
    pub(super) fn bind(addresses: &[SocketAddr]) -> Result<Self> {
        let mut sockets = Vec::new();
        for address in addresses {
            let socket = UdpSocket::bind(address).map_err(|error| not_opened("UDP", *address, &error))?;
            socket.set_nonblocking(true)?;
            // A key frame comes and goes to all as one burst; the kernel grants as much as it is configured to.
            setsockopt(&socket, RcvBuf, &BUFFER)?;
            setsockopt(&socket, SndBuf, &BUFFER)?;
            sockets.push(MediaSocket {
                address: *address,
                socket,
                headers: MultiHeaders::preallocate(BATCH, None),
            });
        }
        Ok(Self { sockets, buffers: vec![0; BATCH * LARGEST], cuts: true })
    }

    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.iter().map(|own| own.socket.as_fd())
    }

    /// All that has arrived, up to a limit: each datagram's source, the address of ours that it came to, and its bytes.
    pub(super) fn receive(&mut self, mut take: impl FnMut(SocketAddr, SocketAddr, &[u8])) {
        let Self { sockets, buffers, .. } = self;
        for MediaSocket { address: own, socket, headers } in sockets {
            for _ in 0..TURN {
                let mut places: Vec<_> =
                    buffers.chunks_exact_mut(LARGEST).map(|place| [IoSliceMut::new(place)]).collect();
                let received = recvmmsg(
                    socket.as_raw_fd(),
                    headers,
                    places.iter_mut(),
                    MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC,
                    None,
                );
                let mut count = 0;
                match received {
                    Ok(datagrams) => {
                        for datagram in datagrams {
                            count += 1;
                            let source = datagram.address.as_ref().and_then(address);
                            // One that was cut off is none of a browser's.
                            if let (Some(source), Some(bytes), false) =
                                (source, datagram.iovs().next(), datagram.flags.contains(MsgFlags::MSG_TRUNC))
                            {
                                take(source, *own, bytes);
                            }
                        }
                    }
                    Err(Errno::EAGAIN | Errno::EINTR) => {}
                    // An ICMP error of an earlier datagram: the peer is gone, and its silence will tell.
                    Err(error) => {
                        debug!(%error, "a browser's socket reports an error");
                        continue;
                    }
                }
                if count < BATCH {
                    break;
                }
            }
        }
    }

    /// Sends all, in their order. A datagram that cannot be sent is lost, as it may be on the way.
    pub(super) fn send(&mut self, transmits: &mut Vec<Transmit>) {
        // A picture's packets to one browser lie side by side, as it is driven once for all of them.
        let mut left = transmits.as_slice();
        while let [first, ..] = left {
            let same =
                |other: &&Transmit| (other.source, other.destination) == (first.source, first.destination);
            let lengths = left.iter().take_while(same).map(|transmit| transmit.contents.len());
            let (now, later) = left.split_at(if self.cuts { run(lengths) } else { 1 });
            self.send_run(now);
            left = later;
        }
        transmits.clear();
    }

    /// Datagrams to one browser, all as long as the first, but the last, which may be shorter.
    fn send_run(&mut self, transmits: &[Transmit]) {
        let [first, rest @ ..] = transmits else { return };
        let Some(own) = self.sockets.iter().find(|own| own.address == first.source) else { return };
        let mut parts = [IoSlice::new(&[]); SEGMENTS];
        for (part, transmit) in parts.iter_mut().zip(transmits) {
            *part = IoSlice::new(&transmit.contents);
        }
        let length = u16::try_from(first.contents.len()).unwrap_or(u16::MAX);
        let cut = [ControlMessage::UdpGsoSegments(&length)];
        let sent = sendmsg(
            own.socket.as_raw_fd(),
            &parts[..transmits.len()],
            if rest.is_empty() { &[] } else { &cut },
            MsgFlags::MSG_DONTWAIT,
            Some(&SockaddrStorage::from(first.destination)),
        );
        match sent {
            Ok(_) => {}
            // The card cannot; or this browser is reached by a way that takes smaller datagrams only.
            Err(error @ (Errno::EIO | Errno::EINVAL | Errno::EMSGSIZE)) if !rest.is_empty() => {
                if error == Errno::EIO {
                    warn!(%error, "the kernel takes one datagram at a time only: more work for the processor");
                    self.cuts = false;
                }
                for transmit in transmits {
                    self.send_run(std::slice::from_ref(transmit));
                }
            }
            Err(error) => debug!(%error, "a datagram could not be sent"),
        }
    }
}

/// Why a port of ours cannot be had, and what to do.
pub(super) fn not_opened(protocol: &str, address: SocketAddr, error: &std::io::Error) -> Error {
    let (port, ip) = (address.port(), address.ip());
    match error.kind() {
        ErrorKind::AddrInUse => anyhow!(
            "{protocol} port {port} of {ip} is in use: end the program that has it, or choose another port with --port"
        ),
        _ => anyhow!("{protocol} port {port} of {ip} cannot be opened: {error}"),
    }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|found| SocketAddr::V4(SocketAddrV4::from(*found)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|found| SocketAddr::V6(SocketAddrV6::from(*found))))
}

/// How many of these datagrams, from the first on, the kernel can cut from one piece: all as long as the first, and one
/// shorter one at the end.
fn run(mut lengths: impl Iterator<Item = usize>) -> usize {
    let Some(first) = lengths.next() else { return 0 };
    let most = SEGMENTS.min(SENT_AT_ONCE / first.max(1)).max(1);
    let mut count = 1;
    for length in lengths {
        if count == most || length > first {
            break;
        }
        count += 1;
        if length < first {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use str0m::net::Protocol;

    #[test]
    fn a_run_is_of_one_length_and_may_end_with_a_shorter_one() {
        let count = |lengths: &[usize]| run(lengths.iter().copied());
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[1200]), 1);
        assert_eq!(count(&[1200, 1200, 1200, 300, 1200]), 4);
        assert_eq!(count(&[300, 1200]), 1);
        assert_eq!(count(&[1200, 300, 300]), 2);
        assert_eq!(count(&[100; 80]), SEGMENTS);
        assert_eq!(count(&[1200; 80]), SENT_AT_ONCE / 1200);
    }

    fn sockets() -> (MediaSockets, SocketAddr) {
        // The port that the system chooses, freed again.
        let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        (MediaSockets::bind(&[free]).unwrap(), free)
    }

    #[test]
    fn what_goes_to_one_browser_arrives_whole_and_in_order() {
        let (mut media, own) = sockets();
        for cuts in [true, false] {
            media.cuts = cuts;
            let browsers: Vec<_> = (0..3).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
            let mut transmits = Vec::new();
            for (number, length) in [1200, 1200, 900, 30, 1200, 1200].into_iter().enumerate() {
                for browser in &browsers {
                    let mut contents = vec![u8::try_from(number).unwrap(); length];
                    contents[1] = browser.local_addr().unwrap().port().to_be_bytes()[1];
                    transmits.push(Transmit {
                        proto: Protocol::Udp,
                        source: own,
                        destination: browser.local_addr().unwrap(),
                        contents: contents.into(),
                    });
                }
            }
            media.send(&mut transmits);
            assert!(transmits.is_empty());
            assert_eq!(media.cuts, cuts);
            for browser in browsers {
                let port = browser.local_addr().unwrap().port().to_be_bytes()[1];
                let mut buffer = [0; LARGEST];
                let got: Vec<_> = (0..6)
                    .map(|_| {
                        let length = browser.recv(&mut buffer).unwrap();
                        assert_eq!(buffer[1], port);
                        (buffer[0], length)
                    })
                    .collect();
                assert_eq!(got, [(0, 1200), (1, 1200), (2, 900), (3, 30), (4, 1200), (5, 1200)]);
            }
        }
    }

    #[test]
    fn all_that_has_arrived_is_taken_with_its_source_and_too_long_ones_are_not() {
        let (mut media, own) = sockets();
        let browser = UdpSocket::bind("127.0.0.1:0").unwrap();
        let source = browser.local_addr().unwrap();
        let count = BATCH * 2 + 3;
        for number in 0..count {
            browser.send_to(&number.to_be_bytes(), own).unwrap();
            if number == 5 {
                browser.send_to(&[7; LARGEST + 1], own).unwrap();
            }
        }
        let mut got = Vec::new();
        media
            .receive(|from, to, bytes| got.push((from, to, usize::from_be_bytes(bytes.try_into().unwrap()))));
        assert_eq!(got, (0..count).map(|number| (source, own, number)).collect::<Vec<_>>());
    }
}
