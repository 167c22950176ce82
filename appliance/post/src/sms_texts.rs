//! What people read of SMS, in French.

use crate::{SmsFault, SmsFaultKind};

/// The SMS that an administrator sends to see whether the settings work: in the alphabet that 160 characters of have room in one
/// (3GPP TS 23.038 §6.2.1).
#[must_use]
pub fn trial_sms() -> String {
    "Message d'essai de Tabellion : l'envoi de SMS fonctionne.".to_owned()
}

/// Why a trial SMS has not gone, and what to do.
#[must_use]
pub fn sms_not_taken(fault: &SmsFault) -> String {
    match fault.kind {
        SmsFaultKind::Unusable => "Ces réglages ne forment pas une requête. Vérifiez l’adresse, les en-têtes et le corps.".to_owned(),
        SmsFaultKind::Away => {
            "Le service ne répond pas. Vérifiez son adresse, l’autorité de certification, et que le réseau laisse passer la \
             boîte jusqu’à lui."
                .to_owned()
        }
        SmsFaultKind::Refused { status: 401 | 403 } => {
            "Le service a refusé la boîte. Vérifiez le secret et l’en-tête qui le porte.".to_owned()
        }
        SmsFaultKind::Refused { status: 402 } => "Le service demande un paiement. Vérifiez le crédit du compte.".to_owned(),
        SmsFaultKind::Refused { status } if (200..300).contains(&status) => {
            "La réponse du service ne contient pas le texte attendu. Lisez-la dans les détails, et corrigez la réponse attendue si \
             c’était un oui."
                .to_owned()
        }
        SmsFaultKind::Refused { status } => format!(
            "Le service n’a pas pris le SMS (réponse {status}). Comparez l’adresse et le corps avec sa documentation."
        ),
        SmsFaultKind::NoModem => "Aucun modem n’est branché sur la boîte. Branchez-le, attendez une minute, puis réessayez.".to_owned(),
        SmsFaultKind::SimLocked => {
            "La carte SIM demande son code PIN. Retirez ce code à l’aide d’un téléphone, puis remettez la carte.".to_owned()
        }
        SmsFaultKind::NoNetwork => {
            "Le modem n’a pas de réseau mobile. Vérifiez son antenne, sa place et l’abonnement de la carte SIM.".to_owned()
        }
        SmsFaultKind::NotSent => {
            "Le modem ou le réseau mobile n’a pas pris le SMS. Vérifiez l’abonnement de la carte SIM, puis réessayez.".to_owned()
        }
    }
}
