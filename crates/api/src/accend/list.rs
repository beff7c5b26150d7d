use ledgerline_engine::cursors::Key;
use ledgerline_model::app::Environment;
use ledgerline_model::query::fold;
use ledgerline_store::directory::{self, After, Entry, Order, Wanted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::query::{self, CustomersParameters, Parameters};
use super::views::CustomerView;
use crate::auth::App;

const MAX_LIMIT: u16 = 200;

/// A page of customers.
#[derive(Serialize, ToSchema)]
pub struct Customers {
    data: Vec<CustomerView>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
    /// How many there are on all pages.
    total: i64,
}

/// List the app's customers: all, or those that meet a filter.
#[utoipa::path(
    get, path = "/customers", tag = "Customers", params(CustomersParameters),
    responses((status = 200, body = Customers))
)]
pub async fn list_customers(app: App, parameters: Parameters) -> Result<axum::Json<Customers>, Error> {
    let filter = parameters.text("filter").map(query::parse_filter).transpose()?;
    let limit = parameters.number("limit", 1..=MAX_LIMIT)?.unwrap_or(50);
    let order = order(parameters.text("order_by").unwrap_or("created_at"))?;

    let mut tx = app.engine.store.read().await?;
    let total = directory::count(&mut tx, app.app, app.environment, filter.as_ref()).await?;
    let cursor = parameters.text("cursor");
    if total == 0 && cursor.is_none() {
        return Ok(axum::Json(Customers {
            data: Vec::new(),
            next_cursor: None,
            total,
        }));
    }
    let key = ledgerline_engine::cursors::key(&mut tx, app.app).await?;
    let after = cursor.map(|cursor| read_cursor(&key, cursor, app.environment, order));
    let wanted = Wanted {
        app: app.app,
        environment: app.environment,
        filter: filter.as_ref(),
        order,
        after: after.transpose()?,
        // One more than the page holds says whether there is another page.
        limit: i64::from(limit) + 1,
    };
    let mut found = directory::list(&mut tx, &wanted).await?;
    let is_last = found.len() <= usize::from(limit);
    found.truncate(usize::from(limit));
    let last = found.last().filter(|_| !is_last);
    Ok(axum::Json(Customers {
        next_cursor: last.map(|last| cursor_after(&key, last, order)),
        data: found.into_iter().map(Into::into).collect(),
        total,
    }))
}

fn order(name: &str) -> Result<Order, Error> {
    match name {
        "created_at" => Ok(Order::Oldest),
        "-created_at" => Ok(Order::Newest),
        "legal_name" => Ok(Order::Name),
        _ => Err(Error::bad_parameter(
            "order_by",
            "it has to be `created_at`, `-created_at` or `legal_name`",
        )),
    }
}

/// What a cursor says.
#[derive(Serialize, Deserialize)]
struct Claims {
    environment: String,
    order: String,
    id: Uuid,
    name: String,
}

const fn order_name(order: Order) -> &'static str {
    match order {
        Order::Oldest => "created_at",
        Order::Newest => "-created_at",
        Order::Name => "legal_name",
    }
}

fn cursor_after(key: &Key, last: &Entry, order: Order) -> String {
    let claims = Claims {
        environment: last.company.environment.key().to_owned(),
        order: order_name(order).to_owned(),
        id: last.company.id.0,
        name: fold(&last.company.name),
    };
    key.sign(&serde_json::to_string(&claims).unwrap_or_default())
}

fn read_cursor(key: &Key, cursor: &str, environment: Environment, order: Order) -> Result<After, Error> {
    let claims = key.verify(cursor);
    let claims = claims.and_then(|claims| serde_json::from_str::<Claims>(&claims).ok());
    claims
        .filter(|claims| claims.environment == environment.key() && claims.order == order_name(order))
        .map(|claims| After {
            id: claims.id,
            name: claims.name,
        })
        .ok_or_else(|| Error::bad_parameter("cursor", "it is no `next_cursor` of this list in this order"))
}
