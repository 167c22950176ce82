use crate::{
    clock::{now, pause, thread_cpu},
    media::Picture,
};
use anyhow::{Context, Result};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt::SndBuf};
use std::{
    io::IoSlice,
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::AsRawFd,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// Of an RTP packet: what is authenticated only (RFC 7714 §8.1), with the extensions that an engine adds.
const HEADER: usize = 24;

/// What nobody can do without.
pub(crate) struct Floor {
    pub cpu: Duration,
    pub packets: u64,
}

/// Encrypts a picture's packets for each watcher (AES-GCM, RFC 7714) and gives them to the kernel in one call, at the picture's
/// rate: the processor time of that, in this thread.
pub(crate) fn measure(address: IpAddr, watchers: u16, picture: Picture, time: Duration) -> Result<Floor> {
    let sockets: Vec<_> = (0..watchers).map(|_| UdpSocket::bind((address, 0))).collect::<Result<_, _>>()?;
    let destinations: Vec<_> = sockets.iter().map(UdpSocket::local_addr).collect::<Result<_, _>>()?;
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let drains: Vec<_> = sockets.chunks(64).map(|some| scope.spawn(|| drain(some, &ended))).collect();
        let sent = send(address, &destinations, picture, time);
        ended.store(true, Ordering::Relaxed);
        for drain in drains {
            drain.join().map_err(|_| anyhow::anyhow!("a watcher has failed"))??;
        }
        sent
    })
}

fn send(address: IpAddr, watchers: &[SocketAddr], picture: Picture, time: Duration) -> Result<Floor> {
    let socket = UdpSocket::bind((address, 0))?;
    setsockopt(&socket, SndBuf, &(4 << 20))?;
    let keys: Vec<_> = (0..watchers.len())
        .map(|number| UnboundKey::new(&AES_256_GCM, &[number as u8; 32]).map(LessSafeKey::new))
        .collect::<Result<_, _>>()
        .ok()
        .context("no AES-GCM key can be made")?;
    let mut packets = vec![Vec::with_capacity(2_048); usize::from(picture.packets)];
    let clear = vec![0xa5; usize::from(picture.bytes)];
    let (mut number, mut cpu) = (0_u64, Duration::ZERO);
    let end = now() + time;
    let mut next = now();
    while next < end {
        pause(next.saturating_duration_since(now()));
        next += picture.period();
        let before = thread_cpu()?;
        for (key, destination) in keys.iter().zip(watchers) {
            for packet in &mut packets {
                number += 1;
                seal(key, number, &clear, packet)?;
            }
            let parts: Vec<_> = packets.iter().map(|packet| IoSlice::new(packet)).collect();
            let length = u16::try_from(packets[0].len())?;
            sendmsg(
                socket.as_raw_fd(),
                &parts,
                &[ControlMessage::UdpGsoSegments(&length)],
                MsgFlags::empty(),
                Some(&SockaddrStorage::from(*destination)),
            )
            .context("the kernel does not take a picture's packets in one call")?;
        }
        cpu += thread_cpu()? - before;
    }
    Ok(Floor { cpu, packets: number })
}

fn seal(key: &LessSafeKey, number: u64, clear: &[u8], packet: &mut Vec<u8>) -> Result<()> {
    packet.clear();
    packet.resize(HEADER, 0x80);
    packet.extend_from_slice(clear);
    let mut nonce = [0; NONCE_LEN];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    let (header, payload) = packet.split_at_mut(HEADER);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), payload)
        .ok()
        .context("AES-GCM fails")?;
    packet.extend_from_slice(tag.as_ref());
    Ok(())
}

/// Takes what comes to the watchers: a full socket would make sending cheaper than it is.
fn drain(sockets: &[UdpSocket], ended: &AtomicBool) -> Result<()> {
    for socket in sockets {
        socket.set_nonblocking(true)?;
    }
    let mut bytes = [0; 2_048];
    while !ended.load(Ordering::Relaxed) {
        for socket in sockets {
            while socket.recv(&mut bytes).is_ok() {}
        }
        pause(Duration::from_millis(2));
    }
    Ok(())
}
