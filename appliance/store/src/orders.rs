use crate::{
    OutboxKind, Store, StoreError, User, UserRefusal, audit, convert, outbox,
    users::{Stop, administrator},
};
use rusqlite::{Row, Transaction, params};
use serde_json::Value;
use tabellion_domain::{
    AuditEvent, UserId,
    orders::{Delivery, Order, OrderKind},
};
use time::OffsetDateTime;

/// Makes the mail with an order for whoever bills, as the outbox takes it.
pub type OrderMail = Box<dyn Fn(&Order) -> Value + Send>;

const SELECT: &str = "SELECT orders.id, orders.at, orders.kind, orders.count, orders.by, by_name, subject, \
                      subject_login, handed_over_at, mail, outbox.sent_at, outbox.given_up_at, outbox.id \
                      FROM orders LEFT JOIN outbox ON outbox.id = orders.mail";

/// A row as SQLite has it.
struct Raw {
    id: i64,
    at: i64,
    kind: String,
    count: u32,
    by: Option<i64>,
    by_name: String,
    subject: String,
    subject_login: String,
    handed_over_at: Option<i64>,
    mail: Option<i64>,
    sent_at: Option<i64>,
    given_up_at: Option<i64>,
    message: Option<i64>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        at: row.get(1)?,
        kind: row.get(2)?,
        count: row.get(3)?,
        by: row.get(4)?,
        by_name: row.get(5)?,
        subject: row.get(6)?,
        subject_login: row.get(7)?,
        handed_over_at: row.get(8)?,
        mail: row.get(9)?,
        sent_at: row.get(10)?,
        given_up_at: row.get(11)?,
        message: row.get(12)?,
    })
}

fn checked(raw: Raw) -> Result<Order, StoreError> {
    let delivery = match (raw.handed_over_at, raw.mail, raw.sent_at, raw.given_up_at) {
        (Some(at), ..) => Delivery::HandedOver(convert::time(at)?),
        (_, None, ..) => Delivery::Waiting,
        (_, _, Some(at), _) => Delivery::Mailed(convert::time(at)?),
        (_, _, _, Some(at)) => Delivery::MailFailed(convert::time(at)?),
        // Messages that have gone are not kept for ever.
        _ if raw.message.is_none() => Delivery::Mailed(convert::time(raw.at)?),
        _ => Delivery::Mailing,
    };
    Ok(Order {
        id: raw.id,
        at: convert::time(raw.at)?,
        kind: OrderKind::from_word(&raw.kind, raw.count)
            .ok_or_else(|| convert::unreadable("an order's kind", &raw.kind))?,
        by: raw.by.map(UserId),
        by_name: raw.by_name,
        subject: raw.subject,
        subject_login: raw.subject_login,
        delivery,
    })
}

/// Keeps an order, with its mail and the journal's line.
pub(crate) fn add(
    tx: &Transaction<'_>,
    kind: OrderKind,
    by: &User,
    subject: Option<&User>,
    mail: Option<&OrderMail>,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO orders (at, kind, count, by, by_name, subject, subject_login) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            convert::micros(at),
            kind.word(),
            kind.licences().max(1),
            by.id.0,
            by.display_name(),
            subject.map(User::display_name).unwrap_or_default(),
            subject.map(|user| user.login.as_str()).unwrap_or_default()
        ],
    )?;
    let id = tx.last_insert_rowid();
    audit::append(tx, &AuditEvent::Ordered { order: id, by: by.id, what: kind.word().to_owned() }, at)?;
    if let Some(mail) = mail {
        let order = checked(tx.query_row(&format!("{SELECT} WHERE orders.id = ?1"), [id], read)?)?;
        let message = outbox::enqueue(tx, OutboxKind::Mail, &mail(&order), at)?;
        tx.execute("UPDATE orders SET mail = ?2 WHERE id = ?1", params![id, message])?;
    }
    Ok(())
}

impl Store {
    /// All orders, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn orders(&self) -> Result<Vec<Order>, StoreError> {
        self.transact(|tx| {
            let mut statement = tx.prepare(&format!("{SELECT} ORDER BY orders.id DESC"))?;
            let rows = statement.query_map([], read)?;
            rows.map(|row| checked(row?)).collect()
        })
        .await
    }

    /// Orders licences (LIC-01): the office has them from now on.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where who asks is no administrator any more.
    pub async fn order_licences(
        &self,
        count: u32,
        by: UserId,
        mail: Option<OrderMail>,
        at: OffsetDateTime,
    ) -> Result<Result<(), UserRefusal>, StoreError> {
        let ordered = self
            .transact_or_refuse(move |tx| {
                let by = administrator(tx, by)?;
                Ok(add(tx, OrderKind::Licences(count), &by, None, mail.as_ref(), at)?)
            })
            .await;
        self.outbox.send_replace(());
        ordered
    }

    /// An administrator has handed over the orders up to `last` that no mail carries. How many.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where who asks is no administrator any more.
    pub async fn hand_orders_over(
        &self,
        last: i64,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<Result<u64, UserRefusal>, StoreError> {
        self.transact_or_refuse(move |tx| hand_over(tx, last, by, at)).await
    }
}

fn hand_over(tx: &Transaction<'_>, last: i64, by: UserId, at: OffsetDateTime) -> Result<u64, Stop> {
    let by = administrator(tx, by)?;
    let handed = tx.execute(
        "UPDATE orders SET handed_over_at = ?2 WHERE id <= ?1 AND handed_over_at IS NULL AND kind <> 'carried' \
         AND (mail IS NULL OR mail IN (SELECT id FROM outbox WHERE given_up_at IS NOT NULL))",
        params![last, convert::micros(at)],
    )? as u64;
    if handed > 0 {
        audit::append(tx, &AuditEvent::OrdersHandedOver { by: by.id, orders: handed }, at)?;
    }
    Ok(handed)
}
