use super::{Channel, Decision, Effect, EndReason, Identity, JournalEntry, NewSeat, Screen, Seat, Stage};
use crate::{Attempts, SeatId};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// A room system has this long for its code, from its call and after each attempt.
const CODE_PATIENCE: Duration = Duration::seconds(90);
/// Wrong codes that end a room system's call.
const CODE_ATTEMPTS: u32 = 3;
/// A picture that says why it is over stays this long before the call is ended.
const FAREWELL: Duration = Duration::seconds(6);
/// What carries a call may have to start first, before it can show a picture.
const OPENING: Duration = Duration::seconds(5);
/// A browser that is not heard of keeps its seat this long: a reload, a restart of the box's control process and a
/// laptop's short sleep fit in.
const ABSENCE: Duration = Duration::seconds(60);

/// Why a wish is not granted: the caller's fault in each case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AdmissionError {
    /// Only organizers decide.
    #[error("only an organizer decides who enters")]
    NotOrganizer,
    /// The seat is not waiting, or not there (any more).
    #[error("this seat is not waiting")]
    NotWaiting,
    /// The seat has not been accepted.
    #[error("this seat has not been accepted")]
    NotAccepted,
}

/// A meeting that people are in, or in front of.
#[derive(Clone, Debug, Default)]
pub struct LiveMeeting {
    code: Option<String>,
    seats: BTreeMap<SeatId, Seat>,
}

impl LiveMeeting {
    /// A meeting with nobody. `code`: the digits that a room system must dial, where the meeting has a code.
    #[must_use]
    pub fn new(code: Option<String>) -> Self {
        Self { code, seats: BTreeMap::new() }
    }

    /// All seats that are not over, and those that still show why, by number.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.seats.values()
    }

    /// One seat.
    #[must_use]
    pub fn seat(&self, id: SeatId) -> Option<&Seat> {
        self.seats.get(&id)
    }

    /// Whether nobody is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Puts back a seat that a restart of the process found in the store, without any effect.
    pub fn restore(&mut self, new: NewSeat, stage: Stage, since: OffsetDateTime, now: OffsetDateTime) {
        let mut seat = Seat::new(new, stage, since);
        match (seat.channel, stage) {
            (Channel::Browser, _) => seat.give_until(now, ABSENCE),
            (Channel::RoomSystem, Stage::Code) => seat.give_until(now, CODE_PATIENCE),
            (Channel::RoomSystem, _) => {}
        }
        self.seats.insert(seat.id, seat);
    }

    /// Someone asks to enter. An organizer is accepted at once (WAIT-07), a browser waits, a room system first gives
    /// the code, where there is one.
    pub fn request(&mut self, new: NewSeat, now: OffsetDateTime) -> Vec<Effect> {
        let id = new.id;
        let room_system = new.channel == Channel::RoomSystem;
        let stage = match (new.role, new.channel, &self.code) {
            (crate::Role::Organizer, Channel::Browser, _) => Stage::Accepted,
            // The organizer has decided over them by inviting them (decision 30).
            (_, Channel::Browser, _) if new.identity == Identity::Invited => Stage::Accepted,
            (_, Channel::RoomSystem, Some(_)) => Stage::Code,
            _ => Stage::Waiting,
        };
        let mut seat = Seat::new(new, stage, now);
        match stage {
            Stage::Code => seat.give_until(now, CODE_PATIENCE),
            _ if !room_system => seat.give_until(now, ABSENCE),
            _ => {}
        }
        self.seats.insert(id, seat);
        let mut effects =
            vec![Effect::Stage(id, stage), Effect::Journal(JournalEntry::Requested { seat: id })];
        match stage {
            Stage::Code => effects.push(Effect::Show(id, Screen::EnterCode { wrong: 0 })),
            Stage::Waiting if room_system => {
                effects.extend([Effect::Show(id, Screen::Waiting), Effect::Queue])
            }
            Stage::Waiting => effects.push(Effect::Queue),
            _ => {}
        }
        effects
    }

    /// A room system asks to enter from where too many wrong codes came lately ([`Attempts::pause`]). Where the meeting
    /// has a code, it is told so and let go.
    pub fn request_in_pause(&mut self, new: NewSeat, now: OffsetDateTime) -> Vec<Effect> {
        let id = new.id;
        let mut effects = self.request(new, now);
        if self.seats.get(&id).is_some_and(|seat| seat.stage == Stage::Code) {
            effects.extend(self.end(id, EndReason::TooManyCodes, now));
        }
        if let Some(seat) = self.seats.get_mut(&id).filter(|seat| !seat.stage.is_open()) {
            seat.give_until(now, OPENING + FAREWELL);
        }
        effects
    }

    /// A room system's user pressed a key. `#` ends the code; so does its last digit. `*` starts again. `attempts`: what
    /// came from the same source for this meeting, in this call and in others.
    pub fn digit(
        &mut self,
        id: SeatId,
        digit: char,
        attempts: &mut Attempts,
        now: OffsetDateTime,
    ) -> Vec<Effect> {
        let Some(code) = self.code.clone() else { return Vec::new() };
        let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.stage == Stage::Code) else {
            return Vec::new();
        };
        seat.give_until(now, CODE_PATIENCE);
        match digit {
            '0'..='9' => seat.digits.push(digit),
            '*' => seat.digits.clear(),
            _ => {}
        }
        let complete = (digit == '#' && !seat.digits.is_empty()) || seat.digits.len() >= code.len();
        if !complete {
            return Vec::new();
        }
        let given = std::mem::take(&mut seat.digits);
        // Another call of the same source may have used the attempts up.
        if attempts.pause(now).is_some() {
            return self.end(id, EndReason::TooManyCodes, now);
        }
        if given == code {
            *attempts = Attempts::default();
            return self.code_accepted(id);
        }
        let left = attempts.failed(now);
        self.code_refused(id, left, now)
    }

    fn code_accepted(&mut self, id: SeatId) -> Vec<Effect> {
        if let Some(seat) = self.seats.get_mut(&id) {
            seat.stage = Stage::Waiting;
            seat.deadline = None;
        }
        vec![Effect::Stage(id, Stage::Waiting), Effect::Show(id, Screen::Waiting), Effect::Queue]
    }

    fn code_refused(&mut self, id: SeatId, left: u32, now: OffsetDateTime) -> Vec<Effect> {
        let mut effects = vec![Effect::Journal(JournalEntry::WrongCode { seat: Some(id) })];
        let Some(seat) = self.seats.get_mut(&id) else { return effects };
        seat.wrong_codes += 1;
        if left == 0 {
            effects.extend(self.end(id, EndReason::TooManyCodes, now));
        } else if seat.wrong_codes < CODE_ATTEMPTS {
            effects.push(Effect::Show(id, Screen::EnterCode { wrong: seat.wrong_codes }));
        } else {
            effects.extend(self.end(id, EndReason::WrongCode, now));
        }
        effects
    }

    /// An organizer decides over a request (WAIT-02, ROOM-11).
    ///
    /// # Errors
    /// [`AdmissionError::NotOrganizer`]; [`AdmissionError::NotWaiting`] also where another organizer was quicker.
    pub fn decide(
        &mut self,
        by: SeatId,
        id: SeatId,
        decision: Decision,
        now: OffsetDateTime,
    ) -> Result<Vec<Effect>, AdmissionError> {
        if !self.seats.get(&by).is_some_and(|seat| seat.is_organizer() && seat.stage.is_open()) {
            return Err(AdmissionError::NotOrganizer);
        }
        let seat = self
            .seats
            .get_mut(&id)
            .filter(|seat| seat.stage == Stage::Waiting)
            .ok_or(AdmissionError::NotWaiting)?;
        let mut effects = vec![Effect::Journal(JournalEntry::Decided { seat: id, by, decision })];
        match (decision, seat.channel) {
            (Decision::Accept, Channel::Browser) => {
                seat.stage = Stage::Accepted;
                effects.extend([Effect::Stage(id, Stage::Accepted), Effect::Queue]);
            }
            // Nobody sits there to click a second time.
            (Decision::Accept, Channel::RoomSystem) => {
                seat.stage = Stage::Accepted;
                effects.push(Effect::Queue);
                effects.extend(self.enter(id)?);
            }
            (Decision::Refuse, _) => effects.extend(self.end(id, EndReason::Refused, now)),
            (Decision::Delete, _) => effects.extend(self.end(id, EndReason::Deleted, now)),
        }
        Ok(effects)
    }

    /// An accepted participant goes in («Rejoindre la réunion»). Entering again, after a lost connection, changes
    /// nothing.
    ///
    /// # Errors
    /// [`AdmissionError::NotAccepted`].
    pub fn enter(&mut self, id: SeatId) -> Result<Vec<Effect>, AdmissionError> {
        let seat = self.seats.get_mut(&id).ok_or(AdmissionError::NotAccepted)?;
        match seat.stage {
            Stage::Inside => return Ok(Vec::new()),
            Stage::Accepted => seat.stage = Stage::Inside,
            _ => return Err(AdmissionError::NotAccepted),
        }
        let mut effects = vec![Effect::Stage(id, Stage::Inside)];
        if seat.channel == Channel::RoomSystem {
            effects.push(Effect::Show(id, Screen::Meeting));
        }
        effects.extend([Effect::Participants, Effect::Journal(JournalEntry::Entered { seat: id })]);
        Ok(effects)
    }

    /// What a participant has switched on.
    pub fn media_state(&mut self, id: SeatId, microphone: bool, camera: bool) -> Vec<Effect> {
        let Some(seat) = self.seats.get_mut(&id) else { return Vec::new() };
        if (seat.microphone, seat.camera) == (microphone, camera) {
            return Vec::new();
        }
        (seat.microphone, seat.camera) = (microphone, camera);
        if seat.stage == Stage::Inside { vec![Effect::Participants] } else { Vec::new() }
    }

    /// A participant leaves, withdraws, or hangs up.
    pub fn leave(&mut self, id: SeatId, now: OffsetDateTime) -> Vec<Effect> {
        let reason = match self.seats.get(&id).map(|seat| (seat.stage, seat.channel)) {
            Some((Stage::Waiting, Channel::Browser)) => EndReason::Cancelled,
            Some((Stage::Ended { .. }, _)) | None => return self.forget(id),
            Some(_) => EndReason::Left,
        };
        let mut effects = self.end(id, reason, now);
        effects.extend(self.forget(id));
        effects
    }

    /// What a seat was taken with is no more: its account (USER-06), its invitation (SCHED-13). At once, wherever it stands.
    pub fn withdraw(&mut self, id: SeatId, reason: EndReason, now: OffsetDateTime) -> Vec<Effect> {
        self.end(id, reason, now)
    }

    /// A room system's call is gone already: there is no call to end and nothing to show.
    pub fn call_ended(&mut self, id: SeatId, now: OffsetDateTime) -> Vec<Effect> {
        let mut effects = self.leave(id, now);
        effects.retain(|effect| !matches!(effect, Effect::Show(..) | Effect::HangUp(_)));
        effects
    }

    /// A browser's connection to the box is lost: its seat is kept for a minute.
    pub fn detached(&mut self, id: SeatId, now: OffsetDateTime) {
        if let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.channel == Channel::Browser) {
            seat.give_until(now, ABSENCE);
        }
    }

    /// A browser is there (again).
    pub fn attached(&mut self, id: SeatId) {
        if let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.stage.is_open()) {
            seat.deadline = None;
        }
    }

    /// The meeting's code was changed, switched on or off (PERM-09): at once, also for those who are dialling it, and for those who wait
    /// without having given it. Whoever was let in stays in.
    pub fn code_changed(&mut self, code: Option<String>, now: OffsetDateTime) -> Vec<Effect> {
        if self.code == code {
            return Vec::new();
        }
        self.code = code;
        let concerned = if self.code.is_some() { Stage::Waiting } else { Stage::Code };
        let seats: Vec<_> = self
            .seats
            .values()
            .filter(|seat| seat.stage == concerned)
            .map(|seat| (seat.id, seat.channel))
            .collect();
        let change = |(id, channel)| match (concerned, channel) {
            (Stage::Code, _) => self.code_accepted(id),
            (_, Channel::Browser) => self.end(id, EndReason::CodeChanged, now),
            (_, Channel::RoomSystem) => self.code_asked(id, now),
        };
        seats.into_iter().flat_map(change).collect()
    }

    /// A room system that waited gives the new code.
    fn code_asked(&mut self, id: SeatId, now: OffsetDateTime) -> Vec<Effect> {
        let Some(seat) = self.seats.get_mut(&id) else { return Vec::new() };
        seat.stage = Stage::Code;
        seat.digits.clear();
        seat.give_until(now, CODE_PATIENCE);
        let screen = Screen::EnterCode { wrong: seat.wrong_codes };
        vec![Effect::Stage(id, Stage::Code), Effect::Show(id, screen), Effect::Queue]
    }

    /// The meeting has another name (PERM-09): what shows it is shown anew.
    #[must_use]
    pub fn renamed(&self) -> Vec<Effect> {
        let shown = |seat: &Seat| match (seat.channel, seat.stage) {
            (Channel::RoomSystem, Stage::Code) => Some(Screen::EnterCode { wrong: seat.wrong_codes }),
            (Channel::RoomSystem, Stage::Waiting) => Some(Screen::Waiting),
            _ => None,
        };
        self.seats.values().filter_map(|seat| Some(Effect::Show(seat.id, shown(seat)?))).collect()
    }

    /// The meeting is deactivated or deleted (PERM-09): over for everyone.
    pub fn close(&mut self, now: OffsetDateTime) -> Vec<Effect> {
        let open: Vec<_> =
            self.seats.values().filter(|seat| seat.stage.is_open()).map(|seat| seat.id).collect();
        open.into_iter().flat_map(|id| self.end(id, EndReason::MeetingClosed, now)).collect()
    }

    /// When [`Self::poll`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<OffsetDateTime> {
        self.seats.values().filter_map(|seat| seat.deadline).min()
    }

    /// Carries out what is due.
    pub fn poll(&mut self, now: OffsetDateTime) -> Vec<Effect> {
        let due: Vec<_> = self
            .seats
            .values()
            .filter(|seat| seat.deadline.is_some_and(|at| at <= now))
            .map(|seat| (seat.id, seat.stage))
            .collect();
        due.into_iter()
            .flat_map(|(id, stage)| match stage {
                Stage::Ended { .. } => self.forget(id),
                Stage::Code => self.end(id, EndReason::WrongCode, now),
                _ => {
                    let mut effects = self.end(id, EndReason::Lost, now);
                    effects.extend(self.forget(id));
                    effects
                }
            })
            .collect()
    }

    /// Ends a seat. It stays for a moment: a room system's picture says why; a browser reads its last message.
    fn end(&mut self, id: SeatId, reason: EndReason, now: OffsetDateTime) -> Vec<Effect> {
        let Some(seat) = self.seats.get_mut(&id).filter(|seat| seat.stage.is_open()) else {
            return Vec::new();
        };
        let was = seat.stage;
        seat.stage = Stage::Ended { reason };
        seat.give_until(now, FAREWELL);
        let mut effects =
            vec![Effect::Stage(id, seat.stage), Effect::Journal(JournalEntry::Ended { seat: id, reason })];
        match seat.channel {
            Channel::Browser => effects.push(Effect::CloseMedia(id)),
            Channel::RoomSystem => effects.push(Effect::Show(id, Screen::Ended(reason))),
        }
        match was {
            Stage::Waiting => effects.push(Effect::Queue),
            Stage::Inside => effects.push(Effect::Participants),
            _ => {}
        }
        effects
    }

    /// Drops a seat that is over, and its call with it.
    fn forget(&mut self, id: SeatId) -> Vec<Effect> {
        match self.seats.remove(&id) {
            Some(seat) if seat.channel == Channel::RoomSystem => {
                vec![Effect::HangUp(id), Effect::CloseMedia(id)]
            }
            _ => Vec::new(),
        }
    }
}
