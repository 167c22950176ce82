//! What a room system's picture says, in French.

use tabellion_domain::admission::{EndReason, Screen};
use tabellion_media_protocol::{LegView, Notice};

/// The view that goes with a screen of the admission rules.
pub(crate) fn view(screen: Screen, office: &str, meeting: &str) -> LegView {
    let notice = |title: String, text: &str| {
        LegView::Notice(Notice { office: office.to_owned(), title, text: text.to_owned() })
    };
    match screen {
        Screen::EnterCode { wrong: 0 } => notice(
            format!("Réunion «\u{a0}{meeting}\u{a0}»"),
            "Composez le code de la réunion sur votre télécommande, puis la touche #.",
        ),
        Screen::EnterCode { .. } => notice(
            "Ce code n’est pas le bon".to_owned(),
            "Composez de nouveau le code de la réunion, puis la touche #.",
        ),
        Screen::Waiting => notice(
            "Salle d’attente".to_owned(),
            "L’organisateur de la réunion est prévenu.\nVous entrerez dès qu’il aura accepté votre demande.",
        ),
        Screen::Meeting => LegView::Meeting {
            alone: Notice {
                office: office.to_owned(),
                title: format!("Réunion «\u{a0}{meeting}\u{a0}»"),
                text: "Vous êtes seul pour l’instant.\nLes autres participants apparaîtront ici.".to_owned(),
            },
        },
        Screen::Ended(reason) => notice("Fin de la communication".to_owned(), farewell(reason)),
    }
}

fn farewell(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Refused => "L’organisateur a refusé votre demande d’entrer dans la réunion.",
        EndReason::Deleted => "L’organisateur a supprimé votre demande.\nVous pouvez rappeler la réunion.",
        EndReason::MeetingClosed => "Cette réunion est fermée.",
        EndReason::CodeChanged => {
            "Le code de la réunion a changé.\nDemandez-le à l’organisateur, puis rappelez."
        }
        EndReason::WrongCode => {
            "Le code de la réunion n’a pas été composé correctement.\nVérifiez-le sur votre invitation, puis rappelez."
        }
        EndReason::TooManyCodes => {
            "Trop de codes faux ont été composés.\nVérifiez le code sur votre invitation, puis rappelez dans dix minutes."
        }
        EndReason::Left
        | EndReason::Cancelled
        | EndReason::Lost
        | EndReason::AccountEnded
        | EndReason::Uninvited => "La communication est terminée.",
    }
}
