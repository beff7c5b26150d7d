use ledgerline_model::DataType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::ConnectionOf;
use super::super::query::{Pagination, Parameters, ReferenceParameters};
use super::list::list;
use super::status;

/// An account of the ledger.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    id: String,
    name: String,
    /// `Asset`, `Expense`, `Income`, `Liability`, `Equity` or `Unknown`.
    #[serde(rename = "type")]
    kind: String,
    /// The platform's own word for what kind of account it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_type: Option<String>,
    /// `Active` or `Inactive`.
    status: &'static str,
    fully_qualified_name: String,
}

#[derive(Serialize, ToSchema)]
pub struct Accounts {
    accounts: Vec<Account>,
    pagination: Pagination,
}

/// List the accounts of the books, as they were read last.
#[utoipa::path(
    get, path = "/connections/{connectionId}/accounts", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = Accounts))
)]
pub async fn list_accounts(of: ConnectionOf, parameters: Parameters) -> Result<axum::Json<Accounts>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stored {
        id: String,
        name: Option<String>,
        #[serde(rename = "type")]
        kind: String,
        fully_qualified_category: Option<String>,
        fully_qualified_name: Option<String>,
        status: String,
    }
    let (found, pagination) = list(&of, &parameters, DataType::ChartOfAccounts, "name").await?;
    let accounts = found.into_iter().map(|account: Stored| {
        let name = account.name.unwrap_or_else(|| account.id.clone());
        let sub_type = account.fully_qualified_category.and_then(|category| {
            let (_, last) = category.rsplit_once('.')?;
            Some(last.to_owned())
        });
        Account {
            id: account.id,
            kind: account.kind,
            sub_type,
            status: status(&account.status),
            fully_qualified_name: account.fully_qualified_name.unwrap_or_else(|| name.clone()),
            name,
        }
    });
    Ok(axum::Json(Accounts {
        accounts: accounts.collect(),
        pagination,
    }))
}
