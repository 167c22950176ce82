//! Scheduled meetings (SCHED-01 to SCHED-15): what a form becomes, who takes part, what a change means for those who were
//! invited. A meeting lasts until midnight of its day in Paris; then its links, its number and its code open nothing any more.

mod form;
mod meeting;
mod message;
mod participant;
mod revision;
mod when;
mod words;

pub use form::{MeetingForm, Plan};
pub use meeting::{ScheduledMeeting, State, Undone, ready};
pub use message::{Message, MessageError, prefilled};
pub use participant::{
    EntryFault, Invitee, InviteeForm, LinkSecret, Participant, ParticipantEntry, read_all,
};
pub use revision::{Notice, Revision, Unknown};
pub use when::{When, clock_text, day_text};
pub use words::{Line, LineError};
