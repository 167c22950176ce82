use crate::error::ApiError;
use axum::http::StatusCode;
use serde_json::json;
use tabellion_domain::account::FieldFault;
use tabellion_store::UserRefusal;

/// Why an account is not made, changed or deleted, and what to do.
pub(crate) fn refused(refusal: UserRefusal) -> ApiError {
    match refusal {
        UserRefusal::LoginTaken => ApiError::faults(&[FieldFault {
            field: "login",
            message: "Cet identifiant est déjà pris. Choisissez-en un autre.".to_owned(),
        }]),
        UserRefusal::NoLicence(licences) => ApiError::new(
            StatusCode::CONFLICT,
            "no_licence",
            "Toutes les licences de l’office sont utilisées. Commandez-en d’autres à la page «\u{a0}Licences et commandes\u{a0}», ou donnez à \
             l’utilisateur le droit d’organiser les réunions sans participation.",
        )
        .with("licences", json!({ "owned": licences.owned, "used": licences.used })),
        UserRefusal::Changed => ApiError::new(
            StatusCode::CONFLICT,
            "changed_meanwhile",
            "Un autre administrateur a modifié cet utilisateur entre-temps. Rien n’a été enregistré\u{a0}: reprenez vos \
             modifications sur sa version actuelle.",
        ),
        UserRefusal::Unknown => ApiError::new(
            StatusCode::NOT_FOUND,
            "unknown_user",
            "Cet utilisateur n’existe plus. Rechargez la page pour voir la liste à jour.",
        ),
        UserRefusal::LastAdministrator => ApiError::new(
            StatusCode::CONFLICT,
            "last_administrator",
            "C’est le dernier administrateur de l’office. Donnez d’abord ce droit à un autre utilisateur.",
        ),
        UserRefusal::NotAdministrator => ApiError::new(
            StatusCode::FORBIDDEN,
            "not_administrator",
            "Vous n’êtes plus administrateur de l’office. Adressez-vous à l’un d’eux.",
        ),
    }
}
