use crate::error::ApiError;
use serde::Serialize;
use tabellion_domain::{
    Licences,
    orders::{Delivery, Order},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// How many users of all services there may be.
#[derive(Serialize, ToSchema)]
pub(crate) struct LicencesView {
    /// The office has these.
    owned: u32,
    /// Users who take one.
    used: u32,
    /// More such users there may be.
    left: u32,
}

impl From<Licences> for LicencesView {
    fn from(licences: Licences) -> Self {
        Self { owned: licences.owned, used: licences.used, left: licences.left() }
    }
}

/// An order, as it is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderView {
    /// Its number on this box.
    id: i64,
    /// When, RFC 3339, UTC.
    at: String,
    /// `licences`, `directory_entry`, `directory_removal`, `carried`.
    kind: &'static str,
    /// Licences that it gives the office.
    licences: u32,
    /// Whom it is for: a name; empty for licences.
    subject: String,
    /// Who has ordered; empty for the box itself.
    by: String,
    /// `waiting`, `mailing`, `mailed`, `mail_failed`, `handed_over`.
    delivery: &'static str,
    /// Since when it is there, RFC 3339, UTC, where that is known.
    delivered_at: Option<String>,
}

impl OrderView {
    pub(super) fn of(order: Order) -> Result<Self, ApiError> {
        let (delivery, since) = match order.delivery {
            Delivery::Waiting => ("waiting", None),
            Delivery::Mailing => ("mailing", None),
            Delivery::Mailed(at) => ("mailed", Some(at)),
            Delivery::MailFailed(at) => ("mail_failed", Some(at)),
            Delivery::HandedOver(at) => ("handed_over", Some(at)),
        };
        Ok(Self {
            id: order.id,
            at: told(order.at)?,
            kind: order.kind.word(),
            licences: order.kind.licences(),
            subject: order.subject,
            by: order.by_name,
            delivery,
            delivered_at: since.map(told).transpose()?,
        })
    }
}

fn told(at: OffsetDateTime) -> Result<String, ApiError> {
    at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))
}
