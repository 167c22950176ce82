//! The rules of a notaries' office's video conferences: who may log in, what a number is, who may enter a meeting.
//!
//! Nothing here reads a clock, draws a random number, or knows of SQL, HTTP, SIP or GStreamer: time comes in as a
//! parameter, randomness through [`Entropy`], and what has to happen comes out as a value.

pub mod account;
pub mod admission;
mod ambient;
mod attempts;
mod attendance;
pub mod attestation;
mod audit;
mod call_log;
mod device;
pub mod directory;
mod ids;
mod licences;
mod login;
mod meeting;
mod name;
mod number;
pub mod orders;
pub mod paris;
pub mod password;
mod rights;
pub mod scheduled;
mod second_factor;
mod session;
pub mod settings;
mod setup_code;
mod sorting;
mod source;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod turn;
pub mod updates;
mod uri;

pub use ambient::{Clock, Entropy};
pub use attempts::Attempts;
pub use attendance::{Presence, Sitting, sittings};
pub use audit::{AuditEvent, ChainCheck, ChainError, Checkpoint, JournalLine, chain_hash};
pub use call_log::{CallDirection, CallMedia, CallOutcome, CallRecord, CallRecordError};
pub use device::{DEVICE_MEMORY, DeviceCookie};
pub use ids::{DeviceId, MeetingId, ParticipantId, SeatId, UserId};
pub use licences::{LicenceCountError, Licences, MOST_ORDERED, licences_ordered};
pub use login::{LoginThrottle, Pace, THROTTLE_MEMORY};
pub use meeting::{CodeError, Description, DescriptionError, MeetingFacts, PermanentMeeting, SecurityCode};
pub use name::{Civility, NameError, PersonName, Role};
pub use number::{MeetingNumber, NumberError};
pub use rights::{Rights, VisioRight};
pub use second_factor::{
    CodeRefusal, SMS_CODE_VALIDITY, SMS_RESEND_DELAY, SecondFactors, SmsCode, Totp, TotpSecretError, recovery,
};
pub use session::{Session, SessionLimits, SessionStage};
pub use setup_code::{CodeVerdict, SetupCode, SetupNotice};
pub use sorting::sort_key;
pub use source::{Source, network};
pub use turn::{TURN_VALIDITY, TurnCredentials};
