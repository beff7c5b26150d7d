use std::collections::BTreeSet;

use ledgerline_model::DataType;
use ledgerline_platform::push::{Books, Named, Referenced, References};
use ledgerline_platform::{Content, Cx, Error, Row};
use serde::Deserialize;

use super::reading;
use crate::client;
use crate::pull::{facts, object};

/// A list of Xero's that has what can be named.
struct List {
    endpoint: &'static str,
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    data_types: &'static [DataType],
}

const ACCOUNTS: List = List {
    endpoint: "Accounts",
    path: "/Accounts",
    query: &[],
    data_types: &[DataType::ChartOfAccounts, DataType::BankAccounts],
};

const CONTACTS: List = List {
    endpoint: "Contacts",
    path: "/Contacts",
    query: &[("includeArchived", "true"), ("page", "1"), ("pageSize", "1000")],
    data_types: &[DataType::Suppliers, DataType::Customers],
};

const TAX_RATES: List = List {
    endpoint: "TaxRates",
    path: "/TaxRates",
    query: &[],
    data_types: &[DataType::TaxRates],
};

const TRACKING: List = List {
    endpoint: "TrackingCategories",
    path: "/TrackingCategories",
    query: &[("includeArchived", "true")],
    data_types: &[DataType::TrackingCategories],
};

/// How many contacts are asked for in one call: their ids stand in the address.
const CONTACTS_A_CALL: usize = 100;

/// The organisation, and one list for each kind of what is wanted.
pub(super) async fn references(cx: &Cx, books: &Books<'_>, wanted: &[Named]) -> Result<References, Error> {
    let organisation = reading(books, "Organisations", &[DataType::Company]);
    let mut found = References {
        base_currency: facts::base_currency(cx, &organisation).await?,
        objects: Vec::new(),
    };
    for list in [ACCOUNTS, CONTACTS, TAX_RATES, TRACKING] {
        let of_list: Vec<&Named> = wanted
            .iter()
            .filter(|named| list.data_types.contains(&named.data_type))
            .collect();
        if of_list.is_empty() {
            continue;
        }
        let ids: BTreeSet<&str> = of_list.iter().map(|named| named.id.as_str()).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let mut rows = Vec::new();
        if list.endpoint == CONTACTS.endpoint {
            // An id that cannot be one of Xero's would make it refuse the whole question.
            let ids: Vec<&str> = ids
                .into_iter()
                .filter(|id| uuid::Uuid::try_parse(id).is_ok())
                .collect();
            for some in ids.chunks(CONTACTS_A_CALL) {
                let joined = some.join(",");
                let mut query = list.query.to_vec();
                query.push(("IDs", joined.as_str()));
                rows.extend(ask(cx, books, &list, &query, &found).await?);
            }
        } else {
            rows = ask(cx, books, &list, list.query, &found).await?;
        }
        let objects = of_list.into_iter().filter_map(|named| referenced(named, &rows));
        found.objects.extend(objects);
    }
    Ok(found)
}

async fn ask(
    cx: &Cx,
    books: &Books<'_>,
    list: &List,
    query: &[(&str, &str)],
    found: &References,
) -> Result<Vec<Row>, Error> {
    let read = reading(books, list.endpoint, list.data_types);
    let answer = client::get(cx, &read, list.path, query).await?;
    object::listed(&answer.body, &read, found.base_currency.as_deref())
}

fn referenced(named: &Named, rows: &[Row]) -> Option<Referenced> {
    let present = |row: &Row| match &row.content {
        Content::Present(present) => Some((present.standard.json.clone(), present.source.to_string())),
        Content::Gone | Content::Quarantined { .. } => None,
    };
    let mut of_id = rows
        .iter()
        .filter(|row| row.remote_id.eq_ignore_ascii_case(&named.id));
    let is_contact = CONTACTS.data_types.contains(&named.data_type);
    // A contact is customer and supplier as soon as it is booked as one; until then either may be asked for.
    let (standard, source) = of_id
        .clone()
        .find(|row| row.data_type == named.data_type && matches!(row.content, Content::Present(_)))
        .and_then(present)
        .or_else(|| of_id.find_map(present).filter(|_| is_contact))?;
    Some(Referenced {
        data_type: named.data_type,
        id: named.id.clone(),
        is_archived: is_archived(&standard, &source),
        standard,
        source,
    })
}

/// What is archived itself, or an option of a category that is.
fn is_archived(standard: &str, source: &str) -> bool {
    #[derive(Deserialize)]
    struct Standard {
        status: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Source {
        status: Option<String>,
    }
    let own = serde_json::from_str::<Standard>(standard)
        .ok()
        .and_then(|read| read.status);
    let outer = serde_json::from_str::<Source>(source)
        .ok()
        .and_then(|read| read.status);
    own.as_deref() == Some("Archived") || outer.as_deref() == Some("ARCHIVED")
}
