//! Our requests within the call.

use super::{
    EndCause, Input, LegError,
    actor::{Actor, Flowing, State},
    timer::SessionTimer,
};
use crate::{
    options,
    stack::{Body, Flow, RequestError, header},
    text::{Address, value},
};
use rsipstack::sip::{Header, Method, Request, Response};
use tokio::sync::oneshot;
use tracing::{debug, warn};

/// What a request led to.
pub(crate) type Outcome = Result<Response, RequestError>;

/// An INVITE or UPDATE of ours.
pub(super) struct OurRequest {
    cseq: u32,
    method: Method,
    /// Of a finished INVITE: sent again when the 2xx comes again.
    ack: Option<Request>,
    pending: bool,
}

impl OurRequest {
    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }
}

/// `picture_fast_update` (RFC 5168 §3).
const FAST_UPDATE: &str = "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n<media_control><vc_primitive><to_encoder>\
<picture_fast_update></picture_fast_update></to_encoder></vc_primitive></media_control>\r\n";

impl Actor {
    /// A request within the dialog (RFC 3261 §12.2.1.1). ACK takes its INVITE's number.
    fn make(
        &mut self,
        method: Method,
        number: Option<u32>,
        extra: Vec<Header>,
        body: Option<Body>,
    ) -> (Request, Flow) {
        let number = number.unwrap_or_else(|| {
            self.dialog.local_cseq += 1;
            self.dialog.local_cseq
        });
        let dialog = &self.dialog;
        let flow = dialog.flow(self.flow.as_ref(), &self.stack.proven);
        let mut headers: Vec<Header> = dialog.routes.iter().map(|route| header("Route", route)).collect();
        headers.extend([
            header("From", &dialog.local),
            header("To", &dialog.remote),
            header("Call-ID", &dialog.call_id),
            header("CSeq", format!("{number} {method}")),
            self.our_contact(),
        ]);
        headers.extend(extra);
        (self.stack.make_request(method, &dialog.remote_target, &flow, headers, body), flow)
    }

    /// Says BYE; whatever the peer answers, the call is over.
    pub(super) fn say_bye(&mut self, cause: &EndCause) {
        let (request, flow) = self.make(Method::Bye, None, vec![header("Reason", cause.bye_reason())], None);
        let stack = self.stack.clone();
        tokio::spawn(async move {
            let Err(error) = stack.request(request, &flow).await else { return };
            // Its text may name the peer's address.
            debug!(%error, "a BYE was not answered");
            if matches!(error, RequestError::Unreachable(_)) {
                let transport = flow.transport.parameter();
                warn!(
                    transport,
                    "a peer could not be told that its call is over: its connection is gone and no other can be opened"
                );
            }
        });
    }

    pub(super) fn ask_for_key_frame(&mut self) -> Result<(), LegError> {
        if self.state != State::Confirmed {
            return Err(LegError::NotNow("it is not answered"));
        }
        let body = Body { content_type: "application/media_control+xml", text: FAST_UPDATE.to_owned() };
        let (request, flow) = self.make(Method::Info, None, vec![], Some(body));
        let stack = self.stack.clone();
        tokio::spawn(async move {
            if let Err(error) = stack.request(request, &flow).await {
                debug!(%error, "a request for a key frame was not answered");
            }
        });
        Ok(())
    }

    pub(super) fn update(&mut self, offer: &str, reply: oneshot::Sender<Result<String, LegError>>) {
        if self.state != State::Confirmed
            || self.theirs.is_some()
            || self.ours.as_ref().is_some_and(|ours| ours.pending)
        {
            let _ = reply.send(Err(LegError::NotNow("another offer is under way")));
            return;
        }
        let sdp = self.dialog.origin.stamp(offer);
        self.send_ours(Method::Invite, Some(Body::sdp(sdp)), Some(reply));
    }

    /// Our turn to refresh the session (RFC 4028 §7.4).
    pub(super) fn refresh(&mut self, timer: SessionTimer) -> Flowing {
        if self.ours.as_ref().is_some_and(|ours| ours.pending) || self.theirs.is_some() {
            return Flowing::Continue(());
        }
        debug!(update = self.dialog.takes_update, expires = timer.refreshed(), "a session is refreshed");
        match (self.dialog.takes_update, self.dialog.origin.last().map(str::to_owned)) {
            (true, _) => self.send_ours(Method::Update, None, None),
            (false, Some(last)) => self.send_ours(Method::Invite, Some(Body::sdp(last)), None),
            (false, None) => {}
        }
        Flowing::Continue(())
    }

    fn send_ours(
        &mut self,
        method: Method,
        body: Option<Body>,
        asked: Option<oneshot::Sender<Result<String, LegError>>>,
    ) {
        let mut extra = options::abilities();
        if let Some(timer) = self.dialog.timer {
            extra.push(header("Session-Expires", timer.refreshed()));
        }
        let (request, flow) = self.make(method, None, extra, body);
        let cseq = self.dialog.local_cseq;
        self.ours = Some(OurRequest { cseq, method, ack: None, pending: true });
        let (stack, own) = (self.stack.clone(), self.own.clone());
        tokio::spawn(async move {
            let response = Box::new(stack.request(request, &flow).await);
            // The call may be over by now.
            let _ = own.send(Input::Finished { cseq, response, asked }).await;
        });
    }

    pub(super) async fn finished(
        &mut self,
        cseq: u32,
        outcome: Outcome,
        asked: Option<oneshot::Sender<Result<String, LegError>>>,
    ) -> Flowing {
        let Some(method) = self.ours.as_mut().filter(|ours| ours.cseq == cseq).map(|ours| {
            ours.pending = false;
            ours.method
        }) else {
            return Flowing::Continue(());
        };
        let tell = |result| {
            if let Some(asked) = asked {
                let _ = asked.send(result);
            }
        };
        match outcome {
            Ok(response) if response.status_code.code() < 300 => {
                self.renewed(&response);
                if method == Method::Invite {
                    self.acknowledge(cseq).await;
                }
                tell(Ok(String::from_utf8_lossy(&response.body).into_owned()));
            }
            // The peer has no such call, or is gone (RFC 3261 §12.2.1.2).
            Ok(response) if matches!(response.status_code.code(), 408 | 481) => {
                tell(Err(LegError::Refused(response.status_code.code())));
                self.say_bye(&EndCause::no_answer());
                return self.over("the peer does not know the call any more");
            }
            Ok(response) => tell(Err(LegError::Refused(response.status_code.code()))),
            Err(error) => {
                tell(Err(LegError::Unreachable(error.to_string())));
                return self.over("the peer cannot be reached");
            }
        }
        Flowing::Continue(())
    }

    fn renewed(&mut self, response: &Response) {
        if let Some(contact) = value(&response.headers, "Contact").and_then(Address::parse) {
            self.dialog.remote_target = contact.uri.to_owned();
        }
        let timer = SessionTimer::agreed(&response.headers).or(self.dialog.timer);
        self.set_timer(timer);
    }

    async fn acknowledge(&mut self, cseq: u32) {
        let (ack, _) = self.make(Method::Ack, Some(cseq), vec![], None);
        if let Some(ours) = &mut self.ours {
            ours.ack = Some(ack);
        }
        self.acknowledge_again(cseq).await;
    }

    pub(super) async fn acknowledge_again(&mut self, cseq: u32) {
        let Some(ack) = self.ours.as_ref().filter(|ours| ours.cseq == cseq).and_then(|ours| ours.ack.clone())
        else {
            return;
        };
        let flow = self.dialog.flow(self.flow.as_ref(), &self.stack.proven);
        if let Err(error) = self.stack.send(ack, &flow).await {
            debug!(%error, "an ACK could not be sent");
        }
    }
}
