use super::Finding;
use anyhow::{Context, Result, ensure};
use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};

/// RFC 3261 §17.1.2.2: a request over UDP is sent again after this.
const T1: Duration = Duration::from_millis(500);
/// Sendings of one look.
const SENDINGS: u32 = 4;

/// SIP answers an OPTIONS request (RFC 3261 §11) over UDP.
pub(super) fn answers(address: IpAddr, port: u16) -> Result<Finding> {
    let socket = UdpSocket::bind(SocketAddr::new(address, 0)).context("no UDP port is free")?;
    socket.connect(SocketAddr::new(address, port))?;
    socket.set_read_timeout(Some(T1))?;
    let own = socket.local_addr()?;
    let branch = own.port();
    let request = format!(
        "OPTIONS sip:{address}:{port} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {own};branch=z9hG4bK-health-{branch};rport\r\n\
         Max-Forwards: 0\r\n\
         From: <sip:health@{own}>;tag=health\r\n\
         To: <sip:{address}:{port}>\r\n\
         Call-ID: health-{branch}@{own}\r\n\
         CSeq: 1 OPTIONS\r\n\
         Contact: <sip:health@{own}>\r\n\
         Content-Length: 0\r\n\r\n"
    );
    let mut answer = [0; 2048];
    for _ in 0..SENDINGS {
        // A refused sending (nobody listens) is told by the next call, as the reading's error is.
        if socket.send(request.as_bytes()).is_err() {
            continue;
        }
        let Ok(length) = socket.recv(&mut answer) else { continue };
        let text = String::from_utf8_lossy(&answer[..length]);
        let status = text.lines().next().unwrap_or_default();
        ensure!(status.starts_with("SIP/2.0 "), "the answer is no SIP: {status:?}");
        return Ok(Finding::Passed(status.to_owned()));
    }
    anyhow::bail!("no answer to OPTIONS on UDP port {port} of {address}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_nonsense_are_no_answers() {
        let address = "127.0.0.1".parse().unwrap();
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let looking = std::thread::spawn(move || answers(address, port));
        let mut request = [0; 2048];
        let (_, peer) = silent.recv_from(&mut request).unwrap();
        silent.send_to(b"HTTP/1.1 200 OK\r\n\r\n", peer).unwrap();
        assert!(looking.join().unwrap().unwrap_err().to_string().contains("no SIP"));
        drop(silent);
        assert!(answers(address, port).unwrap_err().to_string().contains("no answer"));
    }
}
