//! What messages say, in French.

use crate::{Mail, SmtpFault};
use tabellion_domain::paris;
use tabellion_store::{MessageState, MessageTrouble};
use time::OffsetDateTime;

/// The code that a login asks for (AUTH-02).
#[must_use]
pub fn login_code(digits: &str) -> String {
    // One SMS of 160 characters holds it: «é» is in its alphabet (3GPP TS 23.038 §6.2.1), and so is the colon after a
    // plain space; a narrow no-break space would switch the whole SMS to 70 characters.
    format!("Votre code de sécurité Tabellion : {digits}. Il est valable 10 minutes.")
}

/// The mail that an administrator sends to see whether the relay of the settings works.
#[must_use]
pub fn trial(to: String, office: &str) -> Mail {
    Mail::plain(
        to,
        "Message d’essai de Tabellion".to_owned(),
        format!(
            "Bonjour,\n\nCe message a été demandé sur la page des réglages de la boîte Tabellion de l’office \
             «\u{a0}{office}\u{a0}». Si vous le lisez, le relais de messagerie fonctionne.\n"
        ),
    )
}

/// Why a trial mail has not gone, and what to do.
#[must_use]
pub fn not_taken(fault: &SmtpFault) -> String {
    match fault.code {
        Some(530 | 534 | 535 | 538) => {
            "Le relais a refusé l’identifiant ou le mot de passe. Vérifiez-les, ou saisissez-les s’ils manquent.".to_owned()
        }
        Some(code @ (550 | 551 | 553 | 554)) => format!(
            "Le relais a refusé l’expéditeur ou le destinataire (réponse {code}). Vérifiez que l’expéditeur est une adresse \
             que ce relais accepte."
        ),
        Some(code) => format!("Le relais n’a pas pris le message (réponse {code}). Réessayez plus tard, ou demandez à qui gère ce relais."),
        None if fault.reached => "La réponse du relais n’est pas comprise. Vérifiez le port et la protection.".to_owned(),
        None => silent(),
    }
}

/// That no mail server was reached, and what to do.
#[must_use]
pub fn silent() -> String {
    "Le relais ne répond pas comme prévu. Vérifiez le nom du serveur, le port et la protection, et que le réseau laisse \
     passer la boîte jusqu’à lui."
        .to_owned()
}

/// What has become of a mail, and what to do (SCHED-04, PERM-04).
#[must_use]
pub fn delivery(state: &MessageState) -> String {
    let said = |trouble: &MessageTrouble| match &trouble.answer {
        Some(answer) => format!("le relais de messagerie a répondu «\u{a0}{answer}\u{a0}»"),
        None => "le relais de messagerie ne répond pas, ou n’est pas réglé".to_owned(),
    };
    match state {
        MessageState::Waiting { trouble: None, .. } => "En cours d’envoi.".to_owned(),
        MessageState::Waiting { trouble: Some(trouble), next } => {
            format!("En attente\u{a0}: {}. Nouvel essai à {}.", said(trouble), hour(*next))
        }
        MessageState::Sent(at) => format!("Envoyé le {} à {}.", day(*at), hour(*at)),
        MessageState::Refused { trouble: MessageTrouble { answer: None, .. }, .. } => {
            "Refusé\u{a0}: cette adresse n’est pas valable. Corrigez-la, puis envoyez de nouveau.".to_owned()
        }
        MessageState::Refused { trouble, .. } => {
            format!("Refusé\u{a0}: {}. Vérifiez l’adresse, puis envoyez de nouveau.", said(trouble))
        }
        MessageState::GivenUp { at, .. } => {
            format!("Abandonné le {} à {} sans avoir pu être remis. Envoyez de nouveau.", day(*at), hour(*at))
        }
    }
}

/// «09-09-2024», as the guide writes days.
pub(crate) fn day(at: OffsetDateTime) -> String {
    let date = paris::in_paris(at).date();
    format!("{:02}-{:02}-{:04}", date.day(), u8::from(date.month()), date.year())
}

/// «17h34», as the guide writes hours.
pub(crate) fn hour(at: OffsetDateTime) -> String {
    let at = paris::in_paris(at);
    format!("{:02}h{:02}", at.hour(), at.minute())
}

/// Subject of [`backup_failed`].
pub const BACKUP_FAILED: &str = "La sauvegarde de la boîte Tabellion a échoué";

/// A scheduled backup did not arrive where it belongs.
#[must_use]
pub fn backup_failed(reason: &str) -> String {
    format!(
        "Bonjour,\n\nLa dernière sauvegarde programmée de votre boîte Tabellion a échoué\u{a0}:\n\n{reason}\n\n\
         La boîte réessaiera à la prochaine heure prévue. Son état est affiché sur la page «\u{a0}Sauvegarde\u{a0}».\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_told_in_one_sms() {
        let text = login_code("123456");
        assert_eq!(text, "Votre code de sécurité Tabellion : 123456. Il est valable 10 minutes.");
        let gsm = |c: char| c.is_ascii_alphanumeric() || " .:éèàùì".contains(c);
        assert!(text.chars().count() <= 160 && text.chars().all(gsm));
    }
}
