use ledgerline_engine::push::mapping;
use ledgerline_model::push::Mapping;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::request::{self, Defaults};
use crate::body::Json;

/// What an expense is booked on where it says nothing itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyConfiguration {
    bank_account: DefaultRef,
    supplier: DefaultRef,
    customer: DefaultRef,
}

/// One of the platform's objects; without an id there is no default.
#[derive(Serialize, ToSchema)]
pub struct DefaultRef {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// Get the company's defaults; 404 until they were set.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/config", tag = "Expenses",
    responses((status = 200, body = CompanyConfiguration))
)]
pub async fn get_configuration(of: CompanyOf) -> Result<axum::Json<CompanyConfiguration>, Error> {
    let mut tx = of.engine.store.read().await?;
    let found = mapping::get(&mut tx, &of.company).await?;
    Ok(axum::Json(found.ok_or_else(Error::not_found)?.into()))
}

/// Set the company's defaults. Whether they can be booked on is looked at when expenses are synced.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/config", tag = "Expenses",
    request_body = CompanyConfiguration, responses((status = 200, body = CompanyConfiguration))
)]
pub async fn set_configuration(
    of: CompanyOf,
    Json(body): Json<Box<RawValue>>,
) -> Result<axum::Json<CompanyConfiguration>, Error> {
    let Defaults {
        bank_account,
        supplier,
        customer,
    } = request::defaults(&body).map_err(Error::invalid)?;
    let mut tx = of.engine.store.write().await?;
    // What only other dialects set stays as it is.
    let before = mapping::get(&mut tx, &of.company).await?.unwrap_or_default();
    let mapping = Mapping {
        bank_account,
        supplier,
        customer,
        ..before
    };
    mapping::set(&of.engine, &mut tx, &of.company, &mapping).await?;
    tx.commit().await?;
    Ok(axum::Json(mapping.into()))
}

impl From<Mapping> for CompanyConfiguration {
    fn from(mapping: Mapping) -> Self {
        Self {
            bank_account: DefaultRef {
                id: mapping.bank_account,
            },
            supplier: DefaultRef { id: mapping.supplier },
            customer: DefaultRef { id: mapping.customer },
        }
    }
}
