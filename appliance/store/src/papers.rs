use crate::{Store, StoreError, audit, convert};
use rusqlite::{OptionalExtension, params};
use tabellion_domain::{AuditEvent, UserId, attestation::PaperNumber};
use time::OffsetDateTime;

/// Kind of the attestation of video-conference (CERT-01).
const ATTESTATION: &str = "attestation";
/// Kind of the record of a meeting that is over.
const RECORD: &str = "record";

/// A paper that was given out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuedPaper {
    /// Never given twice.
    pub number: PaperNumber,
    /// `attestation`, `record`.
    pub kind: String,
    /// Of the office that it is about.
    pub crpcen: String,
    /// Its name, as the paper has it.
    pub office: String,
    /// Who asked for it.
    pub asked_by: UserId,
    /// When.
    pub issued_at: OffsetDateTime,
    /// Of the whole document.
    pub sha256: [u8; 32],
}

impl IssuedPaper {
    /// An attestation.
    #[must_use]
    pub fn attestation(
        number: PaperNumber,
        (crpcen, office): (String, String),
        asked_by: UserId,
        issued_at: OffsetDateTime,
        sha256: [u8; 32],
    ) -> Self {
        Self { number, kind: ATTESTATION.to_owned(), crpcen, office, asked_by, issued_at, sha256 }
    }

    /// The record of a meeting of this box's office.
    #[must_use]
    pub fn record(
        number: PaperNumber,
        (crpcen, office): (String, String),
        asked_by: UserId,
        issued_at: OffsetDateTime,
        sha256: [u8; 32],
    ) -> Self {
        Self { number, kind: RECORD.to_owned(), crpcen, office, asked_by, issued_at, sha256 }
    }
}

impl Store {
    /// Keeps what was made, before it is given out.
    ///
    /// # Errors
    /// [`StoreError`], also where the number was given already ([`StoreError::is_conflict`]).
    pub async fn issue_paper(&self, paper: IssuedPaper) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "INSERT INTO papers_issued (number, kind, crpcen, office, asked_by, issued_at, sha256) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    paper.number.as_str(),
                    paper.kind,
                    paper.crpcen,
                    paper.office,
                    paper.asked_by.0,
                    convert::micros(paper.issued_at),
                    paper.sha256
                ],
            )?;
            let event = AuditEvent::PaperIssued {
                user: paper.asked_by,
                kind: paper.kind,
                number: paper.number.to_string(),
                crpcen: paper.crpcen,
                sha256: paper.sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
            };
            audit::append(tx, &event, paper.issued_at)
        })
        .await
    }

    /// A paper by its number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn issued_paper(&self, number: PaperNumber) -> Result<Option<IssuedPaper>, StoreError> {
        self.transact(move |tx| {
            let found = tx
                .query_row(
                    "SELECT kind, crpcen, office, asked_by, issued_at, sha256 FROM papers_issued WHERE number = ?1",
                    [number.as_str()],
                    |row| {
                        let at: i64 = row.get(4)?;
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, UserId(row.get(3)?), at, row.get(5)?))
                    },
                )
                .optional()?;
            let Some((kind, crpcen, office, asked_by, at, sha256)) = found else { return Ok(None) };
            let issued_at = convert::time(at)?;
            Ok(Some(IssuedPaper { number, kind, crpcen, office, asked_by, issued_at, sha256 }))
        })
        .await
    }
}
