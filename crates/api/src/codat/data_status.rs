use std::collections::BTreeMap;

use ledgerline_model::{DataType, Instant};
use ledgerline_store::{closings, connections, issues, status};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::consistency::ConsistencyView;
use super::errors::Error;
use super::owned::CompanyOf;

/// How fresh one data type is. What is not known is left out, never null.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataStatus {
    #[schema(value_type = String)]
    data_type: DataType,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    last_successful_sync: Option<Instant>,
    /// `Initial` for a type that was never asked for.
    current_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_sync_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_successful_sync_id: Option<Uuid>,
    /// How far it agrees with the types that were last read with it; absent until that Run has been closed. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<ConsistencyView>,
    /// What is wrong with its records now. Ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<IssueCounts>,
}

#[derive(Serialize, ToSchema)]
pub struct IssueCounts {
    errors: i64,
    warnings: i64,
}

/// Get how fresh each data type of a company is.
///
/// All 28 types are there; those that the platform cannot give are `NotSupported`.
#[utoipa::path(
    get, path = "/companies/{companyId}/dataStatus", tag = "Refresh data",
    responses((status = 200, body = BTreeMap<String, DataStatus>))
)]
pub async fn get_data_status(of: CompanyOf) -> Result<axum::Json<BTreeMap<&'static str, DataStatus>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = connections::active(&mut tx, of.app, of.company.id).await?;
    let mut statuses: BTreeMap<&'static str, DataStatus> = BTreeMap::new();
    let about = connection
        .as_ref()
        .and_then(|connection| of.engine.registry.find(&connection.platform))
        .map(|entry| entry.about());
    for data_type in DataType::ALL {
        let supported = about.is_none_or(|about| about.supports(data_type));
        statuses.insert(data_type.key(), unread(data_type, supported));
    }
    if let Some(connection) = connection {
        for found in status::of_connection(&mut tx, of.app, connection.id).await? {
            statuses.insert(found.data_type.key(), found.into());
        }
        for (data_type, consistency) in closings::of_connection(&mut tx, of.app, connection.id).await? {
            if let Some(status) = statuses.get_mut(data_type.key()) {
                status.consistency = Some(consistency.into());
            }
        }
        for (data_type, errors, warnings) in issues::count_holding(&mut tx, of.app, connection.id).await? {
            if let Some(status) = statuses.get_mut(data_type.key()) {
                status.issues = Some(IssueCounts { errors, warnings });
            }
        }
    }
    Ok(axum::Json(statuses))
}

fn unread(data_type: DataType, supported: bool) -> DataStatus {
    DataStatus {
        data_type,
        last_successful_sync: None,
        current_status: if supported { "Initial" } else { "NotSupported" },
        latest_sync_id: None,
        latest_successful_sync_id: None,
        consistency: None,
        issues: None,
    }
}

impl From<ledgerline_model::run::DataStatus> for DataStatus {
    fn from(status: ledgerline_model::run::DataStatus) -> Self {
        Self {
            data_type: status.data_type,
            last_successful_sync: status.last_success.map(|(_, at)| Instant(at)),
            current_status: status.state.key(),
            latest_sync_id: Some(status.latest_pull.0),
            latest_successful_sync_id: status.last_success.map(|(pull, _)| pull.0),
            consistency: None,
            issues: None,
        }
    }
}
