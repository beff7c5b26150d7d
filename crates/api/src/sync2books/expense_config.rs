use ledgerline_engine::push::mapping;
use ledgerline_model::DataType;
use ledgerline_model::push::Mapping;
use ledgerline_store::reading::{self, Of};
use ledgerline_store::{Tx, connections};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::expense::IdRef;
use super::owned::CompanyOf;
use crate::audit::{self, Actor};
use crate::body::{Json, given};

/// What is to change; null clears.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateExpenseConfig {
    #[serde(default, deserialize_with = "given")]
    bank_account: Option<Option<IdRef>>,
    #[serde(default, deserialize_with = "given")]
    supplier: Option<Option<IdRef>>,
    #[serde(default, deserialize_with = "given")]
    customer: Option<Option<IdRef>>,
    #[serde(default, deserialize_with = "given")]
    default_account: Option<Option<IdRef>>,
    #[serde(default, deserialize_with = "given")]
    default_tax_rate: Option<Option<IdRef>>,
}

/// What an expense is booked on where it says nothing itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseConfig {
    company_id: Uuid,
    bank_account: Option<NamedRef>,
    supplier: Option<NamedRef>,
    customer: Option<NamedRef>,
    default_account: Option<NamedRef>,
    default_tax_rate: Option<NamedRef>,
}

#[derive(Serialize, ToSchema)]
pub struct NamedRef {
    id: String,
    /// As it was read last; null if the books have not been read, or do not have it any more.
    name: Option<String>,
}

/// Get what expenses are booked on by default.
#[utoipa::path(
    get, path = "/companies/{companyId}/expense-config", tag = "Mapping",
    responses((status = 200, body = ExpenseConfig))
)]
pub async fn get_expense_config(of: CompanyOf) -> Result<axum::Json<ExpenseConfig>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    let mapping = mapping::get(&mut tx, &of.company).await?.unwrap_or_default();
    Ok(axum::Json(view(&mut tx, &of, mapping).await?))
}

/// Change what expenses are booked on by default; what is not named stays. Ids are those of the reference lists.
#[utoipa::path(
    patch, path = "/companies/{companyId}/expense-config", tag = "Mapping", request_body = UpdateExpenseConfig,
    responses((status = 200, body = ExpenseConfig))
)]
pub async fn update_expense_config(
    of: CompanyOf,
    Json(request): Json<UpdateExpenseConfig>,
) -> Result<axum::Json<ExpenseConfig>, Error> {
    let engine = &of.app.engine;
    let mut tx = engine.store.write().await?;
    ledgerline_store::companies::lock(&mut tx, of.app.app, of.company.id).await?;
    let mut mapping = mapping::get(&mut tx, &of.company).await?.unwrap_or_default();
    let connection = connections::active(&mut tx, of.app.app, of.company.id).await?;
    let mut wrong = Vec::new();
    for (field, given, kept, types) in [
        (
            "bankAccount",
            request.bank_account,
            &mut mapping.bank_account,
            &ACCOUNTS[..],
        ),
        (
            "supplier",
            request.supplier,
            &mut mapping.supplier,
            &[DataType::Suppliers][..],
        ),
        (
            "customer",
            request.customer,
            &mut mapping.customer,
            &[DataType::Customers][..],
        ),
        (
            "defaultAccount",
            request.default_account,
            &mut mapping.account,
            &ACCOUNTS[..1],
        ),
        (
            "defaultTaxRate",
            request.default_tax_rate,
            &mut mapping.tax_rate,
            &[DataType::TaxRates][..],
        ),
    ] {
        let Some(given) = given else { continue };
        if let (Some(reference), Some(connection)) = (&given, &connection) {
            let of = |data_type| Of {
                app: connection.app,
                connection: connection.id,
                data_type,
                as_of: None,
            };
            if is_missing(&mut tx, types.iter().copied().map(of), &reference.id).await? {
                wrong.push(format!("{field}.id {} does not exist in the books", reference.id));
            }
        }
        *kept = given.map(|reference| reference.id);
    }
    if !wrong.is_empty() {
        return Err(Error::bad_fields(wrong));
    }
    mapping::set(engine, &mut tx, &of.company, &mapping).await?;
    let actor = Actor::from(&of.app);
    audit::note(engine, &mut tx, &actor, "mapping.changed", of.company.id, "done").await?;
    let view = view(&mut tx, &of, mapping).await?;
    tx.commit().await?;
    Ok(axum::Json(view))
}

/// A bank account may be known as an account of the ledger, or as a bank account.
const ACCOUNTS: [DataType; 2] = [DataType::ChartOfAccounts, DataType::BankAccounts];

/// Whether the lists that could hold it were read, and do not.
async fn is_missing(tx: &mut Tx, lists: impl Iterator<Item = Of>, id: &str) -> Result<bool, Error> {
    let mut was_read = true;
    for list in lists {
        let found = reading::one(tx, list, id).await?;
        if found.is_some_and(|record| !record.is_deleted) {
            return Ok(false);
        }
        was_read &= reading::published(tx, list).await?;
    }
    Ok(was_read)
}

async fn view(tx: &mut Tx, of: &CompanyOf, mapping: Mapping) -> Result<ExpenseConfig, Error> {
    let connection = connections::active(tx, of.app.app, of.company.id).await?;
    let mut named = Vec::with_capacity(5);
    for (id, types) in [
        (mapping.bank_account, &ACCOUNTS[..]),
        (mapping.supplier, &[DataType::Suppliers][..]),
        (mapping.customer, &[DataType::Customers][..]),
        (mapping.account, &ACCOUNTS[..]),
        (mapping.tax_rate, &[DataType::TaxRates][..]),
    ] {
        let Some(id) = id else {
            named.push(None);
            continue;
        };
        let mut name = None;
        for data_type in types {
            let Some(connection) = connection.as_ref().filter(|_| name.is_none()) else {
                break;
            };
            let list = Of {
                app: connection.app,
                connection: connection.id,
                data_type: *data_type,
                as_of: None,
            };
            let record = reading::one(tx, list, &id).await?;
            name = record.and_then(|record| name_of(&record.standard));
        }
        named.push(Some(NamedRef { id, name }));
    }
    let mut named = named.into_iter();
    let mut next = || named.next().flatten();
    Ok(ExpenseConfig {
        company_id: of.company.id.0,
        bank_account: next(),
        supplier: next(),
        customer: next(),
        default_account: next(),
        default_tax_rate: next(),
    })
}

fn name_of(standard: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(alias = "supplierName", alias = "customerName", alias = "accountName")]
        name: Option<String>,
    }
    serde_json::from_str::<Named>(standard).ok()?.name
}
