use http::StatusCode;
use ledgerline_engine::push::batches::{self, BatchItem, ItemStatus, Progress};
use ledgerline_model::event::BatchSnapshot;
use ledgerline_model::push::{Batch, BatchStatus};
use ledgerline_model::{Date, Instant, Timestamp};
use ledgerline_store::connections;
use ledgerline_store::push::batches as stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::item::{self, ItemView};
use super::owned::{BatchOf, CompanyOf};
use super::query::{LISTS, ListParameters, Pagination, Parameters};
use crate::audit::{self, Actor};
use crate::body::Json;

/// Expenses that were handed over together.
#[derive(Serialize, ToSchema)]
#[schema(as = Batch)]
#[serde(rename_all = "camelCase")]
pub struct BatchView {
    id: Uuid,
    company_id: Uuid,
    connection_id: Uuid,
    /// `pending`, `processing`, `completed` or `failed`; a completed one may include failures.
    status: &'static str,
    total_items: i64,
    successful_items: i64,
    failed_items: i64,
    #[schema(value_type = String)]
    created_at: Instant,
    #[schema(value_type = String)]
    updated_at: Instant,
    #[schema(value_type = Option<String>)]
    completed_at: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
pub struct BatchWithItems {
    batch: BatchView,
    items: Vec<ItemView>,
}

#[derive(Serialize, ToSchema)]
pub struct FailedItems {
    items: Vec<ItemView>,
}

#[derive(Serialize, ToSchema)]
pub struct Batches {
    batches: Vec<BatchView>,
    pagination: Pagination,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Retry {
    /// Ids of failed items, or of their expenses; none: all that failed.
    #[serde(default)]
    item_ids: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Retried {
    retried_items: usize,
    new_batch_id: Uuid,
}

/// Get a batch with its items.
#[utoipa::path(
    get, path = "/sync/batches/{batchId}", tag = "Batches", responses((status = 200, body = BatchWithItems))
)]
pub async fn get_batch(of: BatchOf) -> Result<axum::Json<BatchWithItems>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    let (progress, items) = batches::look(&mut tx, of.batch).await?;
    let items = items.into_iter().map(|item| ItemView::new(&progress, item));
    Ok(axum::Json(BatchWithItems {
        items: items.collect(),
        batch: (&progress).into(),
    }))
}

/// List what of a batch could not be written, and why.
#[utoipa::path(
    get, path = "/sync/batches/{batchId}/failed-items", tag = "Batches",
    responses((status = 200, body = FailedItems))
)]
pub async fn failed_items(of: BatchOf) -> Result<axum::Json<FailedItems>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    let (progress, items) = batches::look(&mut tx, of.batch).await?;
    let failed = items.into_iter().filter(|item| item.status == ItemStatus::Failed);
    Ok(axum::Json(FailedItems {
        items: failed.map(|item| ItemView::new(&progress, item)).collect(),
    }))
}

/// List a company's batches, the newest first.
#[utoipa::path(
    get, path = "/sync/companies/{companyId}/batches", tag = "Batches",
    params(
        ListParameters,
        ("status" = Option<String>, Query, description = "`pending`, `processing`, `completed` or `failed`."),
        ("startDate" = Option<String>, Query, description = "Made then or later: a date or an instant, UTC."),
        ("endDate" = Option<String>, Query, description = "Made until then: a date, which belongs to it, or an instant."),
    ),
    responses((status = 200, body = Batches))
)]
pub async fn list_batches(of: CompanyOf, parameters: Parameters) -> Result<axum::Json<Batches>, Error> {
    let page = parameters.page(LISTS)?;
    let status = parameters.text("status").map(|asked| {
        let found = BatchStatus::ALL
            .into_iter()
            .find(|status| status_word(*status) == asked);
        found.ok_or_else(|| {
            Error::bad_field("status", "must be one of: pending, processing, completed, failed")
        })
    });
    let wanted = stored::Wanted {
        app: of.app.app,
        company: of.company.id,
        status: status.transpose()?,
        from: instant(&parameters, "startDate", 0)?,
        until: instant(&parameters, "endDate", 1)?,
    };
    let mut tx = of.app.engine.store.read().await?;
    let total = stored::count(&mut tx, &wanted).await?;
    let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
    let found = stored::list(&mut tx, &wanted, offset, i64::from(page.limit)).await?;
    let mut views = Vec::with_capacity(found.len());
    for batch in found {
        let (progress, _) = batches::look(&mut tx, batch).await?;
        views.push((&progress).into());
    }
    Ok(axum::Json(Batches {
        batches: views,
        pagination: page.of(u64::try_from(total).unwrap_or_default()),
    }))
}

/// Have failed items written again, as a new batch. What is in the books already is not written twice.
#[utoipa::path(
    post, path = "/sync/batches/{batchId}/retry", tag = "Batches", request_body = Option<Retry>,
    responses(
        (status = 201, body = Retried),
        (status = 409, body = super::errors::Refusal, description = "Nothing of it has failed, or it is not done yet.")
    )
)]
pub async fn retry(
    of: BatchOf,
    request: Option<Json<Retry>>,
) -> Result<(StatusCode, axum::Json<Retried>), Error> {
    let BatchOf { app, company, batch } = of;
    let wanted = request.and_then(|Json(request)| request.item_ids);
    let engine = &app.engine;
    let (batch_id, connection_id) = (batch.id, batch.connection);
    let mut tx = engine.store.write().await?;
    let (progress, items) = batches::look(&mut tx, batch).await?;
    if progress.ended_at.is_none() {
        return Err(Error::conflict("The batch is not done yet"));
    }
    let mut failed = items.into_iter().filter(|item| item.status == ItemStatus::Failed);
    let failed: Vec<BatchItem> = match &wanted {
        None => failed.collect(),
        Some(wanted) => {
            let failed: Vec<BatchItem> = failed.by_ref().collect();
            for (index, id) in wanted.iter().enumerate() {
                if !failed
                    .iter()
                    .any(|item| item::is_named(batch_id, &item.content.transaction, id))
                {
                    let field = format!("itemIds[{index}]");
                    return Err(Error::bad_field(&field, "is no failed item of this batch"));
                }
            }
            let is_wanted = |item: &BatchItem| {
                wanted
                    .iter()
                    .any(|id| item::is_named(batch_id, &item.content.transaction, id))
            };
            failed.into_iter().filter(is_wanted).collect()
        }
    };
    if failed.is_empty() {
        return Err(Error::conflict("Nothing of the batch has failed"));
    }
    let expenses = failed.iter().map(|item| item.content.expense());
    let expenses = expenses
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::internal(&error))?;
    let connection = connections::find(&mut tx, app.app, app.environment, connection_id).await?;
    let connection = connection.ok_or_else(|| Error::no_such("Connection", &connection_id.to_string()))?;
    let made = batches::submit(engine, &mut tx, &company, &connection, &expenses).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "batch.retried",
        batch_id,
        "done",
    )
    .await?;
    tx.commit().await?;
    engine.work.notify_one();
    let retried = Retried {
        retried_items: expenses.len(),
        new_batch_id: made.id.0,
    };
    Ok((StatusCode::CREATED, axum::Json(retried)))
}

/// A date, to which `days` are added, or an instant.
fn instant(parameters: &Parameters, name: &str, days: i64) -> Result<Option<Timestamp>, Error> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let of_date = |date: Date| {
        let date = date.checked_add(jiff::Span::new().days(days)).ok()?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    let date = (text.len() == 10)
        .then(|| text.parse().ok().and_then(of_date))
        .flatten();
    date.or_else(|| text.parse().ok())
        .map(Some)
        .ok_or_else(|| Error::bad_field(name, "must be a valid ISO 8601 date"))
}

const fn status_word(status: BatchStatus) -> &'static str {
    match status {
        BatchStatus::Pending => "pending",
        BatchStatus::Processing => "processing",
        BatchStatus::Completed => "completed",
        BatchStatus::Failed => "failed",
    }
}

impl From<&Progress> for BatchView {
    fn from(progress: &Progress) -> Self {
        let batch: &Batch = &progress.batch;
        Self {
            id: batch.id.0,
            company_id: batch.company.0,
            connection_id: batch.connection.0,
            status: status_word(progress.status),
            total_items: batch.items,
            successful_items: progress.succeeded,
            failed_items: progress.failed,
            created_at: Instant(batch.created_at),
            updated_at: Instant(progress.updated_at),
            completed_at: progress.ended_at.map(Instant),
        }
    }
}

impl BatchView {
    /// As it was told of.
    pub fn of_snapshot(told: &BatchSnapshot, company: Uuid) -> Self {
        let status = match (told.ended_at, told.succeeded) {
            (None, _) => BatchStatus::Processing,
            (Some(_), 0) => BatchStatus::Failed,
            (Some(_), _) => BatchStatus::Completed,
        };
        Self {
            id: told.id,
            company_id: company,
            connection_id: told.connection,
            status: status_word(status),
            total_items: told.items,
            successful_items: told.succeeded,
            failed_items: told.failed,
            created_at: Instant(told.created_at),
            updated_at: Instant(told.updated_at),
            completed_at: told.ended_at.map(Instant),
        }
    }
}
