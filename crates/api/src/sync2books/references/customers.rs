use ledgerline_model::DataType;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters, ReferenceParameters};
use super::contacts::{Contact, contacts};

#[derive(Serialize, ToSchema)]
pub struct Customers {
    customers: Vec<Contact>,
    pagination: Pagination,
}

/// List the customers of the books, as they were read last.
#[utoipa::path(
    get, path = "/connections/{connectionId}/customers", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = Customers))
)]
pub async fn list_customers(
    of: ConnectionOf,
    parameters: Parameters,
) -> Result<axum::Json<Customers>, Error> {
    let (customers, pagination) = contacts(&of, &parameters, DataType::Customers, "customerName").await?;
    Ok(axum::Json(Customers {
        customers,
        pagination,
    }))
}
