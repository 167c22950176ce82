use super::{Engine, Program};
use crate::{
    browser::Browser,
    media::{Lines, Picture},
};
use anyhow::{Context, Result, bail};
use std::{
    io::{Read, Write},
    net::{IpAddr, UdpSocket},
    os::unix::net::UnixStream,
    path::Path,
    process::Command,
};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, FromMedia, Publish, Request, ToMedia},
    frame::{self, Decoder},
};

/// A switchboard's process, and the connection on which it is told who joins, as control has it.
pub(crate) struct Switchboard {
    program: Program,
    control: UnixStream,
    decoder: Decoder,
    requests: u64,
    seats: u64,
}

impl Switchboard {
    pub(crate) fn start(program: &Path, address: IpAddr) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        // The port that the system chooses, freed again.
        let port = UdpSocket::bind((address, 0))?.local_addr()?.port();
        let mut command = Command::new(program);
        command.arg("--runtime").arg(folder.path());
        command.args(["--address", &address.to_string(), "--port", &port.to_string()]);
        let mut program = Program::start(&mut command, folder)?;
        let control = program.connect(|folder| UnixStream::connect(folder.join("media.sock")))?;
        Ok(Self { program, control, decoder: Decoder::default(), requests: 0, seats: 0 })
    }

    /// One more browser in a room.
    pub(crate) fn join(&mut self, room: RoomId, browser: &mut Browser, lines: &Lines) -> Result<SeatId> {
        let offer = browser.offer(lines)?;
        self.seats += 1;
        let seat = SeatId(self.seats);
        let answer = self.ask(Request::JoinBrowser {
            room,
            seat,
            name: format!("browser {seat}"),
            offer: offer.sdp.clone(),
            slides: Vec::new(),
            publish: Publish::ALL,
            muted: false,
            limit_kbps: None,
        })?;
        let Answer::Sdp { answer } = answer else {
            bail!("the switchboard answers an offer with {answer:?}");
        };
        browser.answered(offer, &answer)?;
        Ok(seat)
    }

    pub(crate) fn leave(&mut self, seat: SeatId) -> Result<()> {
        self.ask(Request::Leave { seat }).map(drop)
    }

    fn ask(&mut self, request: Request) -> Result<Answer> {
        self.requests += 1;
        let id = self.requests;
        self.control.write_all(&frame::encode(&ToMedia { id, request })?)?;
        let mut bytes = [0; 64 * 1024];
        loop {
            while let Some(message) = self.decoder.next_message()? {
                match message {
                    FromMedia::Answer { id: its, result } if its == id => return Ok(result?),
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
}

impl Engine for Switchboard {
    fn process(&self) -> u32 {
        self.program.id()
    }

    fn publish(&mut self, browser: &mut Browser, picture: Picture) -> Result<()> {
        self.join(RoomId(1), browser, &Lines::publisher(picture)).map(drop)
    }

    fn watch(&mut self, browser: &mut Browser) -> Result<()> {
        self.join(RoomId(1), browser, &Lines::watcher()).map(drop)
    }

    fn end(&mut self) -> Option<String> {
        self.program.end()
    }
}
