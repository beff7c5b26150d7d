use axum::extract::RawPathParams;
use http::StatusCode;
use ledgerline_engine::push::batches;
use ledgerline_model::connection::State;
use ledgerline_store::push::{items, legs};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::expense::{ExpenseBody, ExpenseView, OneOrMany};
use super::owned::ConnectionOf;
use super::query::{LISTS, ListParameters, Pagination, Parameters};
use super::views::status;
use crate::audit::{self, Actor};
use crate::auth::App;
use crate::body::Json;

/// So many expenses of at most some kilobytes each.
const LARGEST: usize = 5 * 1024 * 1024;
const MOST: usize = 1000;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubmittedBatch {
    sync_batch_id: Uuid,
    total_expenses: usize,
}

#[derive(Serialize, ToSchema)]
pub struct Expenses {
    expenses: Vec<ExpenseView>,
    pagination: Pagination,
}

/// Hand over one expense, or a list of them, and have them written into the books.
///
/// They are written at once, or after those that were handed over before. What is wrong with an expense as such is
/// refused here; what the books do not have is told with the item of the batch.
#[utoipa::path(
    post, path = "/expenses/{id}", tag = "Expenses", request_body = OneOrMany<ExpenseBody>,
    responses(
        (status = 201, body = SubmittedBatch),
        (status = 409, body = super::errors::Refusal, description = "The connection is not `CONNECTED`.")
    )
)]
pub async fn create_expenses(
    of: ConnectionOf,
    Json(request): Json<OneOrMany<ExpenseBody>, LARGEST>,
) -> Result<(StatusCode, axum::Json<SubmittedBatch>), Error> {
    let ConnectionOf {
        app,
        company,
        connection,
    } = of;
    if request.is_empty() || request.len() > MOST {
        return Err(Error::bad_request(format!(
            "The list has to hold 1 to {MOST} expenses; it holds {}",
            request.len()
        )));
    }
    let expenses = request.checked()?;
    if connection.state != State::Linked {
        return Err(Error::conflict(format!(
            "The connection is {}: nothing can be written through it",
            status(connection.state).unwrap_or("not connected")
        )));
    }
    let engine = &app.engine;
    let entry = engine.registry.find(&connection.platform);
    if entry.is_none_or(|entry| entry.platform.push().is_none()) {
        return Err(Error::bad_request(
            "Expenses cannot be written into this accounting software yet",
        ));
    }
    let mut tx = engine.store.write().await?;
    let batch = batches::submit(engine, &mut tx, &company, &connection, &expenses).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "batch.made",
        batch.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    engine.work.notify_one();
    let made = SubmittedBatch {
        sync_batch_id: batch.id.0,
        total_expenses: expenses.len(),
    };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// List the expenses of a connection's company that were taken up, in the order of their ids.
#[utoipa::path(
    get, path = "/expenses/connection/{connectionId}", tag = "Expenses", params(ListParameters),
    responses((status = 200, body = Expenses))
)]
pub async fn list_expenses(of: ConnectionOf, parameters: Parameters) -> Result<axum::Json<Expenses>, Error> {
    let page = parameters.page(LISTS)?;
    let (app, company) = (of.app.app, of.company.id);
    let mut tx = of.app.engine.store.read().await?;
    let total = items::count(&mut tx, app, company).await?;
    let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
    let found = items::list(&mut tx, app, company, offset, i64::from(page.limit)).await?;
    let ids = found.iter().map(|content| content.transaction.clone()).collect();
    let legs = legs::find(&mut tx, app, company, ids).await?;
    let mut expenses = Vec::with_capacity(found.len());
    for content in &found {
        expenses.push(ExpenseView::new(content, &legs, company)?);
    }
    Ok(axum::Json(Expenses {
        expenses,
        pagination: page.of(u64::try_from(total).unwrap_or_default()),
    }))
}

/// Get an expense that was taken up, by the app's own id of it.
#[utoipa::path(
    get, path = "/expenses/{id}", tag = "Expenses",
    responses(
        (status = 200, body = ExpenseView),
        (status = 409, body = super::errors::Refusal, description = "Several companies have an expense of this id.")
    )
)]
pub async fn get_expense(app: App, path: RawPathParams) -> Result<axum::Json<ExpenseView>, Error> {
    let asked = path.iter().find(|(name, _)| *name == "id");
    let asked = asked.map(|(_, value)| value).unwrap_or_default();
    let mut tx = app.engine.store.read().await?;
    let owners = items::owners(&mut tx, app.app, app.environment, asked).await?;
    let company = match owners[..] {
        [] => return Err(Error::no_such("Expense", asked)),
        [company] => company,
        [_, _, ..] => {
            return Err(Error::conflict(
                "Several companies have an expense with this ID: list those of its connection",
            ));
        }
    };
    let mut found = items::find(&mut tx, app.app, company, vec![asked.to_owned()]).await?;
    let content = found
        .remove(asked)
        .ok_or_else(|| Error::no_such("Expense", asked))?;
    let legs = legs::find(&mut tx, app.app, company, vec![asked.to_owned()]).await?;
    Ok(axum::Json(ExpenseView::new(&content, &legs, company)?))
}
