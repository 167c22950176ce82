use crate::{
    error::{ApiError, ErrorBody},
    setup::SetupState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_store::SettingsState;
use utoipa::ToSchema;

/// How far the set-up is.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupStageView {
    stage: SetupStage,
    /// Until the settings that wait are undone; null where none do.
    seconds_left: Option<u32>,
}

/// See [`SetupStageView`].
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SetupStage {
    /// Nothing was decided yet.
    ToSetUp,
    /// Settings are tried out: undone unless somebody comes to this page, where the box is now, and confirms them.
    ToConfirm,
    /// The espace client is about to be served here.
    Done,
}

/// How far the set-up is. A box that is set up has no such address: 404.
#[utoipa::path(get, path = "/api/setup", responses((status = 200, body = SetupStageView), (status = 404, body = ErrorBody)))]
pub(crate) async fn show(State(state): State<SetupState>) -> Result<Json<SetupStageView>, ApiError> {
    let now = state.clock.now();
    let settings = state.store.settings_state(now).await?;
    let left = settings.pending.as_ref().and_then(|change| change.deadline).map(|deadline| deadline - now);
    let stage = match settings {
        SettingsState { in_force: Some(_), .. } => SetupStage::Done,
        SettingsState { pending: Some(_), .. } => SetupStage::ToConfirm,
        SettingsState { .. } => SetupStage::ToSetUp,
    };
    let seconds_left = left.and_then(|left| left.whole_seconds().try_into().ok());
    Ok(Json(SetupStageView { stage, seconds_left }))
}
