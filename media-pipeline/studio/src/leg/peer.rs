//! The sockets of one m-line, and the thread that reads them.

use crate::{
    edge,
    rtp::{Feedback, Session},
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    os::{fd::AsFd, unix::net::UnixStream},
    sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard},
    thread::{self, JoinHandle},
    time::Instant,
};
use tracing::debug;

/// The longest that [`Handler::tick`] is waited for, in milliseconds.
const TICK_MS: u16 = 100;
/// Larger datagrams than this are no RTP on any network here, in bytes.
const LARGEST: usize = 2_048;
/// Datagrams taken from one socket before the other has its turn.
const BURST: usize = 64;

/// What is done with what a peer sends.
pub(super) trait Handler: Send {
    /// An RTP packet of the peer's.
    fn packet(&mut self, bytes: &[u8], now: Instant);
    /// Its RTCP asks for something.
    fn feedback(&mut self, _: Feedback) {}
    /// Some time has passed.
    fn tick(&mut self, _: Instant) {}
}

/// The sockets and the session of one m-line.
#[derive(Debug)]
pub(super) struct Peer {
    /// Gone when the line is closed, whoever still holds the peer: the ports may be bound anew at once.
    sockets: RwLock<Option<Sockets>>,
    session: Mutex<Session>,
}

#[derive(Debug)]
struct Sockets {
    rtp: UdpSocket,
    rtcp: UdpSocket,
}

impl Peer {
    /// Binds RTP to `port` and RTCP to the one above.
    pub(super) fn bind(local: IpAddr, port: u16, session: Session) -> io::Result<Self> {
        let bind = |port| {
            let socket = UdpSocket::bind(SocketAddr::new(local, port))
                .map_err(|e| io::Error::new(e.kind(), format!("UDP port {port} cannot be bound: {e}")))?;
            socket.set_nonblocking(true)?;
            Ok::<_, io::Error>(socket)
        };
        let sockets = Sockets { rtp: bind(port)?, rtcp: bind(port.saturating_add(1))? };
        Ok(Self { sockets: RwLock::new(Some(sockets)), session: Mutex::new(session) })
    }

    /// Sends an RTP packet. A network that does not take it loses it.
    pub(super) fn send(&self, packet: &[u8]) {
        let to = self.session().send(packet, edge::now());
        if let Some(sockets) = &*self.sockets() {
            let _ = sockets.rtp.send_to(packet, to);
        }
    }

    /// Asks for a key frame by RTCP.
    pub(super) fn picture_loss(&self) {
        let bytes = self.session().picture_loss(edge::now(), edge::ntp());
        self.send_feedback(bytes);
    }

    /// When the latest packet came, RTP or RTCP.
    pub(super) fn heard_at(&self) -> Option<Instant> {
        self.session().heard_at()
    }

    fn send_feedback(&self, bytes: Option<Vec<u8>>) {
        let to = self.session().feedback_destination();
        if let (Some(bytes), Some(sockets)) = (bytes, &*self.sockets()) {
            let _ = sockets.rtcp.send_to(&bytes, to);
        }
    }

    fn report(&self, now: Instant) {
        let bytes = self.session().poll_report(now, edge::ntp());
        self.send_feedback(bytes);
    }

    /// Says farewell and frees the ports.
    fn close(&self) {
        let bytes = self.session().bye(edge::now(), edge::ntp());
        self.send_feedback(Some(bytes));
        *self.sockets.write().expect("nothing that can panic is done under this lock") = None;
    }

    fn read(&self, handler: &mut dyn Handler, now: Instant) {
        let Some(sockets) = &*self.sockets() else { return };
        each(&sockets.rtp, |from, bytes| {
            let is_peers = self.session().receive(from, bytes, now).is_some();
            if is_peers {
                handler.packet(bytes, now);
            }
        });
        each(&sockets.rtcp, |from, bytes| {
            let feedback = self.session().receive_feedback(from, bytes, now);
            if let Some(feedback) = feedback {
                handler.feedback(feedback);
            }
        });
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().expect("a session does not panic")
    }

    fn sockets(&self) -> RwLockReadGuard<'_, Option<Sockets>> {
        self.sockets.read().expect("nothing that can panic is done under this lock")
    }
}

/// The reading thread; dropped, it says farewell to the peer and frees the ports.
#[derive(Debug)]
pub(super) struct Reader {
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    pub(super) fn start(name: String, peer: Arc<Peer>, mut handler: Box<dyn Handler>) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let run = move || {
            while wait(&peer, &stopped) {
                let now = edge::now();
                peer.read(&mut *handler, now);
                peer.report(now);
                handler.tick(now);
            }
            peer.close();
        };
        let thread = thread::Builder::new().name(name).spawn(run)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            debug!("a reading thread had panicked");
        }
    }
}

/// Waits for either socket or a tick; `false` when it is time to stop.
fn wait(peer: &Peer, stopped: &UnixStream) -> bool {
    let Some(sockets) = &*peer.sockets() else { return false };
    let mut waiting = [
        PollFd::new(stopped.as_fd(), PollFlags::POLLIN),
        PollFd::new(sockets.rtp.as_fd(), PollFlags::POLLIN),
        PollFd::new(sockets.rtcp.as_fd(), PollFlags::POLLIN),
    ];
    // A signal ends the waiting early, which is as good as a tick.
    let _ = poll(&mut waiting, PollTimeout::from(TICK_MS));
    waiting[0].revents().is_none_or(|events| events.is_empty())
}

fn each(socket: &UdpSocket, mut take: impl FnMut(SocketAddr, &[u8])) {
    let mut buffer = [0; LARGEST];
    for _ in 0..BURST {
        match socket.recv_from(&mut buffer) {
            Ok((length, from)) => take(from, &buffer[..length]),
            // Also what ICMP says of an earlier packet: the peer's port is closed for now.
            Err(_) => return,
        }
    }
}
