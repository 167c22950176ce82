use crate::{
    Store, StoreError, Topic,
    convert::{self, from_word, word},
    scheduled::{self, Invited},
    users,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use tabellion_domain::{
    MeetingId, Role, SeatId, UserId,
    admission::{Channel, Identity, Stage},
};
use time::OffsetDateTime;

/// A seat to be made.
#[derive(Clone, Debug)]
pub struct NewStoredSeat {
    /// Where.
    pub meeting: MeetingId,
    /// As the others see it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it joins with.
    pub channel: Channel,
    /// What stands behind the name.
    pub identity: Identity,
    /// The account, where it is one.
    pub user: Option<UserId>,
    /// The registered device's username, where it is one.
    pub device: Option<String>,
    /// The personal link that it comes by: SHA-256 of its secret. It has to be good still.
    pub link: Option<[u8; 32]>,
    /// SHA-256 of the secret that takes the seat. Room systems have none.
    pub token_hash: Option<[u8; 32]>,
    /// Where it stands first.
    pub stage: Stage,
    /// When.
    pub at: OffsetDateTime,
}

/// A seat as stored.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredSeat {
    /// Its row.
    pub id: SeatId,
    /// See [`NewStoredSeat`].
    pub meeting: MeetingId,
    /// See [`NewStoredSeat`].
    pub name: String,
    /// See [`NewStoredSeat`].
    pub role: Role,
    /// See [`NewStoredSeat`].
    pub channel: Channel,
    /// See [`NewStoredSeat`].
    pub identity: Identity,
    /// Where it stands.
    pub stage: Stage,
    /// Whether its microphone is on.
    pub microphone: bool,
    /// Whether its camera is on.
    pub camera: bool,
    /// A room system's call, as JSON of its keeper.
    pub dialog: Option<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

const COLUMNS: &str =
    "id, meeting, name, role, channel, identity, stage, microphone, camera, dialog, created_at";

struct Raw {
    id: i64,
    meeting: i64,
    name: String,
    role: String,
    channel: String,
    identity: String,
    stage: String,
    microphone: bool,
    camera: bool,
    dialog: Option<String>,
    created_at: i64,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        meeting: row.get(1)?,
        name: row.get(2)?,
        role: row.get(3)?,
        channel: row.get(4)?,
        identity: row.get(5)?,
        stage: row.get(6)?,
        microphone: row.get(7)?,
        camera: row.get(8)?,
        dialog: row.get(9)?,
        created_at: row.get(10)?,
    })
}

fn checked(raw: Raw) -> Result<StoredSeat, StoreError> {
    Ok(StoredSeat {
        id: SeatId(raw.id),
        meeting: MeetingId(raw.meeting),
        name: raw.name,
        role: from_word("a role", &raw.role)?,
        channel: from_word("a channel", &raw.channel)?,
        identity: from_word("an identity", &raw.identity)?,
        stage: serde_json::from_str(&raw.stage).map_err(|_| convert::unreadable("a stage", &raw.stage))?,
        microphone: raw.microphone,
        camera: raw.camera,
        dialog: raw.dialog,
        created_at: convert::time(raw.created_at)?,
    })
}

fn stage_json(stage: Stage) -> String {
    serde_json::to_string(&stage).expect("a stage has string keys only")
}

pub(crate) fn insert(tx: &Transaction<'_>, new: NewStoredSeat) -> Result<SeatId, StoreError> {
    // Who was deleted while the seat was being made: here the one or the other is first.
    if let Some(user) = new.user
        && !users::may_join(tx, user)?
    {
        return Err(StoreError::AccountEnded);
    }
    match new.link.map(|link| scheduled::invited(tx, link, new.at)).transpose()? {
        None | Some(Invited::Yes) => {}
        Some(Invited::No) => return Err(StoreError::InvitationEnded),
        Some(Invited::Crowded) => return Err(StoreError::InvitationCrowded),
    }
    let room_system = new.channel == Channel::RoomSystem;
    tx.execute(
        "INSERT INTO seats (meeting, name, role, channel, identity, user, device, token_hash, stage, ended, \
         microphone, camera, created_at, changed_at, link) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?12, ?13)",
        params![
            new.meeting.0,
            new.name,
            word(&new.role),
            word(&new.channel),
            word(&new.identity),
            new.user.map(|user| user.0),
            new.device,
            new.token_hash,
            stage_json(new.stage),
            !new.stage.is_open(),
            room_system,
            convert::micros(new.at),
            new.link
        ],
    )?;
    Ok(SeatId(tx.last_insert_rowid()))
}

pub(crate) fn set_stage(
    tx: &Transaction<'_>,
    id: SeatId,
    stage: Stage,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE seats SET stage = ?2, ended = ?3, changed_at = ?4 WHERE id = ?1",
        params![id.0, stage_json(stage), !stage.is_open(), convert::micros(at)],
    )?;
    Ok(())
}

pub(crate) fn select(tx: &Transaction<'_>, which: &str) -> Result<Vec<StoredSeat>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM seats WHERE {which} ORDER BY id");
    let mut statement = tx.prepare(&sql)?;
    let rows = statement.query_map([], raw)?;
    rows.map(|row| checked(row?)).collect()
}

impl Store {
    /// Removes the seats of rehearsals, of this one or of all: they are of no use to anybody once they are over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_rehearsals(&self, only: Option<MeetingId>) -> Result<(), StoreError> {
        let last = MeetingId::of_rehearsal(0);
        let (from, to) = only.map_or((MeetingId::of_rehearsal(u32::MAX), last), |only| (only, only));
        self.transact(move |tx| {
            tx.execute("DELETE FROM seats WHERE meeting BETWEEN ?1 AND ?2", [from.0, to.0])?;
            Ok(())
        })
        .await
    }

    /// By row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seat(&self, id: SeatId) -> Result<Option<StoredSeat>, StoreError> {
        self.transact(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM seats WHERE id = ?1");
            tx.query_row(&sql, [id.0], raw).optional()?.map(checked).transpose()
        })
        .await
    }

    /// By its secret's hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seat_by_token_hash(&self, hash: [u8; 32]) -> Result<Option<StoredSeat>, StoreError> {
        self.transact(move |tx| {
            let sql = format!("SELECT {COLUMNS} FROM seats WHERE token_hash = ?1");
            tx.query_row(&sql, [hash], raw).optional()?.map(checked).transpose()
        })
        .await
    }

    /// All seats that are not over, of all meetings: what a restarted process takes up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_seats(&self) -> Result<Vec<StoredSeat>, StoreError> {
        self.transact(|tx| select(tx, "ended = 0")).await
    }

    /// A user's seats that are not over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_seats_of(&self, user: UserId) -> Result<Vec<StoredSeat>, StoreError> {
        self.transact(move |tx| select(tx, &format!("ended = 0 AND user = {}", user.0))).await
    }

    /// Seats that are not over and were taken by a personal link that is withdrawn since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn uninvited_seats(&self) -> Result<Vec<StoredSeat>, StoreError> {
        let which = "ended = 0 AND link IS NOT NULL \
                     AND NOT EXISTS (SELECT 1 FROM scheduled_links WHERE hash = seats.link)";
        self.transact(move |tx| select(tx, which)).await
    }

    /// Seats that are over and whose call may still run: it is ended a moment after the seat.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ended_seats_with_a_call(&self) -> Result<Vec<StoredSeat>, StoreError> {
        self.transact(|tx| select(tx, "ended = 1 AND dialog IS NOT NULL")).await
    }

    /// Notes where a seat stands now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_seat_stage(
        &self,
        id: SeatId,
        stage: Stage,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| set_stage(tx, id, stage, at)).await?;
        self.tell(Topic::Waiting);
        Ok(())
    }

    /// Notes a room system's call, as JSON of its keeper; none once it is over: it holds the media's keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn update_seat_dialog(&self, id: SeatId, dialog: Option<String>) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute("UPDATE seats SET dialog = ?2 WHERE id = ?1", params![id.0, dialog])?;
            Ok(())
        })
        .await
    }
}
