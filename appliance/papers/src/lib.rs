//! The papers of an office: the attestation of video-conference (CERT-01) and a finished meeting's record, as PDF.
//!
//! Plain data go in, bytes come out. Nothing here reads a file, a clock or a random number: dates and unique numbers
//! are parameters, the fonts are part of the program, and the same data give the same bytes.

mod attestation;
mod brand;
mod document;
mod error;
mod faces;
mod flow;
mod paper;
mod qr;
mod record;
mod sheets;
mod subset;
mod table;
mod tags;
mod typography;

pub use attestation::{Attestation, DirectoryUser, Office, Solution, attestation};
pub use brand::Brand;
pub use error::PaperError;
pub use paper::Paper;
pub use record::{Attendance, Grade, MeetingRecord, Period, Seal, meeting_record};
pub use tabellion_domain::settings::Accent;
