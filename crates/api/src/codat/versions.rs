use axum::extract::RawPathParams;
use ledgerline_model::connection::Connection;
use ledgerline_model::{DataType, Instant};
use ledgerline_store::{Tx, reading};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::owned::{CompanyOf, ConnectionOf};
use super::paging::{List, Page};
use super::records::{readable, readable_connection, record_id};
use super::standard;

/// A form that a record had, from one publication until another.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordVersion)]
pub struct VersionView {
    /// The instant of the publication that brought it: its `modifiedDate`.
    #[schema(value_type = String)]
    valid_from: Instant,
    /// The instant of the publication that superseded it; null: readers see it.
    #[schema(value_type = Option<String>)]
    valid_to: Option<Instant>,
    publication_id: Uuid,
    superseded_by_publication_id: Option<Uuid>,
    /// The read that brought it; null where it was read back after it had been written.
    dataset_id: Option<Uuid>,
    run_id: Option<Uuid>,
    is_deleted: bool,
    /// As a read of then shows it.
    #[schema(value_type = Object)]
    record: Box<RawValue>,
}

/// The forms that a record of the company's connection had, the newest first.
pub async fn list_of_company(
    of: CompanyOf,
    path: RawPathParams,
    list: List,
    data_type: DataType,
) -> Result<axum::Json<Page<VersionView>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, &of).await?;
    let records = readable(&of.engine, &mut tx, &connection, data_type, &list.parameters).await?;
    versions(&mut tx, records, &path, &list).await
}

/// The forms that a record of a connection had, the newest first.
pub async fn list_of_connection(
    of: ConnectionOf,
    path: RawPathParams,
    list: List,
    data_type: DataType,
) -> Result<axum::Json<Page<VersionView>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection: &Connection = &of.connection;
    let records = readable(&of.engine, &mut tx, connection, data_type, &list.parameters).await?;
    versions(&mut tx, records, &path, &list).await
}

async fn versions(
    tx: &mut Tx,
    of: reading::Of,
    path: &RawPathParams,
    list: &List,
) -> Result<axum::Json<Page<VersionView>>, Error> {
    let id = record_id(path)?;
    let (found, total) = reading::versions(tx, of, id, list.offset(), list.page_size).await?;
    if total == 0 {
        return Err(Error::no_data(of.data_type, id));
    }
    let views: Result<Vec<_>, _> = found.into_iter().map(VersionView::new).collect();
    let views = views.map_err(|error| Error::internal(&error))?;
    Ok(axum::Json(list.page_as_of(of.as_of, views, total)))
}

impl VersionView {
    fn new(version: reading::Version) -> Result<Self, serde_json::Error> {
        Ok(Self {
            valid_from: Instant(version.record.modified_at),
            valid_to: version.valid_to.map(Instant),
            publication_id: version.record.publication.0,
            superseded_by_publication_id: version.superseded_by.map(|id| id.0),
            dataset_id: version.pull.map(|id| id.0),
            run_id: version.run.map(|id| id.0),
            is_deleted: version.record.is_deleted,
            record: RawValue::from_string(standard::text(&version.record))?,
        })
    }
}
