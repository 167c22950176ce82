use crate::{
    Brand, Paper, PaperError,
    document::{Metadata, finish},
    flow::{BODY, Flow, SMALL, STRONG},
    qr,
    sheets::mm,
    table::{Column, Row},
    typography::{date, thousands},
};
use time::OffsetDateTime;

const NAME: &str = "Attestation de visioconférence";
const COLUMNS: [Column; 2] =
    [Column { title: "Nom", share: 3.0 }, Column { title: "Numéro de visioconférence", share: 2.0 }];

/// What an attestation says (CERT-01).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attestation {
    /// Whom it is about.
    pub office: Office,
    /// The office's users in the ADSN's directory, in the order in which they are listed.
    pub users: Vec<DirectoryUser>,
    /// What they use.
    pub solution: Solution,
    /// When it is issued; the day that it shows is the day in this time's own offset.
    pub issued_at: OffsetDateTime,
    /// «Attestation n° …», never given twice.
    pub number: String,
    /// Where whoever has the paper can check it: an `https` address in ASCII.
    pub check_link: String,
    /// What is said of an approval, word for word. Only where the configuration gives it.
    pub approval: Option<String>,
    /// In whose name it is issued.
    pub brand: Brand,
}

/// A notaries' office, as the ADSN's directory has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    /// Its name.
    pub name: String,
    /// Text, leading zeros kept.
    pub crpcen: String,
    /// Text, leading zeros kept; empty where it is not known.
    pub postal_code: String,
    /// Its town; empty where it is not known.
    pub town: String,
}

/// One of the office's users in the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryUser {
    /// With the civility, as it is to be printed.
    pub name: String,
    /// Where this user is called.
    pub number: String,
}

/// A product for video-conferences.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Solution {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// «Attestation de visioconférence»: that an office takes part in video-conferences, with whom, and by what.
///
/// # Errors
/// [`PaperError::NoLink`] and [`PaperError::LinkTooLong`] where the check link makes no QR code; what else fails is this
/// program's fault.
pub fn attestation(data: &Attestation) -> Result<Paper, PaperError> {
    let code = qr::code(&data.check_link)?;
    let mut flow = Flow::new(&data.brand, NAME)?;
    let began = flow.top;
    flow.qr(&code, format!("Code QR qui mène à {}", data.check_link));
    flow.facts(Flow::beside_qr(), &facts(data));
    flow.top += mm(4.0);
    flow.below_qr(began);
    flow.paragraph(BODY, &statement(data));
    for paragraph in data.approval.iter().flat_map(|approval| approval.lines()) {
        flow.top += mm(2.0);
        flow.paragraph(STRONG, paragraph);
    }
    users(&mut flow, &data.users);
    flow.top += mm(2.0);
    flow.paragraph(SMALL, "Données issues de l'Annuaire centralisé mis en œuvre par l'ADSN.");
    flow.heading("Vérifier cette attestation");
    flow.paragraph(BODY, "Lisez le code QR de la première page, ou ouvrez cette adresse :");
    flow.address(&data.check_link);
    flow.remark_on_unwritable();
    flow.feet(&data.brand, &format!("{NAME} n°\u{a0}{} · {}", data.number, data.office.name));
    let title = format!("{NAME} n° {}", data.number);
    let metadata =
        Metadata { title, subject: &data.office.name, author: &data.brand.service, created: data.issued_at };
    finish(flow.sheets, &metadata)
}

/// What is not known has no line.
fn facts(data: &Attestation) -> Vec<(&'static str, String)> {
    let Attestation { office, solution, .. } = data;
    let town = format!("{} {}", office.postal_code, office.town);
    let facts = [
        ("Office", office.name.clone()),
        ("CRPCEN", office.crpcen.clone()),
        ("Commune", town.trim().to_owned()),
        ("Solution", format!("{}, version {}", solution.name, solution.version)),
        ("Délivrée le", date(data.issued_at.date())),
        ("Attestation n°", data.number.clone()),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

fn statement(data: &Attestation) -> String {
    format!(
        "{} atteste que l'office désigné ci-dessus dispose, à la date de délivrance, de la solution de visioconférence \
         {}, version {}, et que les utilisateurs énumérés ci-dessous y sont joignables au numéro qui suit leur nom. Cette \
         attestation est délivrée pour le partage des émoluments.",
        data.brand.service, data.solution.name, data.solution.version
    )
}

fn users(flow: &mut Flow, users: &[DirectoryUser]) {
    if users.is_empty() {
        flow.heading("Utilisateurs de l'office dans l'annuaire ADSN");
        flow.paragraph(BODY, "Aucun utilisateur de l'office ne figure dans l'annuaire ADSN.");
        return;
    }
    flow.heading(&format!(
        "Utilisateurs de l'office dans l'annuaire ADSN : {}",
        thousands(users.len() as u64)
    ));
    let row = |user: &DirectoryUser| -> Row { vec![vec![user.name.clone()], vec![user.number.clone()]] };
    flow.table(&COLUMNS, &users.iter().map(row).collect::<Vec<_>>());
}
