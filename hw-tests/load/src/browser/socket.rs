use crate::clock::nanoseconds;
use anyhow::{Context, Result};
use nix::{
    cmsg_space,
    errno::Errno,
    sys::{
        socket::{
            ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt,
            sockopt::{RcvBuf, ReceiveTimestampns},
        },
        time::TimeSpec,
    },
};
use std::{
    io::IoSliceMut,
    net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};

/// Largest datagram that is taken.
const LARGEST: usize = 2_048;
/// Bytes that the kernel keeps for a browser: what the engine has sent must not be lost because all browsers have but one thread.
const BUFFER: usize = 1 << 20;

pub(super) struct Socket {
    socket: UdpSocket,
    pub address: SocketAddr,
    bytes: Vec<u8>,
    stamps: Vec<u8>,
}

/// What has arrived.
pub(super) struct Datagram<'a> {
    pub bytes: &'a [u8],
    pub source: SocketAddr,
    /// When, by the kernel, ns of the wall clock; where that was asked for.
    pub arrived: Option<i64>,
}

impl Socket {
    pub(super) fn open(address: IpAddr) -> Result<Self> {
        let socket = UdpSocket::bind((address, 0)).context("a browser's socket cannot be opened")?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, RcvBuf, &BUFFER)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, bytes: vec![0; LARGEST], stamps: cmsg_space!(TimeSpec) })
    }

    /// Has the kernel say when each datagram arrived.
    pub(super) fn stamp(&self) -> Result<()> {
        setsockopt(&self.socket, ReceiveTimestampns, &true).context("the kernel gives no time of arrival")
    }

    pub(super) fn receive(&mut self) -> Result<Option<Datagram<'_>>> {
        let mut place = [IoSliceMut::new(&mut self.bytes)];
        let received = recvmsg::<SockaddrStorage>(
            self.socket.as_raw_fd(),
            &mut place,
            Some(&mut self.stamps),
            MsgFlags::empty(),
        );
        let message = match received {
            Ok(message) => message,
            Err(Errno::EAGAIN) => return Ok(None),
            Err(error) => return Err(error).context("a browser's socket fails"),
        };
        let source = message.address.as_ref().and_then(address).context("a datagram without a source")?;
        let arrived = message.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::ScmTimestampns(time) => Some(nanoseconds(&time)),
            _ => None,
        });
        let length = message.bytes;
        Ok(Some(Datagram { bytes: &self.bytes[..length], source, arrived }))
    }

    pub(super) fn send(&self, bytes: &[u8], destination: SocketAddr) -> Result<()> {
        self.socket.send_to(bytes, destination)?;
        Ok(())
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|found| SocketAddr::V4(SocketAddrV4::from(*found)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|found| SocketAddr::V6(SocketAddrV6::from(*found))))
}
