use ledgerline_model::push::{Found, Leg, Row, RowStatus};
use ledgerline_model::{AppId, CompanyId, PushId};
use serde::Serialize;

use crate::db::{self, json, sql};
use crate::{Result, Tx};

/// What a push sees of its legs at its beginning, in their order.
pub async fn insert(tx: &mut Tx, app: AppId, push: PushId, rows: &[Row]) -> Result<()> {
    let listed: Vec<Listed<'_>> = rows
        .iter()
        .enumerate()
        .map(|(position, row)| Listed {
            position,
            ..Listed::of(row)
        })
        .collect();
    sql(format!(
        "insert into push_item (app_id, push_id, transaction_id, leg, position, status, message)
         select $1, $2, listed.value ->> 'transaction', listed.value ->> 'leg',
                cast(listed.value ->> 'position' as bigint), listed.value ->> 'status', listed.value ->> 'message'
         from {}",
        tx.dialect().objects_of(3)
    ))
    .bind(app)
    .bind(push)
    .bind(json(&listed, "push_item")?)
    .run(tx)
    .await?;
    Ok(())
}

/// Write what became of some of them.
pub async fn save(tx: &mut Tx, app: AppId, push: PushId, rows: &[Row]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let listed: Vec<Listed<'_>> = rows.iter().map(Listed::of).collect();
    sql(format!(
        "update push_item
         set status = changed.status, message = changed.message,
             is_written = push_item.is_written or changed.is_written
         from (
             select listed.value ->> 'transaction' as transaction_id, listed.value ->> 'leg' as leg,
                    listed.value ->> 'status' as status, listed.value ->> 'message' as message,
                    cast(listed.value ->> 'is_written' as boolean) as is_written
             from {}
         ) as changed
         where push_item.app_id = $1 and push_item.push_id = $2
             and push_item.transaction_id = changed.transaction_id and push_item.leg = changed.leg",
        tx.dialect().objects_of(3)
    ))
    .bind(app)
    .bind(push)
    .bind(json(&listed, "push_item")?)
    .run(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct Listed<'a> {
    position: usize,
    transaction: &'a str,
    leg: &'a str,
    status: &'a str,
    message: Option<String>,
    is_written: bool,
}

impl<'a> Listed<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            position: 0,
            transaction: &row.transaction,
            leg: row.leg.key(),
            status: row.status.key(),
            message: row.message.as_deref().map(storable),
            is_written: row.is_written,
        }
    }
}

/// A text of the platform's as both databases can keep it: PostgreSQL knows no U+0000.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// It is known by now what became of a document that pushes had left in doubt when they ended; which pushes those are.
pub async fn found(
    tx: &mut Tx,
    app: AppId,
    company: CompanyId,
    transaction: &str,
    found: &Found,
) -> Result<Vec<PushId>> {
    let status = match found.is_posted {
        true => RowStatus::Completed,
        false => RowStatus::Failed,
    };
    sql("update push_item set found = $4, found_message = $5
         where app_id = $1 and transaction_id = $3 and leg = 'expense' and status = 'unknown' and found is null
             and push_id in (
                 select push_id from push where app_id = $1 and company_id = $2 and state = 'ended')
         returning push_id")
    .bind(app)
    .bind(company)
    .bind(transaction)
    .bind(status.key())
    .bind(found.message.as_deref().map(storable))
    .all(tx)
    .await?
    .iter()
    .map(|row| row.uuid("push_id").map(PushId))
    .collect()
}

const COLUMNS: &str = "transaction_id, leg, status, message, is_written, found, found_message";

/// A page of them, in their order.
pub async fn page(tx: &mut Tx, app: AppId, push: PushId, offset: i64, limit: i64) -> Result<Vec<Row>> {
    sql(format!(
        "select {COLUMNS} from push_item where app_id = $1 and push_id = $2
         order by position limit $4 offset $3"
    ))
    .bind(app)
    .bind(push)
    .bind(offset)
    .bind(limit)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

pub async fn count(tx: &mut Tx, app: AppId, push: PushId) -> Result<i64> {
    let row = sql("select count(*) as items from push_item where app_id = $1 and push_id = $2")
        .bind(app)
        .bind(push)
        .first(tx)
        .await?;
    row.map_or(Ok(0), |row| row.int("items"))
}

/// The first that the platform refused; where it refused none, the first that is not in the books.
pub async fn first_bad(tx: &mut Tx, app: AppId, push: PushId) -> Result<Option<Row>> {
    sql(format!(
        "select {COLUMNS} from push_item where app_id = $1 and push_id = $2 and status <> 'completed'
         order by case status when 'failed' then 0 else 1 end, position limit 1"
    ))
    .bind(app)
    .bind(push)
    .first(tx)
    .await?
    .map(|row| read(&row))
    .transpose()
}

/// Those of one transaction.
pub async fn of_transaction(tx: &mut Tx, app: AppId, push: PushId, transaction: &str) -> Result<Vec<Row>> {
    sql(format!(
        "select {COLUMNS} from push_item where app_id = $1 and push_id = $2 and transaction_id = $3
         order by position"
    ))
    .bind(app)
    .bind(push)
    .bind(transaction)
    .all(tx)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// All of them, in their order.
pub async fn all(tx: &mut Tx, app: AppId, push: PushId) -> Result<Vec<Row>> {
    page(tx, app, push, 0, i64::MAX).await
}

fn read(row: &db::Row) -> Result<Row> {
    Ok(Row {
        transaction: row.text("transaction_id")?,
        leg: row.key("leg", Leg::from_key)?,
        status: row.key("status", RowStatus::from_key)?,
        message: row.opt_text("message")?,
        is_written: row.bool("is_written")?,
        found: match row.opt_text("found")? {
            Some(_) => Some(Found {
                is_posted: row.key("found", RowStatus::from_key)? == RowStatus::Completed,
                message: row.opt_text("found_message")?,
            }),
            None => None,
        },
    })
}
