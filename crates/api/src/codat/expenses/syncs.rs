use axum::extract::FromRequest;
use axum::extract::Request;
use http::{StatusCode, header};
use ledgerline_engine::push::request::{Start, start as start_push};
use ledgerline_model::{CompanyId, DatasetId, PushId};
use ledgerline_store::{Tx, expense_providers};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::{Error, Problem};
use super::super::owned::CompanyOf;
use super::request;
use crate::body::{Json, Refused};

/// What a sync is to take.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its description is used")]
pub struct PostSync {
    /// Absent: all that no sync has taken.
    dataset_ids: Option<Vec<Uuid>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncInitiated {
    sync_id: Uuid,
}

impl From<PushId> for SyncInitiated {
    fn from(push: PushId) -> Self {
        Self { sync_id: push.0 }
    }
}

/// Begin to write datasets into the books. A company has one sync at a time; datasets can be handed over meanwhile.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/syncs", tag = "Expenses", request_body = PostSync,
    responses(
        (status = 202, body = SyncInitiated),
        (status = 422, description = "A sync is running, or the company has no valid set of connections.")
    )
)]
pub async fn initiate_sync(
    of: CompanyOf,
    Wanted(body): Wanted,
) -> Result<(StatusCode, axum::Json<SyncInitiated>), Error> {
    let wanted = match &body {
        Some(body) => request::datasets(body).map_err(Error::invalid)?,
        None => None,
    };
    let mut tx = of.engine.store.write().await?;
    let push = start(&of, &mut tx, wanted).await?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok((StatusCode::ACCEPTED, axum::Json(push.into())))
}

/// Begin to write these datasets, or all that wait, if the company is set up for it.
pub async fn start(of: &CompanyOf, tx: &mut Tx, wanted: Option<Vec<DatasetId>>) -> Result<PushId, Error> {
    if expense_providers::find(tx, of.app, of.company.id)
        .await?
        .is_none()
    {
        return Err(not_set_up("there is no partner expense connection"));
    }
    started(
        of.company.id,
        start_push(&of.engine, tx, &of.company, wanted).await?,
    )
}

/// The sync that was begun, or why none was.
pub fn started(company: CompanyId, start: Start) -> Result<PushId, Error> {
    match start {
        Start::Started(push) => Ok(push.id),
        Start::AlreadyRunning(running) => Err(Error::unprocessable(format!(
            "Cannot start a sync for {company} as sync {running} is still in progress"
        ))),
        Start::NoConnection => Err(no_connection()),
        Start::UnknownDataset(dataset) => Err(unknown_dataset(dataset)),
    }
}

/// Nothing of the company's takes expenses.
pub fn no_connection() -> Error {
    not_set_up("there is no linked connection to a platform that takes expenses")
}

/// The company has no such dataset.
pub fn unknown_dataset(dataset: DatasetId) -> Error {
    Error::invalid(vec![Problem {
        item: "DatasetIds".to_owned(),
        message: format!("No dataset was found with ID {dataset}."),
    }])
}

fn not_set_up(what: &str) -> Error {
    Error::unprocessable(format!(
        "The company does not have a valid set of DataConnections setup: {what}."
    ))
}

/// The body, where there is one.
pub struct Wanted(pub Option<Box<RawValue>>);

impl<S: Send + Sync> FromRequest<S> for Wanted {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(Self(None));
        }
        let Json(body) = Json::<Box<RawValue>>::from_request(request, state).await?;
        Ok(Self(Some(body)))
    }
}
