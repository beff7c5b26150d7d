use std::collections::BTreeSet;

use ledgerline_model::DataType;
use ledgerline_platform::push::{Books, Named, Referenced, References};
use ledgerline_platform::{Content, Cx, Error, Row};
use serde::Deserialize;

use super::{reading, tax};
use crate::client;
use crate::pull::object;

/// Lists of QuickBooks' that have what can be named: the entity, the data types that it is, and what stands before
/// its ids with us.
const LISTS: [(&str, &[DataType], &str); 6] = [
    (
        "Account",
        &[DataType::ChartOfAccounts, DataType::BankAccounts],
        "",
    ),
    ("Vendor", &[DataType::Suppliers], ""),
    ("Customer", &[DataType::Customers], ""),
    ("TaxCode", &[DataType::TaxRates], ""),
    ("Class", &[DataType::TrackingCategories], "CLASS_"),
    ("Department", &[DataType::TrackingCategories], "DEPARTMENT_"),
];

/// How many ids a query names at most.
const IDS_A_QUERY: usize = 100;

/// The company, and a query for each list of which something is wanted.
pub(super) async fn references(cx: &Cx, books: &Books<'_>, wanted: &[Named]) -> Result<References, Error> {
    let company = company(cx, books).await?;
    let mut found = References {
        base_currency: company.as_ref().and_then(base_currency),
        objects: company.into_iter().collect(),
    };
    for (entity, data_types, prefix) in LISTS {
        let of_list: Vec<&Named> = wanted
            .iter()
            .filter(|named| data_types.contains(&named.data_type) && named.id.starts_with(prefix))
            .collect();
        let ids: BTreeSet<&str> = of_list
            .iter()
            .filter_map(|named| named.id.strip_prefix(prefix))
            .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        for some in ids.chunks(IDS_A_QUERY) {
            let read = reading(books, entity, data_types);
            let quoted: Vec<String> = some.iter().map(|id| format!("'{id}'")).collect();
            let text = format!(
                "SELECT * FROM {entity} WHERE Id IN ({}) AND Active IN (true, false) MAXRESULTS 1000",
                quoted.join(", ")
            );
            let answer = client::ask(cx, &read, &text).await?;
            let rows = object::listed(cx, &read, &answer.body).await?;
            let objects = of_list.iter().filter_map(|named| referenced(named, &rows));
            found.objects.extend(objects);
        }
    }
    let names_none = |named: &&Named| named.data_type == DataType::TaxRates && named.id == tax::NONE;
    if let Some(named) = wanted.iter().find(names_none)
        && found.get(named.data_type, &named.id).is_none()
    {
        found.objects.push(no_tax());
    }
    Ok(found)
}

fn referenced(named: &Named, rows: &[Row]) -> Option<Referenced> {
    let mut of_id = rows
        .iter()
        .filter(|row| row.remote_id == named.id && row.data_type == named.data_type);
    let present = of_id.find_map(|row| match &row.content {
        Content::Present(present) => Some(present),
        Content::Gone | Content::Quarantined { .. } => None,
    })?;
    Some(Referenced {
        data_type: named.data_type,
        id: named.id.clone(),
        is_archived: is_inactive(&present.source),
        standard: present.standard.json.clone(),
        source: present.source.to_string(),
    })
}

fn is_inactive(source: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Source {
        active: Option<bool>,
    }
    serde_json::from_str::<Source>(source).is_ok_and(|source| source.active == Some(false))
}

/// Where it is decides how tax is told.
async fn company(cx: &Cx, books: &Books<'_>) -> Result<Option<Referenced>, Error> {
    let read = reading(books, "CompanyInfo", &[DataType::Company]);
    let realm = &books.organisation.id;
    let rows = object::by_id(cx, &read, realm).await?;
    Ok(rows.into_iter().find_map(|row| match row.content {
        Content::Present(present) => Some(Referenced {
            data_type: DataType::Company,
            id: realm.clone(),
            standard: present.standard.json.clone(),
            source: present.source.to_string(),
            is_archived: false,
        }),
        Content::Gone | Content::Quarantined { .. } => None,
    }))
}

fn base_currency(company: &Referenced) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Company {
        base_currency: Option<String>,
    }
    serde_json::from_str::<Company>(&company.standard)
        .ok()?
        .base_currency
}

/// Outside the United States no list has the code that means none: there it stands for leaving tax out.
fn no_tax() -> Referenced {
    Referenced {
        data_type: DataType::TaxRates,
        id: tax::NONE.to_owned(),
        standard: format!(
            r#"{{"id":"{0}","name":"{0}","code":"{0}","status":"Active","effectiveTaxRate":0,"totalTaxRate":0}}"#,
            tax::NONE
        ),
        source: "{}".to_owned(),
        is_archived: false,
    }
}
