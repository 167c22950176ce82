//! Mail and SMS. Whoever has something to tell puts it into the store's outbox, in the same transaction as what it
//! tells of; [`OutboxWorker`] sends it from there, and tries again where a gateway is away. Each message goes out at
//! least once: a power cut between the gateway's «yes» and the commit sends it twice.

pub mod account_texts;
mod backoff;
mod demonstration;
mod gateway;
pub mod invitations;
mod message;
mod mime;
mod smtp;
mod smtp_session;
pub mod texts;
mod unconfigured;
mod worker;

pub use backoff::next_attempt;
pub use demonstration::DemonstrationGateway;
pub use gateway::{Envelope, Mailer, SendError, SmsGateway};
pub use message::{CalendarPart, Mail, Sms};
pub use smtp::{SmtpConfig, SmtpConfigError, SmtpCredentials, SmtpFault, SmtpMailer, SmtpSecurity};
pub use smtp_session::SmtpPatience;
pub use unconfigured::Unconfigured;
pub use worker::OutboxWorker;
