use std::borrow::Cow;
use std::collections::HashSet;

use ledgerline_engine::Engine;
use ledgerline_model::connection::Connection;
use ledgerline_model::push::ExpenseKind;
use ledgerline_model::query::ListRequest;
use ledgerline_model::record::Record;
use ledgerline_model::{DataType, Decimal, Instant};
use ledgerline_store::{Tx, reading};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::super::query::Parameters;
use super::super::records::{readable, readable_connection};
use super::compat::Compat;
use super::partner;
use super::request::TYPES;

/// Records that are held at a time.
const PAGE: u32 = 500;

/// What expenses of a company can be booked on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingOptions {
    /// Who hands the expenses over.
    expense_provider: Option<&'static str>,
    accounts: Vec<AccountMappingInfo>,
    tracking_categories: Vec<TrackingCategoryMappingInfo>,
    tax_rates: Vec<TaxRateMappingInfo>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountMappingInfo {
    id: String,
    nominal_code: Option<String>,
    name: Option<String>,
    currency: Option<String>,
    /// `Asset`, `Liability`, `Income`, `Expense` or `Equity`; null where the platform says none of them.
    account_type: Option<String>,
    fully_qualified_category: Option<String>,
    is_bank_account: bool,
    valid_transaction_types: Vec<&'static str>,
    valid_for: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCategoryMappingInfo {
    id: String,
    #[schema(value_type = String)]
    modified_date: Instant,
    name: Option<String>,
    has_children: bool,
    parent_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxRateMappingInfo {
    id: String,
    name: Option<String>,
    code: Option<String>,
    #[schema(value_type = Option<f64>)]
    effective_tax_rate: Option<Decimal>,
    #[schema(value_type = Option<f64>)]
    total_tax_rate: Option<Decimal>,
    valid_transaction_types: Vec<&'static str>,
}

/// Get the accounts, tracking categories and tax rates that expenses can name, as they were read last.
///
/// Archived ones are left out. `POST /companies/{companyId}/data/all` has them read again.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/mappingOptions", tag = "Expenses",
    responses(
        (status = 200, body = MappingOptions),
        (status = 409, description = "The company's accounts have never been read.")
    )
)]
pub async fn get_mapping_options(of: CompanyOf) -> Result<axum::Json<MappingOptions>, Error> {
    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, &of).await?;
    let offered = Offered {
        kinds: kinds(&of.engine, &connection),
        compat: Compat::of(&mut tx, of.app).await?,
    };
    let mut options = MappingOptions {
        expense_provider: Some(partner::NAME),
        accounts: Vec::new(),
        tracking_categories: Vec::new(),
        tax_rates: Vec::new(),
    };
    let engine = &of.engine;
    each(
        engine,
        &mut tx,
        &connection,
        DataType::ChartOfAccounts,
        |record| {
            options.accounts.extend(offered.account(record));
        },
    )
    .await?;
    let mut archived = HashSet::new();
    each(
        engine,
        &mut tx,
        &connection,
        DataType::TrackingCategories,
        |record| match tracking_category(record) {
            Some((category, true)) => options.tracking_categories.push(category),
            Some((category, false)) => drop(archived.insert(category.id)),
            None => {}
        },
    )
    .await?;
    leave_out_children_of(archived, &mut options.tracking_categories);
    each(engine, &mut tx, &connection, DataType::TaxRates, |record| {
        options.tax_rates.extend(offered.tax_rate(record));
    })
    .await?;
    Ok(axum::Json(options))
}

/// What the platform can be given; where nothing says so, everything.
fn kinds(engine: &Engine, connection: &Connection) -> Vec<ExpenseKind> {
    let entry = engine.registry.find(&connection.platform);
    let push = entry.and_then(|entry| entry.platform.push());
    push.map_or_else(|| ExpenseKind::ALL.to_vec(), |push| push.about().kinds.to_vec())
}

/// Pass each live record of a type; a type that the platform does not have has none.
async fn each(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    data_type: DataType,
    mut pass: impl FnMut(&Record),
) -> Result<(), Error> {
    let supports = |entry: &ledgerline_platform::Entry| entry.about().supports(data_type);
    if !engine.registry.find(&connection.platform).is_some_and(supports) {
        return Ok(());
    }
    let of = readable(engine, tx, connection, data_type, &Parameters::default()).await?;
    for page in 1.. {
        let request = ListRequest {
            filter: None,
            order: None,
            page,
            page_size: PAGE,
        };
        let found = reading::list(tx, of, &request).await?;
        found
            .records
            .iter()
            .filter(|record| !record.is_deleted)
            .for_each(&mut pass);
        if u64::from(page) * u64::from(PAGE) >= found.total {
            break;
        }
    }
    Ok(())
}

/// The types of transaction that are offered.
struct Offered {
    kinds: Vec<ExpenseKind>,
    compat: Compat,
}

impl Offered {
    fn account(&self, record: &Record) -> Option<AccountMappingInfo> {
        let account: Account<'_> = serde_json::from_str(&record.standard).ok()?;
        if !is_in_use(account.status.as_deref()) {
            return None;
        }
        let may_stand = |kind: ExpenseKind| kind.is_transfer() == account.is_bank_account;
        Some(AccountMappingInfo {
            valid_transaction_types: self.types(may_stand),
            valid_for: self.purposes(may_stand),
            id: account.id.into_owned(),
            nominal_code: owned(account.nominal_code),
            name: owned(account.name),
            currency: owned(account.currency),
            account_type: owned(account.kind).filter(|kind| kind != "Unknown"),
            fully_qualified_category: owned(account.fully_qualified_category),
            is_bank_account: account.is_bank_account,
        })
    }

    fn tax_rate(&self, record: &Record) -> Option<TaxRateMappingInfo> {
        let rate: TaxRate<'_> = serde_json::from_str(&record.standard).ok()?;
        if !is_in_use(rate.status.as_deref()) {
            return None;
        }
        let links: Vec<&str> = rate
            .valid_datatype_links
            .iter()
            .flat_map(|link| &link.links)
            .map(|link| &**link)
            .collect();
        let on = |record: &str| links.is_empty() || links.iter().any(|link| link.starts_with(record));
        let (on_costs, on_incomes) = (on("DirectCost."), on("DirectIncome."));
        Some(TaxRateMappingInfo {
            valid_transaction_types: self.types(|kind| match kind {
                ExpenseKind::Payment | ExpenseKind::Reimbursement => on_costs,
                ExpenseKind::Reward => on_incomes,
                ExpenseKind::Refund
                | ExpenseKind::Chargeback
                | ExpenseKind::AdjustmentIn
                | ExpenseKind::AdjustmentOut => on_costs || on_incomes,
                ExpenseKind::TransferIn | ExpenseKind::TransferOut => false,
            }),
            id: rate.id.into_owned(),
            name: owned(rate.name),
            code: owned(rate.code),
            effective_tax_rate: rate.effective_tax_rate,
            total_tax_rate: rate.total_tax_rate,
        })
    }

    /// The second version knows the first four of them.
    fn types(&self, may_stand: impl Fn(ExpenseKind) -> bool) -> Vec<&'static str> {
        let known = if self.compat.names_eight_types { 8 } else { 4 };
        let offered = TYPES.iter().take(known);
        offered
            .filter(|(_, kind)| self.kinds.contains(kind) && may_stand(*kind))
            .map(|(name, _)| *name)
            .collect()
    }

    /// The same by the routes of the second version.
    fn purposes(&self, may_stand: impl Fn(ExpenseKind) -> bool) -> Vec<&'static str> {
        const PURPOSES: [(&str, ExpenseKind); 7] = [
            ("expense-transactions.Payment", ExpenseKind::Payment),
            ("expense-transactions.Refund", ExpenseKind::Refund),
            ("expense-transactions.Reward", ExpenseKind::Reward),
            ("expense-transactions.Chargeback", ExpenseKind::Chargeback),
            ("reimbursable-expense-transactions", ExpenseKind::Reimbursement),
            ("transfer-transactions", ExpenseKind::TransferOut),
            ("adjustment-transactions", ExpenseKind::AdjustmentOut),
        ];
        let offered = PURPOSES.iter();
        offered
            .filter(|(_, kind)| self.kinds.contains(kind) && may_stand(*kind))
            .map(|(name, _)| *name)
            .collect()
    }
}

/// The category, and whether it is in use itself.
fn tracking_category(record: &Record) -> Option<(TrackingCategoryMappingInfo, bool)> {
    let category: TrackingCategory<'_> = serde_json::from_str(&record.standard).ok()?;
    let is_in_use = is_in_use(category.status.as_deref());
    let category = TrackingCategoryMappingInfo {
        id: category.id.into_owned(),
        modified_date: Instant(record.modified_at),
        name: owned(category.name),
        has_children: category.has_children,
        parent_id: owned(category.parent_id),
    };
    Some((category, is_in_use))
}

/// What stands below an archived category, at whatever depth, cannot be named either.
fn leave_out_children_of(mut archived: HashSet<String>, categories: &mut Vec<TrackingCategoryMappingInfo>) {
    loop {
        let before = categories.len();
        categories.retain(|category| {
            let is_below = category
                .parent_id
                .as_ref()
                .is_some_and(|parent| archived.contains(parent));
            if is_below {
                archived.insert(category.id.clone());
            }
            !is_below
        });
        if categories.len() == before {
            break;
        }
    }
}

fn is_in_use(status: Option<&str>) -> bool {
    status != Some("Archived")
}

fn owned(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

/// What is looked at of the standard record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    nominal_code: Option<Cow<'a, str>>,
    name: Option<Cow<'a, str>>,
    currency: Option<Cow<'a, str>>,
    #[serde(rename = "type")]
    kind: Option<Cow<'a, str>>,
    fully_qualified_category: Option<Cow<'a, str>>,
    #[serde(default)]
    is_bank_account: bool,
    status: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrackingCategory<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    parent_id: Option<Cow<'a, str>>,
    #[serde(default)]
    has_children: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaxRate<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    effective_tax_rate: Option<Decimal>,
    total_tax_rate: Option<Decimal>,
    #[serde(default)]
    valid_datatype_links: Vec<Links<'a>>,
}

#[derive(Deserialize)]
struct Links<'a> {
    #[serde(borrow, default)]
    links: Vec<Cow<'a, str>>,
}
