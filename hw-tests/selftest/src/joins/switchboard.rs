use crate::fault::{Fault, Outcome, Side};
use std::{
    net::IpAddr,
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, FromMedia, Publish, Request, ToMedia},
    frame::{self, Decoder},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, Command},
    sync::Mutex,
    time::{interval, timeout},
};

/// Until it listens.
const PATIENCE: Duration = Duration::from_secs(10);
const PORT: &str = "7900";

/// A switchboard's process in another network namespace, and the connection on which it is told who joins, as control has it. It
/// ends with this value.
pub(super) struct Switchboard {
    control: Mutex<(UnixStream, Decoder)>,
    requests: AtomicU64,
    _process: Child,
    _folder: TempDir,
}

impl Switchboard {
    /// `network`: a namespace that has the address.
    ///
    /// # Errors
    /// It does not start, or does not listen.
    pub(super) async fn start(program: &Path, network: &Path, address: IpAddr) -> Outcome<Self> {
        let folder = tempfile::tempdir().map_err(fault)?;
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", network.display())).arg(program).arg("--runtime").arg(folder.path());
        command.args(["--address", &address.to_string(), "--port", PORT]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().map_err(fault)?;
        let connected = timeout(PATIENCE, connect(&folder.path().join("media.sock"))).await;
        let control = Mutex::new((connected.map_err(fault)?, Decoder::default()));
        Ok(Self { control, requests: AtomicU64::new(0), _process: process, _folder: folder })
    }

    /// Its answer to the offer of somebody in a room of that number.
    ///
    /// # Errors
    /// It refuses.
    pub(super) async fn join(&self, number: u64, offer: String) -> Outcome<String> {
        let request = Request::JoinBrowser {
            room: RoomId(number),
            seat: SeatId(number),
            name: format!("browser {number}"),
            offer,
            slides: Vec::new(),
            publish: Publish::ALL,
            muted: false,
            limit_kbps: None,
        };
        match self.ask(request).await? {
            Answer::Sdp { answer } => Ok(answer),
            other => Err(fault(format!("an offer is answered with {other:?}"))),
        }
    }

    /// # Errors
    /// It knows nothing of them.
    pub(super) async fn leave(&self, number: u64) -> Outcome<()> {
        self.ask(Request::Leave { seat: SeatId(number) }).await.map(drop)
    }

    async fn ask(&self, request: Request) -> Outcome<Answer> {
        let id = self.requests.fetch_add(1, Ordering::Relaxed);
        let message = frame::encode(&ToMedia { id, request }).map_err(fault)?;
        let mut control = self.control.lock().await;
        let (stream, decoder) = &mut *control;
        stream.write_all(&message).await.map_err(fault)?;
        let mut bytes = vec![0; 64 * 1024];
        loop {
            while let Some(message) = decoder.next_message().map_err(fault)? {
                match message {
                    FromMedia::Answer { id: its, result } if its == id => return result.map_err(fault),
                    FromMedia::Answer { .. } | FromMedia::Event(_) => {}
                }
            }
            match stream.read(&mut bytes).await.map_err(fault)? {
                0 => return Err(fault("it has ended")),
                length => decoder.push(&bytes[..length]),
            }
        }
    }
}

/// Tries until it listens.
async fn connect(socket: &Path) -> UnixStream {
    let mut tries = interval(Duration::from_millis(20));
    loop {
        tries.tick().await;
        if let Ok(stream) = UnixStream::connect(socket).await {
            return stream;
        }
    }
}

fn fault(what: impl std::fmt::Display) -> Fault {
    let advice = "is it built (cargo build --release -p tabellion-media)? does its network namespace exist?";
    Fault::new(Side::Switchboard, format!("the switchboard cannot be used ({what})"), advice)
}
