use super::{Scheduled, row};
use crate::{Store, StoreError};
use rusqlite::params;
use tabellion_domain::{
    MeetingId,
    scheduled::{Invitee, ScheduledMeeting},
};
use time::Date;

/// A meeting, as lists show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledRow {
    /// The meeting.
    pub meeting: ScheduledMeeting,
    /// Its first organizer, where it has one.
    pub organizer: Option<Invitee>,
    /// How many are invited.
    pub participants: u64,
}

/// A page of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledPage {
    /// The page's meetings.
    pub items: Vec<ScheduledRow>,
    /// Of all pages.
    pub total: u64,
}

/// Somebody who was invited before (SCHED-05).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormerParticipant {
    /// Who, in the role of the last time.
    pub invitee: Invitee,
    /// The day of that meeting.
    pub last: Date,
}

/// Not those that were cancelled, nor drafts whose day went by.
const SHOWN: &str =
    "state <> 'cancelled' AND NOT (state = 'expired' AND validated_at IS NULL) AND day >= ?1 AND day <= ?2";
/// Who is proposed: the latest.
const MOST_FORMER: u32 = 2_000;

impl Store {
    /// A meeting with those who take part.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scheduled(&self, id: MeetingId) -> Result<Option<Scheduled>, StoreError> {
        self.transact(move |tx| {
            let Some(meeting) = super::one(tx, "id = ?1", &id.0)? else { return Ok(None) };
            Ok(Some(Scheduled { participants: row::participants(tx, id)?, meeting }))
        })
        .await
    }

    /// By row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scheduled_meeting(&self, id: MeetingId) -> Result<Option<ScheduledMeeting>, StoreError> {
        self.transact(move |tx| super::one(tx, "id = ?1", &id.0)).await
    }

    /// Those of these days, the first and the last one among them, by their beginning. `page` counts from 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scheduled_meetings(
        &self,
        from: Date,
        to: Date,
        page: u32,
        page_size: u32,
    ) -> Result<ScheduledPage, StoreError> {
        self.transact(move |tx| {
            let (from, to) = (row::day_word(from), row::day_word(to));
            let sql = format!(
                "SELECT {}, (SELECT count(*) FROM scheduled_participants p WHERE p.meeting = scheduled_meetings.id) \
                 FROM scheduled_meetings WHERE {SHOWN} ORDER BY day, begins_at, id LIMIT ?3 OFFSET ?4",
                row::COLUMNS
            );
            let mut statement = tx.prepare(&sql)?;
            let offset = u64::from(page) * u64::from(page_size);
            let found = statement
                .query_map(params![from, to, page_size, offset], |row| Ok((row::raw(row)?, row.get(14)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            let mut items = Vec::with_capacity(found.len());
            for (raw, participants) in found {
                let meeting = row::checked(raw)?;
                let organizer = organizer(tx, meeting.id)?;
                items.push(ScheduledRow { meeting, organizer, participants });
            }
            let count = format!("SELECT count(*) FROM scheduled_meetings WHERE {SHOWN}");
            let total = tx.query_row(&count, params![from, to], |row| row.get(0))?;
            Ok(ScheduledPage { items, total })
        })
        .await
    }

    /// Who was invited before, each once, by name: to the latest meeting, in whatever state it is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn former_participants(&self) -> Result<Vec<FormerParticipant>, StoreError> {
        self.transact(|tx| {
            // SQLite takes the other columns from the row that has the maximum.
            let sql = "SELECT p.civility, p.name, p.email, p.role, max(m.day) FROM scheduled_participants p \
                       JOIN scheduled_meetings m ON m.id = p.meeting GROUP BY lower(p.email), p.sort_key \
                       ORDER BY max(m.day) DESC LIMIT ?1";
            let mut statement = tx.prepare(sql)?;
            let found = statement
                .query_map([MOST_FORMER], |row| {
                    Ok((
                        [row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?],
                        row.get::<_, String>(4)?,
                    ))
                })?
                .collect::<Result<Vec<_>, _>>()?;
            let mut people = Vec::with_capacity(found.len());
            for ([civility, name, email, role], day) in found {
                let invitee = row::invitee(&civility, &name, &email, &role)?;
                people.push(FormerParticipant { invitee, last: row::day(&day)? });
            }
            people.sort_by_key(|one| tabellion_domain::sort_key(one.invitee.name.as_str()));
            Ok(people)
        })
        .await
    }
}

pub(super) fn organizer(
    tx: &rusqlite::Transaction<'_>,
    meeting: MeetingId,
) -> Result<Option<Invitee>, StoreError> {
    let sql = "SELECT civility, name, email, role FROM scheduled_participants \
               WHERE meeting = ?1 AND role = 'organizer' ORDER BY id LIMIT 1";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query([meeting.0])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let words: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
    row::invitee(&words[0], &words[1], &words[2], &words[3]).map(Some)
}
