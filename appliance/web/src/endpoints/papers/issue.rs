use crate::{error::ApiError, state::AppState};
use axum::http::header;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tabellion_domain::settings::Support;
use tabellion_domain::{attestation::PaperNumber, paris::in_paris};
use tabellion_papers::{Brand, Paper, PaperError};
use tabellion_store::IssuedPaper;
use time::OffsetDateTime;
use tokio::sync::Mutex;

/// Draws that a number is looked for in; the first is good, unless chance is very bad.
const DRAWS: usize = 5;

/// Making one takes a moment of a processor: one at a time.
#[derive(Clone, Default)]
pub(crate) struct PaperTurns(Arc<Mutex<()>>);

/// What makes a document, on a thread of its own.
pub(super) type Making = Box<dyn FnOnce() -> Result<Paper, PaperError> + Send>;

impl PaperTurns {
    /// Makes a paper under a number of its own, and keeps in mind that it was given out before it is. `making`: of what it is made,
    /// `kept`: what is kept of it, from its SHA-256.
    pub(super) async fn issued(
        &self,
        state: &AppState,
        making: impl Fn(&PaperNumber, OffsetDateTime) -> Making,
        kept: impl Fn(PaperNumber, OffsetDateTime, [u8; 32]) -> IssuedPaper,
    ) -> Result<(PaperNumber, Paper), ApiError> {
        let _turn = self.0.lock().await;
        for _ in 0..DRAWS {
            let at = state.clock.now();
            let number = PaperNumber::draw(in_paris(at).year(), state.entropy.as_ref());
            let made = tokio::task::spawn_blocking(making(&number, at)).await;
            let paper = made.map_err(|error| ApiError::internal(&error))?;
            let paper = paper.map_err(|error| ApiError::internal(&error))?;
            let sha256 = Sha256::digest(&paper.bytes).into();
            match state.store.issue_paper(kept(number.clone(), at, sha256)).await {
                Ok(()) => return Ok((number, paper)),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::internal(&"no number of a paper is free: the source of randomness repeats itself"))
    }
}

/// What a browser takes the document as.
pub(super) fn headers(kind: &str, number: &PaperNumber) -> [(header::HeaderName, String); 2] {
    let name = format!("attachment; filename=\"{kind}-{number}.pdf\"");
    [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)]
}

/// In whose name it is given out.
pub(super) fn brand(state: &AppState) -> Brand {
    let own = &state.config.office;
    Brand {
        service: own.brand.service.clone(),
        accent: own.brand.accent,
        support: Support {
            name: own.support_name.clone(),
            phone: own.support_phone.clone(),
            email: own.support_email.clone(),
            hours: own.support_hours.clone(),
        },
    }
}
