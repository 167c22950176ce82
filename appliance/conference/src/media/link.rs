use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tabellion_media_protocol::{
    PROTOCOL,
    control::{Answer, Event, FromMedia, MediaError, Request, Snapshot, ToMedia},
    frame::{self, Decoder, FrameError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot},
};
use tracing::{info, warn};

/// Between two attempts to reach a switchboard that is not there.
const RETRY: Duration = Duration::from_millis(100);
/// The switchboard answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(8);
/// A room system's media may have to wait for its room's studio to start; the switchboard gives up after 20 s.
const STUDIO_PATIENCE: Duration = Duration::from_secs(25);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum MediaRequestError {
    /// The switchboard says no.
    #[error(transparent)]
    Refused(#[from] MediaError),
    /// The switchboard is away (it is being restarted): may be tried again.
    #[error("the media engine is not reachable")]
    Away,
    /// The switchboard did not answer in time: what it made of the request is not known.
    #[error("the media engine did not answer in time")]
    Silent,
    /// The switchboard answered with something else than what was asked: a fault of this release.
    #[error("the media engine gave an answer of another kind")]
    Confused,
}

/// What the link reports by itself.
#[derive(Debug)]
pub enum MediaNews {
    /// Connected, for the first time or again: what the switchboard has now.
    Up(Snapshot),
    /// An event.
    Event(Event),
}

type Reply = oneshot::Sender<Result<Answer, MediaRequestError>>;

/// Handle to the switchboard.
#[derive(Clone)]
pub struct Media {
    outgoing: mpsc::Sender<(ToMedia, Reply)>,
    next_id: Arc<AtomicU64>,
}

impl Media {
    /// Connects to the switchboard's socket, and connects again whenever the link is lost. News come in order.
    #[must_use]
    pub fn start(socket: PathBuf) -> (Self, mpsc::Receiver<MediaNews>) {
        let (outgoing, requests) = mpsc::channel(256);
        let (news, heard) = mpsc::channel(1024);
        tokio::spawn(keep_linked(socket, requests, news));
        (Self { outgoing, next_id: Arc::new(AtomicU64::new(1)) }, heard)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`MediaRequestError`]; [`MediaRequestError::Silent`] after 8 s without an answer, or 25 s where a studio may have to start.
    pub async fn ask(&self, request: Request) -> Result<Answer, MediaRequestError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let patience = if matches!(request, Request::OpenLeg { .. }) { STUDIO_PATIENCE } else { PATIENCE };
        let sent = self.outgoing.send((ToMedia { id, request }, reply)).await;
        sent.map_err(|_| MediaRequestError::Away)?;
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(MediaRequestError::Away),
            Err(_) => Err(MediaRequestError::Silent),
        }
    }

    /// Asks for something that is answered by [`Answer::Done`].
    ///
    /// # Errors
    /// See [`Self::ask`].
    pub async fn tell(&self, request: Request) -> Result<(), MediaRequestError> {
        match self.ask(request).await? {
            Answer::Done => Ok(()),
            _ => Err(MediaRequestError::Confused),
        }
    }

    /// Asks for something that is answered by an SDP.
    ///
    /// # Errors
    /// See [`Self::ask`].
    pub async fn ask_sdp(&self, request: Request) -> Result<String, MediaRequestError> {
        match self.ask(request).await? {
            Answer::Sdp { answer } => Ok(answer),
            _ => Err(MediaRequestError::Confused),
        }
    }
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Frame(#[from] FrameError),
    #[error("{0}")]
    Refused(#[from] MediaError),
    #[error("the switchboard did not greet as expected")]
    Greeting,
    #[error("nobody listens to its news any more")]
    Unheard,
}

async fn keep_linked(
    socket: PathBuf,
    mut requests: mpsc::Receiver<(ToMedia, Reply)>,
    news: mpsc::Sender<MediaNews>,
) {
    let mut told = false;
    loop {
        match UnixStream::connect(&socket).await {
            Ok(stream) => {
                told = false;
                match converse(stream, &mut requests, &news).await {
                    Ok(()) | Err(LinkError::Unheard) => return,
                    Err(error) => warn!(%error, "the link to the media engine is lost"),
                }
            }
            Err(error) if !told => {
                warn!(socket = %socket.display(), %error, "the media engine is not reachable; trying on");
                told = true;
            }
            Err(_) => {}
        }
        refuse_waiting(&mut requests);
        tokio::time::sleep(RETRY).await;
    }
}

/// What is asked while the switchboard is away is refused at once: the callers know better what to do than a queue.
fn refuse_waiting(requests: &mut mpsc::Receiver<(ToMedia, Reply)>) {
    while let Ok((_, reply)) = requests.try_recv() {
        // A caller that does not wait any more needs no answer.
        let _ = reply.send(Err(MediaRequestError::Away));
    }
}

/// One connection: greeting, snapshot, then requests and messages until it ends. `Ok`: this process is ending.
async fn converse(
    stream: UnixStream,
    requests: &mut mpsc::Receiver<(ToMedia, Reply)>,
    news: &mpsc::Sender<MediaNews>,
) -> Result<(), LinkError> {
    let (reader, mut writer) = stream.into_split();
    let mut incoming = Incoming { reader, decoder: Decoder::default() };
    let snapshot = greet(&mut incoming, &mut writer, news).await?;
    news.send(MediaNews::Up(snapshot)).await.map_err(|_| LinkError::Unheard)?;

    let waiting: Arc<Mutex<HashMap<u64, Reply>>> = Arc::default();
    let (stop, stopped) = oneshot::channel();
    let hearing = tokio::spawn(hear(incoming, waiting.clone(), news.clone(), stop));
    tokio::pin!(stopped);
    let outcome = loop {
        tokio::select! {
            error = &mut stopped => break Err(error.unwrap_or(LinkError::Unheard)),
            request = requests.recv() => {
                let Some((request, reply)) = request else { break Ok(()) };
                waiting.lock().expect("no panic while locked").insert(request.id, reply);
                if let Err(error) = write(&mut writer, &request).await { break Err(error) }
            }
        }
    };
    hearing.abort();
    for (_, reply) in waiting.lock().expect("no panic while locked").drain() {
        let _ = reply.send(Err(MediaRequestError::Away));
    }
    outcome
}

async fn greet(
    incoming: &mut Incoming,
    writer: &mut OwnedWriteHalf,
    news: &mpsc::Sender<MediaNews>,
) -> Result<Snapshot, LinkError> {
    // Ids below the first that `Media::ask` gives cannot meet a caller's.
    write(writer, &ToMedia { id: 0, request: Request::Hello { protocol: PROTOCOL } }).await?;
    let Answer::Hello { instance, .. } = incoming.answer_to(0, news).await? else {
        return Err(LinkError::Greeting);
    };
    write(writer, &ToMedia { id: 0, request: Request::Snapshot }).await?;
    let Answer::Snapshot(snapshot) = incoming.answer_to(0, news).await? else {
        return Err(LinkError::Greeting);
    };
    info!(seats = snapshot.seats.len(), instance, "linked to the media engine");
    Ok(snapshot)
}

async fn write(writer: &mut OwnedWriteHalf, request: &ToMedia) -> Result<(), LinkError> {
    Ok(writer.write_all(&frame::encode(request)?).await?)
}

/// Reads until the connection ends, and says why it did.
async fn hear(
    mut incoming: Incoming,
    waiting: Arc<Mutex<HashMap<u64, Reply>>>,
    news: mpsc::Sender<MediaNews>,
    stop: oneshot::Sender<LinkError>,
) {
    let error = loop {
        match incoming.next().await {
            Ok(FromMedia::Event(event)) => {
                if news.send(MediaNews::Event(event)).await.is_err() {
                    break LinkError::Unheard;
                }
            }
            Ok(FromMedia::Answer { id, result }) => {
                let reply = waiting.lock().expect("no panic while locked").remove(&id);
                if let Some(reply) = reply {
                    let _ = reply.send(result.map_err(MediaRequestError::Refused));
                }
            }
            Err(error) => break error,
        }
    };
    let _ = stop.send(error);
}

struct Incoming {
    reader: OwnedReadHalf,
    decoder: Decoder,
}

impl Incoming {
    async fn next(&mut self) -> Result<FromMedia, LinkError> {
        loop {
            if let Some(message) = self.decoder.next_message()? {
                return Ok(message);
            }
            let mut bytes = [0; 16 * 1024];
            match self.reader.read(&mut bytes).await? {
                0 => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
                read => self.decoder.push(&bytes[..read]),
            }
        }
    }

    async fn answer_to(&mut self, wanted: u64, news: &mpsc::Sender<MediaNews>) -> Result<Answer, LinkError> {
        loop {
            match self.next().await? {
                FromMedia::Answer { id, result } if id == wanted => return Ok(result?),
                FromMedia::Answer { .. } => {}
                FromMedia::Event(event) => {
                    news.send(MediaNews::Event(event)).await.map_err(|_| LinkError::Unheard)?;
                }
            }
        }
    }
}
