use axum::extract::Path;
use ledgerline_engine::push::{status, written};
use ledgerline_model::company::Company;
use ledgerline_model::push::{ItemLeg, Leg, Operation, Push, PushState};
use ledgerline_model::query::{Found, Properties, Schema};
use ledgerline_model::{Instant, PushId};
use ledgerline_platform::push::Posted;
use ledgerline_store::Tx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::owned::CompanyOf;
use super::paging::{List, ListParameters, Page};

const SCHEMA: Schema = Schema {
    noun: "PushOperation",
    text: "pushOperationKey dataConnectionKey companyId status errorMessage",
    number: "",
    date: "requestedOnUtc completedOnUtc",
    flag: "",
};

/// What was written into a company's books at once: here each sync of expenses.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushOperation {
    changes: Vec<PushOperationChange>,
    /// That of the first change.
    data_type: Option<String>,
    company_id: Uuid,
    push_operation_key: Uuid,
    data_connection_key: Uuid,
    #[schema(value_type = String)]
    requested_on_utc: Instant,
    #[schema(value_type = Option<String>)]
    completed_on_utc: Option<Instant>,
    /// Always null, as the next: a push ends when its fate is known. Some clients cannot do without the two.
    timeout_in_minutes: Option<u32>,
    timeout_in_seconds: Option<u32>,
    /// `Pending`, `Success` or `Failed`.
    status: &'static str,
    error_message: Option<String>,
    /// 202 while it is pending, then 200 or 400.
    status_code: u16,
}

/// A record that is in the books by it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushOperationChange {
    /// `Created` or `Modified`.
    #[serde(rename = "type")]
    kind: &'static str,
    record_ref: PushedRecordRef,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PushedRecordRef {
    id: String,
    /// Absent where the platform's object is no record of the standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    data_type: Option<String>,
}

/// List what was written into the company's books, the newest first; the last 1,000.
#[utoipa::path(
    get, path = "/companies/{companyId}/push", tag = "Push", params(ListParameters),
    responses((status = 200, body = Page<PushOperation>))
)]
pub async fn list_push_operations(
    of: CompanyOf,
    list: List,
) -> Result<axum::Json<Page<PushOperation>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let pushes = status::list(&mut tx, &of.company).await?;
    let (page, total) = list.apply(&SCHEMA, pushes.into_iter().map(Bare))?;
    let mut views = Vec::with_capacity(page.len());
    for Bare(push) in page {
        views.push(view(&mut tx, &of.company, push).await?);
    }
    Ok(axum::Json(list.page(views, total)))
}

/// Get one of them.
#[utoipa::path(
    get, path = "/companies/{companyId}/push/{pushOperationKey}", tag = "Push",
    responses((status = 200, body = PushOperation))
)]
pub async fn get_push_operation(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
) -> Result<axum::Json<PushOperation>, Error> {
    let (_, asked) = path;
    let no_such = || Error::no_such("push operation", &asked);
    let id: PushId = asked.parse().map_err(|_| no_such())?;
    let mut tx = of.engine.store.read().await?;
    let push = status::one(&mut tx, &of.company, id).await?.ok_or_else(no_such)?;
    Ok(axum::Json(view(&mut tx, &of.company, push).await?))
}

async fn view(tx: &mut Tx, company: &Company, push: Push) -> Result<PushOperation, Error> {
    let legs = written::of_push(tx, company, push.id).await?;
    let changes: Vec<_> = legs.iter().filter_map(change).collect();
    let (status, status_code) = standing(&push.state);
    Ok(PushOperation {
        data_type: changes
            .first()
            .and_then(|change| change.record_ref.data_type.clone()),
        changes,
        company_id: push.company.0,
        push_operation_key: push.id.0,
        data_connection_key: push.connection.0,
        requested_on_utc: Instant(push.requested_at),
        completed_on_utc: ended_at(&push.state),
        timeout_in_minutes: None,
        timeout_in_seconds: None,
        status,
        error_message: message(&push.state).map(str::to_owned),
        status_code,
    })
}

fn change(leg: &ItemLeg) -> Option<PushOperationChange> {
    if leg.leg != Leg::Expense {
        return None;
    }
    let posted: Posted = serde_json::from_str(leg.posted.as_deref()?).ok()?;
    Some(PushOperationChange {
        kind: match leg.operation {
            Operation::Create => "Created",
            Operation::Update => "Modified",
        },
        record_ref: PushedRecordRef {
            id: posted.id,
            data_type: posted.data_type,
        },
    })
}

const fn standing(state: &PushState) -> (&'static str, u16) {
    match state {
        PushState::Running => ("Pending", 202),
        PushState::Ended(end) if end.outcome.is_success() => ("Success", 200),
        PushState::Ended(_) => ("Failed", 400),
    }
}

fn ended_at(state: &PushState) -> Option<Instant> {
    match state {
        PushState::Running => None,
        PushState::Ended(end) => Some(Instant(end.at)),
    }
}

fn message(state: &PushState) -> Option<&str> {
    match state {
        PushState::Running => None,
        PushState::Ended(end) => Some(end.message.as_str()).filter(|message| !message.is_empty()),
    }
}

/// A push before it is known what it wrote.
struct Bare(Push);

impl Properties for Bare {
    fn property(&self, path: &str) -> Found<'_> {
        let Self(push) = self;
        match path {
            "pushOperationKey" => Found::text(push.id.to_string()),
            "dataConnectionKey" => Found::text(push.connection.to_string()),
            "companyId" => Found::text(push.company.to_string()),
            "status" => Found::text(standing(&push.state).0),
            "errorMessage" => Found::opt_text(message(&push.state)),
            "requestedOnUtc" => Found::at(push.requested_at),
            "completedOnUtc" => Found::opt_at(ended_at(&push.state).map(|at| at.0)),
            _ => Found::Missing,
        }
    }
}
