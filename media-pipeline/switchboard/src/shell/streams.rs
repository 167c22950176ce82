//! Browsers that only TCP lets through: ICE candidates over TCP (RFC 6544), each datagram behind its length (RFC 4571).

use super::{
    framing::{Datagrams, LENGTH, TooLong},
    sockets::not_opened,
};
use anyhow::Result;
use nix::poll::{PollFd, PollFlags};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    os::fd::AsFd,
    time::{Duration, Instant},
};
use str0m::net::Transmit;
use tracing::{debug, warn};

/// Connections at once.
const CONNECTIONS: usize = 256;
/// Of those, from one address: an office's guests may share one.
const OF_ONE_ADDRESS: usize = 64;
/// How long a connection may be nobody's.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that may wait for a browser that takes nothing. What comes beyond is lost, as a datagram would be.
const BACKLOG: usize = 256 << 10;
/// Bytes read in one turn.
const CHUNK: usize = 64 << 10;

/// The browsers' connections: on the same addresses and port as their datagrams.
pub(super) struct MediaStreams {
    listeners: Vec<(SocketAddr, TcpListener)>,
    /// By our address and theirs.
    streams: BTreeMap<(SocketAddr, SocketAddr), MediaStream>,
    chunk: Vec<u8>,
}

struct MediaStream {
    socket: TcpStream,
    incoming: Datagrams,
    outgoing: VecDeque<u8>,
    opened: Instant,
    /// Whether a browser has shown that it is its.
    known: bool,
}

impl MediaStreams {
    pub(super) fn bind(addresses: &[SocketAddr]) -> Result<Self> {
        let mut listeners = Vec::new();
        for address in addresses {
            let listener = TcpListener::bind(address).map_err(|error| not_opened("TCP", *address, &error))?;
            listener.set_nonblocking(true)?;
            listeners.push((*address, listener));
        }
        Ok(Self { listeners, streams: BTreeMap::new(), chunk: vec![0; CHUNK] })
    }

    /// What to wait for: the listeners first, then the connections in their order.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = PollFd<'_>> {
        let listeners = self.listeners.iter().map(|(_, own)| PollFd::new(own.as_fd(), PollFlags::POLLIN));
        let streams = self.streams.values().map(|stream| {
            let writing = if stream.outgoing.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            PollFd::new(stream.socket.as_fd(), PollFlags::POLLIN | writing)
        });
        listeners.chain(streams)
    }

    /// Serves those of [`Self::descriptors`] where something happened. `take` is handed each datagram with its source and the
    /// address of ours that it came to, and says whether it is a browser's.
    pub(super) fn serve(
        &mut self,
        happened: &[bool],
        now: Instant,
        mut take: impl FnMut(SocketAddr, SocketAddr, &[u8]) -> bool,
    ) {
        let Self { listeners, streams, chunk } = self;
        let (at_listeners, at_streams) = happened.split_at(listeners.len().min(happened.len()));
        let mut gone = Vec::new();
        for ((key, stream), _) in streams.iter_mut().zip(at_streams).filter(|(_, happened)| **happened) {
            let served = stream.flush().and_then(|()| stream.read(chunk, |bytes| take(key.1, key.0, bytes)));
            if let Err(reason) = served {
                debug!(peer = %key.1, reason, "a browser's connection ends");
                gone.push(*key);
            }
        }
        for key in gone {
            streams.remove(&key);
        }
        for ((own, listener), _) in listeners.iter().zip(at_listeners).filter(|(_, happened)| **happened) {
            accept(*own, listener, streams, now);
        }
    }

    /// Ends connections that nobody has claimed.
    pub(super) fn expire(&mut self, now: Instant) {
        self.streams
            .retain(|_, stream| stream.known || now.saturating_duration_since(stream.opened) < PATIENCE);
    }

    /// Sends a datagram to a browser that came by TCP; to one that is gone it is lost.
    pub(super) fn send(&mut self, transmit: &Transmit) {
        let key = (transmit.source, transmit.destination);
        let Some(stream) = self.streams.get_mut(&key) else { return };
        if let Err(reason) = stream.put(&transmit.contents).and_then(|()| stream.flush()) {
            debug!(peer = %key.1, reason, "a browser's connection ends");
            self.streams.remove(&key);
        }
    }
}

fn accept(
    own: SocketAddr,
    listener: &TcpListener,
    streams: &mut BTreeMap<(SocketAddr, SocketAddr), MediaStream>,
    now: Instant,
) {
    loop {
        let (socket, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => {
                warn!(%error, "a browser's connection could not be taken");
                return;
            }
        };
        let of = |ip: IpAddr| streams.keys().filter(|(_, peer)| peer.ip() == ip).count();
        if streams.len() >= CONNECTIONS || of(peer.ip()) >= OF_ONE_ADDRESS {
            // No more: whoever floods the port must not fill the journal, too.
            debug!(%peer, "too many connections for media: one was refused");
            continue;
        }
        // A datagram that waited for the next one to fill a segment would be late.
        if socket.set_nonblocking(true).and_then(|()| socket.set_nodelay(true)).is_err() {
            continue;
        }
        let (incoming, outgoing) = (Datagrams::default(), VecDeque::new());
        streams.insert((own, peer), MediaStream { socket, incoming, outgoing, opened: now, known: false });
    }
}

impl MediaStream {
    fn read(&mut self, chunk: &mut [u8], mut take: impl FnMut(&[u8]) -> bool) -> Result<(), String> {
        let read = match self.socket.read(chunk) {
            Ok(0) => return Err("it was closed".to_owned()),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => 0,
            Err(error) => return Err(error.to_string()),
        };
        let known = &mut self.known;
        let taken = self.incoming.push(&chunk[..read], |datagram| *known |= take(datagram));
        taken.map_err(|TooLong(length)| format!("a datagram of {length} bytes is none of a browser's"))
    }

    /// Queues a datagram, whole or not at all.
    fn put(&mut self, datagram: &[u8]) -> Result<(), String> {
        let length = u16::try_from(datagram.len()).map_err(|error| error.to_string())?;
        if self.outgoing.len() + LENGTH + datagram.len() <= BACKLOG {
            self.outgoing.extend(length.to_be_bytes());
            self.outgoing.extend(datagram);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), String> {
        while !self.outgoing.is_empty() {
            match self.socket.write(self.outgoing.as_slices().0) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's time, and its waits for the kernel")]
mod tests {
    use super::*;
    use str0m::net::Protocol;

    fn streams() -> (MediaStreams, SocketAddr) {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        (MediaStreams::bind(&[free]).unwrap(), free)
    }

    /// Serves everything once, and gives what was taken.
    fn serve(media: &mut MediaStreams, now: Instant, known: bool) -> Vec<Vec<u8>> {
        std::thread::sleep(Duration::from_millis(20));
        let mut taken = Vec::new();
        // First the connections that are there, then new ones.
        let happened = vec![true; media.descriptors().count()];
        media.serve(&happened, now, |_, _, bytes| {
            taken.push(bytes.to_vec());
            known
        });
        taken
    }

    fn framed(datagrams: &[&[u8]]) -> Vec<u8> {
        datagrams.iter().flat_map(|bytes| [&(bytes.len() as u16).to_be_bytes(), *bytes].concat()).collect()
    }

    #[test]
    fn datagrams_are_taken_whole_however_they_come_and_sent_behind_their_length() {
        let (mut media, own) = streams();
        let now = Instant::now();
        let mut browser = TcpStream::connect(own).unwrap();
        assert!(serve(&mut media, now, true).is_empty());
        let bytes = framed(&[b"first", b"", b"second"]);
        let (one, two) = bytes.split_at(9);
        browser.write_all(one).unwrap();
        assert_eq!(serve(&mut media, now, true), [b"first".to_vec(), Vec::new()]);
        browser.write_all(two).unwrap();
        assert_eq!(serve(&mut media, now, true), [b"second".to_vec()]);
        for contents in [&b"answer"[..], b"another"] {
            media.send(&Transmit {
                proto: Protocol::Tcp,
                source: own,
                destination: browser.local_addr().unwrap(),
                contents: contents.to_vec().into(),
            });
        }
        let mut got = vec![0; 17];
        browser.read_exact(&mut got).unwrap();
        assert_eq!(got, framed(&[b"answer", b"another"]));
        drop(browser);
        serve(&mut media, now, true);
        assert!(media.streams.is_empty());
    }

    #[test]
    fn strangers_and_those_who_send_no_datagrams_are_not_kept() {
        let (mut media, own) = streams();
        let start = Instant::now();
        let mut stranger = TcpStream::connect(own).unwrap();
        serve(&mut media, start, false);
        stranger.write_all(&framed(&[b"GET / HTTP/1.1"])).unwrap();
        serve(&mut media, start, false);
        media.expire(start + PATIENCE / 2);
        assert_eq!(media.streams.len(), 1);
        media.expire(start + PATIENCE);
        assert!(media.streams.is_empty());

        let mut stranger = TcpStream::connect(own).unwrap();
        serve(&mut media, start, false);
        stranger.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        serve(&mut media, start, false);
        assert!(media.streams.is_empty(), "«GE» would be a datagram of 18,245 bytes");
    }

    #[test]
    fn a_browser_that_takes_nothing_holds_up_no_more_than_its_backlog() {
        let (mut media, own) = streams();
        let browser = TcpStream::connect(own).unwrap();
        serve(&mut media, Instant::now(), true);
        let transmit = Transmit {
            proto: Protocol::Tcp,
            source: own,
            destination: browser.local_addr().unwrap(),
            contents: vec![7; 1_200].into(),
        };
        for _ in 0..20_000 {
            media.send(&transmit);
        }
        let waiting = media.streams.values().next().unwrap().outgoing.len();
        assert!(waiting <= BACKLOG && waiting > BACKLOG / 2, "{waiting}");
    }

    #[test]
    fn one_address_cannot_take_all_connections() {
        let (mut media, own) = streams();
        let browsers: Vec<_> = (0..OF_ONE_ADDRESS + 5).map(|_| TcpStream::connect(own).unwrap()).collect();
        serve(&mut media, Instant::now(), true);
        assert_eq!(media.streams.len(), OF_ONE_ADDRESS);
        drop(browsers);
    }
}
