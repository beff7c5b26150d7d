mod known;
#[cfg(test)]
mod tests;
mod write;

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use ledgerline_model::open::{self, Open};
use ledgerline_model::record::document_date;
use ledgerline_model::validation::Reference;
use ledgerline_model::{AppId, ConnectionId, DataType, Date, Decimal, PublicationId, Timestamp, Window};

pub use known::{Known, Stored, known};
pub(crate) use write::{Columns, at_once, replace, values_of};
pub use write::{load, mark_deleted, overwrite, unload};

use crate::db::sql;
use crate::{Result, Tx};

/// Where records stand: a data type of a connection, and the feed that brings them.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub app: AppId,
    pub connection: ConnectionId,
    pub data_type: DataType,
    pub feed: &'a str,
}

/// What a page says of a record that exists.
#[derive(Clone, Debug)]
pub struct Content {
    pub standard: String,
    pub source: Arc<str>,
    /// Of `standard`.
    pub hash: [u8; 16],
    pub source_modified_at: Option<Timestamp>,
    /// It counts towards a control account.
    pub is_open: bool,
    /// The records that it names; no part of what is stored.
    pub references: Vec<Reference>,
    /// With so much; `None` where that depends on the day.
    pub open: Option<Open>,
}

/// Delete up to `limit` rows that a failed first load left behind; how many there were. Where none has failed nothing is
/// looked through.
pub async fn clear_unpublished(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    keep: PublicationId,
    limit: i64,
) -> Result<u64> {
    let left_behind =
        "app_id = $1 and connection_id = $2 and data_type = $3 and publication_id <> $4 and exists (
        select 1 from publication p
        where p.app_id = $1 and p.connection_id = $2 and p.data_type = $3 and p.publication_id <> $4
    )";
    sql(tx.dialect().delete_some("record", left_behind, "$5"))
        .bind(app)
        .bind(connection)
        .bind(data_type.key())
        .bind(keep)
        .bind(limit)
        .run(tx)
        .await
}

/// Delete up to `limit` rows of a first load that its feed brought; how many there were.
pub async fn clear_loaded(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    limit: i64,
) -> Result<u64> {
    let loaded =
        "app_id = $1 and connection_id = $2 and data_type = $3 and feed = $4 and publication_id = $5";
    sql(tx.dialect().delete_some("record", loaded, "$6"))
        .bind(place.app)
        .bind(place.connection)
        .bind(place.data_type.key())
        .bind(place.feed)
        .bind(publication)
        .bind(limit)
        .run(tx)
        .await
}

/// How many rows the first load of a type has stored: all that there are, told by the key alone.
pub async fn count_loaded(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<i64> {
    sql("select count(*) as records from record where app_id = $1 and connection_id = $2 and data_type = $3")
        .bind(app)
        .bind(connection)
        .bind(data_type.key())
        .first(tx)
        .await?
        .map_or(Ok(0), |row| row.int("records"))
}

/// The platform's JSON of the live record of a data type that has one only.
pub async fn only_source(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<Option<String>> {
    sql("select source from record
         where app_id = $1 and connection_id = $2 and data_type = $3 and not is_deleted
         order by remote_id limit 1")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .first(tx)
    .await?
    .map(|row| row.text("source"))
    .transpose()
}

/// The ids of live records of a feed that lie inside the window, as they come: those that a complete read of the
/// window must have held if they still exist. `now` is of the read: months count back from there.
pub async fn each_live_id_within(
    tx: &mut Tx,
    place: &Place<'_>,
    window: &Window,
    now: Timestamp,
    mut visit: impl FnMut(String),
) -> Result<()> {
    if *window == Window::ALL {
        return each_live_id(tx, place, visit).await;
    }
    let months = months(window, now);
    sql(
        "select remote_id, source_modified_at, case when $5 then standard end as standard from record
         where app_id = $1 and connection_id = $2 and data_type = $3 and feed = $4 and not is_deleted",
    )
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(place.feed)
    .bind(window.documents_from.is_some())
    .each(tx, |row| {
        let id = row.text("remote_id")?;
        let modified = match window.modified_from {
            Some(from) => row.opt_at("source_modified_at")?.is_none_or(|at| at >= from),
            None => true,
        };
        let dated = match window.documents_from {
            Some(from) => row
                .opt_text("standard")?
                .and_then(|standard| document_date(&standard))
                .is_some_and(|date| date >= from && window.until.is_none_or(|until| date <= until)),
            None => true,
        };
        // A statement's id is its month.
        let in_months = match &months {
            Some(months) => !place.data_type.is_statement() || months.contains(&id),
            None => true,
        };
        if modified && dated && in_months {
            visit(id);
        }
        Ok(true)
    })
    .await
}

/// The oldest and the newest month of statements that the window holds, as their ids name them.
fn months(window: &Window, now: Timestamp) -> Option<RangeInclusive<String>> {
    let (newest, count) = window.months(window.statement_months?, now.to_zoned(TimeZone::UTC).date());
    let oldest = newest.checked_sub(i64::from(count - 1).months()).ok()?;
    let id = |month: Date| format!("{:04}-{:02}", month.year(), month.month());
    Some(id(oldest)..=id(newest))
}

/// The ids of live records of a feed, as they come.
pub async fn each_live_id(tx: &mut Tx, place: &Place<'_>, mut visit: impl FnMut(String)) -> Result<()> {
    sql("select remote_id from record
         where app_id = $1 and connection_id = $2 and data_type = $3 and feed = $4 and not is_deleted")
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(place.feed)
    .each(tx, |row| {
        visit(row.text("remote_id")?);
        Ok(true)
    })
    .await
}

/// What is open of a data type.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct OpenSum {
    /// In the base currency.
    pub amount: Decimal,
    /// How many of the records are in another currency.
    pub foreign: i64,
}

/// What is open, at the end of a day, of the live records for which that is known by a number; the others are those
/// of [`each_open_later`].
pub async fn sum_open(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    day: Date,
) -> Result<OpenSum> {
    sql("select cast(coalesce(sum(open_units), 0) as bigint) as units,
             cast(coalesce(sum(case when open_is_foreign then 1 else 0 end), 0) as bigint) as is_foreign
         from record
         where app_id = $1 and connection_id = $2 and data_type = $3 and is_open and not is_deleted
             and open_since <= $4")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(open::number_of(day))
    .first(tx)
    .await?
    .map_or(Ok(OpenSum::default()), |row| {
        Ok(OpenSum {
            amount: open::amount_of(row.int("units")?),
            foreign: row.int("is_foreign")?,
        })
    })
}

/// The standard form of every live record of a type that counts towards a control account, and of which what is open
/// at the end of the day is not known by a number, as they come.
pub async fn each_open_later(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    day: Date,
    mut visit: impl FnMut(String) -> Result<()>,
) -> Result<()> {
    sql("select standard from record
         where app_id = $1 and connection_id = $2 and data_type = $3 and is_open and not is_deleted
             and open_since > $4")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .bind(open::number_of(day))
    .each(tx, |row| {
        visit(row.text("standard")?)?;
        Ok(true)
    })
    .await
}
