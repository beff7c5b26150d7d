use std::collections::HashMap;

use ledgerline_model::record::Record;
use ledgerline_model::{DataType, PublicationId};

use super::Of;
use crate::db::{Row, Value, sql};
use crate::{Dialect, Result, Tx};

/// The columns of a whole record.
pub(super) const WHOLE: &str = "record.remote_id, record.standard, record.source, record.is_deleted,
    record.source_modified_at, record.publication_id, publication.at as modified_at";

/// Records and what published them; conditions follow.
pub(super) fn from(dialect: Dialect, of: Of) -> String {
    match of.as_of {
        None => NOW.to_owned(),
        Some(_) => as_of(dialect),
    }
}

const NOW: &str = "from record
    join publication
        on publication.app_id = record.app_id and publication.publication_id = record.publication_id
    where record.app_id = $1 and record.connection_id = $2 and record.data_type = $3";

/// What is current and was published by `$4` already, and what was superseded only after it: both are read in the
/// order of their ids, so that nothing has to be sorted, or held, to give a page.
///
/// SQLite keeps the order of a cross join; PostgreSQL is told which few publications may be meant.
fn as_of(dialect: Dialect) -> String {
    let join = match dialect {
        Dialect::Sqlite => "cross join",
        Dialect::Postgres => "join",
    };
    let of_type = "app_id = $1 and connection_id = $2 and data_type = $3";
    format!(
        "from (
            select remote_id, standard, source, is_deleted, source_modified_at, publication_id
            from record
            where {of_type}
            union all
            select version.remote_id, version.standard, version.source, version.is_deleted,
                version.source_modified_at, version.from_publication_id
            from (select * from record_version where {of_type}) as version
            {join} (select * from publication where {of_type}) as superseded
                on superseded.publication_id = version.to_publication_id
            where superseded.at > $4
        ) as record
        {join} (select * from publication where {of_type}) as publication
            on publication.publication_id = record.publication_id
        where publication.at <= $4"
    )
}

/// Records of now, whatever published them: for what need not look that up.
pub(super) const FROM_RECORDS: &str = "from record
    where record.app_id = $1 and record.connection_id = $2 and record.data_type = $3";

/// How many ids one statement asks for: far below what either database allows.
const IDS_PER_STATEMENT: usize = 500;

/// The values of `$1`, `$2` and `$3`, and of `$4` as of an instant.
pub(super) fn keys(of: Of) -> Vec<Value> {
    let mut keys = vec![of.app.into(), of.connection.into(), of.data_type.key().into()];
    keys.extend(of.as_of.map(Value::from));
    keys
}

/// The records of these ids, in their order; those that do not exist are left out.
pub(super) async fn by_ids(tx: &mut Tx, of: Of, ids: &[String]) -> Result<Vec<Record>> {
    let mut records = Vec::with_capacity(ids.len());
    let keys = keys(of);
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let places: Vec<_> = (1..=ids.len())
            .map(|place| format!("${}", keys.len() + place))
            .collect();
        let text = format!(
            "select {WHOLE} {} and record.remote_id in ({})",
            from(tx.dialect(), of),
            places.join(", ")
        );
        let mut found = HashMap::with_capacity(ids.len());
        sql(text)
            .bind_all(keys.iter().cloned())
            .bind_all(ids.iter().map(|id| id.as_str().into()))
            .each(tx, |row| {
                let record = record(&row, of.data_type)?;
                found.insert(record.remote_id.clone(), record);
                Ok(true)
            })
            .await?;
        records.extend(ids.iter().filter_map(|id| found.remove(id)));
    }
    Ok(records)
}

pub(super) fn record(row: &Row, data_type: DataType) -> Result<Record> {
    Ok(Record {
        data_type,
        remote_id: row.text("remote_id")?,
        standard: row.text("standard")?,
        source: row.text("source")?,
        is_deleted: row.bool("is_deleted")?,
        source_modified_at: row.opt_at("source_modified_at")?,
        publication: PublicationId(row.uuid("publication_id")?),
        modified_at: row.at("modified_at")?,
    })
}
