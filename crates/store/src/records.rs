use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::tz::TimeZone;
use ledgerline_model::open::{self, Open};
use ledgerline_model::record::document_date;
use ledgerline_model::validation::Reference;
use ledgerline_model::{
    AppId, ConnectionId, DataType, Date, Decimal, PublicationId, PullId, Timestamp, Window,
};

use crate::db::{Value, sql};
use crate::{Dialect, Error, Result, Tx};

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

/// What the store has of a record already.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Known {
    /// The record's hash and whether it is deleted, where there is one.
    pub record: Option<([u8; 16], bool)>,
    /// An earlier page of this Pull was staged for it.
    pub staged: bool,
}

/// Rows of one statement on SQLite, so many of `left`: each number is a statement that has to be prepared and kept, and
/// each statement a way to SQLite's thread and back.
pub(crate) fn at_once(left: usize) -> usize {
    match left {
        128.. => 128,
        32.. => 32,
        8.. => 8,
        2.. => 2,
        _ => left.min(1),
    }
}

/// Store rows under `publication`: those of a first load (`is_first`), unseen until it is visible, or what a later Pull
/// found to be different, in the transaction that makes it visible. Each id occurs once, and replaces what there was.
pub async fn load(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    is_first: bool,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => load_sqlite(tx, place, publication, is_first, rows).await,
        Dialect::Postgres => load_postgres(tx, place, publication, is_first, rows).await,
    }
}

async fn load_sqlite(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    is_first: bool,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    let mut rows = rows.into_iter();
    let (mut count, mut text) = (0, String::new());
    while rows.len() > 0 {
        let fits = at_once(rows.len());
        if fits != count {
            (count, text) = (fits, load_text(fits));
        }
        let mut statement = sql(text.as_str());
        for (remote_id, content) in rows.by_ref().take(count) {
            statement = statement
                .bind(remote_id)
                .bind(content.hash.as_slice())
                .bind(content.source_modified_at)
                .bind(content.is_open)
                .bind_all(open_values(content.open))
                .bind(content.standard)
                .bind(&*content.source);
        }
        statement
            .bind(place.app)
            .bind(place.connection)
            .bind(place.data_type.key())
            .bind(place.feed)
            .bind(publication)
            .bind(is_first)
            .run(tx)
            .await?;
    }
    Ok(())
}

/// The values of the rows come first, without numbers: SQLite looks numbered ones up one by one.
fn load_text(rows: usize) -> String {
    let [app, connection, data_type, feed, publication, is_first] = [1, 2, 3, 4, 5, 6].map(|n| rows * 9 + n);
    let row = format!(
        "(${app}, ${connection}, ${data_type}, ?, ${publication}, ${is_first}, ${feed}, ?, false, ?, ?, ?, ?, ?, ?, ?)"
    );
    format!(
        "insert into record (app_id, connection_id, data_type, remote_id, publication_id, is_first, feed, hash,
                             is_deleted, source_modified_at, is_open, open_since, open_units, open_is_foreign, standard, source)
         values {} {REPLACE}",
        vec![row; rows].join(", ")
    )
}

/// What a later row for the same id does.
const REPLACE: &str = "on conflict (app_id, connection_id, data_type, remote_id) do update
     set publication_id = excluded.publication_id, is_first = excluded.is_first, feed = excluded.feed, hash = excluded.hash,
         is_deleted = excluded.is_deleted, source_modified_at = excluded.source_modified_at,
         is_open = excluded.is_open, open_since = excluded.open_since, open_units = excluded.open_units,
         open_is_foreign = excluded.open_is_foreign, standard = excluded.standard, source = excluded.source";

async fn load_postgres(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    is_first: bool,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    let columns = Columns::of(rows);
    sql(format!(
        "insert into record (app_id, connection_id, data_type, remote_id, publication_id, is_first, feed, hash,
                             is_deleted, source_modified_at, is_open, open_since, open_units, open_is_foreign, standard,
                             source)
         select $1, $2, $3, page.remote_id, $5, $6, $4, page.hash, false, page.source_modified_at, page.is_open,
                page.open_since, page.open_units, page.open_is_foreign, page.standard, page.source
         from unnest($7, $8, $9, $10, $11, $12, $13, $14, $15)
             as page (remote_id, hash, source_modified_at, is_open, open_since, open_units, open_is_foreign,
                      standard, source)
         {REPLACE}"
    ))
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(place.feed)
    .bind(publication)
    .bind(is_first)
    .bind_all(columns.values())
    .run(tx)
    .await?;
    Ok(())
}

/// The rows of a page, turned by columns for `unnest`.
#[derive(Default)]
pub(crate) struct Columns {
    remote_ids: Vec<String>,
    hashes: Vec<Vec<u8>>,
    modified: Vec<Option<i64>>,
    open: Vec<bool>,
    open_since: Vec<Option<i64>>,
    open_units: Vec<Option<i64>>,
    open_is_foreign: Vec<bool>,
    standards: Vec<String>,
    sources: Vec<String>,
}

impl Columns {
    pub(crate) fn of(rows: Vec<(String, Content)>) -> Self {
        let mut columns = Self::default();
        for (remote_id, content) in rows {
            columns.remote_ids.push(remote_id);
            columns.hashes.push(content.hash.to_vec());
            columns
                .modified
                .push(content.source_modified_at.map(ledgerline_model::micros));
            columns.open.push(content.is_open);
            columns.open_since.push(Some(since_number(content.open)));
            columns.open_units.push(Some(units(content.open)));
            columns.open_is_foreign.push(is_foreign(content.open));
            columns.standards.push(content.standard);
            columns.sources.push(content.source.as_ref().to_owned());
        }
        columns
    }

    /// Ids, hashes, source modification, whether open, since when, with how much, whether foreign, standard, source.
    pub(crate) fn values(self) -> [Value; 9] {
        [
            Value::Texts(self.remote_ids),
            Value::Blobs(self.hashes),
            Value::Ints(self.modified),
            Value::Bools(self.open),
            Value::Ints(self.open_since),
            Value::Ints(self.open_units),
            Value::Bools(self.open_is_foreign),
            Value::Texts(self.standards),
            Value::Texts(self.sources),
        ]
    }
}

/// Of a record whose open amount depends on the day, or that has none: later than any day.
const NO_DAY: i64 = 99_999_999;

fn since_number(open: Option<Open>) -> i64 {
    open.map_or(NO_DAY, Open::since_number)
}

fn units(open: Option<Open>) -> i64 {
    open.map_or(0, |open| open.units)
}

fn is_foreign(open: Option<Open>) -> bool {
    open.is_some_and(|open| open.is_foreign)
}

/// `open_since`, `open_units`, `open_is_foreign`.
pub(crate) fn open_values(open: Option<Open>) -> [Value; 3] {
    [
        since_number(open).into(),
        units(open).into(),
        is_foreign(open).into(),
    ]
}

/// Take rows of a first load back: a later page says that they are gone.
pub async fn unload(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    remote_ids: Vec<String>,
) -> Result<()> {
    let remote_ids = tx.dialect().texts(remote_ids);
    sql(match tx.dialect() {
        Dialect::Sqlite => UNLOAD_SQLITE,
        Dialect::Postgres => UNLOAD_POSTGRES,
    })
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(publication)
    .bind(remote_ids)
    .run(tx)
    .await?;
    Ok(())
}

const UNLOAD_SQLITE: &str = "
    delete from record
    where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id in (select value from json_each($5))
        and publication_id = $4";

const UNLOAD_POSTGRES: &str = "
    delete from record where ctid = any (array (
        select found.ctid from unnest($5) as page (id)
        cross join lateral (
            select ctid from record
            where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = page.id
                and publication_id = $4
            limit 1
        ) as found
    ))";

/// Mark live records as deleted under `publication`, their content kept; how many.
pub async fn mark_deleted(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    remote_ids: Vec<String>,
) -> Result<u64> {
    sql(match tx.dialect() {
        Dialect::Sqlite => MARK_SQLITE,
        Dialect::Postgres => MARK_POSTGRES,
    })
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(publication)
    .bind(tx.dialect().texts(remote_ids))
    .run(tx)
    .await
}

const MARK_SQLITE: &str = "
    update record set is_deleted = true, publication_id = $4, is_first = false
    where app_id = $1 and connection_id = $2 and data_type = $3 and not is_deleted
        and remote_id in (select value from json_each($5))";

const MARK_POSTGRES: &str = "
    update record set is_deleted = true, publication_id = $4, is_first = false
    where ctid = any (array (
        select found.ctid from unnest($5) as page (id)
        cross join lateral (
            select ctid from record
            where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = page.id
                and not is_deleted
            limit 1
        ) as found
    ))";

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

/// What the store has of these ids, in the records and staged by this Pull: one statement for a page.
pub async fn known(
    tx: &mut Tx,
    place: &Place<'_>,
    pull: PullId,
    remote_ids: Vec<String>,
) -> Result<HashMap<String, Known>> {
    let mut known: HashMap<String, Known> = HashMap::with_capacity(remote_ids.len());
    let remote_ids = tx.dialect().texts(remote_ids);
    sql(match tx.dialect() {
        Dialect::Sqlite => KNOWN_SQLITE,
        Dialect::Postgres => KNOWN_POSTGRES,
    })
    .bind(place.app)
    .bind(place.connection)
    .bind(place.data_type.key())
    .bind(pull)
    .bind(remote_ids)
    .each(tx, |row| {
        let entry = known.entry(row.text("remote_id")?).or_default();
        match row.opt_bytes("hash")? {
            Some(hash) => {
                let hash = hash.try_into().map_err(|_| Error::Corrupt { column: "hash" })?;
                entry.record = Some((hash, row.bool("is_deleted")?));
            }
            None => entry.staged = true,
        }
        Ok(true)
    })
    .await?;
    Ok(known)
}

const KNOWN_SQLITE: &str = "
    select remote_id, hash, is_deleted, 0 as staged from record
    where app_id = $1 and connection_id = $2 and data_type = $3
        and remote_id in (select value from json_each($5))
    union all
    select remote_id, null, false, 1 from pull_change
    where app_id = $1 and pull_id = $4 and remote_id in (select value from json_each($5))";

/// Each id is looked up by itself, whatever the planner believes of a table that has just grown.
const KNOWN_POSTGRES: &str = "
    select known.* from unnest($5) as page (id)
    cross join lateral (
        select remote_id, hash, is_deleted, 0 as staged from record
        where app_id = $1 and connection_id = $2 and data_type = $3 and remote_id = page.id
        limit 1
    ) as known
    union all
    select known.* from unnest($5) as page (id)
    cross join lateral (
        select remote_id, null::bytea, false, 1 from pull_change
        where app_id = $1 and pull_id = $4 and remote_id = page.id
        limit 1
    ) as known";

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
