use crate::Store;
use tokio::sync::broadcast;

/// News that a reader may be behind with before it hears only that there were too many.
const WAITING: usize = 64;

/// What pages show and somebody may have changed (DASH-08).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// Permanent meetings.
    PermanentMeetings,
    /// Scheduled meetings.
    ScheduledMeetings,
    /// The users' calls.
    Calls,
    /// Who waits in front of meetings, and who is inside.
    Waiting,
    /// The directory of notaries.
    Directory,
    /// What has become of messages that pages follow.
    Deliveries,
    /// Who is logged in: of no interest to pages, but some of them have to end.
    Sessions,
}

/// The store's side of it.
pub(crate) fn channel() -> broadcast::Sender<Topic> {
    broadcast::Sender::new(WAITING)
}

impl Store {
    /// What changes from now on. Each is told after it is committed, and what it is has to be asked for; a reader that is behind
    /// takes it that everything has changed.
    #[must_use]
    pub fn topics(&self) -> broadcast::Receiver<Topic> {
        self.topics.subscribe()
    }

    /// To be called after the commit, whoever changed it.
    pub(crate) fn tell(&self, topic: Topic) {
        // Without anybody who listens there is nobody to be told.
        let _ = self.topics.send(topic);
    }
}
