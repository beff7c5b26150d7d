use std::collections::HashMap;

use ledgerline_model::PublicationId;
use ledgerline_model::open::Open;

use super::{Content, Known, Place};
use crate::db::{Value, sql};
use crate::{Dialect, Result, Tx};

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

/// Store rows of a first load under `publication`, unseen until it is visible. Each id occurs once, and replaces what an
/// earlier page has brought.
pub async fn load(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    let first = Load {
        place,
        publication,
        is_first: true,
        sets_feed: true,
    };
    first.insert(tx, rows).await
}

/// Store rows that a later Pull found to be different, in the transaction that makes `publication` visible. Each id
/// occurs once; `known` is what the same transaction has found of them.
pub async fn overwrite(
    tx: &mut Tx,
    place: &Place<'_>,
    publication: PublicationId,
    known: &HashMap<String, Known>,
    rows: Vec<(String, Content)>,
) -> Result<()> {
    let stored = |id: &String| known.get(id).and_then(|known| known.record.as_ref());
    let load = Load {
        place,
        publication,
        is_first: false,
        sets_feed: rows
            .iter()
            .any(|(id, _)| stored(id).is_some_and(|record| record.is_elsewhere)),
    };
    load.insert(tx, rows).await
}

/// How rows are stored.
struct Load<'a> {
    place: &'a Place<'a>,
    publication: PublicationId,
    is_first: bool,
    sets_feed: bool,
}

impl Load<'_> {
    async fn insert(&self, tx: &mut Tx, rows: Vec<(String, Content)>) -> Result<()> {
        match tx.dialect() {
            Dialect::Sqlite => self.insert_sqlite(tx, rows).await,
            Dialect::Postgres => self.insert_postgres(tx, rows).await,
        }
    }

    async fn insert_sqlite(&self, tx: &mut Tx, rows: Vec<(String, Content)>) -> Result<()> {
        let mut rows = rows.into_iter();
        let (mut count, mut text) = (0, String::new());
        while rows.len() > 0 {
            let fits = at_once(rows.len());
            if fits != count {
                (count, text) = (fits, insert_text(fits, self.sets_feed));
            }
            let mut statement = sql(text.as_str());
            for (remote_id, content) in rows.by_ref().take(count) {
                statement = statement.bind_all(values_of(remote_id, content));
            }
            statement
                .bind(self.place.app)
                .bind(self.place.connection)
                .bind(self.place.data_type.key())
                .bind(self.place.feed)
                .bind(self.publication)
                .bind(self.is_first)
                .run(tx)
                .await?;
        }
        Ok(())
    }

    async fn insert_postgres(&self, tx: &mut Tx, rows: Vec<(String, Content)>) -> Result<()> {
        sql(format!(
            "insert into record (app_id, connection_id, data_type, remote_id, publication_id, is_first, feed, hash,
                                 is_deleted, source_modified_at, is_open, open_since, open_units, open_is_foreign,
                                 standard, source)
             select $1, $2, $3, page.remote_id, $5, $6, $4, page.hash, false, page.source_modified_at, page.is_open,
                    page.open_since, page.open_units, page.open_is_foreign, page.standard, page.source
             from unnest($7, $8, $9, $10, $11, $12, $13, $14, $15)
                 as page (remote_id, hash, source_modified_at, is_open, open_since, open_units, open_is_foreign,
                          standard, source)
             {}",
            replace(self.sets_feed)
        ))
        .bind(self.place.app)
        .bind(self.place.connection)
        .bind(self.place.data_type.key())
        .bind(self.place.feed)
        .bind(self.publication)
        .bind(self.is_first)
        .bind_all(Columns::of(rows).values())
        .run(tx)
        .await?;
        Ok(())
    }
}

/// The values of the rows come first, without numbers: SQLite looks numbered ones up one by one.
fn insert_text(rows: usize, sets_feed: bool) -> String {
    let [app, connection, data_type, feed, publication, is_first] = [1, 2, 3, 4, 5, 6].map(|n| rows * 9 + n);
    let row = format!(
        "(${app}, ${connection}, ${data_type}, ?, ${publication}, ${is_first}, ${feed}, ?, false, ?, ?, ?, ?, ?, ?, ?)"
    );
    format!(
        "insert into record (app_id, connection_id, data_type, remote_id, publication_id, is_first, feed, hash,
                             is_deleted, source_modified_at, is_open, open_since, open_units, open_is_foreign, standard, source)
         values {} {}",
        vec![row; rows].join(", "),
        replace(sets_feed)
    )
}

/// What a later row for the same id does. SQLite writes the entry of every index that holds a column which is set, also
/// where its value stays: the feed is set where it may be another one.
pub(crate) fn replace(sets_feed: bool) -> String {
    let feed = if sets_feed { "feed = excluded.feed," } else { "" };
    format!(
        "on conflict (app_id, connection_id, data_type, remote_id) do update
         set {feed} publication_id = excluded.publication_id, is_first = excluded.is_first, hash = excluded.hash,
             is_deleted = excluded.is_deleted, source_modified_at = excluded.source_modified_at,
             is_open = excluded.is_open, open_since = excluded.open_since, open_units = excluded.open_units,
             open_is_foreign = excluded.open_is_foreign, standard = excluded.standard, source = excluded.source"
    )
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

/// The values of a row in the order of [`Columns::values`].
pub(crate) fn values_of(remote_id: String, content: Content) -> [Value; 9] {
    [
        remote_id.into(),
        content.hash.as_slice().into(),
        content.source_modified_at.into(),
        content.is_open.into(),
        since_number(content.open).into(),
        units(content.open).into(),
        is_foreign(content.open).into(),
        content.standard.into(),
        (&*content.source).into(),
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
