//! What must survive a power cut: SQLite in WAL mode with `synchronous=FULL`, so that what was acknowledged is on the
//! disk. One connection on a thread of its own; each method is one transaction there. A file an aggregate.

mod audit;
mod authenticators;
mod calls;
mod convert;
mod database;
mod deliveries;
mod demonstration;
mod devices;
mod directory;
mod licences;
mod meetings;
mod migrations;
mod numbers;
mod orders;
mod outbox;
mod papers;
mod passwords;
mod person;
mod purge;
mod records;
mod restore;
mod scheduled;
mod seat_changes;
mod seats;
mod sessions;
mod settings;
mod topics;
mod users;

pub use calls::{CallCount, CallFilter, CallPage, StoredCall};
pub use database::{Store, StoreError};
pub use deliveries::{DeliveryState, MessageState, MessageTrouble};
pub use demonstration::{DemonstrationMessage, MailParts, MessageKind};
pub use devices::{StoredBinding, StoredDevice};
pub use directory::{
    DirectoryCopy, DirectoryPage, DirectoryRow, DirectoryState, DirectoryTrouble, NewDirectory,
};
pub use meetings::{MeetingChange, MeetingOrder, MeetingPage, NewMeeting};
pub use orders::OrderMail;
pub use outbox::{NewMessage, OutboxEntry, OutboxKind};
pub use papers::IssuedPaper;
pub use passwords::NewPasswordLink;
pub use person::{PersonData, PersonRecord};
pub use purge::Purged;
pub use records::MeetingLine;
pub use restore::{Inspected, Restored, RestoredNetwork, inspect, prepare_restored, snapshot};
pub use scheduled::{
    Edit, FormerParticipant, Mailing, NewScheduled, Scheduled, ScheduledPage, ScheduledRefusal, ScheduledRow,
    Told,
};
pub use seat_changes::SeatChanges;
pub use seats::{NewStoredSeat, StoredSeat};
pub use settings::{Office, SettingsChange, SettingsFate, SettingsState};
pub use topics::Topic;
pub use users::{Agreement, NewAccount, NewUser, User, UserChange, UserRefusal};
