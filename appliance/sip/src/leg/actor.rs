use super::{
    DialogRecord, EVENTS, EndCause, INPUT, Input, Leg, LegError, LegEvent, Router, cseq,
    outbound::OurRequest, timer::SessionTimer,
};
use crate::{
    edge,
    places::Place,
    stack::{Body, Flow, Incoming, InviteEvent, InviteHandle, Stack, header, response},
};
use rsipstack::sip::Header;
use std::{ops::ControlFlow, sync::Arc};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::debug;

/// One call: its dialog, its timers, its INVITEs. Nobody else touches them.
pub(crate) struct Actor {
    pub(super) stack: Stack,
    router: Arc<Router>,
    pub(super) dialog: DialogRecord,
    pub(super) flow: Option<Flow>,
    pub(super) state: State,
    /// Their INVITE that is being answered: the call's first, or a re-INVITE.
    pub(super) theirs: Option<TheirInvite>,
    /// Our last INVITE or UPDATE.
    pub(super) ours: Option<OurRequest>,
    pub(super) events: mpsc::Sender<LegEvent>,
    pub(super) own: mpsc::Sender<Input>,
    input: mpsc::Receiver<Input>,
    /// When the session timer is due.
    deadline: Option<Instant>,
    /// The call is to be ended as soon as its answer was acknowledged (RFC 3261 §15: no BYE before).
    hang_up: Option<EndCause>,
    /// The service stops; their INVITE alone is still waited for.
    leaving: bool,
    /// Among all calls; given back at the call's end.
    _place: Place,
}

/// Where the call is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Not answered.
    Early,
    /// 200 was sent.
    Answered,
    /// The 200 was acknowledged.
    Confirmed,
}

/// An INVITE of the peer.
pub(super) struct TheirInvite {
    pub handle: InviteHandle,
    pub cseq: u32,
    pub answer: TheirAnswer,
}

/// How far the answer to it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TheirAnswer {
    Waiting,
    /// 200 was sent; `offered` when its SDP was our offer.
    Sent {
        offered: bool,
    },
    /// Refused because the service stops; the ACK is waited for.
    Refused,
}

/// Whether the call goes on.
pub(super) type Flowing = ControlFlow<()>;

impl Actor {
    /// Starts a call that came in. The leg's first INVITE is `incoming`.
    pub(crate) fn open(
        incoming: Incoming,
        dialog: DialogRecord,
        place: Place,
        stack: Stack,
        router: Arc<Router>,
    ) -> (Leg, mpsc::Receiver<LegEvent>) {
        let number = dialog.remote_cseq;
        let (mut actor, leg, events) = Self::new(dialog, place, stack, router, State::Early);
        // RFC 3261 §17.2.1: what takes longer than 200 ms (a studio's start) must not make the caller ask again.
        let trying = incoming.make(100, vec![], None);
        let (handle, flow) =
            incoming.into_invite(actor.own.clone(), move |event| Some(Input::Invite(number, event)));
        handle.respond(trying);
        actor.theirs = Some(TheirInvite { handle, cseq: number, answer: TheirAnswer::Waiting });
        actor.flow = Some(flow);
        actor.start();
        (leg, events)
    }

    /// Goes on with a call of a former run.
    pub(crate) fn resume(
        record: DialogRecord,
        place: Place,
        stack: Stack,
        router: Arc<Router>,
    ) -> (Leg, mpsc::Receiver<LegEvent>) {
        let (mut actor, leg, events) = Self::new(record.resumed(), place, stack, router, State::Confirmed);
        actor.wind_up();
        actor.start();
        (leg, events)
    }

    fn new(
        dialog: DialogRecord,
        place: Place,
        stack: Stack,
        router: Arc<Router>,
        state: State,
    ) -> (Self, Leg, mpsc::Receiver<LegEvent>) {
        let (own, input) = mpsc::channel(INPUT);
        let (events, receiver) = mpsc::channel(EVENTS);
        let leg = Leg { input: own.clone() };
        let actor = Self {
            stack,
            router,
            dialog,
            flow: None,
            state,
            theirs: None,
            ours: None,
            events,
            own,
            input,
            deadline: None,
            hang_up: None,
            leaving: false,
            _place: place,
        };
        (actor, leg, receiver)
    }

    fn start(self) {
        self.router.insert(self.dialog.key(), self.own.clone());
        tokio::spawn(self.run());
    }

    async fn run(mut self) {
        loop {
            let deadline = self.deadline;
            let flowing = tokio::select! {
                // The actor holds a sender of its own: the channel is never closed.
                Some(input) = self.input.recv() => self.hear(input).await,
                () = sleep_until(deadline.unwrap_or_else(edge::now)), if deadline.is_some() => self.timer_due().await,
                () = self.events.closed(), if self.hang_up.is_none() && !self.leaving => self.end(EndCause::finished()).await,
                () = self.stack.winding_down(), if !self.leaving => self.leave(),
                () = self.stack.stopped() => Flowing::Break(()),
            };
            if flowing.is_break() || (self.leaving && self.theirs.is_none()) {
                break;
            }
        }
        self.router.remove(&self.dialog.key());
    }

    async fn hear(&mut self, input: Input) -> Flowing {
        match input {
            Input::Ring(reply) => {
                let _ = reply.send(self.ring());
            }
            Input::Answer(sdp, reply) => {
                let _ = reply.send(self.answer(&sdp));
            }
            Input::End(cause, reply) => {
                let flowing = self.end(cause).await;
                let _ = reply.send(());
                return flowing;
            }
            Input::Update(offer, reply) => self.update(&offer, reply),
            Input::FastUpdate(reply) => {
                let _ = reply.send(self.ask_for_key_frame());
            }
            Input::Record(reply) => {
                let _ = reply.send((self.state != State::Early).then(|| self.dialog.clone()));
            }
            Input::Invite(number, event) => return self.invite_event(number, event).await,
            Input::Request(incoming) => return self.request(*incoming).await,
            Input::Success(number) => self.acknowledge_again(number).await,
            Input::Replied(pending, result) => self.replied(pending, result).await,
            Input::Finished { cseq, response, asked } => return self.finished(cseq, *response, asked).await,
        }
        Flowing::Continue(())
    }

    fn ring(&mut self) -> Result<(), LegError> {
        match &self.theirs {
            Some(invite) if self.state == State::Early && invite.answer == TheirAnswer::Waiting => {
                let ringing = self.response_to(&invite.handle, 180, vec![self.our_contact()], None);
                invite.handle.respond(ringing);
                Ok(())
            }
            _ => Err(LegError::NotNow("it was answered already")),
        }
    }

    fn answer(&mut self, sdp: &str) -> Result<(), LegError> {
        if self.state != State::Early || !self.their_invite_waits() {
            return Err(LegError::NotNow("it was answered already"));
        }
        self.state = State::Answered;
        self.accept_invite(sdp);
        Ok(())
    }

    /// 200 with SDP to their INVITE.
    pub(super) fn accept_invite(&mut self, sdp: &str) {
        let Some(invite) = &mut self.theirs else { return };
        let offered = invite.handle.request.body.is_empty();
        invite.answer = TheirAnswer::Sent { offered };
        let handle = invite.handle.clone();
        let body = Body::sdp(self.dialog.origin.stamp(sdp));
        let mut headers = self.acceptance();
        for route in self.dialog.routes.iter().filter(|_| self.state == State::Answered) {
            headers.push(header("Record-Route", route));
        }
        handle.respond(self.response_to(&handle, 200, headers, Some(body)));
    }

    /// Headers of a 2xx to INVITE and UPDATE.
    pub(super) fn acceptance(&self) -> Vec<Header> {
        let mut headers = vec![self.our_contact()];
        headers.extend(crate::options::abilities());
        if let Some(timer) = self.dialog.timer {
            headers.push(header("Session-Expires", timer.answered()));
            if !timer.ours {
                headers.push(header("Require", "timer"));
            }
        }
        headers
    }

    pub(super) fn our_contact(&self) -> Header {
        header("Contact", self.stack.contact(&self.dialog.user, self.dialog.transport))
    }

    pub(super) fn response_to(
        &self,
        invite: &InviteHandle,
        code: u16,
        headers: Vec<Header>,
        body: Option<Body>,
    ) -> rsipstack::sip::Response {
        let tag = (code > 100).then_some(self.dialog.local_tag.as_str());
        response(&invite.request, code, tag, &self.stack.user_agent, headers, body)
    }

    /// Refuses the call, or says BYE, or notes to do so.
    async fn end(&mut self, cause: EndCause) -> Flowing {
        match self.state {
            State::Early => {
                if let Some(invite) = self.theirs.take() {
                    let headers =
                        cause.response_headers(&self.stack.our_address(self.dialog.transport).to_string());
                    invite.handle.respond(self.response_to(&invite.handle, cause.code, headers, None));
                }
                Flowing::Break(())
            }
            State::Answered => {
                self.hang_up = Some(cause);
                Flowing::Continue(())
            }
            State::Confirmed => {
                self.refuse_their_invite(487);
                self.say_bye(&cause);
                Flowing::Break(())
            }
        }
    }

    /// The service stops: who waits for an answer gets one, and acknowledges it. The next run goes on with the call where it
    /// was answered before.
    fn leave(&mut self) -> Flowing {
        self.leaving = true;
        if self.their_invite_waits()
            && let Some(mut invite) = self.theirs.take()
        {
            let early = self.state == State::Early;
            // 500 refuses the change and leaves the call as it was (RFC 3261 §14.2).
            let (code, seconds) = if early { (503, "30") } else { (500, "10") };
            let refusal = self.response_to(&invite.handle, code, vec![header("Retry-After", seconds)], None);
            invite.handle.respond(refusal);
            invite.answer = TheirAnswer::Refused;
            self.theirs = Some(invite);
        }
        Flowing::Continue(())
    }

    fn their_invite_waits(&self) -> bool {
        self.theirs.as_ref().is_some_and(|invite| invite.answer == TheirAnswer::Waiting)
    }

    pub(super) fn refuse_their_invite(&mut self, code: u16) {
        if let Some(invite) = self.theirs.take_if(|invite| invite.answer == TheirAnswer::Waiting) {
            invite.handle.respond(self.response_to(&invite.handle, code, vec![], None));
        }
    }

    /// The call is over by the peer or by a fault.
    pub(super) fn over(&mut self, reason: &str) -> Flowing {
        if self.hang_up.is_none() {
            // Where the channel is full, its end says the same.
            let _ = self.events.try_send(LegEvent::Ended { reason: reason.to_owned() });
        }
        Flowing::Break(())
    }

    async fn invite_event(&mut self, number: u32, event: InviteEvent) -> Flowing {
        let Some(invite) = self.theirs.as_ref().filter(|invite| invite.cseq == number) else {
            return Flowing::Continue(());
        };
        match (event, invite.answer) {
            (InviteEvent::Acknowledged(body), TheirAnswer::Sent { offered }) => {
                self.theirs = None;
                self.acknowledged(&body, offered)
            }
            (InviteEvent::Cancelled, TheirAnswer::Waiting) => {
                self.refuse_their_invite(487);
                if self.state == State::Early {
                    self.over("the caller gave up")
                } else {
                    Flowing::Continue(())
                }
            }
            (InviteEvent::Over, TheirAnswer::Sent { .. }) => {
                self.say_bye(&EndCause::finished());
                self.over("the answer was never acknowledged")
            }
            (InviteEvent::Acknowledged(_) | InviteEvent::Over, TheirAnswer::Refused) => {
                self.theirs = None;
                if self.state == State::Early {
                    self.over("the service stops")
                } else {
                    Flowing::Continue(())
                }
            }
            (InviteEvent::Over, TheirAnswer::Waiting) => {
                self.theirs = None;
                if self.state == State::Early {
                    self.over("the call was lost")
                } else {
                    Flowing::Continue(())
                }
            }
            _ => Flowing::Continue(()),
        }
    }

    fn acknowledged(&mut self, body: &str, offered: bool) -> Flowing {
        self.state = State::Confirmed;
        self.wind_up();
        if let Some(cause) = self.hang_up.take() {
            self.say_bye(&cause);
            return Flowing::Break(());
        }
        if offered {
            if body.trim().is_empty() {
                self.say_bye(&EndCause::not_acceptable(&crate::sdp::SdpRefusal::NothingInCommon));
                return self.over("the offer was not answered");
            }
            self.tell(LegEvent::Answered { sdp: body.to_owned() });
        }
        Flowing::Continue(())
    }

    /// Tells whoever runs the call; one who does not listen misses it.
    pub(super) fn tell(&self, event: LegEvent) {
        if self.events.try_send(event).is_err() {
            debug!("an event of a call was not taken");
        }
    }

    /// Starts the session timer anew.
    pub(super) fn wind_up(&mut self) {
        self.deadline = self.dialog.timer.map(|timer| edge::now() + timer.due());
    }

    pub(super) fn set_timer(&mut self, timer: Option<SessionTimer>) {
        self.dialog.timer = timer;
        self.wind_up();
    }

    async fn timer_due(&mut self) -> Flowing {
        match self.dialog.timer {
            Some(timer) if timer.ours => {
                // The next look is at the end of the interval, should no answer come.
                self.deadline = Some(edge::now() + timer.due());
                self.refresh(timer)
            }
            _ => {
                self.say_bye(&EndCause::no_answer());
                self.over("the peer did not refresh the session")
            }
        }
    }

    /// Takes the number of a request of theirs; false for one that is not above the last (RFC 3261 §12.2.2).
    pub(super) fn take_number(&mut self, incoming: &Incoming) -> bool {
        let Some(number) = cseq(&incoming.request).filter(|number| *number > self.dialog.remote_cseq) else {
            return false;
        };
        self.dialog.remote_cseq = number;
        if incoming.flow.peer.ip() == self.dialog.next_hop.ip() && self.dialog.routes.is_empty() {
            self.dialog.transport = incoming.flow.transport;
            self.dialog.next_hop = incoming.flow.peer;
            self.flow = Some(incoming.flow.clone());
        }
        true
    }
}
