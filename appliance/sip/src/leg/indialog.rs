//! Requests of the peer within the call.

use super::{
    Input, LegEvent, MIN_SESSION, Pending,
    actor::{Actor, Flowing, State, TheirAnswer, TheirInvite},
    cseq, info, session_asked,
    timer::SessionTimer,
};
use crate::{
    options,
    stack::{Body, Incoming, header, is_refused},
    text::{Address, value},
};
use rsipstack::sip::Method;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long whoever runs the call may think about an offer: less than the peer's patience (RFC 3261 timer B, 32 s).
const REPLY: Duration = Duration::from_secs(20);

impl Actor {
    pub(super) async fn request(&mut self, incoming: Incoming) -> Flowing {
        if !self.take_number(&incoming) {
            incoming.reply(500, vec![header("Retry-After", "1")]).await;
            return Flowing::Continue(());
        }
        if let Some(refused) = options::unsupported(&incoming.request) {
            incoming.reply(420, vec![header("Unsupported", refused)]).await;
            return Flowing::Continue(());
        }
        match incoming.method() {
            Method::Bye => {
                self.refuse_their_invite(487);
                incoming.reply(200, vec![]).await;
                return self.over("the peer hung up");
            }
            Method::Invite => self.offered_again(incoming).await,
            Method::Update => self.updated(incoming).await,
            Method::Info => {
                let content_type = value(&incoming.request.headers, "Content-Type").unwrap_or_default();
                if let Some(event) =
                    info::read(content_type, &String::from_utf8_lossy(&incoming.request.body))
                {
                    self.tell(event);
                }
                incoming.reply(200, vec![]).await;
            }
            Method::Options => incoming.reply(200, options::abilities()).await,
            method if is_refused(method) => incoming.reply(405, vec![options::allow()]).await,
            _ => incoming.reply(481, vec![]).await,
        }
        Flowing::Continue(())
    }

    /// The code that refuses an offer now: two offers at once (RFC 3261 §14.2, RFC 3311 §5.2), or too short a session.
    fn offer_refusal(&self, incoming: &Incoming) -> Option<u16> {
        if self.ours.as_ref().is_some_and(|ours| ours.is_pending()) {
            return Some(491);
        }
        if self.theirs.is_some() || self.state != State::Confirmed {
            return Some(500);
        }
        let short = session_asked(&incoming.request.headers).is_some_and(|interval| interval < MIN_SESSION);
        short.then_some(422)
    }

    async fn refused(&self, incoming: Incoming, code: u16) {
        let headers = match code {
            422 => vec![header("Min-SE", MIN_SESSION.to_string())],
            500 => vec![header("Retry-After", "2")],
            _ => vec![],
        };
        incoming.reply(code, headers).await;
    }

    /// A refresh or an offer also says where the peer is and how long the session lasts (RFC 3261 §12.2.2, RFC 4028 §9).
    fn renew(&mut self, incoming: &Incoming) {
        let headers = &incoming.request.headers;
        if let Some(contact) = value(headers, "Contact").and_then(Address::parse) {
            self.dialog.remote_target = contact.uri.to_owned();
        }
        self.set_timer(SessionTimer::agree(headers));
    }

    async fn offered_again(&mut self, incoming: Incoming) {
        if let Some(code) = self.offer_refusal(&incoming) {
            return self.refused(incoming, code).await;
        }
        self.renew(&incoming);
        let number = cseq(&incoming.request).unwrap_or_default();
        let offer = String::from_utf8_lossy(&incoming.request.body).into_owned();
        let (handle, _) =
            incoming.into_invite(self.own.clone(), move |event| Some(Input::Invite(number, event)));
        handle.respond(self.response_to(&handle, 100, vec![], None));
        self.theirs = Some(TheirInvite { handle, cseq: number, answer: TheirAnswer::Waiting });
        if offer.trim().is_empty() {
            // They want our offer: what we last said still holds.
            match self.dialog.origin.last().map(str::to_owned) {
                Some(last) => self.accept_invite(&last),
                None => self.refuse_their_invite(488),
            }
            return;
        }
        self.ask(offer, Pending::Invite(number));
    }

    async fn updated(&mut self, incoming: Incoming) {
        if incoming.request.body.is_empty() {
            let short =
                session_asked(&incoming.request.headers).is_some_and(|interval| interval < MIN_SESSION);
            if short {
                return self.refused(incoming, 422).await;
            }
            self.renew(&incoming);
            let headers = self.acceptance();
            return incoming.reply(200, headers).await;
        }
        if let Some(code) = self.offer_refusal(&incoming) {
            return self.refused(incoming, code).await;
        }
        self.renew(&incoming);
        let offer = String::from_utf8_lossy(&incoming.request.body).into_owned();
        self.ask(offer, Pending::Update(Box::new(incoming)));
    }

    /// Asks whoever runs the call; the reply comes back as an input.
    fn ask(&self, sdp: String, pending: Pending) {
        let (reply, answer) = oneshot::channel();
        let own = self.own.clone();
        self.tell(LegEvent::Offer { sdp, reply });
        tokio::spawn(async move {
            let result = match tokio::time::timeout(REPLY, answer).await {
                Ok(Ok(result)) => result,
                // Nobody listened, or nobody decided: what was agreed before stays.
                Ok(Err(_)) | Err(_) => Err(488),
            };
            // The call may be over.
            let _ = own.send(Input::Replied(pending, result)).await;
        });
    }

    pub(super) async fn replied(&mut self, pending: Pending, result: Result<String, u16>) {
        match (pending, result) {
            (Pending::Invite(number), result) => {
                let waits =
                    |invite: &TheirInvite| invite.cseq == number && invite.answer == TheirAnswer::Waiting;
                if !self.theirs.as_ref().is_some_and(waits) {
                    return;
                }
                match result {
                    Ok(sdp) => self.accept_invite(&sdp),
                    Err(code) => self.refuse_their_invite(final_code(code)),
                }
            }
            (Pending::Update(incoming), Ok(sdp)) => {
                let body = Body::sdp(self.dialog.origin.stamp(&sdp));
                let response = incoming.make(200, self.acceptance(), Some(body));
                incoming.answer(response).await;
            }
            (Pending::Update(incoming), Err(code)) => incoming.reply(final_code(code), vec![]).await,
        }
    }
}

fn final_code(code: u16) -> u16 {
    if (400..700).contains(&code) { code } else { 500 }
}
