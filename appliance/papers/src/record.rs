use crate::{
    Brand, Paper, PaperError,
    document::{Metadata, finish},
    flow::{BODY, Flow, SMALL, STRONG, WIDTH},
    sheets::mm,
    table::{Column, Row},
    typography::{date, duration, hour, hour_on, period, thousands},
};
use tabellion_domain::Role;
use time::{OffsetDateTime, UtcOffset};

const NAME: &str = "Relevé de séance";
const COLUMNS: [Column; 5] = [
    Column { title: "Participant", share: 46.0 },
    Column { title: "Rôle", share: 25.0 },
    Column { title: "Identité", share: 31.0 },
    Column { title: "Admission", share: 32.0 },
    Column { title: "Présence", share: 36.0 },
];

/// What a finished meeting's record says. All hours are printed in the offset of the meeting's begin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeetingRecord {
    /// The office that held it.
    pub office: String,
    /// «Nom de la réunion».
    pub meeting: String,
    /// «Numéro de la réunion».
    pub meeting_number: String,
    /// Who held it.
    pub organizer: String,
    /// When it was to be; none for a permanent meeting.
    pub planned: Option<OffsetDateTime>,
    /// From when the first one was inside until the last one left.
    pub held: Period,
    /// Who was inside, in the order in which they are listed.
    pub participants: Vec<Attendance>,
    /// What proves it.
    pub seal: Seal,
    /// When the record is made.
    pub issued_at: OffsetDateTime,
    /// «Relevé n° …», never given twice.
    pub number: String,
    /// In whose name it is made.
    pub brand: Brand,
}

/// From when until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// Its begin.
    pub from: OffsetDateTime,
    /// Its end.
    pub until: OffsetDateTime,
}

/// One participant's time in a meeting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attendance {
    /// As the others saw it.
    pub name: String,
    /// What it might do.
    pub role: Role,
    /// What stood behind the name.
    pub identity: Grade,
    /// Who let it in; none where it needed nobody.
    pub admitted_by: Option<String>,
    /// When it was inside.
    pub present: Vec<Period>,
    /// When neither its picture nor its sound came through although it was inside.
    pub gaps: Vec<Period>,
}

/// What stood behind a participant's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grade {
    /// Logged in with a password and a second factor.
    Account,
    /// Came by an invitation's link that nobody else was sent.
    PersonalLink,
    /// Equipment registered on the box with its password.
    RegisteredDevice,
    /// What the person typed, or what the caller's equipment sent: nothing proves it.
    Declared,
}

/// The audit journal's last line after the meeting: all that was written until then cannot be altered unnoticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seal {
    /// The line's number ([`tabellion_domain::JournalLine`]).
    pub line: i64,
    /// Its hash ([`tabellion_domain::chain_hash`]).
    pub hash: [u8; 32],
}

impl Grade {
    /// As it is printed.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Account => "compte avec second facteur",
            Self::PersonalLink => "lien personnel",
            Self::RegisteredDevice => "équipement enregistré",
            Self::Declared => "déclarée",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Account => "la personne s'est connectée avec son mot de passe et un second facteur",
            Self::PersonalLink => "la personne est venue par le lien d'une invitation adressée à elle seule",
            Self::RegisteredDevice => "l'équipement s'est inscrit sur la boîte avec son mot de passe",
            Self::Declared => "la personne a donné ce nom elle-même, et rien d'autre ne l'atteste",
        }
    }
}

/// «Relevé de séance»: who was in a meeting, when, and on whose word.
///
/// # Errors
/// Only this program's own faults: [`PaperError::Font`], [`PaperError::Document`].
pub fn meeting_record(data: &MeetingRecord) -> Result<Paper, PaperError> {
    let offset = data.held.from.offset();
    let mut flow = Flow::new(&data.brand, NAME)?;
    flow.facts(WIDTH, &facts(data, offset));
    flow.heading("Participants");
    if data.participants.is_empty() {
        flow.paragraph(BODY, "Personne n'est entré dans la réunion.");
    } else {
        let row = |attendance| row(attendance, data.held.within(offset));
        flow.table(&COLUMNS, &data.participants.iter().map(row).collect::<Vec<_>>());
        flow.top += mm(2.0);
        for line in legend(&data.participants, offset) {
            flow.paragraph(SMALL, &line);
        }
    }
    seal(&mut flow, data.seal);
    flow.remark_on_unwritable();
    flow.feet(&data.brand, &format!("{NAME} n°\u{a0}{} · {}", data.number, data.office));
    let title = format!("{NAME} n° {} : {}", data.number, data.meeting);
    let metadata =
        Metadata { title, subject: &data.office, author: &data.brand.service, created: data.issued_at };
    finish(flow.sheets, &metadata)
}

impl Period {
    /// The same time, as clocks of this offset show it.
    fn within(self, offset: UtcOffset) -> Self {
        Self { from: self.from.to_offset(offset), until: self.until.to_offset(offset) }
    }

    fn written(self) -> String {
        period(self.from, self.until)
    }
}

fn facts(data: &MeetingRecord, offset: UtcOffset) -> [(&'static str, String); 8] {
    let planned = data.planned.map_or_else(
        || "réunion permanente, sans horaire prévu".to_owned(),
        |planned| {
            let at = planned.to_offset(offset);
            format!("{} à {}", date(at.date()), hour(at))
        },
    );
    [
        ("Réunion", data.meeting.clone()),
        ("Numéro de la réunion", data.meeting_number.clone()),
        ("Office", data.office.clone()),
        ("Organisateur", data.organizer.clone()),
        ("Prévue", planned),
        ("Tenue", data.held.within(offset).written()),
        ("Établi le", date(data.issued_at.to_offset(offset).date())),
        ("Relevé n°", data.number.clone()),
    ]
}

fn row(attendance: &Attendance, held: Period) -> Row {
    let (day, offset) = (held.from.date(), held.from.offset());
    let stretch = |present: &Period| {
        let Period { from, until } = present.within(offset);
        format!("de {} à {}", hour_on(day, from), hour_on(day, until))
    };
    let gap = |gap: &Period| {
        let from = gap.within(offset).from;
        format!("coupure à {} ({})", hour_on(day, from), duration(gap.until - gap.from))
    };
    let mut presence: Vec<String> = attendance.present.iter().map(stretch).collect();
    presence.extend(attendance.gaps.iter().map(gap));
    let admission = attendance.admitted_by.clone().unwrap_or_else(|| "entrée directe".to_owned());
    vec![
        vec![attendance.name.clone()],
        vec![role(attendance.role).to_owned()],
        vec![attendance.identity.label().to_owned()],
        vec![admission],
        presence,
    ]
}

/// As the guide names them (SCHED-03).
fn role(role: Role) -> &'static str {
    match role {
        Role::Organizer => "Organisateur",
        Role::Guest => "Invité",
        Role::Spectator => "Spectateur",
    }
}

/// What the table's words mean, those that are in it, a line each.
fn legend(participants: &[Attendance], offset: UtcOffset) -> Vec<String> {
    let mut lines = vec![format!("Heures : {}. Admission : qui a accepté la demande d'entrer.", utc(offset))];
    let grades = [Grade::Account, Grade::PersonalLink, Grade::RegisteredDevice, Grade::Declared];
    let used = grades.iter().filter(|grade| participants.iter().any(|one| one.identity == **grade));
    lines.extend(used.map(|grade| format!("Identité « {} » : {}.", grade.label(), grade.meaning())));
    if participants.iter().any(|one| !one.gaps.is_empty()) {
        lines.push("Coupure : ni image ni son ne sont parvenus de ce participant.".to_owned());
    }
    lines
}

/// «UTC+1», «UTC−3h30».
fn utc(offset: UtcOffset) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '−' } else { '+' };
    let minutes = if minutes == 0 { String::new() } else { format!("h{:02}", minutes.abs()) };
    format!("UTC{sign}{}{minutes}", hours.abs())
}

fn seal(flow: &mut Flow, seal: Seal) {
    let line = thousands(seal.line.unsigned_abs());
    flow.heading(&format!("Sceau : ligne n°\u{a0}{line} du journal d'audit"));
    let groups: Vec<String> =
        seal.hash.chunks(2).map(|two| format!("{:02x}{:02x}", two[0], two[1])).collect();
    for eight in groups.chunks(8) {
        flow.paragraph(STRONG, &eight.join("  "));
    }
    flow.top += mm(2.0);
    flow.paragraph(
        BODY,
        &format!(
            "Les admissions, les entrées et les sorties que ce relevé énumère sont inscrites au journal d'audit de la boîte. Chaque ligne du journal porte une empreinte \
             (SHA-256) calculée sur l'empreinte de la ligne précédente, son propre numéro, sa date et son contenu : modifier, \
             ôter ou insérer une ligne change toutes les empreintes qui suivent. Pour vérifier ce relevé, faites recalculer le \
             journal jusqu'à la ligne n°\u{a0}{line} par un administrateur de l'office ou par le support : l'empreinte obtenue \
             doit être celle qui est imprimée ci-dessus, caractère par caractère. Si elle diffère, le journal ou ce relevé a \
             été modifié.",
        ),
    );
}
