//! What messages about accounts and orders say, in French.

use crate::Mail;
use tabellion_domain::{
    orders::{Order, OrderKind},
    password::TEMPORARY_VALIDITY,
};

/// Whom a mail about an account is for.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// Where it goes.
    pub email: &'a str,
    /// «Maître Claire Moreau».
    pub name: &'a str,
    /// «Identifiant de connexion».
    pub login: &'a str,
}

/// The login details of a new account, or of one that gets a temporary password again (USER-01, AUTH-05).
#[must_use]
pub fn login_details(to: Addressee<'_>, office: &str, url: &str, password: &str) -> Mail {
    let Addressee { email, name, login } = to;
    let days = TEMPORARY_VALIDITY.whole_days();
    Mail::plain(
        email.to_owned(),
        "Vos informations de connexion à l’espace client".to_owned(),
        format!(
            "Bonjour {name},\n\nVoici vos informations de connexion à l’espace client de l’office «\u{a0}{office}\u{a0}»\u{a0}:\n\n\
             Adresse\u{a0}: {url}\nIdentifiant\u{a0}: {login}\nMot de passe provisoire\u{a0}: {password}\n\n\
             Le mot de passe provisoire est valable {days} jours. Un nouveau mot de passe vous sera demandé à votre première \
             connexion.\n\nCordialement,\n"
        ),
    )
}

/// A link by which a lost password is replaced (AUTH-05).
#[must_use]
pub fn password_link(to: Addressee<'_>, link: &str, minutes: i64) -> Mail {
    let Addressee { email, name, login } = to;
    Mail::plain(
        email.to_owned(),
        "Choisissez un nouveau mot de passe".to_owned(),
        format!(
            "Bonjour {name},\n\nUn nouveau mot de passe a été demandé pour votre compte de l’espace client (identifiant\u{a0}: \
             {login}). Pour le choisir, ouvrez ce lien\u{a0}:\n\n{link}\n\nIl est valable {minutes} minutes et ne sert qu’une \
             fois. Si vous n’avez rien demandé, ne faites rien\u{a0}: votre mot de passe reste le même.\n\nCordialement,\n"
        ),
    )
}

/// An order for whoever bills (LIC-01, USER-04).
#[must_use]
pub fn order(to: &str, order: &Order, office: &str, crpcen: &str) -> Mail {
    let Order { id, by_name, subject, subject_login, kind, .. } = order;
    let what = match kind {
        OrderKind::Licences(count) | OrderKind::Carried(count) => format!("{}\u{a0}: {count}", kind.label()),
        OrderKind::DirectoryEntry => format!(
            "{}\u{a0}: {subject} (identifiant\u{a0}: {subject_login})\nÀ faire apparaître sous 48\u{a0}h. Cette option est facturée \
             1\u{a0}€\u{a0}HT/mois pour le compte de l’ADSN.",
            kind.label()
        ),
        OrderKind::DirectoryRemoval => format!(
            "{}\u{a0}: {subject} (identifiant\u{a0}: {subject_login})\nLa facturation de 1\u{a0}€\u{a0}HT/mois prend fin.",
            kind.label()
        ),
    };
    Mail::plain(
        to.to_owned(),
        format!("Commande n°\u{a0}{id} de l’office {crpcen}"),
        format!(
            "Bonjour,\n\nCommande n°\u{a0}{id}\nOffice\u{a0}: {office} (CRPCEN {crpcen})\nCommandé par\u{a0}: {by_name}\n\n{what}\n\n\
             Cordialement,\n"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::{UserId, orders::Delivery};
    use time::macros::datetime;

    const CLAIRE: Addressee<'_> =
        Addressee { email: "claire@office.test", name: "Maître Claire Moreau", login: "claire.moreau" };

    #[test]
    fn a_new_user_learns_where_and_how_to_log_in() {
        let mail = login_details(CLAIRE, "Office", "https://box.test", "ABCD-EFGH-IJKL-MNOP");
        assert_eq!(mail.to, "claire@office.test");
        for part in [
            "Maître Claire Moreau",
            "https://box.test\n",
            "claire.moreau\n",
            "ABCD-EFGH-IJKL-MNOP\n",
            "7 jours",
        ] {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
        }
    }

    #[test]
    fn whoever_bills_learns_what_for_whom_and_by_whom() {
        let mut about = Order {
            id: 7,
            at: datetime!(2026-11-23 12:00 UTC),
            kind: OrderKind::Licences(3),
            by: Some(UserId(1)),
            by_name: "Maître Claire Moreau".to_owned(),
            subject: String::new(),
            subject_login: String::new(),
            delivery: Delivery::Waiting,
        };
        let mail = order("facture@exemple.fr", &about, "Office", "01234");
        assert_eq!(mail.subject, "Commande n°\u{a0}7 de l’office 01234");
        assert!(mail.text.contains("Licences VisioConférence\u{a0}: 3"), "{}", mail.text);
        about.kind = OrderKind::DirectoryEntry;
        about.subject = "Monsieur Jean Dubois".to_owned();
        let mail = order("facture@exemple.fr", &about, "Office", "01234");
        assert!(
            mail.text.contains("Monsieur Jean Dubois") && mail.text.contains("1\u{a0}€\u{a0}HT/mois"),
            "{}",
            mail.text
        );
    }
}
