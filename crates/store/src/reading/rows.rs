use std::collections::HashMap;

use ledgerline_model::record::Record;
use ledgerline_model::{DataType, PublicationId};

use super::Of;
use crate::db::{Row, Value, sql};
use crate::{Result, Tx};

/// A whole record; conditions follow.
pub(super) const SELECT: &str = "select record.remote_id, record.standard, record.source, record.is_deleted,
    record.source_modified_at, record.publication_id, publication.at as modified_at
    from record
    join publication
        on publication.app_id = record.app_id and publication.publication_id = record.publication_id
    where record.app_id = $1 and record.connection_id = $2 and record.data_type = $3";

/// Records and what published them; conditions follow.
pub(super) const FROM: &str = "from record
    join publication
        on publication.app_id = record.app_id and publication.publication_id = record.publication_id
    where record.app_id = $1 and record.connection_id = $2 and record.data_type = $3";

pub(super) const FROM_RECORDS: &str = "from record
    where record.app_id = $1 and record.connection_id = $2 and record.data_type = $3";

/// How many ids one statement asks for: far below what either database allows.
const IDS_PER_STATEMENT: usize = 500;

/// The values of `$1`, `$2` and `$3`.
pub(super) fn keys(of: Of) -> [Value; 3] {
    [of.app.into(), of.connection.into(), of.data_type.key().into()]
}

/// The records of these ids, in their order; those that do not exist are left out.
pub(super) async fn by_ids(tx: &mut Tx, of: Of, ids: &[String]) -> Result<Vec<Record>> {
    let mut records = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_STATEMENT) {
        let places: Vec<_> = (4..ids.len() + 4).map(|place| format!("${place}")).collect();
        let text = format!("{SELECT} and record.remote_id in ({})", places.join(", "));
        let mut found = HashMap::with_capacity(ids.len());
        sql(text)
            .bind_all(keys(of))
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
