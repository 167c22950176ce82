use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tabellion_store::PersonData;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// The longest name, login or address that is asked for, in characters.
const LONGEST: usize = 200;

/// Whose data are asked for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct WantedPerson {
    /// Login, mail address, telephone number, or first and last name: 1 to 200 characters.
    person: String,
}

/// What the box keeps of one person, as a file that people and programs read. Whoever asks has to see to it that the person has a right
/// to it, and that nobody else of this name is in it.
#[utoipa::path(post, path = "/api/personal-data/export", request_body = WantedPerson, responses(
    (status = 200, description = "a JSON document, to be kept as a file", body = Object),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 404, description = "not_found", body = ErrorBody),
    (status = 422, description = "invalid, with `field`", body = ErrorBody),
))]
pub(crate) async fn export(
    State(state): State<AppState>,
    Administrator { user }: Administrator,
    JsonBody(WantedPerson { person }): JsonBody<WantedPerson>,
) -> Result<impl IntoResponse, ApiError> {
    let person = person.trim().to_owned();
    if !(1..=LONGEST).contains(&person.chars().count()) {
        let message = format!(
            "Écrivez un identifiant, une adresse électronique ou un nom de 1 à {LONGEST} caractères."
        );
        return Err(
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message).with("field", "person")
        );
    }
    let now = state.clock.now();
    let data = state.store.export_person(person.clone(), user.id, now).await?;
    if data.records.is_empty() {
        let message = "La boîte ne garde rien sous ce nom. Essayez l’identifiant, l’adresse électronique, ou le prénom suivi du nom.";
        return Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", message));
    }
    let made_at = now.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?;
    let document = document(&person, &made_at, data);
    let text = serde_json::to_string_pretty(&document).map_err(|error| ApiError::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"donnees-personnelles.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text))
}

fn document(person: &str, made_at: &str, data: PersonData) -> Value {
    let parts: Map<_, _> =
        data.records.into_iter().map(|record| (record.part.to_owned(), json!(record.rows))).collect();
    json!({ "personne": person, "établi_le": made_at, "données": parts })
}
