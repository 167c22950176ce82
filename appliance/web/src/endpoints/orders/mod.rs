//! What the office orders of whoever bills: licences, entries in the ADSN directory (LIC-01, USER-04). For administrators.

pub(crate) mod export;
pub(crate) mod hand_over;
pub(crate) mod licences;
pub(crate) mod list;
pub(crate) mod view;

use crate::state::AppState;
use tabellion_domain::settings::Settings;
use tabellion_post::account_texts;
use tabellion_store::OrderMail;

/// What makes an order's mail, where the settings name somebody who bills.
pub(crate) fn mail(state: &AppState, settings: &Settings) -> Option<OrderMail> {
    let to = settings.billing.email.clone()?;
    let office = state.config.office.clone();
    Some(Box::new(move |order| {
        account_texts::order(to.as_str(), order, &office.name, &office.crpcen).payload()
    }))
}
