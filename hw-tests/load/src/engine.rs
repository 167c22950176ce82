use crate::now;
use anyhow::{Context, Result, bail};
use std::{
    io::{Read, Write},
    net::{IpAddr, UdpSocket},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, FromMedia, Publish, Request, ToMedia},
    frame::{self, Decoder},
};
use tempfile::TempDir;

/// Until the switchboard listens.
const PATIENCE: Duration = Duration::from_secs(10);

/// A switchboard's process, and the connection on which it is told who joins, as control has it.
pub(crate) struct Engine {
    child: Child,
    control: UnixStream,
    decoder: Decoder,
    /// Of its sockets; gone with it.
    _folder: TempDir,
    seats: u64,
}

impl Engine {
    pub(crate) fn start(program: &Path, address: IpAddr) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        // The port that the system chooses, freed again.
        let port = UdpSocket::bind((address, 0))?.local_addr()?.port();
        let mut child = Command::new(program)
            .args([
                "--runtime".as_ref(),
                folder.path().as_os_str(),
                "--address".as_ref(),
                address.to_string().as_ref(),
                "--port".as_ref(),
                port.to_string().as_ref(),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let connected = connect(&folder.path().join("media.sock"), &mut child);
        let control = match connected {
            Ok(control) => control,
            Err(problem) => {
                // It may have ended by itself, which is the problem then.
                let _ = child.kill();
                return Err(problem);
            }
        };
        Ok(Self { child, control, decoder: Decoder::default(), _folder: folder, seats: 0 })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// One more browser; the answer to its offer.
    pub(crate) fn join(&mut self, offer: String) -> Result<String> {
        self.seats += 1;
        let id = self.seats;
        let request = Request::JoinBrowser {
            room: RoomId(1),
            seat: SeatId(id),
            name: format!("browser {id}"),
            offer,
            slides: Vec::new(),
            publish: Publish::ALL,
            muted: false,
        };
        self.control.write_all(&frame::encode(&ToMedia { id, request })?)?;
        let mut bytes = [0; 64 * 1024];
        loop {
            while let Some(message) = self.decoder.next_message()? {
                match message {
                    FromMedia::Answer { id: its, result } if its == id => match result? {
                        Answer::Sdp { answer } => return Ok(answer),
                        other => bail!("the switchboard answers an offer with {other:?}"),
                    },
                    FromMedia::Answer { .. } | FromMedia::Event(_) => {}
                }
            }
            let length = self.control.read(&mut bytes)?;
            if length == 0 {
                bail!("the switchboard has ended");
            }
            self.decoder.push(&bytes[..length]);
        }
    }

    pub(crate) fn end(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It has ended already, or the measurement has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connect(path: &Path, child: &mut Child) -> Result<UnixStream> {
    let end = now() + PATIENCE;
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => return Ok(stream),
            Err(error) if now() > end => return Err(error).context("the switchboard does not listen"),
            Err(_) => {}
        }
        if let Some(status) = child.try_wait()? {
            bail!("the switchboard has ended: {status}");
        }
        pause(Duration::from_millis(20));
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement in real time")]
fn pause(time: Duration) {
    thread::sleep(time);
}
