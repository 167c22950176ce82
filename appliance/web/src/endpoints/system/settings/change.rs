use super::{Fault, place, seconds};
use crate::{
    access::Way,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{self, Administrator},
    state::AppState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tabellion_domain::settings::{Author, CONFIRM_WITHIN, Settings};
use tabellion_store::StoreError;
use utoipa::ToSchema;

/// What the settings shall be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewSettings {
    /// What they were when the page looked at them.
    version: i64,
    /// All of them: the tables and keys of `setup.toml`. Empty secrets stay as they are.
    #[schema(value_type = Object)]
    document: Value,
}

/// What became of the request.
#[derive(Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum SettingsChanged {
    /// They were so already.
    Unchanged,
    /// They are in force: nobody can be cut off by them.
    InForce {
        /// What is unusual in them.
        remarks: Vec<Fault>,
    },
    /// They are in force, and undone unless they are confirmed.
    Pending {
        /// What is unusual in them.
        remarks: Vec<Fault>,
        /// The change's number.
        change: i64,
        /// What confirms it, or undoes it, without a session.
        token: String,
        /// How long there is.
        seconds_left: u32,
        /// Where the page finds the box then: `https://host:port`. Null: where the network puts it.
        address: Option<String>,
    },
}

/// Changes the settings; for administrators.
#[utoipa::path(put, path = "/api/system/settings", request_body = NewSettings, responses(
    (status = 200, body = SettingsChanged),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "changed_meanwhile, change_pending", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: each a `Fault`", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    administrator: Administrator,
    way: Way,
    uri: Uri,
    headers: HeaderMap,
    JsonBody(new): JsonBody<NewSettings>,
) -> Result<Json<SettingsChanged>, ApiError> {
    let now = state.clock.now();
    let known = state.store.settings_state(now).await?;
    let before = known.in_force.map(|change| change.settings).unwrap_or_default();
    let (after, remarks) = super::read(&state, &new.document, &before, now)?;
    super::locks_out(&way, &headers, &before, &after)?;
    let remarks = remarks.into_iter().map(Fault::from).collect();
    if known.pending.is_none() && after == before {
        return Ok(Json(SettingsChanged::Unchanged));
    }
    let by = Author::User { user: administrator.user.id };
    let replace = async |settings: &Settings, confirmation| {
        let stored = state.store.replace_settings(new.version, settings.clone(), by, now, confirmation);
        stored.await.map_err(conflict)
    };
    if !after.may_cut_off(&before) {
        replace(&after, None).await?;
        return Ok(Json(SettingsChanged::InForce { remarks }));
    }
    let token = state.entropy.token128();
    let change = replace(&after, Some(login::hash(&token))).await?;
    let address = place::asked(&uri, &headers)
        .and_then(|asked| place::after_the_change(&asked, &before, &after, state.config.demonstration));
    let seconds_left = seconds(CONFIRM_WITHIN);
    Ok(Json(SettingsChanged::Pending { remarks, change, token, seconds_left, address }))
}

fn conflict(error: StoreError) -> ApiError {
    match error {
        StoreError::SettingsMoved { .. } => ApiError::new(
            StatusCode::CONFLICT,
            "changed_meanwhile",
            "Un autre administrateur a changé les réglages depuis que cette page les a lus. Rechargez-la, puis refaites \
             vos changements.",
        ),
        StoreError::SettingsPending { .. } => ApiError::new(
            StatusCode::CONFLICT,
            "change_pending",
            "Un changement des réglages attend d’être confirmé. Confirmez-le, annulez-le, ou attendez une minute.",
        ),
        other => other.into(),
    }
}
