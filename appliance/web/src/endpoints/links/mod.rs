//! What is reached by a meeting's link, without a login. A permanent meeting's link is the key to the door, which the organizer
//! opens; a personal link to a scheduled meeting opens the place that it is for.

pub(crate) mod request;
pub(crate) mod show;

use crate::error::ApiError;
use axum::http::StatusCode;
use serde::Serialize;
use tabellion_conference::JoinError;
use tabellion_store::StoreError;
use utoipa::ToSchema;

/// A place in front of the meeting.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeatGrant {
    /// The seat's secret: what the WebSocket's first message carries.
    pub seat_token: String,
}

pub(crate) fn join_error(error: JoinError) -> ApiError {
    match error {
        JoinError::UnknownLink => ApiError::new(
            StatusCode::NOT_FOUND,
            "link_unknown",
            "Ce lien ne mène à aucune réunion. Vérifiez que vous l’avez copié en entier, ou demandez-en un \
             nouveau à l’office.",
        ),
        JoinError::UnknownMeeting => super::meetings::unknown(),
        JoinError::Inactive => ApiError::new(
            StatusCode::GONE,
            "meeting_inactive",
            "Cette réunion n’est pas ouverte. Demandez à l’organisateur de l’activer.",
        ),
        JoinError::Over => over(),
        JoinError::NotParticipant => not_participant(),
        JoinError::WrongCode { attempts_left } => ApiError::new(
            StatusCode::FORBIDDEN,
            "wrong_code",
            "Ce code de sécurité n’est pas le bon. Vérifiez-le sur votre invitation.",
        )
        .with("attempts_left", attempts_left),
        JoinError::TooManyAttempts { retry_after } => {
            ApiError::too_many("Trop de codes erronés.", retry_after)
        }
        JoinError::TooManyRequests => ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "Trop de demandes faites depuis votre connexion internet attendent déjà la réponse de l’organisateur. \
             Attendez qu’il y réponde, ou annulez-en une.",
        ),
        JoinError::Invalid { field, message } => ApiError::invalid(field, message),
        JoinError::Restarting => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "restarting",
            "La réunion redémarre. Réessayez dans quelques secondes.",
        ),
        JoinError::Store(StoreError::AccountEnded) => not_participant(),
        JoinError::Store(StoreError::InvitationEnded) => over(),
        JoinError::Store(StoreError::InvitationCrowded) => ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "link_in_use",
            "Votre lien personnel est déjà ouvert sur plusieurs appareils. Quittez la réunion sur l’un d’eux, puis réessayez.",
        ),
        JoinError::Store(error) => error.into(),
    }
}

fn over() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        "meeting_over",
        "Cette réunion est annulée, ou sa journée est passée\u{a0}: son lien, son numéro et son code ne fonctionnent plus. \
         Adressez-vous à l’office qui vous a invité.",
    )
}

fn not_participant() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "not_participant",
        "Vos droits permettent d’organiser les réunions de l’office, sans y participer. Pour participer, demandez les droits \
         «\u{a0}Utilisateur Visioconférence\u{a0}» à un administrateur.",
    )
}
