//! What readers are given: records as the last publication left them, or as an earlier one did, filtered, ordered
//! and paged. Everything is read in the caller's transaction, so that a page and its total are of one moment.

/// What of a filter the database can answer itself.
mod conditions;
/// Rows as records.
mod rows;
/// A pass over the candidates, one at a time, and the page of an order found in bounded memory.
mod scan;
/// The page of a list whose place the database knows.
mod straight;
/// The forms that one record had.
mod versions;

#[cfg(test)]
mod tests;

use ledgerline_model::planted::{self, Bug};
use ledgerline_model::query::ListRequest;
use ledgerline_model::record::Record;
use ledgerline_model::{AppId, ConnectionId, DataType, Timestamp};

use crate::db::sql;
use crate::{Result, Tx, publications};
use conditions::Conditions;
pub use versions::{Version, versions};

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub records: Vec<Record>,
    /// How many records meet the filter, on all pages.
    pub total: u64,
}

/// A page of the records of a data type, by remote id unless the request has an order. Memory does not grow
/// with the number of records.
pub async fn list(tx: &mut Tx, of: Of, request: &ListRequest) -> Result<Page> {
    let of = simplest(tx, of).await?;
    let conditions = Conditions::of(of, request.filter.as_ref());
    if conditions.exact && request.order.is_none() {
        return straight::page(tx, of, conditions, request).await;
    }
    let (ids, total) = scan::page(tx, of, conditions, request, scan::Budget::DEFAULT).await?;
    let records = rows::by_ids(tx, of, &ids).await?;
    Ok(Page { records, total })
}

/// The record of that remote id, deleted ones included.
pub async fn one(tx: &mut Tx, of: Of, remote_id: &str) -> Result<Option<Record>> {
    let records = rows::by_ids(tx, of, &[remote_id.to_owned()]).await?;
    Ok(records.into_iter().next())
}

/// Whether the data type can be read: it had been published once.
pub async fn published(tx: &mut Tx, of: Of) -> Result<bool> {
    if let Some(as_of) = of.as_of {
        let last = publications::last_of_type(tx, of.app, of.connection, of.data_type, as_of).await?;
        return Ok(last.is_some());
    }
    let is_published = if planted::is(Bug::ReadableBeforePublication) {
        ""
    } else {
        "and publication_id is not null"
    };
    let row = sql(format!(
        "select 1 as found
        from data_status
        where app_id = $1 and connection_id = $2 and data_type = $3 {is_published}"
    ))
    .bind(of.app)
    .bind(of.connection)
    .bind(of.data_type.key())
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// What was published last is read as it is now, which is cheaper: pages that are pinned to it are the most common.
async fn simplest(tx: &mut Tx, of: Of) -> Result<Of> {
    let Some(as_of) = of.as_of else { return Ok(of) };
    let last = publications::last_of_type(tx, of.app, of.connection, of.data_type, Timestamp::MAX).await?;
    let is_now = last.is_some_and(|last| last <= as_of);
    Ok(Of {
        as_of: of.as_of.filter(|_| !is_now),
        ..of
    })
}

/// Whose records of which type, and as of when.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    pub app: AppId,
    pub connection: ConnectionId,
    pub data_type: DataType,
    /// As the last publication at or before this instant left them; absent: as the last one did.
    pub as_of: Option<Timestamp>,
}
