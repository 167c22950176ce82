use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    peer::Peer,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use serde::Serialize;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};
use tabellion_domain::{Attempts, attestation::PaperNumber, network};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// Bytes of the document's hash that are told: enough to tell two papers apart, on a paper and by eye.
const PREFIX: usize = 8;
/// Networks that wrong numbers are counted for.
const REMEMBERED: usize = 1_000;

/// Who has asked for numbers that are none: nobody reads them off a paper that often.
#[derive(Clone, Default)]
pub(crate) struct WrongNumbers(Arc<Mutex<HashMap<IpAddr, Attempts>>>);

impl WrongNumbers {
    /// # Errors
    /// 429 after too many.
    fn check(&self, peer: Peer, now: OffsetDateTime) -> Result<(), ApiError> {
        let counted = self.0.lock().expect("no panic while locked");
        let pause = counted.get(&network(peer.0)).and_then(|attempts| attempts.pause(now));
        match pause {
            Some(pause) => {
                let pause = pause.try_into().unwrap_or_default();
                Err(ApiError::too_many("Trop de numéros inconnus.", pause))
            }
            None => Ok(()),
        }
    }

    fn wrong(&self, peer: Peer, now: OffsetDateTime) {
        let mut counted = self.0.lock().expect("no panic while locked");
        if counted.len() >= REMEMBERED {
            counted.retain(|_, attempts| !attempts.is_forgotten(now));
        }
        if counted.len() >= REMEMBERED {
            let oldest = counted.iter().min_by_key(|(_, attempts)| attempts.last()).map(|(peer, _)| *peer);
            oldest.map(|peer| counted.remove(&peer));
        }
        counted.entry(network(peer.0)).or_default().failed(now);
    }
}

/// A paper that this box has issued; nothing of the people in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedPaperView {
    /// «Attestation n°».
    number: String,
    /// `attestation`, `record`.
    kind: String,
    /// The office that it is about.
    office: String,
    /// Its CRPCEN.
    crpcen: String,
    /// RFC 3339, UTC.
    issued_at: String,
    /// The beginning of the document's SHA-256, hexadecimal.
    sha256_prefix: String,
}

/// Whether a paper is this box's: what the code on it leads to. For everybody who has one.
#[utoipa::path(get, path = "/api/verification/{number}", params(("number" = String, Path)), responses(
    (status = 200, body = IssuedPaperView),
    (status = 404, description = "unknown_paper", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn verify(
    State(state): State<AppState>,
    Extension(wrong): Extension<WrongNumbers>,
    peer: Peer,
    Path(number): Path<String>,
) -> Result<Json<IssuedPaperView>, ApiError> {
    let now = state.clock.now();
    wrong.check(peer, now)?;
    let found = match PaperNumber::parse(&number) {
        Some(number) => state.store.issued_paper(number).await?,
        None => None,
    };
    let Some(paper) = found else {
        wrong.wrong(peer, now);
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "unknown_paper",
            "Ce service n’a délivré aucun document sous ce numéro. Vérifiez-le sur le document\u{a0}; s’il est bien celui-là, le \
             document n’est pas authentique.",
        ));
    };
    Ok(Json(IssuedPaperView {
        number: paper.number.to_string(),
        kind: paper.kind,
        office: paper.office,
        crpcen: paper.crpcen,
        issued_at: paper.issued_at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?,
        sha256_prefix: paper.sha256[..PREFIX].iter().map(|byte| format!("{byte:02x}")).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;

    #[tokio::test]
    async fn who_tries_numbers_pauses_himself_alone() {
        let test = TestBox::new().await;
        let mut guesser = test.browser();
        for number in ["2026-0000-0000", "2026-0000-0001", "x", "%00", "2026-0000-0002"] {
            guesser.get(&format!("/api/verification/{number}")).await.refuses(404, "unknown_paper");
        }
        let told = guesser.get("/api/verification/2026-0000-0003").await.refuses(429, "too_many_attempts");
        assert_eq!(told["retry_after_seconds"], 600);
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.3".parse().unwrap();
        elsewhere.get("/api/verification/2026-0000-0003").await.refuses(404, "unknown_paper");
        test.clock.advance(time::Duration::minutes(10));
        guesser.get("/api/verification/2026-0000-0003").await.refuses(404, "unknown_paper");
    }
}
