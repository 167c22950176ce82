use super::{Order, OrderKind};
use crate::settings::OfficeSettings;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

const HEAD: &str = "Numéro;Date;Office;CRPCEN;Objet;Quantité;Utilisateur;Identifiant;Tarif;Commandé par;État";

/// The orders as a file for whoever bills: what spreadsheets read in France, semicolons between the columns and a mark of
/// UTF-8 before the first (RFC 4180 otherwise).
#[must_use]
pub fn orders_csv(
    orders: &[Order],
    office: &OfficeSettings,
    offset: impl Fn(OffsetDateTime) -> UtcOffset,
) -> String {
    let mut text = format!("\u{feff}{HEAD}\r\n");
    for order in orders {
        let at = order.at.to_offset(offset(order.at));
        let form = format_description!("[year]-[month]-[day] [hour]:[minute]");
        let cells = [
            order.id.to_string(),
            at.format(form).unwrap_or_default(),
            office.name.clone(),
            office.crpcen.clone(),
            order.kind.label().to_owned(),
            quantity(order.kind).to_string(),
            order.subject.clone(),
            order.subject_login.clone(),
            tariff(order.kind).to_owned(),
            order.by_name.clone(),
            order.delivery.label().to_owned(),
        ];
        let row: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
        text += &row.join(";");
        text += "\r\n";
    }
    text
}

fn quantity(kind: OrderKind) -> u32 {
    match kind {
        OrderKind::Licences(count) | OrderKind::Carried(count) => count,
        OrderKind::DirectoryEntry | OrderKind::DirectoryRemoval => 1,
    }
}

/// What the pages have said about the price.
fn tariff(kind: OrderKind) -> &'static str {
    match kind {
        OrderKind::Licences(_) => "au contrat",
        OrderKind::DirectoryEntry => "1 € HT/mois",
        OrderKind::DirectoryRemoval => "fin du 1 € HT/mois",
        OrderKind::Carried(_) => "non facturé",
    }
}

/// A text that begins with one of these is a formula to spreadsheets (OWASP, CSV injection): an apostrophe makes it a text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{cell}") } else { cell.to_owned() };
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UserId, orders::Delivery};
    use time::macros::{datetime, offset};

    #[test]
    fn a_spreadsheet_reads_the_orders_and_runs_none_of_them() {
        let order = Order {
            id: 3,
            at: datetime!(2026-07-01 22:30 UTC),
            kind: OrderKind::DirectoryEntry,
            by: Some(UserId(1)),
            by_name: "Maître Claire \"M\" Moreau".to_owned(),
            subject: "=HYPERLINK(1)".to_owned(),
            subject_login: "@julien".to_owned(),
            delivery: Delivery::Waiting,
        };
        let office = OfficeSettings {
            name: "Étude; Paris".to_owned(),
            crpcen: "01234".to_owned(),
            ..OfficeSettings::default()
        };
        let text = orders_csv(&[order], &office, |_| offset!(+2));
        let mut lines = text.split("\r\n");
        assert_eq!(lines.next().unwrap(), format!("\u{feff}{HEAD}"));
        assert_eq!(
            lines.next().unwrap(),
            "\"3\";\"2026-07-02 00:30\";\"Étude; Paris\";\"01234\";\"Ajout à l’annuaire ADSN\";\"1\";\"'=HYPERLINK(1)\";\
             \"'@julien\";\"1 € HT/mois\";\"Maître Claire \"\"M\"\" Moreau\";\"à transmettre\""
        );
        assert_eq!((lines.next(), lines.next()), (Some(""), None));
    }
}
