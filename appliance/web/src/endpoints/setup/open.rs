use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    setup::SetupState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whoever stands in front of the box.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetupCodeForm {
    /// As the attached screen shows it; case and hyphen do not matter.
    pub(super) code: String,
}

/// What the form needs to know of the box.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupMachineView {
    cards: Vec<SetupCardView>,
}

/// A wired network card.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupCardView {
    name: String,
    /// Its hardware address.
    mac: String,
}

/// Opens the form.
#[utoipa::path(
    post,
    path = "/api/setup/code",
    request_body = SetupCodeForm,
    responses(
        (status = 200, body = SetupMachineView),
        (status = 403, body = ErrorBody),
        (status = 429, body = ErrorBody),
    )
)]
pub(crate) async fn open(
    State(state): State<SetupState>,
    JsonBody(form): JsonBody<SetupCodeForm>,
) -> Result<Json<SetupMachineView>, ApiError> {
    state.door.check(&form.code, state.clock.as_ref())?;
    let cards = state.machine.cards().map_err(|error| ApiError::internal(&error))?;
    let cards = cards.into_iter().map(|card| SetupCardView { name: card.name, mac: card.mac }).collect();
    Ok(Json(SetupMachineView { cards }))
}
