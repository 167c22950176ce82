//! Requests that came in, and the answers to them.

use super::{Body, Flow, Stack, listen::address, response};
use rsipstack::{
    sip::{Header, Method, Request, Response, SipMessage},
    transaction::{
        key::TransactionKey,
        transaction::{Transaction, TransactionEvent, TransactionEventSender},
    },
};
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::debug;

/// Longer than any transaction lives after its final response (64 × T1 = 32 s).
const LONGEST_LIFE: Duration = Duration::from_secs(40);

/// A request that opened a transaction.
pub(crate) struct Incoming {
    pub request: Request,
    /// Where it came from, and the way back.
    pub flow: Flow,
    transaction: Transaction,
    stack: Stack,
}

impl Incoming {
    /// None for a transaction without a usable connection.
    pub(crate) fn new(mut transaction: Transaction, stack: Stack) -> Option<Self> {
        let flow = Flow::of(transaction.connection.as_ref()?)?;
        // RFC 3581: answers go to where the request came from, whatever its Via says.
        transaction.destination = Some(address(flow.transport, flow.peer));
        Some(Self { request: transaction.original.clone(), flow, transaction, stack })
    }

    pub(crate) fn method(&self) -> Method {
        self.request.method
    }

    /// Whether the request is for a dialog (RFC 3261 §12.2.2): its To has a tag.
    pub(crate) fn to_tag(&self) -> Option<String> {
        let to = crate::text::value(&self.request.headers, "To")?;
        crate::text::Address::parse(to)?.parameter("tag").filter(|tag| !tag.is_empty()).map(str::to_owned)
    }

    /// The response with our Server header; a new To tag where one is wanted.
    pub(crate) fn make(&self, code: u16, extra: Vec<Header>, body: Option<Body>) -> Response {
        let tag = self.stack.token();
        let tag = (code > 100).then_some(tag.as_str());
        response(&self.request, code, tag, &self.stack.user_agent, extra, body)
    }

    /// Answers for good. An INVITE's transaction goes on by itself until its ACK.
    pub(crate) async fn answer(mut self, response: Response) {
        if self.method() == Method::Invite {
            self.send(response).await;
            let (handle, _) = self.into_invite(mpsc::channel::<()>(1).0, |_| None);
            handle.end_in_any_case();
            return;
        }
        self.send(response).await;
    }

    async fn send(&mut self, response: Response) {
        if let Err(error) = self.transaction.respond(response).await {
            debug!(%error, "an answer could not be sent");
        }
    }

    /// Answers for good without a body.
    pub(crate) async fn reply(self, code: u16, extra: Vec<Header>) {
        let response = self.make(code, extra, None);
        self.answer(response).await;
    }

    /// Hands an INVITE's transaction to a task of its own. What happens to it goes to `news`, as `wrap` makes it.
    pub(crate) fn into_invite<T: Send + 'static>(
        self,
        news: mpsc::Sender<T>,
        wrap: impl Fn(InviteEvent) -> Option<T> + Send + Sync + 'static,
    ) -> (InviteHandle, Flow) {
        let handle = InviteHandle {
            request: self.request,
            sender: self.transaction.tu_sender.clone(),
            key: self.transaction.key.clone(),
        };
        let (transaction, stack) = (self.transaction, self.stack);
        tokio::spawn(async move {
            // A step may be cut short only here, where everything ends.
            tokio::select! {
                () = drive(transaction, news, wrap) => {}
                () = stack.stopped() => {}
            }
        });
        (handle, self.flow)
    }
}

/// What happens to an INVITE after it came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum InviteEvent {
    /// Its final answer was acknowledged; the ACK's body, where it has one.
    Acknowledged(String),
    /// The caller gave up; 200 was sent to its CANCEL already.
    Cancelled,
    /// Its transaction is over.
    Over,
}

/// The transaction must be driven by one task without being dropped in the middle of a step.
async fn drive<T>(
    mut transaction: Transaction,
    news: mpsc::Sender<T>,
    wrap: impl Fn(InviteEvent) -> Option<T> + Sync,
) {
    let tell = async |event| {
        if let Some(event) = wrap(event) {
            // The leg may be gone: the transaction still has to end properly.
            let _ = news.send(event).await;
        }
    };
    while let Some(message) = transaction.receive().await {
        match message {
            SipMessage::Request(ack) if ack.method == Method::Ack => {
                tell(InviteEvent::Acknowledged(String::from_utf8_lossy(&ack.body).into_owned())).await;
            }
            SipMessage::Request(cancel) if cancel.method == Method::Cancel => {
                tell(InviteEvent::Cancelled).await
            }
            _ => {}
        }
    }
    tell(InviteEvent::Over).await;
}

/// An INVITE whose transaction runs in its own task.
#[derive(Clone)]
pub(crate) struct InviteHandle {
    pub request: Request,
    sender: TransactionEventSender,
    key: TransactionKey,
}

impl InviteHandle {
    /// Sends a response; a transaction that is over sends nothing.
    pub(crate) fn respond(&self, response: Response) {
        let last = response.status_code.code() >= 200;
        let _ = self.sender.send(TransactionEvent::Respond(response));
        if last {
            self.end_in_any_case();
        }
    }

    /// After a final response: a transaction whose connection broke would never hear of its end.
    fn end_in_any_case(&self) {
        let (sender, key) = (self.sender.clone(), self.key.clone());
        tokio::spawn(async move {
            tokio::time::sleep(LONGEST_LIFE).await;
            let _ = sender.send(TransactionEvent::Terminate(key));
        });
    }
}
