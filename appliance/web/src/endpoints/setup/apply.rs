use super::set_up_already;
use crate::{
    access::Way,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    peer::Peer,
    setup::SetupState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tabellion_domain::settings::{Author, CONFIRM_WITHIN, Network, Refusal, SetupError, SetupFile};
use tracing::info;
use utoipa::ToSchema;

/// Everything that a box has to be told.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SetupForm {
    /// See `/api/setup/code`.
    code: String,
    /// The tables and keys of `setup.toml`; empty texts count as not given.
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
    /// Instead of them, the text of a `setup.toml`.
    file: Option<String>,
    /// Whether they are applied; they are checked in any case.
    apply: bool,
}

/// Settings without faults.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupOutcome {
    /// The box's address with these settings; null: the network gives it.
    address: Option<String>,
    /// The web pages' port.
    port: u16,
    /// The name in links, where there is one.
    public_name: Option<String>,
    /// Within these seconds somebody has to come back and confirm; null: nothing is to be confirmed.
    confirm_within_seconds: Option<u32>,
    /// What is accepted, but unusual.
    remarks: Vec<SetupFaultView>,
}

/// A fault or a remark, beside its field.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupFaultView {
    /// In the file, where one was sent: from 1 up.
    line: Option<u32>,
    /// `network.gateway`; empty where the text cannot be read that far.
    key: String,
    /// The key in French.
    label: String,
    /// What is wrong, French, without a full stop.
    what: String,
    /// What to do, French, without a full stop.
    todo: String,
}

impl From<&SetupError> for SetupFaultView {
    fn from(error: &SetupError) -> Self {
        let (what, todo) = (error.refusal.what.clone(), error.refusal.todo.clone());
        Self { line: error.line, key: error.key.clone(), label: error.label(), what, todo }
    }
}

/// Checks settings, and applies them where that was asked for: all of them or nothing. 422 names each fault (`faults`).
///
/// Where they may take the box out of reach, they are tried out, and undone unless they are confirmed.
#[utoipa::path(
    post,
    path = "/api/setup",
    request_body = SetupForm,
    responses(
        (status = 200, body = SetupOutcome),
        (status = 403, body = ErrorBody),
        (status = 409, body = ErrorBody),
        (status = 422, body = ErrorBody),
        (status = 429, body = ErrorBody),
    )
)]
pub(crate) async fn apply(
    State(state): State<SetupState>,
    way: Way,
    headers: HeaderMap,
    JsonBody(form): JsonBody<SetupForm>,
) -> Result<Json<SetupOutcome>, ApiError> {
    state.door.check(&form.code, state.clock.as_ref())?;
    let file = understood(&state, &form).map_err(|faults| faulty(&faults))?;
    let outcome = outcome(&state, &file);
    if outcome.confirm_within_seconds.is_none() && !way.is_inside(&headers, &file.settings().access) {
        return Err(faulty(&[file.locate(locked_out(&way, &headers, &file))]));
    }
    if form.apply {
        stored(&state, file, outcome.confirm_within_seconds.is_some()).await?;
    }
    Ok(Json(outcome))
}

fn understood(state: &SetupState, form: &SetupForm) -> Result<SetupFile, Vec<SetupError>> {
    let file = match &form.file {
        Some(text) => SetupFile::parse(text)?,
        None => SetupFile::from_json(form.settings.as_ref().unwrap_or(&Value::Null))?,
    };
    let found = state.machine.faults(file.settings()).into_iter();
    let mut faults: Vec<_> = found.map(|fault| file.locate(fault)).collect();
    faults.sort_by_key(|fault| fault.line.unwrap_or(u32::MAX));
    if faults.is_empty() { Ok(file) } else { Err(faults) }
}

/// Settings that leave the box where it is, and whoever sets it up in front of a closed door. Where it moves, the confirmation shows
/// who reaches it.
fn locked_out(way: &Way, headers: &HeaderMap, file: &SetupFile) -> SetupError {
    let Peer(here) = way.client(headers, &file.settings().access);
    let what =
        format!("votre adresse, {here}, n’est dans aucun de ces réseaux : l’espace client vous serait fermé");
    SetupError::new("access.networks", Refusal::new(what, "Ajoutez le réseau où vous êtes"))
}

fn faulty(faults: &[SetupError]) -> ApiError {
    let message = match faults.len() {
        1 => "Un réglage est à corriger. Rien n’est encore appliqué.".to_owned(),
        several => format!("{several} réglages sont à corriger. Rien n’est encore appliqué."),
    };
    let faults: Vec<_> = faults.iter().map(SetupFaultView::from).collect();
    match serde_json::to_value(faults) {
        Ok(faults) => {
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "faulty", message).with("faults", faults)
        }
        Err(error) => ApiError::internal(&error),
    }
}

fn outcome(state: &SetupState, file: &SetupFile) -> SetupOutcome {
    let settings = file.settings();
    // Away from what the box does without settings: an address from the network, and this port. Its certificate is new to
    // every browser in any case.
    let moves = settings.network != Network::default() || settings.ports.https != state.https_port;
    let within = u32::try_from(CONFIRM_WITHIN.whole_seconds()).unwrap_or(u32::MAX);
    SetupOutcome {
        address: settings.network.addressing.fixed().map(|fixed| fixed.address().to_string()),
        port: settings.ports.https,
        public_name: settings.names.public.as_ref().map(|name| name.as_str().to_owned()),
        confirm_within_seconds: moves.then_some(within),
        remarks: file.remarks().iter().map(SetupFaultView::from).collect(),
    }
}

async fn stored(state: &SetupState, file: SetupFile, to_confirm: bool) -> Result<(), ApiError> {
    let _turn = state.turn.lock().await;
    let now = state.clock.now();
    let standing = state.store.settings_state(now).await?;
    if standing.in_force.is_some() {
        return Err(set_up_already());
    }
    if standing.pending.is_some() {
        let message =
            "D’autres réglages sont à l’essai. Confirmez-les, ou attendez une minute qu’ils soient annulés.";
        return Err(ApiError::new(StatusCode::CONFLICT, "to_confirm", message));
    }
    let entropy = state.entropy.clone();
    let hashed = tokio::task::spawn_blocking(move || file.into_settings(entropy.as_ref())).await;
    let hashed = hashed.map_err(|error| ApiError::internal(&error))?;
    let settings = hashed.map_err(|error| ApiError::internal(&error))?;
    if to_confirm {
        state.store.propose_settings(settings, Author::SetupPage, now).await?;
        info!("the first settings are tried out");
    } else {
        state.store.set_up(settings, Author::SetupPage, now).await?;
        info!("this box is set up by its set-up page");
    }
    Ok(())
}
