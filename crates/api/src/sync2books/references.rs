use std::collections::BTreeMap;

use ledgerline_model::query::{Filter, ListRequest, Operand, Operator, Test, fold};
use ledgerline_model::record::Record;
use ledgerline_model::{DataType, Decimal};
use ledgerline_store::Tx;
use ledgerline_store::reading::{self, Of};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::ConnectionOf;
use super::query::{Page, Pagination, Parameters, REFERENCES, ReferenceParameters};

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

/// A supplier or a customer.
#[derive(Serialize, ToSchema)]
pub struct Contact {
    id: String,
    name: String,
    /// `Active` or `Inactive`.
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct Suppliers {
    suppliers: Vec<Contact>,
    pagination: Pagination,
}

#[derive(Serialize, ToSchema)]
pub struct Customers {
    customers: Vec<Contact>,
    pagination: Pagination,
}

/// A way to sort lines. Where it has options, a line refers to one of these, else to the category itself.
#[derive(Serialize, ToSchema)]
pub struct TrackingCategory {
    id: String,
    name: String,
    options: Vec<TrackingOption>,
}

#[derive(Serialize, ToSchema)]
pub struct TrackingOption {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCategories {
    tracking_categories: Vec<TrackingCategory>,
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

/// List the tracking categories of the books with their options, as they were read last; archived ones are left out.
#[utoipa::path(
    get, path = "/connections/{connectionId}/tracking-categories", tag = "Mapping", params(ReferenceParameters),
    responses((status = 200, body = TrackingCategories))
)]
pub async fn list_tracking_categories(
    of: ConnectionOf,
    parameters: Parameters,
) -> Result<axum::Json<TrackingCategories>, Error> {
    let page = parameters.page(REFERENCES)?;
    let mut tx = of.app.engine.store.read().await?;
    let records = readable(&of, &mut tx, DataType::TrackingCategories).await?;
    let categories = tree(all(&mut tx, records).await?);
    let query = parameters.text("query").map(fold);
    let meets = |name: &str| {
        query
            .as_ref()
            .is_none_or(|query| fold(name).contains(query.as_str()))
    };
    let found = categories.into_iter().filter(|category| meets(&category.name));
    let found: Vec<TrackingCategory> = found.collect();
    let pagination = page.of(u64::try_from(found.len()).unwrap_or(u64::MAX));
    let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let taken = usize::try_from(page.limit).unwrap_or(usize::MAX);
    Ok(axum::Json(TrackingCategories {
        tracking_categories: found.into_iter().skip(skipped).take(taken).collect(),
        pagination,
    }))
}

/// A record of tracking categories, as far as it is needed here.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tracking {
    id: String,
    name: Option<String>,
    parent_id: Option<String>,
    status: String,
}

/// Each root with all that is below it. What names a parent that is not there is a root itself.
fn tree(stored: Vec<Tracking>) -> Vec<TrackingCategory> {
    let stored: BTreeMap<String, Tracking> = stored
        .into_iter()
        .filter(|record| record.status != "Archived")
        .map(|record| (record.id.clone(), record))
        .collect();
    let mut options: BTreeMap<&str, Vec<TrackingOption>> = BTreeMap::new();
    for record in stored.values() {
        let root = root_of(&stored, record);
        let own = options.entry(&root.id).or_default();
        if root.id != record.id {
            own.push(TrackingOption {
                id: record.id.clone(),
                name: name_of(record),
            });
        }
    }
    let categories = options.into_iter().filter_map(|(id, options)| {
        let root = stored.get(id)?;
        Some(TrackingCategory {
            id: root.id.clone(),
            name: name_of(root),
            options,
        })
    });
    categories.collect()
}

/// Deeper than platforms nest; a circle ends here, too.
const MAX_DEPTH: usize = 16;

fn root_of<'a>(stored: &'a BTreeMap<String, Tracking>, record: &'a Tracking) -> &'a Tracking {
    let parent = |record: &&'a Tracking| stored.get(record.parent_id.as_ref()?);
    std::iter::successors(Some(record), parent)
        .take(MAX_DEPTH)
        .last()
        .unwrap_or(record)
}

fn name_of(record: &Tracking) -> String {
    record.name.clone().unwrap_or_else(|| record.id.clone())
}

async fn contacts(
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

/// Whether it can be booked on.
fn status(standard: &str) -> &'static str {
    match standard {
        "Active" => "Active",
        _ => "Inactive",
    }
}

/// A page of the records that exist, in the order of their ids; `name` is the property that `query` looks into.
async fn list<T: DeserializeOwned>(
    of: &ConnectionOf,
    parameters: &Parameters,
    data_type: DataType,
    name: &str,
) -> Result<(Vec<T>, Pagination), Error> {
    let page = parameters.page(REFERENCES)?;
    let mut tx = of.app.engine.store.read().await?;
    let records = readable(of, &mut tx, data_type).await?;
    let mut tests = vec![exists()];
    if let Some(query) = parameters.text("query") {
        tests.push(Filter::Test(Test {
            property: name.to_owned(),
            operator: Operator::Contains,
            operand: Operand::Text(fold(query)),
        }));
    }
    let found = reading::list(&mut tx, records, &request(tests, page)).await?;
    let items = found.records.iter().map(read);
    Ok((items.collect::<Result<_, _>>()?, page.of(found.total)))
}

/// All records that exist: only of types of which no books have many.
async fn all<T: DeserializeOwned>(tx: &mut Tx, records: Of) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    for page in 1.. {
        let page = Page {
            page,
            limit: REFERENCES.largest,
        };
        let found = reading::list(tx, records, &request(vec![exists()], page)).await?;
        for record in &found.records {
            items.push(read(record)?);
        }
        if page.offset() + u64::from(page.limit) >= found.total {
            break;
        }
    }
    Ok(items)
}

fn request(tests: Vec<Filter>, page: Page) -> ListRequest {
    ListRequest {
        filter: Some(Filter::All(tests)),
        order: None,
        page: page.page,
        page_size: page.limit,
    }
}

fn exists() -> Filter {
    Filter::Test(Test {
        property: "metadata.isDeleted".to_owned(),
        operator: Operator::Equal,
        operand: Operand::Flag(false),
    })
}

fn read<T: DeserializeOwned>(record: &Record) -> Result<T, Error> {
    serde_json::from_str(&record.standard).map_err(|error| Error::internal(&error))
}

/// The records of a type. Refuses one that was never read to its end: an empty list would be a lie.
async fn readable(of: &ConnectionOf, tx: &mut Tx, data_type: DataType) -> Result<Of, Error> {
    let records = Of {
        app: of.connection.app,
        connection: of.connection.id,
        data_type,
        as_of: None,
    };
    let entry = of.app.engine.registry.find(&of.connection.platform);
    if entry.is_some_and(|entry| !entry.about().supports(data_type)) {
        return Err(Error::bad_request(format!(
            "{data_type} cannot be read from this accounting software"
        )));
    }
    if !reading::published(tx, records).await? {
        return Err(Error::conflict(format!(
            "{data_type} of this connection have not been read yet: try again shortly"
        )));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, parent: Option<&str>, status: &str) -> Tracking {
        Tracking {
            id: id.to_owned(),
            name: Some(id.to_uppercase()),
            parent_id: parent.map(str::to_owned),
            status: status.to_owned(),
        }
    }

    #[test]
    fn options_stand_under_their_root_however_deep_and_no_circle_is_followed_for_ever() {
        let categories = tree(vec![
            record("region", None, "Active"),
            record("north", Some("region"), "Active"),
            record("oslo", Some("north"), "Active"),
            record("south", Some("region"), "Archived"),
            record("class", None, "Active"),
            record("orphan", Some("gone"), "Unknown"),
            record("a", Some("b"), "Active"),
            record("b", Some("a"), "Active"),
        ]);
        let found: Vec<(&str, Vec<&str>)> = categories
            .iter()
            .map(|category| {
                let options = category.options.iter().map(|option| option.id.as_str());
                (category.id.as_str(), options.collect())
            })
            .collect();
        let expected = [
            ("class", vec![]),
            ("orphan", vec![]),
            ("region", vec!["north", "oslo"]),
        ];
        for category in expected {
            assert!(found.contains(&category), "{category:?} in {found:?}");
        }
        assert_eq!(categories[0].name.to_lowercase(), categories[0].id);
    }
}
