//! Call legs: one actor each, the same verbs whatever the device: ring, answer, update, end, info.

mod actor;
mod cause;
mod indialog;
mod info;
mod origin;
mod outbound;
mod record;
mod router;
mod timer;

pub use cause::EndCause;
pub use record::DialogRecord;

pub(crate) use actor::Actor;
#[cfg(any(test, feature = "testing"))]
pub(crate) use info::read as read_info;
pub(crate) use record::cseq;
pub(crate) use router::{DialogKey, Router};
#[cfg(any(test, feature = "testing"))]
pub(crate) use timer::SessionTimer;
pub(crate) use timer::{MIN_SESSION, session_asked};

use crate::stack::{Incoming, InviteEvent};
use tokio::sync::{mpsc, oneshot};

/// Events that may wait for whoever runs the call.
const EVENTS: usize = 64;
/// Messages that may wait for the actor.
const INPUT: usize = 64;

/// What happens to a call. The channel's end is the call's end too.
#[derive(Debug)]
pub enum LegEvent {
    /// A new offer within the call (re-INVITE or UPDATE): hold, another address, content. Answer with SDP, or with the
    /// code of a refusal. Without an answer for 20 s it is refused.
    Offer {
        /// Their offer.
        sdp: String,
        /// Ours, or 4xx–6xx.
        reply: oneshot::Sender<Result<String, u16>>,
    },
    /// The answer to an offer that was ours (late offer): came with the ACK.
    Answered {
        /// Their answer.
        sdp: String,
    },
    /// A key was pressed (INFO `application/dtmf-relay` or `application/dtmf`): `0`–`9`, `*`, `#`, `A`–`D`.
    Digit(char),
    /// The peer's decoder needs a key frame (INFO `picture_fast_update`, RFC 5168).
    KeyFrame,
    /// The call is over, and not by [`Leg::end`].
    Ended {
        /// Why, for the log; without names and addresses.
        reason: String,
    },
}

/// Why a verb could not be done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LegError {
    /// The call is over.
    #[error("the call is over")]
    Gone,
    /// The call is not where this verb makes sense: the caller's fault.
    #[error("the call cannot do this now: {0}")]
    NotNow(&'static str),
    /// The peer refused it.
    #[error("the peer refused with {0}")]
    Refused(u16),
    /// The peer cannot be reached.
    #[error("the peer cannot be reached: {0}")]
    Unreachable(String),
}

/// A call's handle. Cheap to clone; it does not keep the call alive, the receiver of its events does.
#[derive(Clone)]
pub struct Leg {
    input: mpsc::Sender<Input>,
}

/// What an actor hears.
pub(crate) enum Input {
    Ring(oneshot::Sender<Result<(), LegError>>),
    Answer(String, oneshot::Sender<Result<(), LegError>>),
    End(EndCause, oneshot::Sender<()>),
    Update(String, oneshot::Sender<Result<String, LegError>>),
    FastUpdate(oneshot::Sender<Result<(), LegError>>),
    Record(oneshot::Sender<Option<DialogRecord>>),
    /// Of the INVITE with this CSeq.
    Invite(u32, InviteEvent),
    /// A request within the dialog.
    Request(Box<Incoming>),
    /// A 2xx to our INVITE with this CSeq came, maybe again.
    Success(u32),
    /// An offer was answered by whoever runs the call.
    Replied(Pending, Result<String, u16>),
    /// Our re-INVITE or UPDATE with this CSeq got its final response (or none: 408).
    Finished {
        cseq: u32,
        response: Box<outbound::Outcome>,
        asked: Option<oneshot::Sender<Result<String, LegError>>>,
    },
}

/// What waits for an answer of whoever runs the call.
pub(crate) enum Pending {
    /// The re-INVITE with this CSeq.
    Invite(u32),
    /// An UPDATE.
    Update(Box<Incoming>),
}

impl Leg {
    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Input) -> Result<T, LegError> {
        let (reply, answer) = oneshot::channel();
        self.input.send(question(reply)).await.map_err(|_| LegError::Gone)?;
        answer.await.map_err(|_| LegError::Gone)
    }

    /// Says 180: it rings.
    ///
    /// # Errors
    /// [`LegError::NotNow`] once answered, [`LegError::Gone`].
    pub async fn ring(&self) -> Result<(), LegError> {
        self.ask(Input::Ring).await?
    }

    /// Answers with 200 and this SDP: the answer to the call's offer, or our offer where it had none (then
    /// [`LegEvent::Answered`] follows). Returns when the 200 is on its way; it is repeated until the ACK.
    ///
    /// # Errors
    /// [`LegError::NotNow`] when answered already, [`LegError::Gone`] when the caller gave up.
    pub async fn answer(&self, sdp: String) -> Result<(), LegError> {
        self.ask(|reply| Input::Answer(sdp, reply)).await?
    }

    /// Ends the call: refuses it before the answer, BYE after. Nothing happens to a call that is over.
    pub async fn end(&self, cause: EndCause) {
        // A call that is over by now is what was asked for.
        let _ = self.ask(|reply| Input::End(cause, reply)).await;
    }

    /// Offers other media within the call (re-INVITE); the peer's answer.
    ///
    /// # Errors
    /// [`LegError::Refused`] (491 when both sides offered at once: try again in some seconds), [`LegError::NotNow`].
    pub async fn update(&self, offer: String) -> Result<String, LegError> {
        self.ask(|reply| Input::Update(offer, reply)).await?
    }

    /// Asks the peer for a key frame by INFO (RFC 5168), for equipment without RTCP feedback. Does not wait for its answer.
    ///
    /// # Errors
    /// [`LegError::NotNow`] before the call is answered, [`LegError::Gone`].
    pub async fn info_fast_update(&self) -> Result<(), LegError> {
        self.ask(Input::FastUpdate).await?
    }

    /// What a restart needs to take the call up again; none before it is answered, and after its end. It changes with
    /// each request, so take it anew after [`Self::update`] and [`LegEvent::Offer`].
    pub async fn record(&self) -> Option<DialogRecord> {
        self.ask(Input::Record).await.ok().flatten()
    }
}
