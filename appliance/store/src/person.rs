use crate::{Store, StoreError, audit, convert};
use rusqlite::{Row, Transaction, params_from_iter};
use serde_json::{Map, Value, json};
use tabellion_domain::{AuditEvent, UserId, sort_key};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// All that the box keeps of one person (GDPR, art. 15 and 20).
#[derive(Clone, PartialEq, Debug)]
pub struct PersonData {
    /// The person's accounts.
    pub accounts: Vec<UserId>,
    /// Where it is kept, and what.
    pub records: Vec<PersonRecord>,
}

/// What one part of the database keeps.
#[derive(Clone, PartialEq, Debug)]
pub struct PersonRecord {
    /// For whoever reads the export: «comptes», «appels» …
    pub part: &'static str,
    /// Its rows: times by RFC 3339, no secret.
    pub rows: Vec<Map<String, Value>>,
}

/// A part of the database: what it is called in the export, how it is asked by an account, and by a name or an address.
struct Part {
    name: &'static str,
    /// Its only parameter is the account.
    by_account: Option<&'static str>,
    /// Its only parameter is a text that [`sort_key`] has gone over. None: nothing of others is there.
    by_name: Option<&'static str>,
}

/// Columns that end with `_le` are times.
const PARTS: &[Part] = &[
    Part {
        name: "comptes",
        by_account: Some(
            "SELECT login AS identifiant, civility AS civilité, first_name AS prénom, last_name AS nom, email AS courriel, \
             mobile AS mobile, administrator AS administrateur, visio AS droits, telework AS délégué_télétravail, \
             invoices AS accès_aux_factures, in_directory AS annuaire, created_at AS créé_le, deleted_at AS supprimé_le \
             FROM users WHERE id = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "textes acceptés",
        by_account: Some(
            "SELECT text AS texte, version, at AS accepté_le FROM user_agreements WHERE user = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "connexions en cours",
        by_account: Some(
            "SELECT created_at AS ouverte_le, last_seen_at AS vue_le FROM sessions WHERE user = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "appels",
        by_account: Some(
            "SELECT direction AS sens, number AS numéro, name AS nom, media AS moyen, outcome AS issue, \
             began_at AS commencé_le, answered_at AS décroché_le, ended_at AS terminé_le FROM calls WHERE user = ?1",
        ),
        by_name: Some(
            "SELECT direction AS sens, number AS numéro, name AS nom, media AS moyen, outcome AS issue, \
             began_at AS commencé_le, answered_at AS décroché_le, ended_at AS terminé_le FROM calls \
             WHERE sort_key(name) = ?1 OR number = ?1",
        ),
    },
    Part {
        name: "présences en réunion",
        by_account: Some(
            "SELECT seats.name AS nom, role AS rôle, identity AS identité, channel AS moyen, seats.created_at AS demandée_le, \
             changed_at AS terminée_le, permanent_meetings.description AS réunion FROM seats \
             LEFT JOIN permanent_meetings ON permanent_meetings.id = seats.meeting WHERE seats.user = ?1",
        ),
        by_name: Some(
            "SELECT seats.name AS nom, role AS rôle, identity AS identité, channel AS moyen, seats.created_at AS demandée_le, \
             changed_at AS terminée_le, permanent_meetings.description AS réunion FROM seats \
             LEFT JOIN permanent_meetings ON permanent_meetings.id = seats.meeting \
             WHERE seats.user IS NULL AND (sort_key(seats.name) = ?1 OR sort_key(seats.name) IN \
             ('madame ' || ?1, 'monsieur ' || ?1, 'maitre ' || ?1))",
        ),
    },
    Part {
        name: "invitations",
        by_account: Some(
            "SELECT scheduled_participants.civility AS civilité, scheduled_participants.name AS nom, email AS courriel, role AS rôle, \
             day AS jour, hour AS heure, coalesce(scheduled_meetings.name, reference) AS réunion FROM scheduled_participants \
             JOIN scheduled_meetings ON scheduled_meetings.id = meeting \
             WHERE email = (SELECT email FROM users WHERE id = ?1 AND email <> '') COLLATE NOCASE",
        ),
        by_name: Some(
            "SELECT scheduled_participants.civility AS civilité, scheduled_participants.name AS nom, email AS courriel, role AS rôle, \
             day AS jour, hour AS heure, coalesce(scheduled_meetings.name, reference) AS réunion FROM scheduled_participants \
             JOIN scheduled_meetings ON scheduled_meetings.id = meeting \
             WHERE sort_key(scheduled_participants.name) = ?1 OR email = ?1 COLLATE NOCASE",
        ),
    },
    Part {
        name: "messages à envoyer",
        by_account: Some(
            "SELECT kind AS moyen, json_extract(payload, '$.to') AS destinataire, json_extract(payload, '$.subject') AS objet, \
             queued_at AS déposé_le FROM outbox WHERE json_extract(payload, '$.to') <> '' AND json_extract(payload, '$.to') IN \
             (SELECT email FROM users WHERE id = ?1 UNION SELECT mobile FROM users WHERE id = ?1)",
        ),
        by_name: Some(
            "SELECT kind AS moyen, json_extract(payload, '$.to') AS destinataire, json_extract(payload, '$.subject') AS objet, \
             queued_at AS déposé_le FROM outbox WHERE json_extract(payload, '$.to') = ?1 COLLATE NOCASE",
        ),
    },
    Part {
        name: "réunions programmées créées",
        by_account: Some(
            "SELECT reference AS référence, coalesce(name, '') AS nom, day AS jour, hour AS heure, created_at AS créée_le \
             FROM scheduled_meetings WHERE created_by = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "réunions permanentes créées",
        by_account: Some(
            "SELECT description, number AS numéro, created_at AS créée_le FROM permanent_meetings WHERE created_by = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "attestations demandées",
        by_account: Some(
            "SELECT number AS numéro, crpcen, office, issued_at AS délivrée_le FROM papers_issued WHERE asked_by = ?1",
        ),
        by_name: None,
    },
    Part {
        name: "commandes",
        by_account: Some(
            "SELECT kind AS objet, count AS nombre, by_name AS par, subject AS pour, at AS passée_le FROM orders \
             WHERE by = ?1 OR subject_login = (SELECT login FROM users WHERE id = ?1)",
        ),
        by_name: None,
    },
    Part {
        name: "journal d’audit",
        by_account: Some(
            "SELECT number AS ligne, at AS écrite_le, event AS événement FROM audit_journal \
             WHERE json_extract(event, '$.user') = ?1 OR json_extract(event, '$.by') = ?1",
        ),
        by_name: None,
    },
];

impl Store {
    /// What the box keeps of who has this login, mail address, telephone number or name, without regard to case and accents; noted in
    /// the journal, but where it is nothing. Whoever has the same name has the same data: the reader tells them apart.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_person(
        &self,
        person: String,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<PersonData, StoreError> {
        self.transact(move |tx| {
            let data = collect(tx, person.trim())?;
            if !data.records.is_empty() {
                let event = AuditEvent::PersonExported { by, accounts: data.accounts.clone() };
                audit::append(tx, &event, at)?;
            }
            Ok(data)
        })
        .await
    }
}

fn collect(tx: &Transaction<'_>, person: &str) -> Result<PersonData, StoreError> {
    let key = sort_key(person);
    let accounts = accounts(tx, person, &key)?;
    let mut records = Vec::new();
    for part in PARTS {
        let mut found = Vec::new();
        for UserId(user) in &accounts {
            found.extend(part.by_account.map_or(Ok(Vec::new()), |sql| rows(tx, sql, *user))?);
        }
        if let Some(sql) = part.by_name.filter(|_| !key.is_empty()) {
            let others = rows(tx, sql, key.clone())?;
            found.extend(others.into_iter().filter(|row| !found.contains(row)).collect::<Vec<_>>());
        }
        if !found.is_empty() {
            records.push(PersonRecord { part: part.name, rows: found });
        }
    }
    Ok(PersonData { accounts, records })
}

fn accounts(tx: &Transaction<'_>, person: &str, key: &str) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT id FROM users WHERE login = ?1 OR email = ?1 COLLATE NOCASE OR mobile = ?1 \
               OR sort_key(first_name || ' ' || last_name) = ?2 OR sort_key(last_name || ' ' || first_name) = ?2";
    let mut statement = tx.prepare(sql)?;
    let found = statement.query_map([person, key], |row| Ok(UserId(row.get(0)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn rows(
    tx: &Transaction<'_>,
    sql: &str,
    parameter: impl rusqlite::ToSql,
) -> Result<Vec<Map<String, Value>>, StoreError> {
    let mut statement = tx.prepare(sql)?;
    let names: Vec<String> = statement.column_names().into_iter().map(ToOwned::to_owned).collect();
    let mut found = statement.query(params_from_iter([parameter]))?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        all.push(record(row, &names)?);
    }
    Ok(all)
}

/// What is not there is left out.
fn record(row: &Row<'_>, names: &[String]) -> Result<Map<String, Value>, StoreError> {
    use rusqlite::types::Value as Sql;
    let mut record = Map::new();
    for (index, name) in names.iter().enumerate() {
        let value = match row.get(index)? {
            Sql::Null => continue,
            Sql::Integer(micros) if name.ends_with("_le") => {
                json!(
                    convert::time(micros)?
                        .format(&Rfc3339)
                        .map_err(|_| convert::unreadable("a time", micros))?
                )
            }
            Sql::Integer(number) => json!(number),
            Sql::Real(number) => json!(number),
            // The journal's lines are JSON themselves.
            Sql::Text(text) if text.starts_with('{') => serde_json::from_str(&text).unwrap_or(json!(text)),
            Sql::Text(text) => json!(text),
            Sql::Blob(_) => return Err(convert::unreadable("a text", name)),
        };
        record.insert(name.clone(), value);
    }
    Ok(record)
}
