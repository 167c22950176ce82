//! Everybody who takes part, and the meeting they are in: what has to be put away at the end, however it ends.

use crate::{
    arguments::Access,
    box_api::{Client, TestMeeting, log_out, touch},
    browser::Browser,
    fault::{Outcome, Side},
    report::{Kind, Member},
    room_system::RoomSystem,
};

/// The first guest's number in pictures and tones. The organizer's is 0.
pub(crate) const GUEST: u8 = 1;
/// The room system's.
pub(crate) const ROOM_SYSTEM: u8 = 2;

/// Who takes part, as far as the run has come.
pub(crate) struct Cast {
    /// Logged in where the meeting is the test's own.
    pub client: Client,
    /// The meeting, where it is the test's own.
    pub meeting: Option<TestMeeting>,
    /// Whether the client is logged in.
    pub logged_in: bool,
    /// The organizer first.
    pub browsers: Vec<Browser>,
    /// The room system, once it is in a call.
    pub room_system: Option<RoomSystem>,
    /// What is waited for, and where the fault lies if it does not come.
    pub waiting_for: (Side, &'static str),
    /// Participants in browsers that are meant to come.
    planned: u8,
    /// Why no room system takes part, if so.
    pub room_skipped: Option<String>,
}

/// What opens the meeting for those who come.
pub(crate) struct Keys {
    /// The seats' secrets, the organizer's first.
    pub seats: Vec<String>,
    /// What a room system dials and types.
    pub number: Option<(String, String)>,
}

impl Cast {
    /// Nobody has come yet.
    pub(crate) fn new(client: Client, planned: u8, room_skipped: Option<String>) -> Self {
        Self {
            client,
            meeting: None,
            logged_in: false,
            browsers: Vec::new(),
            room_system: None,
            waiting_for: (Side::Control, "the box's answers"),
            planned,
            room_skipped,
        }
    }

    /// Gets seats for all: the caller's, or those of a meeting that is made for it.
    ///
    /// # Errors
    /// What the box refuses.
    pub(crate) async fn keys(&mut self, access: Access) -> Outcome<Keys> {
        let login = match access {
            Access::Login(login) => login,
            Access::Seats { organizer, guests, number } => {
                return Ok(Keys { seats: [vec![organizer], guests].concat(), number });
            }
        };
        login.log_in(&mut self.client).await?;
        self.logged_in = true;
        let meeting = self.meeting.insert(TestMeeting::create(&mut self.client).await?);
        let mut seats = vec![meeting.organizer_seat(&mut self.client).await?];
        for guest in 1..self.planned {
            seats.push(meeting.guest_seat(&mut self.client, &guest_name(guest)).await?);
        }
        Ok(Keys { seats, number: Some((meeting.number.clone(), meeting.code.clone())) })
    }

    /// Everybody has to be perceived once more.
    pub(crate) fn forget(&self) {
        self.browsers.iter().for_each(|browser| browser.perception.forget());
        self.room_system.iter().for_each(|room_system| room_system.perception.forget());
    }

    /// A login ends after half an hour without a request.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) async fn keep_logged_in(&mut self) -> Outcome<()> {
        if self.logged_in { touch(&mut self.client).await } else { Ok(()) }
    }

    /// Everybody leaves; the test's own meeting is deleted, and its user logged out.
    ///
    /// # Errors
    /// What stays behind.
    pub(crate) async fn put_away(&mut self) -> Outcome<()> {
        if let Some(room_system) = self.room_system.take() {
            room_system.hang_up().await;
        }
        // The own meeting goes first, and everybody with it: where something of the box hangs, leaving one by one would
        // use up the time.
        if let Some(meeting) = self.meeting.take() {
            meeting.delete(&mut self.client).await?;
            self.browsers.clear();
        }
        for browser in self.browsers.drain(..) {
            browser.leave().await;
        }
        if std::mem::take(&mut self.logged_in) {
            log_out(&mut self.client).await?;
        }
        Ok(())
    }

    /// Everybody, as far as they are judged.
    pub(crate) fn members(&self) -> Vec<Member> {
        let mut members: Vec<Member> = (0..self.planned).map(|at| self.browser(at)).collect();
        members.insert(usize::from(ROOM_SYSTEM), self.room_member());
        members
    }

    fn browser(&self, at: u8) -> Member {
        let browser = self.browsers.get(usize::from(at));
        let slots = browser.map(|browser| browser.seat.view().slots).unwrap_or_default();
        Member {
            name: match at {
                0 => "organizer".to_owned(),
                1 => "guest".to_owned(),
                more => format!("guest {more}"),
            },
            sender: sender(at),
            kind: Kind::Browser,
            speaks: speaks(at),
            joined_at: browser.and_then(|browser| browser.joined_at),
            seat: browser.map(|browser| browser.seat.number()),
            slots: slots.into_iter().filter_map(|slot| Some((slot.mid, slot.seat?))).collect(),
            senses: browser.map(|browser| browser.perception.senses().clone()),
            skipped: None,
        }
    }

    fn room_member(&self) -> Member {
        let room = self.room_system.as_ref();
        Member {
            name: "room system".to_owned(),
            sender: ROOM_SYSTEM,
            kind: Kind::RoomSystem,
            speaks: true,
            joined_at: room.and_then(|room| room.joined_at),
            seat: room.and_then(|room| room.seat),
            slots: Vec::new(),
            senses: room.map(|room| room.perception.senses().clone()),
            skipped: self.room_skipped.clone(),
        }
    }
}

/// The number of a participant in a browser in pictures and tones. The room system's is left out.
pub(crate) fn sender(at: u8) -> u8 {
    if at < ROOM_SYSTEM { at } else { at + 1 }
}

/// Whether a participant in a browser sends a tone: the organizer and the first guest. The box lets the loudest three be
/// heard, and those who come as a load must not drown them out.
pub(crate) fn speaks(at: u8) -> bool {
    at <= GUEST
}

fn guest_name(at: u8) -> String {
    if at == GUEST { "Participant".to_owned() } else { format!("Participant {at}") }
}
