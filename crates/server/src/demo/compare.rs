use std::collections::BTreeMap;

use anyhow::ensure;
use serde::Deserialize;

use super::client::{Client, Page, control};
use super::customers::Customer;
use super::world::World;

/// What is compared: everything that both sides list by id.
pub const COMPARED: [(&str, &str, Level); 17] = [
    ("chartOfAccounts", "accounts", Level::Company),
    ("customers", "customers", Level::Company),
    ("suppliers", "suppliers", Level::Company),
    ("invoices", "invoices", Level::Company),
    ("bills", "bills", Level::Company),
    ("creditNotes", "creditNotes", Level::Company),
    ("billCreditNotes", "billCreditNotes", Level::Company),
    ("payments", "payments", Level::Company),
    ("billPayments", "billPayments", Level::Company),
    ("purchaseOrders", "purchaseOrders", Level::Company),
    ("items", "items", Level::Company),
    ("taxRates", "taxRates", Level::Company),
    ("journalEntries", "journalEntries", Level::Company),
    ("bankAccounts", "bankAccounts", Level::Connection),
    ("directCosts", "directCosts", Level::Connection),
    ("directIncomes", "directIncomes", Level::Connection),
    ("transfers", "transfers", Level::Connection),
];

/// Under which path a data type is read.
#[derive(Clone, Copy)]
pub enum Level {
    Company,
    Connection,
}

/// A record, on either side.
#[derive(Deserialize)]
struct Ours {
    id: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    is_deleted: bool,
}

#[derive(Deserialize)]
struct Theirs {
    id: String,
    deleted: bool,
    reference: Option<String>,
    number: Option<String>,
    description: Option<String>,
}

impl Theirs {
    fn bears(&self, mark: &str) -> bool {
        let texts = [&self.reference, &self.number, &self.description];
        texts.into_iter().flatten().any(|text| text.contains(mark))
    }
}

#[derive(Deserialize)]
struct Ledger {
    results: Vec<Theirs>,
}

/// The path of a data type's list.
pub fn path(customer: &Customer, name: &str, level: Level) -> String {
    let Customer {
        company, connection, ..
    } = customer;
    match level {
        Level::Company => format!("companies/{company}/data/{name}"),
        Level::Connection => format!("companies/{company}/connections/{connection}/data/{name}"),
    }
}

/// Every live record of the platform is stored and live, and no other is; how many there are.
pub async fn with_the_platform(
    world: &World,
    client: &Client<'_>,
    customer: &Customer,
) -> anyhow::Result<u64> {
    let mut live = 0;
    for (data_type, name, level) in COMPARED {
        let ledger = ledger(world, customer, data_type).await?;
        let theirs: BTreeMap<String, bool> = ledger
            .into_iter()
            .map(|record| (record.id, record.deleted))
            .collect();
        let ours = read_all(client, &path(customer, name, level)).await?;
        for (id, deleted) in &theirs {
            let stored = ours.get(id).copied();
            ensure!(
                *deleted && stored != Some(false) || !*deleted && stored == Some(false),
                "{data_type} `{id}`: deleted at the platform: {deleted}, deleted with us: {stored:?}"
            );
            live += u64::from(!*deleted);
        }
        for id in ours.keys() {
            ensure!(
                theirs.contains_key(id),
                "{data_type} `{id}` is stored, but the platform has no such record"
            );
        }
    }
    Ok(live)
}

/// A record of the platform's own ledger.
pub struct Marked {
    pub data_type: &'static str,
    pub id: String,
    /// Where it is read with us.
    pub path: String,
}

/// What bears each of these marks in the platform's own ledger, in their order.
pub async fn marked(
    world: &World,
    customer: &Customer,
    marks: &[String],
) -> anyhow::Result<Vec<Vec<Marked>>> {
    let mut found: Vec<Vec<Marked>> = marks.iter().map(|_| Vec::new()).collect();
    for (data_type, name, level) in COMPARED {
        for row in ledger(world, customer, data_type).await? {
            for (mark, found) in marks.iter().zip(&mut found) {
                if !row.deleted && row.bears(mark) {
                    let path = format!("{}/{}", path(customer, name, level), row.id);
                    found.push(Marked {
                        data_type,
                        id: row.id.clone(),
                        path,
                    });
                }
            }
        }
    }
    Ok(found)
}

async fn ledger(world: &World, customer: &Customer, data_type: &str) -> anyhow::Result<Vec<Theirs>> {
    let path = format!(
        "_sandbox/organisations/{}/ledger?dataType={data_type}",
        customer.organisation
    );
    let ledger: Ledger = control(world, http::Method::GET, &path, None).await?;
    Ok(ledger.results)
}

async fn read_all(client: &Client<'_>, path: &str) -> anyhow::Result<BTreeMap<String, bool>> {
    let mut all = BTreeMap::new();
    for page in 1.. {
        let read: Page<Ours> = client.get(&format!("{path}?page={page}&pageSize=1000")).await?;
        let ended = read.results.is_empty();
        all.extend(
            read.results
                .into_iter()
                .map(|record| (record.id, record.metadata.is_deleted)),
        );
        if ended || all.len() as u64 >= read.total_results {
            break;
        }
    }
    Ok(all)
}
