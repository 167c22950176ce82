//! The box's settings, for its administrators. A change that may cut its author off is undone unless somebody says, from
//! where the box is to be found then, that it is found there.

pub(crate) mod authority;
pub(crate) mod change;
pub(crate) mod place;
pub(crate) mod settle;
pub(crate) mod show;
pub(crate) mod test_mail;
pub(crate) mod test_sms;
#[cfg(test)]
mod tests;

use crate::{access::Way, error::ApiError, peer::Peer, state::AppState};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use tabellion_domain::settings::{Refusal, Settings, SetupError};
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;

/// One fault of a document, or one thing to be looked at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fault {
    /// Which key: `network.gateway`.
    key: String,
    /// The key in French: «réseau › passerelle».
    label: String,
    /// What is wrong, and what to do, in French.
    text: String,
}

impl From<SetupError> for Fault {
    fn from(error: SetupError) -> Self {
        Self { label: error.label(), text: error.refusal.to_string(), key: error.key }
    }
}

/// 422: each fault beside its field.
fn refused(faults: Vec<SetupError>) -> ApiError {
    let faults: Vec<_> = faults.into_iter().map(Fault::from).collect();
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
        "Ces réglages ne peuvent pas être appliqués. Corrigez les champs signalés, puis réessayez.",
    )
    .with("faults", json!(faults))
}

/// The document as this box can work with it, and what is unusual in it.
fn read(
    state: &AppState,
    document: &Value,
    before: &Settings,
    now: OffsetDateTime,
) -> Result<(Settings, Vec<SetupError>), ApiError> {
    let form = Settings::from_form(document, before).map_err(refused)?;
    let faults = state.machinery.faults(&form.settings, now).map_err(|error| ApiError::internal(&error))?;
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    Ok((form.settings, form.remarks))
}

/// Whoever would be outside under the new settings could not take them back: the very request that asks for them says where he is.
fn locks_out(way: &Way, headers: &HeaderMap, before: &Settings, after: &Settings) -> Result<(), ApiError> {
    if after.access == before.access || way.is_inside(headers, &after.access) {
        return Ok(());
    }
    let Peer(now) = way.client(headers, &before.access);
    if way.client(headers, &after.access) == Peer(now) {
        let what = format!(
            "votre adresse, {now}, n’est dans aucun de ces réseaux : l’espace client vous serait fermé"
        );
        let todo = "Ajoutez le réseau où vous êtes, ou faites ce changement depuis l’un de ceux-ci";
        return Err(refused(vec![SetupError::new("access.networks", Refusal::new(what, todo))]));
    }
    let what = format!(
        "votre demande vient de {now}, et serait prise pour celle d’un inconnu : l’espace client vous serait fermé"
    );
    let todo = "Ne gardez que les adresses des serveurs mandataires, qui disent pour qui ils demandent";
    Err(refused(vec![SetupError::new("access.proxies", Refusal::new(what, todo))]))
}

/// Whole seconds, never more than there are.
pub(crate) fn seconds(left: Duration) -> u32 {
    u32::try_from(left.whole_seconds()).unwrap_or(0)
}
