use ledgerline_engine::push::plan::{Fate, Plan, Planned, plan};
use ledgerline_platform::push::Request;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::compat::Compat;
use super::request;
use super::syncs::{PostSync, Wanted, no_connection, unknown_dataset};

/// What a sync would do now.
#[derive(Serialize, ToSchema)]
pub struct SyncPlan {
    transactions: Vec<PlannedTransaction>,
}

/// One place where a transaction has to arrive.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedTransaction {
    transaction_id: String,
    integration_type: &'static str,
    /// `Send`, `Nothing` or `ValidationError`.
    outcome: &'static str,
    /// Why it would not be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Under which it could be found again at the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// What the platform would be sent, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requests: Vec<PlannedRequest>,
    /// Which rule chose each value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<PlannedChoice>,
}

#[derive(Serialize, ToSchema)]
pub struct PlannedRequest {
    method: String,
    path: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query: Vec<(String, String)>,
    #[schema(value_type = Object)]
    body: Box<RawValue>,
}

#[derive(Serialize, ToSchema)]
pub struct PlannedChoice {
    field: String,
    value: String,
    rule: &'static str,
}

/// See what a sync would send now, and which rule chose each value. Nothing is written, here or at the platform. Ours.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/syncs:plan", tag = "Expenses", request_body = PostSync,
    responses((status = 200, body = SyncPlan), (status = 422, description = "The company is not set up for a sync."))
)]
pub async fn plan_sync(of: CompanyOf, Wanted(body): Wanted) -> Result<axum::Json<SyncPlan>, Error> {
    let wanted = match &body {
        Some(body) => request::datasets(body).map_err(Error::invalid)?,
        None => None,
    };
    let legs = match plan(&of.engine, &of.company, wanted).await? {
        Plan::Legs(legs) => legs,
        Plan::NoConnection => return Err(no_connection()),
        Plan::UnknownDataset(dataset) => return Err(unknown_dataset(dataset)),
        Plan::Wait(until) => {
            let wait = until.duration_since(of.engine.now()).as_secs().clamp(1, 86_400);
            return Err(Error::too_many_requests(u32::try_from(wait).unwrap_or(1)));
        }
    };
    let mut tx = of.engine.store.read().await?;
    let compat = Compat::of(&mut tx, of.app).await?;
    let transactions = legs.into_iter().map(|leg| view(leg, compat));
    Ok(axum::Json(SyncPlan {
        transactions: transactions.collect::<Result<_, _>>()?,
    }))
}

fn view(planned: Planned, compat: Compat) -> Result<PlannedTransaction, Error> {
    let (outcome, message, key, requests, choices) = match planned.fate {
        Fate::Send {
            key,
            requests,
            choices,
        } => ("Send", None, Some(key), requests, choices),
        Fate::Nothing(message) => ("Nothing", Some(message), None, Vec::new(), Vec::new()),
        Fate::Invalid(message) => ("ValidationError", Some(message), None, Vec::new(), Vec::new()),
    };
    let choices = choices.into_iter().map(|choice| PlannedChoice {
        field: choice.field,
        value: choice.value,
        rule: choice.rule,
    });
    Ok(PlannedTransaction {
        transaction_id: planned.transaction,
        integration_type: compat.integration_type(planned.leg),
        outcome,
        message,
        key,
        requests: requests.into_iter().map(request_view).collect::<Result<_, _>>()?,
        choices: choices.collect(),
    })
}

fn request_view(request: Request) -> Result<PlannedRequest, Error> {
    Ok(PlannedRequest {
        body: RawValue::from_string(request.body).map_err(|error| Error::internal(&error))?,
        method: request.method,
        path: request.path,
        query: request.query,
    })
}
