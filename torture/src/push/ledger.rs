use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use super::books::Books;
use crate::world::{Company, World};

/// Where what is pushed can be: the neutral names of the simulators' ledger.
const TYPES: [&str; 5] = [
    "directCosts",
    "directIncomes",
    "transfers",
    "journalEntries",
    "bills",
];

/// The rows of one type, as the simulator's own ledger has them.
pub async fn rows(world: &World, company: &Company, data_type: &str) -> anyhow::Result<Vec<Value>> {
    let path = format!(
        "organisations/{}/ledger?dataType={data_type}",
        company.organisation
    );
    let mut told = world.control("GET", &path, None).await?;
    match told["results"].take() {
        Value::Array(rows) => Ok(rows),
        _ => anyhow::bail!("the ledger has no list of {data_type}"),
    }
}

/// Everything that is there now.
pub async fn known(world: &World, company: &Company) -> anyhow::Result<BTreeSet<(&'static str, String)>> {
    let mut known = BTreeSet::new();
    for data_type in TYPES {
        for row in rows(world, company, data_type).await? {
            let id = row["id"].as_str().context("a row has no id")?;
            known.insert((data_type, id.to_owned()));
        }
    }
    Ok(known)
}

/// A document that was not there before.
#[derive(Clone, Debug)]
pub struct Entry {
    pub data_type: &'static str,
    /// The platform's id.
    pub id: String,
    pub cents: i64,
    /// All that it says anywhere.
    pub text: String,
}

/// The documents that came into the books since they were opened, deleted ones not among them.
pub async fn entries(world: &World, books: &Books) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for data_type in TYPES {
        for row in rows(world, &books.company, data_type).await? {
            let id = row["id"].as_str().context("a row has no id")?.to_owned();
            if row["deleted"] == true || books.before.contains(&(data_type, id.clone())) {
                continue;
            }
            entries.push(Entry {
                data_type,
                cents: cents(&row),
                text: row.to_string(),
                id,
            });
        }
    }
    Ok(entries)
}

/// What a document comes to; a journal, what stands on its debit side.
fn cents(row: &Value) -> i64 {
    let of = |value: &Value| value.as_f64().map(|amount| (amount * 100.0).round() as i64);
    if let Some(total) = of(&row["totalAmount"]) {
        return total.abs();
    }
    let lines = row["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    let amounts = lines.iter().filter_map(|line| of(&line["amount"]));
    amounts.filter(|amount| *amount > 0).sum()
}

/// What should be in a company's books.
pub struct Wanted {
    pub id: String,
    /// What it comes to; what it came to before it was changed, too, as long as the change may not have arrived.
    pub cents: Vec<i64>,
    /// Whether it has to be there; what does not must not.
    pub is_there: bool,
}

/// What the ledger says of what should be in it.
#[derive(Default, Debug)]
pub struct Counted {
    /// The platform's ids of each expense's documents.
    pub found: BTreeMap<String, Vec<String>>,
    pub lost: usize,
    pub doubled: usize,
    pub wrong: Vec<String>,
}

/// Count: every entry that came into the books belongs to an expense, by the app's id in its text or by its amount.
pub fn count(entries: &[Entry], wanted: &[Wanted]) -> Counted {
    let mut counted = Counted::default();
    let by_amount: BTreeMap<i64, &Wanted> = wanted
        .iter()
        .flat_map(|wanted| wanted.cents.iter().map(move |cents| (*cents, wanted)))
        .collect();
    let mut of: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let marked = wanted.iter().find(|wanted| entry.text.contains(&wanted.id));
        let owner = marked.or_else(|| by_amount.get(&entry.cents).copied());
        match owner {
            Some(owner) => of.entry(&owner.id).or_default().push(entry),
            None => counted
                .wrong
                .push(format!("nobody asked for this entry: {entry:?}")),
        }
    }
    for wanted in wanted {
        let entries = of.remove(wanted.id.as_str()).unwrap_or_default();
        let id = &wanted.id;
        match (wanted.is_there, entries.as_slice()) {
            (true, [entry]) if wanted.cents.contains(&entry.cents) => {}
            (true, [entry]) => counted.wrong.push(format!(
                "{id} comes to {} in the books, and should to {:?}",
                entry.cents, wanted.cents
            )),
            (true, []) => {
                counted.lost += 1;
                counted.wrong.push(format!("{id} is lost"));
            }
            (false, []) => {}
            (true, several) => {
                counted.doubled += 1;
                let several: Vec<_> = several
                    .iter()
                    .map(|entry| format!("{} {}", entry.data_type, entry.id))
                    .collect();
                counted.wrong.push(format!(
                    "{id} is in the books {} times: {several:?}",
                    several.len()
                ));
            }
            (false, found) => counted.wrong.push(format!(
                "{id} is in the books, though it ended otherwise: {:?}",
                found.first()
            )),
        }
        let ids = entries.iter().map(|entry| entry.id.clone()).collect();
        counted.found.insert(id.clone(), ids);
    }
    counted
}
