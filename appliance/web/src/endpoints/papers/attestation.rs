use super::issue::{Making, PaperTurns, brand, headers};
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::LoggedIn,
    state::AppState,
};
use axum::{extract::State, response::IntoResponse};
use serde::Deserialize;
use tabellion_domain::{
    attestation::{AttestationRefusal, AttestedOffice, PaperNumber, attested_office, typed_crpcen},
    paris::in_paris,
};
use tabellion_papers::{Attestation, DirectoryUser, Office, Solution};
use tabellion_store::IssuedPaper;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// «Télécharger».
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttestationRequest {
    /// «CRPCEN»: of the office that it is for. Text, leading zeros kept.
    crpcen: String,
}

/// The attestation of an office of the directory, or of the box's own. It is numbered and kept in mind before it is given out.
#[utoipa::path(post, path = "/api/attestations", request_body = AttestationRequest, responses(
    (status = 200, body = Vec<u8>, content_type = "application/pdf"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 422, description = "invalid: no CRPCEN; unknown_crpcen, not_entitled", body = ErrorBody),
))]
pub(crate) async fn issue(
    State(state): State<AppState>,
    axum::Extension(turns): axum::Extension<PaperTurns>,
    login: LoggedIn,
    JsonBody(asked): JsonBody<AttestationRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let crpcen = typed_crpcen(&asked.crpcen).map_err(refused)?;
    let own = crpcen.eq_ignore_ascii_case(&state.config.office.crpcen);
    let own = own.then_some(state.config.office.name.as_str());
    let entries = state.store.directory_office(crpcen.to_owned()).await?;
    let office = attested_office(crpcen, own, &entries).map_err(refused)?;
    let (asked_by, about) = (login.user.id, (office.crpcen.clone(), office.name.clone()));
    let version = state.config.reports.version().await;
    let making = |number: &PaperNumber, at| -> Making {
        let data = document(&state, &office, &version, number, at);
        Box::new(move || tabellion_papers::attestation(&data))
    };
    let kept = |number, at, sha256| IssuedPaper::attestation(number, about.clone(), asked_by, at, sha256);
    let (number, paper) = turns.issued(&state, making, kept).await?;
    Ok((headers("attestation-visioconference", &number), paper.bytes))
}

fn refused(refusal: AttestationRefusal) -> ApiError {
    let code = match &refusal {
        AttestationRefusal::Missing => "invalid",
        AttestationRefusal::Unknown(_) => "unknown_crpcen",
        AttestationRefusal::NotEntitled(_) => "not_entitled",
    };
    let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    ApiError::new(status, code, refusal.to_string()).with("field", "crpcen")
}

fn document(
    state: &AppState,
    office: &AttestedOffice,
    version: &str,
    number: &PaperNumber,
    at: OffsetDateTime,
) -> Attestation {
    let own = &state.config.office;
    let users = office.users.iter().cloned();
    Attestation {
        office: Office {
            name: office.name.clone(),
            crpcen: office.crpcen.clone(),
            postal_code: office.postal_code.clone(),
            town: office.town.clone(),
        },
        users: users.map(|(name, number)| DirectoryUser { name, number }).collect(),
        solution: Solution { name: "Tabellion".to_owned(), version: version.to_owned() },
        issued_at: in_paris(at),
        number: number.to_string(),
        check_link: format!("{}/verification/{number}", state.config.public_url),
        approval: Some(own.brand.approval.clone()).filter(|text| !text.is_empty()),
        brand: brand(state),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::directory::with_a_directory;
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::{StatusCode, header};
    use serde_json::json;
    use sha2::{Digest, Sha256};
    use tabellion_domain::{
        AuditEvent,
        directory::{DirectoryEntry, DirectoryOrigin},
    };
    use tabellion_store::NewDirectory;

    const PATH: &str = "/api/attestations";

    #[tokio::test]
    async fn an_office_of_the_directory_gets_a_paper_that_the_box_knows_again() {
        let test = with_a_directory().await;
        let mut browser = test.logged_in_as(COLLEAGUE).await;
        let answer = browser.post(PATH, json!({ "crpcen": " 01001 " })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
        assert!(answer.body.starts_with(b"%PDF-"));
        let journal = test.journal().await;
        let Some(AuditEvent::PaperIssued { kind, number, crpcen, sha256, .. }) = journal.last() else {
            panic!("{journal:?}")
        };
        assert_eq!((kind.as_str(), crpcen.as_str()), ("attestation", "01001"));
        let told: String = Sha256::digest(&answer.body).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(*sha256, told);
        let name = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(name, format!("attachment; filename=\"attestation-visioconference-{number}.pdf\""));
        let known = test.browser().get(&format!("/api/verification/{number}")).await.is(StatusCode::OK);
        let expected = json!({
            "number": number, "kind": "attestation", "office": "Étude du Parc", "crpcen": "01001",
            "issued_at": known["issued_at"], "sha256_prefix": &told[..16],
        });
        assert_eq!(known, expected);
        let again = browser.post(PATH, json!({ "crpcen": "01001" })).await;
        assert_ne!(again.headers[header::CONTENT_DISPOSITION], answer.headers[header::CONTENT_DISPOSITION]);
    }

    #[tokio::test]
    async fn the_boxs_own_office_needs_no_entry() {
        let answer = TestBox::new().await.logged_in().await.post(PATH, json!({ "crpcen": "99001" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    #[tokio::test]
    async fn who_is_unknown_or_not_entitled_gets_the_reason_and_no_document() {
        let test = with_a_directory().await;
        let mut browser = test.logged_in().await;
        for (crpcen, code) in [
            ("", "invalid"),
            (" ", "invalid"),
            ("1001", "unknown_crpcen"),
            ("\"*", "unknown_crpcen"),
            ("01001 OR 13002", "unknown_crpcen"),
            ("-", "unknown_crpcen"),
        ] {
            let error = browser.post(PATH, json!({ "crpcen": crpcen })).await.refuses(422, code);
            assert_eq!(error["field"], "crpcen");
        }
        let nobody = DirectoryEntry {
            crpcen: "75001".into(),
            office: "Office sans compte".into(),
            ..Default::default()
        };
        let (origin, at) = (DirectoryOrigin::File, test.state.clock.now());
        let new = NewDirectory { entries: vec![nobody], origin, mark: None, refused: 0, by: None };
        test.state.store.replace_directory(new, at).await.unwrap();
        browser.post(PATH, json!({ "crpcen": "75001" })).await.refuses(422, "not_entitled");
        browser.post(PATH, json!({})).await.refuses(400, "bad_request");
        test.browser().post(PATH, json!({ "crpcen": "01001" })).await.refuses(401, "not_logged_in");
        let journal = test.journal().await;
        let issued = journal.iter().filter(|event| matches!(event, AuditEvent::PaperIssued { .. }));
        assert_eq!(issued.count(), 0);
    }
}
