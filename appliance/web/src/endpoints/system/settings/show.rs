use super::seconds;
use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use tabellion_domain::settings::Settings;
use tabellion_store::{SettingsChange, SettingsState};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The box's settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// What a change of them has to name, so that nobody undoes unseen what another has changed meanwhile.
    version: i64,
    /// The tables and keys of `setup.toml`, without secrets: those that are worked with now, also while they wait to be
    /// confirmed.
    #[schema(value_type = Object)]
    document: Value,
    /// The keys of the secrets that are set.
    secrets: Vec<&'static str>,
    /// The cards that may lead to the office's network.
    cards: Vec<CardView>,
    /// The change that waits for its confirmation; null where none does.
    pending: Option<PendingView>,
}

/// A network card.
#[derive(Serialize, ToSchema)]
struct CardView {
    /// The kernel's name.
    name: String,
    /// Its hardware address.
    mac: String,
}

/// A change that waits for its confirmation.
#[derive(Serialize, ToSchema)]
pub(super) struct PendingView {
    /// Its number.
    change: i64,
    /// How long it stands unconfirmed.
    seconds_left: u32,
    /// Which tables it changes.
    parts: Vec<&'static str>,
}

impl PendingView {
    pub(super) fn new(change: &SettingsChange, before: &Settings, now: OffsetDateTime) -> Self {
        Self {
            change: change.id,
            seconds_left: change.deadline.map_or(0, |deadline| seconds(deadline - now)),
            parts: change.settings.changed_parts(before),
        }
    }
}

/// The box's settings, for administrators.
#[utoipa::path(get, path = "/api/system/settings", responses(
    (status = 200, body = SettingsView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<SettingsView>, ApiError> {
    let now = state.clock.now();
    let SettingsState { in_force, pending } = state.store.settings_state(now).await?;
    let version = in_force.as_ref().map_or(0, |change| change.id);
    let before = in_force.map(|change| change.settings).unwrap_or_default();
    let cards = state.machinery.cards().map_err(|error| ApiError::internal(&error))?;
    let shown = pending.as_ref().map_or(&before, |change| &change.settings);
    Ok(Json(SettingsView {
        version,
        document: shown.to_form(),
        secrets: shown.secrets(),
        cards: cards.into_iter().map(|card| CardView { name: card.name, mac: card.mac }).collect(),
        pending: pending.as_ref().map(|change| PendingView::new(change, &before, now)),
    }))
}
