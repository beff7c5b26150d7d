use ledgerline_model::DataType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters};
use super::list::list;
use super::status;

/// A supplier or a customer.
#[derive(Serialize, ToSchema)]
pub struct Contact {
    id: String,
    name: String,
    /// `Active` or `Inactive`.
    status: &'static str,
}

/// A page of suppliers or customers; `name` is the property that their name is in.
pub async fn contacts(
    of: &ConnectionOf,
    parameters: &Parameters,
    data_type: DataType,
    name: &str,
) -> Result<(Vec<Contact>, Pagination), Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stored {
        id: String,
        #[serde(alias = "supplierName", alias = "customerName")]
        name: Option<String>,
        status: String,
    }
    let (found, pagination) = list(of, parameters, data_type, name).await?;
    let contacts = found.into_iter().map(|contact: Stored| Contact {
        name: contact.name.unwrap_or_else(|| contact.id.clone()),
        id: contact.id,
        status: status(&contact.status),
    });
    Ok((contacts.collect(), pagination))
}
