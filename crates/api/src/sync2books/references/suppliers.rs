use ledgerline_model::DataType;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters, ReferenceParameters};
use super::contacts::{Contact, contacts};

#[derive(Serialize, ToSchema)]
pub struct Suppliers {
    suppliers: Vec<Contact>,
    pagination: Pagination,
}

/// List the suppliers of the books, as they were read last.
#[utoipa::path(
    get, path = "/connections/{connectionId}/suppliers", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = Suppliers))
)]
pub async fn list_suppliers(
    of: ConnectionOf,
    parameters: Parameters,
) -> Result<axum::Json<Suppliers>, Error> {
    let (suppliers, pagination) = contacts(&of, &parameters, DataType::Suppliers, "supplierName").await?;
    Ok(axum::Json(Suppliers {
        suppliers,
        pagination,
    }))
}
