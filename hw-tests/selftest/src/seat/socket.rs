use super::{
    View,
    wire::{Command, Frame, Reply, Request, Waiting},
};
use crate::{
    box_api::Client,
    fault::{Fault, Outcome, Side},
};
use futures_util::{SinkExt, StreamExt};
use std::{collections::HashMap, time::Duration};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// How long the box may take for a reply; the switchboard answers offers within milliseconds, a slow machine's in seconds.
const REPLY_PATIENCE: Duration = Duration::from_secs(30);
/// The close code of a box that does not know the seat's secret.
const UNKNOWN_SEAT: u16 = 4404;

/// A question on its way: its text, its number, and where the reply goes.
type Asked = (String, u32, oneshot::Sender<Reply>);

/// A seat, taken. Dropped, its connection is cut.
pub(crate) struct Seat {
    requests: mpsc::Sender<Asked>,
    view: watch::Receiver<View>,
    next: u32,
    _carrier: JoinSet<()>,
}

impl Seat {
    /// Opens the WebSocket and takes the seat; returns when the box has welcomed it.
    ///
    /// # Errors
    /// The box does not know the seat, or the meeting is over.
    pub(crate) async fn take(client: &Client, seat_token: &str) -> Outcome<Self> {
        let socket = client.seat_socket().await?;
        let (requests, asked) = mpsc::channel(8);
        let (tell, view) = watch::channel(View::default());
        let mut carrier = JoinSet::new();
        carrier.spawn(carry(socket, asked, tell));
        let mut seat = Self { requests, view, next: 0, _carrier: carrier };
        seat.ask(Command::Attach { seat_token, after: None }).await?;
        seat.until("the box welcomes the seat", |view| view.seat.is_some()).await?;
        Ok(seat)
    }

    /// The own seat's number.
    pub(crate) fn number(&self) -> u64 {
        self.view.borrow().seat.unwrap_or_default()
    }

    /// What is known now.
    pub(crate) fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until the view is as wanted; as long as it takes, the run as a whole has a limit.
    ///
    /// # Errors
    /// The seat cannot go on.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> Outcome<View> {
        tracing::debug!(what, "waiting");
        let found = self.view.wait_for(|view| view.fault.is_some() || wanted(view)).await;
        match found.map(|view| view.clone()) {
            Ok(View { fault: Some(fault), .. }) => Err(fault),
            Ok(view) => Ok(view),
            Err(_) => Err(cut(None)),
        }
    }

    /// Joins with an offer; the answer (SDP).
    ///
    /// # Errors
    /// The box does not carry it out.
    pub(crate) async fn enter(&mut self, offer: &str, microphone: bool) -> Outcome<String> {
        match self.ask(Command::Enter { offer, microphone, camera: true }).await? {
            Reply::Answer { answer } => Ok(answer),
            _ => Err(Fault::new(
                Side::Control,
                "the box answered an offer without SDP",
                "look at the box's log",
            )),
        }
    }

    /// Lets one in who waits, as soon as the queue shows it.
    ///
    /// # Errors
    /// The seat cannot go on, or is no organizer's.
    pub(crate) async fn accept(&mut self, who: impl Fn(&Waiting) -> bool) -> Outcome<u64> {
        let view = self.until("someone waits", |view| view.queue.iter().any(&who)).await?;
        let seat = view.queue.into_iter().find(who).map(|waiting| waiting.seat).unwrap_or_default();
        self.ask(Command::Decide { seat, decision: "accept" }).await?;
        Ok(seat)
    }

    /// Leaves the meeting. What fails now does not matter any more.
    pub(crate) async fn leave(&mut self) {
        if let Err(fault) = self.ask(Command::Leave).await {
            tracing::debug!(%fault, "leaving");
        }
    }

    async fn ask(&mut self, command: Command<'_>) -> Outcome<Reply> {
        let id = self.next;
        self.next += 1;
        let text = serde_json::to_string(&Request { id, command }).expect("plain data");
        let (reply, replied) = oneshot::channel();
        let sent = self.requests.send((text, id, reply)).await;
        let answered = tokio::time::timeout(REPLY_PATIENCE, replied);
        match (sent, answered.await) {
            // Where the seat is over, that is the cause of what is refused after it.
            (Ok(()), Ok(Ok(Reply::Error { code, message }))) => {
                Err(self.view().fault.unwrap_or_else(|| refused(&code, &message)))
            }
            (Ok(()), Ok(Ok(reply))) => Ok(reply),
            (Ok(()), Err(_)) => {
                let what = "the box did not reply over the seat's WebSocket within 30 s";
                Err(Fault::new(Side::Control, what, "look at the box's log"))
            }
            _ => Err(self.view().fault.unwrap_or_else(|| cut(None))),
        }
    }
}

fn refused(code: &str, message: &str) -> Fault {
    let (side, advice) = match code {
        "media_unavailable" => (Side::Switchboard, "is tabellion-media running? look at its log"),
        "bad_offer" => (Side::Switchboard, "the switchboard cannot agree with GStreamer's offer: report it"),
        "not_organizer" => (Side::Caller, "give --organizer-seat an organizer's seat"),
        "meeting_closed" => (Side::Caller, "switch the meeting on"),
        _ => (Side::Control, "look at the box's log"),
    };
    Fault::new(side, format!("the box refused ({code}): «{message}»"), advice)
}

/// The WebSocket is gone.
fn cut(frame: Option<&CloseFrame>) -> Fault {
    if frame.is_some_and(|frame| u16::from(frame.code) == UNKNOWN_SEAT) {
        let advice = "a seat's secret counts while its meeting runs: ask for a new seat";
        return Fault::new(Side::Caller, "the box does not know this seat", advice);
    }
    let why = frame.map(|frame| format!(" ({} {})", u16::from(frame.code), frame.reason)).unwrap_or_default();
    let what = format!("the box cut the seat's WebSocket{why}");
    Fault::new(Side::Control, what, "was the control process restarted? look at its log")
}

/// Carries messages both ways until one side ends.
async fn carry(mut socket: Socket, mut asked: mpsc::Receiver<Asked>, tell: watch::Sender<View>) {
    let mut pending: HashMap<u32, oneshot::Sender<Reply>> = HashMap::new();
    loop {
        tokio::select! {
            question = asked.recv() => {
                let Some((text, id, reply)) = question else { break };
                pending.insert(id, reply);
                if let Err(error) = socket.send(Message::text(text)).await {
                    tracing::debug!(%error, "the WebSocket broke");
                    tell.send_modify(|view| view.fails(cut(None)));
                    break;
                }
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => heard(&text, &mut pending, &tell),
                Some(Ok(Message::Close(frame))) => {
                    tell.send_modify(|view| view.fails(cut(frame.as_ref())));
                    break;
                }
                // Pings are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    tell.send_modify(|view| view.fails(cut(None)));
                    break;
                }
            }
        }
    }
}

fn heard(text: &str, pending: &mut HashMap<u32, oneshot::Sender<Reply>>, tell: &watch::Sender<View>) {
    match serde_json::from_str(text) {
        Ok(Frame::Reply { reply_to, reply }) => {
            if let Some(asker) = pending.remove(&reply_to) {
                let _ = asker.send(reply);
            }
        }
        Ok(Frame::Event { event }) => tell.send_modify(|view| view.apply(event)),
        Err(error) => tell.send_modify(|view| {
            let what = format!("the box sent a message that cannot be read ({error})");
            view.fails(Fault::new(Side::Control, what, "are the box and this program of one version?"));
        }),
    }
}
