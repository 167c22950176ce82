use crate::{
    actor::Command,
    messages::{SeatEvent, SeatFrame, SeatReply, SeatRequest},
};
use std::collections::VecDeque;
use tabellion_domain::SeatId;
use tokio::sync::mpsc;

/// Events kept for a client that comes back: a WebSocket cut of some seconds, in a busy meeting.
const KEPT: usize = 256;
/// Frames that may wait for a slow client before it is cut off (it comes back by itself).
pub(crate) const OUTBOX: usize = 256;

/// The last event that a page saw before it lost its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastSeen {
    /// Whose numbers they are: [`SeatEvent::Welcome`]'s.
    pub epoch: u32,
    /// Its number.
    pub seq: u64,
}

/// A page's connection to its seat. Dropping it detaches the page; the seat is kept for a minute.
pub struct SeatSession {
    /// Which seat.
    pub seat: SeatId,
    /// What to send to the page, in order. Its end: this session was replaced or the seat is over.
    pub frames: mpsc::Receiver<SeatFrame>,
    pub(crate) session: u64,
    pub(crate) meeting: mpsc::Sender<Command>,
}

impl SeatSession {
    /// Hands a request to the meeting; the reply arrives among [`Self::frames`]. Requests after the meeting's end
    /// are not answered: the frames have ended too.
    pub async fn request(&self, request: SeatRequest) {
        let command = Command::Request { seat: self.seat, session: self.session, request };
        // The meeting is over; the end of `frames` says so.
        let _ = self.meeting.send(command).await;
    }
}

impl Drop for SeatSession {
    fn drop(&mut self) {
        let command = Command::Detached { seat: self.seat, session: self.session };
        let meeting = self.meeting.clone();
        if let Err(mpsc::error::TrySendError::Full(command)) = meeting.try_send(command) {
            tokio::spawn(async move { meeting.send(command).await });
        }
    }
}

/// The meeting's side of a seat's connection: numbers events, keeps the last ones, drops a client that is too slow.
pub(crate) struct Attachment {
    /// Another life of the meeting numbers anew, and has another one.
    epoch: u32,
    current: Option<(u64, mpsc::Sender<SeatFrame>)>,
    next: u64,
    kept: VecDeque<(u64, SeatEvent)>,
}

impl Attachment {
    pub(crate) fn new(epoch: u32) -> Self {
        Self { epoch, current: None, next: 0, kept: VecDeque::new() }
    }

    /// A new connection takes over. Whether it was resumed without a gap; otherwise it needs a welcome.
    pub(crate) fn attach(
        &mut self,
        session: u64,
        seen: Option<LastSeen>,
        frames: mpsc::Sender<SeatFrame>,
    ) -> bool {
        self.send_without_number(SeatEvent::Replaced);
        self.current = Some((session, frames));
        let ours = seen.filter(|seen| seen.epoch == self.epoch && seen.seq < self.next);
        let Some(LastSeen { seq: after, .. }) = ours else { return false };
        if self.kept.front().is_some_and(|(first, _)| *first > after + 1) {
            return false;
        }
        let missed: Vec<_> = self.kept.iter().filter(|(seq, _)| *seq > after).cloned().collect();
        for (seq, event) in missed {
            self.push(SeatFrame::Event { seq, event });
        }
        true
    }

    pub(crate) fn is_current(&self, session: u64) -> bool {
        self.current.as_ref().is_some_and(|(current, _)| *current == session)
    }

    pub(crate) fn detach(&mut self) {
        self.current = None;
    }

    pub(crate) fn event(&mut self, event: SeatEvent) {
        let seq = self.next;
        self.next += 1;
        self.kept.push_back((seq, event.clone()));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        self.push(SeatFrame::Event { seq, event });
    }

    pub(crate) fn reply(&mut self, reply_to: u32, reply: SeatReply) {
        self.push(SeatFrame::Reply { reply_to, reply });
    }

    /// To a connection that is being replaced: not part of the seat's history.
    fn send_without_number(&mut self, event: SeatEvent) {
        self.push(SeatFrame::Event { seq: self.next, event });
    }

    fn push(&mut self, frame: SeatFrame) {
        if let Some((_, frames)) = &self.current
            && frames.try_send(frame).is_err()
        {
            self.current = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(frames: &mut mpsc::Receiver<SeatFrame>) -> Vec<(u64, String)> {
        std::iter::from_fn(|| frames.try_recv().ok())
            .map(|frame| match frame {
                SeatFrame::Event { seq, event: SeatEvent::MediaLost { message } } => (seq, message),
                SeatFrame::Event { seq, event } => (seq, format!("{event:?}")),
                SeatFrame::Reply { .. } => unreachable!("no replies in these tests"),
            })
            .collect()
    }

    const EPOCH: u32 = 7;

    fn after(seq: u64) -> Option<LastSeen> {
        Some(LastSeen { epoch: EPOCH, seq })
    }

    fn say(attachment: &mut Attachment, message: &str) {
        attachment.event(SeatEvent::MediaLost { message: message.to_owned() });
    }

    #[test]
    fn a_client_that_comes_back_gets_what_it_missed_and_no_more() {
        let mut attachment = Attachment::new(EPOCH);
        let (first, mut first_frames) = mpsc::channel(8);
        assert!(!attachment.attach(1, None, first));
        say(&mut attachment, "a");
        assert_eq!(seen(&mut first_frames), [(0, "a".to_owned())]);
        attachment.detach();
        say(&mut attachment, "b");
        let (second, mut second_frames) = mpsc::channel(8);
        assert!(attachment.attach(2, after(0), second));
        assert_eq!(seen(&mut second_frames), [(1, "b".to_owned())]);
    }

    #[test]
    fn a_gap_or_a_number_from_another_life_needs_a_welcome() {
        let mut attachment = Attachment::new(EPOCH);
        for i in 0..=KEPT {
            say(&mut attachment, &i.to_string());
        }
        say(&mut attachment, "one more");
        let (frames, _kept) = mpsc::channel(OUTBOX);
        assert!(!attachment.attach(1, after(0), frames.clone()), "too long away");
        assert!(!attachment.attach(2, after(9_999), frames.clone()), "never said");
        let former = Some(LastSeen { epoch: EPOCH - 1, seq: 200 });
        assert!(
            !attachment.attach(3, former, frames.clone()),
            "the box was restarted, and has said as much again"
        );
        assert!(attachment.attach(4, after(200), frames));
    }

    #[test]
    fn the_older_page_is_told_that_it_is_replaced() {
        let mut attachment = Attachment::new(EPOCH);
        let (first, mut first_frames) = mpsc::channel(8);
        attachment.attach(1, None, first);
        let (second, _second_frames) = mpsc::channel(8);
        attachment.attach(2, None, second);
        assert_eq!(seen(&mut first_frames), [(0, "Replaced".to_owned())]);
        assert!(first_frames.try_recv().is_err() && !attachment.is_current(1));
    }
}
