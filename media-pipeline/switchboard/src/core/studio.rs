//! The switchboard's side of a room's studio: what it must be told, and when one has to be started.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};
use tabellion_media_protocol::{
    PROTOCOL, RoomId, SeatId,
    studio::{FromStudio, ToStudio, WORDS},
};

/// A leg that a studio has not opened after this cannot be.
const OPENING: Duration = Duration::from_secs(5);
/// A studio that has not greeted after this hangs. The first after power on reads its codecs from the disk: on a slow machine
/// that is busy starting, for seconds.
const STARTING: Duration = Duration::from_secs(15);
/// Between two attempts to start a studio, at first; doubled with each that fails.
const RETRY: Duration = Duration::from_millis(100);
/// The longest wait between two attempts.
const LONGEST_RETRY: Duration = Duration::from_secs(1);
/// A studio that ran for this long was no failed attempt.
const HEALTHY: Duration = Duration::from_secs(10);

/// One room's studio, wanted as long as this exists.
pub(super) struct Studio {
    pub room: RoomId,
    pub link: Link,
    /// Requests to open a leg that are to be answered: by seat, the request's number and when to give up.
    pub opening: BTreeMap<SeatId, (u64, Instant)>,
    /// How the last one ended, until its replacement runs.
    pub died: Option<String>,
    /// That failed one after the other.
    failures: u32,
}

/// How far the connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Link {
    /// To be connected at this time.
    Away { retry_at: Instant },
    /// Connected; the studio has not said that it is ready.
    Starting {
        /// When it is given up.
        until: Instant,
    },
    /// Told everything.
    Ready {
        /// Its process.
        pid: u32,
        /// When it greeted.
        since: Instant,
    },
}

/// What the shell has to do with a studio's connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StudioAction {
    /// Connect, which starts a new one.
    Connect(RoomId),
    /// Send a datagram of words, which must not be lost.
    Tell(RoomId, Vec<u8>),
    /// Send a datagram of media, which may be dropped where the studio does not keep up.
    Media(RoomId, Vec<u8>),
    /// Close the connection, which ends it.
    Close(RoomId),
}

impl Studio {
    pub(super) fn new(room: RoomId, now: Instant) -> Self {
        Self { room, link: Link::Away { retry_at: now }, opening: BTreeMap::new(), died: None, failures: 0 }
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self.link, Link::Ready { .. })
    }

    pub(super) fn pid(&self) -> Option<u32> {
        match self.link {
            Link::Ready { pid, .. } => Some(pid),
            _ => None,
        }
    }

    /// The connection could not be made, or is lost.
    pub(super) fn lost(&mut self, reason: &str, now: Instant) {
        if let Link::Ready { since, .. } = self.link {
            self.died = Some(reason.to_owned());
            if now.saturating_duration_since(since) >= HEALTHY {
                self.failures = 0;
            }
        }
        // A studio that dies is replaced at once; one that keeps dying must not take the box with it.
        let wait = match self.failures {
            0 => Duration::ZERO,
            failures => (RETRY * 2_u32.pow((failures - 1).min(8))).min(LONGEST_RETRY),
        };
        self.failures += 1;
        self.link = Link::Away { retry_at: now + wait };
        self.hurry(now);
    }

    /// The connection is made, or about to be.
    pub(super) fn starts(&mut self, now: Instant) {
        self.link = Link::Starting { until: now + STARTING };
    }

    /// The studio greets. Whether it is of the same release.
    pub(super) fn greeted(&mut self, report: &FromStudio, now: Instant) -> Result<(), String> {
        match report {
            FromStudio::Ready { protocol, pid } if *protocol == PROTOCOL => {
                self.link = Link::Ready { pid: *pid, since: now };
                self.hurry(now);
                Ok(())
            }
            FromStudio::Ready { protocol, .. } => {
                Err(format!("the studio speaks protocol {protocol}, not {PROTOCOL}"))
            }
            _ => Err("the studio did not greet first".to_owned()),
        }
    }

    /// A request waits for a leg to open. The former one that waited for the same, if any.
    pub(super) fn expect_open(&mut self, seat: SeatId, request: u64, now: Instant) -> Option<u64> {
        let patience = if self.is_ready() { OPENING } else { STARTING + OPENING };
        self.opening.insert(seat, (request, now + patience)).map(|(former, _)| former)
    }

    /// What waits for a start waits for no more than this now.
    fn hurry(&mut self, now: Instant) {
        for (_, until) in self.opening.values_mut() {
            *until = (*until).min(now + OPENING);
        }
    }

    /// Requests that have waited for too long.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<u64> {
        let late: Vec<_> =
            self.opening.iter().filter(|(_, (_, at))| *at <= now).map(|(seat, _)| *seat).collect();
        late.into_iter().filter_map(|seat| self.opening.remove(&seat)).map(|(request, _)| request).collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let retry = match self.link {
            Link::Away { retry_at } => Some(retry_at),
            Link::Starting { until } => Some(until),
            Link::Ready { .. } => None,
        };
        self.opening.values().map(|(_, at)| *at).chain(retry).min()
    }

    /// Queues a message, where the studio has been greeted; before, it is told everything at once later.
    pub(super) fn tell(&self, message: &ToStudio, out: &mut VecDeque<StudioAction>) {
        if self.is_ready() {
            out.push_back(StudioAction::Tell(self.room, words(message)));
        }
    }
}

fn words(message: &ToStudio) -> Vec<u8> {
    let mut bytes = vec![WORDS];
    serde_json::to_writer(&mut bytes, message).expect("the protocol's messages have string keys only");
    bytes
}
