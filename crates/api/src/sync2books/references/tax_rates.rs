use ledgerline_model::{DataType, Decimal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters, ReferenceParameters};
use super::list::list;
use super::status;

#[derive(Serialize, ToSchema)]
pub struct TaxRate {
    id: String,
    name: String,
    /// Per cent.
    #[schema(value_type = Option<f64>)]
    rate: Option<Decimal>,
    /// `Active` or `Inactive`.
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxRates {
    tax_rates: Vec<TaxRate>,
    pagination: Pagination,
}

/// List the tax rates of the books, as they were read last.
#[utoipa::path(
    get, path = "/connections/{connectionId}/tax-rates", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = TaxRates))
)]
pub async fn list_tax_rates(of: ConnectionOf, parameters: Parameters) -> Result<axum::Json<TaxRates>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stored {
        id: String,
        name: Option<String>,
        effective_tax_rate: Option<Decimal>,
        total_tax_rate: Option<Decimal>,
        status: String,
    }
    let (found, pagination) = list(&of, &parameters, DataType::TaxRates, "name").await?;
    let tax_rates = found.into_iter().map(|rate: Stored| TaxRate {
        name: rate.name.unwrap_or_else(|| rate.id.clone()),
        id: rate.id,
        rate: rate.effective_tax_rate.or(rate.total_tax_rate),
        status: status(&rate.status),
    });
    Ok(axum::Json(TaxRates {
        tax_rates: tax_rates.collect(),
        pagination,
    }))
}
