//! What readers are given: records as the last publication left them, filtered, ordered and paged. Everything
//! is read in the caller's transaction, so that a page and its total are of one moment.

/// What of a filter the database can answer itself.
mod conditions;
/// Rows as records.
mod rows;
/// A pass over the candidates, one at a time, and the page of an order found in bounded memory.
mod scan;
/// The page of a list whose place the database knows.
mod straight;

#[cfg(test)]
mod tests;

use ledgerline_model::query::ListRequest;
use ledgerline_model::record::Record;
use ledgerline_model::{AppId, ConnectionId, DataType};

use crate::db::sql;
use crate::{Result, Tx};
use conditions::Conditions;

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub records: Vec<Record>,
    /// How many records meet the filter, on all pages.
    pub total: u64,
}

/// A page of the records of a data type, by remote id unless the request has an order. Memory does not grow
/// with the number of records.
pub async fn list(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    request: &ListRequest,
) -> Result<Page> {
    let of = Of {
        app,
        connection,
        data_type,
    };
    let conditions = Conditions::of(request.filter.as_ref());
    if conditions.exact && request.order.is_none() {
        return straight::page(tx, of, conditions, request).await;
    }
    let (ids, total) = scan::page(tx, of, conditions, request, scan::Budget::DEFAULT).await?;
    let records = rows::by_ids(tx, of, &ids).await?;
    Ok(Page { records, total })
}

/// The record of that remote id, deleted ones included.
pub async fn one(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
    remote_id: &str,
) -> Result<Option<Record>> {
    let of = Of {
        app,
        connection,
        data_type,
    };
    let records = rows::by_ids(tx, of, &[remote_id.to_owned()]).await?;
    Ok(records.into_iter().next())
}

/// Whether the data type can be read: it has been published once.
pub async fn published(
    tx: &mut Tx,
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
) -> Result<bool> {
    let row = sql("select 1 as found
        from data_status
        where app_id = $1 and connection_id = $2 and data_type = $3 and publication_id is not null")
    .bind(app)
    .bind(connection)
    .bind(data_type.key())
    .first(tx)
    .await?;
    Ok(row.is_some())
}

/// Whose records of which type: the first three values of every statement here.
#[derive(Clone, Copy)]
struct Of {
    app: AppId,
    connection: ConnectionId,
    data_type: DataType,
}
