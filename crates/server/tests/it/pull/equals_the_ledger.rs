use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::Linked;

/// Fields of our records beside those of the simulator's ledger, by data type: (path, ours, theirs).
#[expect(clippy::type_complexity, reason = "a table is read by its columns")]
const FIELDS: &[(&str, &str, &[(&str, &str)])] = &[
    (
        "chartOfAccounts",
        "data/accounts",
        &[("name", "name"), ("nominalCode", "code")],
    ),
    (
        "bankAccounts",
        "CONNECTION/data/bankAccounts",
        &[("accountName", "name")],
    ),
    (
        "customers",
        "data/customers",
        &[("customerName", "name"), ("status", "status")],
    ),
    (
        "suppliers",
        "data/suppliers",
        &[("supplierName", "name"), ("status", "status")],
    ),
    (
        "invoices",
        "data/invoices",
        &[
            ("invoiceNumber", "number"),
            ("customerRef.id", "contact.id"),
            ("issueDate", "date"),
            ("dueDate", "dueDate"),
            ("currency", "currency"),
            ("subTotal", "subTotal"),
            ("totalTaxAmount", "totalTax"),
            ("totalAmount", "totalAmount"),
            ("amountDue", "amountDue"),
            ("lineItems.#", "lines.#"),
        ],
    ),
    (
        "bills",
        "data/bills",
        &[
            ("supplierRef.id", "contact.id"),
            ("issueDate", "date"),
            ("currency", "currency"),
            ("subTotal", "subTotal"),
            ("taxAmount", "totalTax"),
            ("totalAmount", "totalAmount"),
            ("amountDue", "amountDue"),
            ("lineItems.#", "lines.#"),
        ],
    ),
    (
        "creditNotes",
        "data/creditNotes",
        &[
            ("creditNoteNumber", "number"),
            ("customerRef.id", "contact.id"),
            ("totalAmount", "totalAmount"),
            ("remainingCredit", "amountDue"),
        ],
    ),
    (
        "billCreditNotes",
        "data/billCreditNotes",
        &[
            ("supplierRef.id", "contact.id"),
            ("totalAmount", "totalAmount"),
            ("remainingCredit", "amountDue"),
        ],
    ),
    (
        "payments",
        "data/payments",
        &[("date", "date"), ("totalAmount", "totalAmount")],
    ),
    (
        "billPayments",
        "data/billPayments",
        &[("date", "date"), ("totalAmount", "totalAmount")],
    ),
    (
        "purchaseOrders",
        "data/purchaseOrders",
        &[("issueDate", "date"), ("totalAmount", "totalAmount")],
    ),
    ("items", "data/items", &[("name", "name"), ("code", "code")]),
    (
        "taxRates",
        "data/taxRates",
        &[("name", "name"), ("effectiveTaxRate", "rate")],
    ),
    (
        "trackingCategories",
        "data/trackingCategories",
        &[("name", "name"), ("parentId", "parentId")],
    ),
    (
        "journalEntries",
        "data/journalEntries",
        &[("journalLines.#", "lines.#")],
    ),
    (
        "accountTransactions",
        "CONNECTION/data/accountTransactions",
        &[
            ("date", "date"),
            ("totalAmount", "totalAmount"),
            ("bankAccountRef.id", "account.id"),
        ],
    ),
    (
        "directCosts",
        "CONNECTION/data/directCosts",
        &[
            ("issueDate", "date"),
            ("totalAmount", "totalAmount"),
            ("lineItems.#", "lines.#"),
        ],
    ),
    (
        "directIncomes",
        "CONNECTION/data/directIncomes",
        &[
            ("issueDate", "date"),
            ("totalAmount", "totalAmount"),
            ("lineItems.#", "lines.#"),
        ],
    ),
    (
        "transfers",
        "CONNECTION/data/transfers",
        &[
            ("date", "date"),
            ("from.accountRef.id", "account.id"),
            ("to.accountRef.id", "toAccount.id"),
        ],
    ),
];

/// Both sides that are compared, however they are reached.
pub trait BothSides {
    /// Every record of one of the server's lists.
    async fn list(&self, path: &str) -> Vec<Value>;
    /// An answer of the sandbox's control API.
    async fn control(&self, path: &str) -> Value;
}

impl BothSides for World {
    async fn list(&self, path: &str) -> Vec<Value> {
        self.codat().all(path).await
    }

    async fn control(&self, path: &str) -> Value {
        World::control(self, "GET", path, json!(null)).await
    }
}

/// The store equals the ledger for every data type: ids, deletions, content.
pub async fn assert_equal(both: &impl BothSides, linked: &Linked) {
    for (data_type, path, fields) in FIELDS {
        let path = match path.strip_prefix("CONNECTION/") {
            Some(rest) => format!(
                "/companies/{}/connections/{}/{rest}",
                linked.company, linked.connection
            ),
            None => format!("/companies/{}/{path}", linked.company),
        };
        let ours: BTreeMap<String, Value> = by_id(both.list(&path).await);
        let ledger = format!(
            "organisations/{}/ledger?dataType={data_type}",
            linked.organisation
        );
        let theirs = both.control(&ledger).await;
        let theirs = by_id(theirs["results"].as_array().unwrap().clone());
        for (id, wanted) in &theirs {
            let found = ours.get(id);
            if wanted["deleted"] == true {
                // Deleted before the first read: never seen. Since then: kept, and says so.
                assert_ne!(
                    found.map(|found| &found["metadata"]["isDeleted"]),
                    Some(&json!(false)),
                    "{data_type} {id}"
                );
                continue;
            }
            let found = found.unwrap_or_else(|| panic!("{data_type} {id} is missing"));
            assert_eq!(found["metadata"]["isDeleted"], false, "{data_type} {id}");
            let (our_lines, their_lines) = lines(data_type, found, wanted);
            assert_eq!(our_lines, their_lines, "{data_type} {id}: {found}\n{wanted}");
            for (our_field, their_field) in *fields {
                let (our_value, their_value) = (field(found, our_field), field(wanted, their_field));
                assert_eq!(
                    our_value, their_value,
                    "{data_type} {id} `{our_field}`: {found}\n{wanted}"
                );
            }
        }
        for id in ours.keys() {
            assert!(
                theirs.contains_key(id),
                "{data_type} {id} is nowhere in the ledger"
            );
        }
    }
}

/// What a line says: our field, and the ledger's.
const LINE: [(&str, &str); 6] = [
    ("description", "description"),
    ("accountRef.id", "account.id"),
    ("quantity", "quantity"),
    ("subTotal", "amount"),
    ("taxAmount", "tax"),
    ("unitAmount", "unitAmount"),
];

/// The lines of both sides, where our record has any; for purchase orders without the price of a unit, of
/// which Xero gives no more than two places there.
fn lines(data_type: &str, ours: &Value, theirs: &Value) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let (Some(our_lines), Some(their_lines)) = (ours["lineItems"].as_array(), theirs["lines"].as_array())
    else {
        return (Vec::new(), Vec::new());
    };
    let told = if data_type == "purchaseOrders" {
        &LINE[..5]
    } else {
        &LINE[..]
    };
    let ours = our_lines
        .iter()
        .map(|line| told.iter().map(|(path, _)| field(line, path)).collect());
    let theirs = their_lines
        .iter()
        .map(|line| told.iter().map(|(_, path)| field(line, path)).collect());
    (ours.collect(), theirs.collect())
}

fn by_id(records: Vec<Value>) -> BTreeMap<String, Value> {
    let count = records.len();
    let map: BTreeMap<_, _> = records
        .into_iter()
        .map(|record| (record["id"].as_str().unwrap().to_owned(), record))
        .collect();
    assert_eq!(map.len(), count, "an id is listed twice");
    map
}

/// A field by its dotted path, `#` being the length of a list; dates without time, numbers as numbers,
/// states without case.
fn field(record: &Value, path: &str) -> String {
    let mut value = record;
    for step in path.split('.') {
        if step == "#" {
            return value.as_array().map_or(0, Vec::len).to_string();
        }
        value = &value[step];
    }
    let is_state = path == "status";
    match value {
        Value::Null => String::new(),
        Value::String(text) if path.to_lowercase().ends_with("date") => text[..10].to_owned(),
        Value::String(text) if is_state => text.to_lowercase().replace('_', ""),
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:.4}", number.as_f64().unwrap()),
        other => other.to_string(),
    }
}

#[tokio::test]
async fn after_the_first_read() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 300).await;
    world.run_jobs().await;
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn after_changes_and_refreshes() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 200).await;
    world.run_jobs().await;
    for seed in 0..4 {
        let changes = json!({ "seed": seed, "creates": 15, "edits": 25, "deletes": 8, "voids": 6 });
        world
            .control(
                "POST",
                &format!("organisations/{}/mutate", linked.organisation),
                changes,
            )
            .await;
        world.advance(Duration::from_secs(3600));
        codat
            .send("POST", &format!("/companies/{}/data/all", linked.company), None)
            .await
            .expect(204);
        world.run_jobs().await;
        assert_equal(&world, &linked).await;
    }
    world.end().await;
}

#[tokio::test]
async fn no_page_is_fetched_twice() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 300).await;
    world.run_jobs().await;
    let asked = world
        .control(
            "GET",
            &format!("organisations/{}/requests", linked.organisation),
            json!(null),
        )
        .await;
    assert_eq!(asked["violations"], json!([]));
    let mut seen = std::collections::BTreeSet::new();
    for request in asked["requests"].as_array().unwrap() {
        let path = request["path"].as_str().unwrap();
        if path.contains("/api.xro/") && request["method"] == "GET" {
            let call = format!("{path}?{}", request["query"]);
            assert!(seen.insert(call.clone()), "asked for twice: {call}");
        }
    }
    assert!(seen.len() > 12, "{seen:?}");
    world.end().await;
}

#[tokio::test]
async fn an_unchanged_refresh_publishes_nothing_new() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let path = format!("/companies/{}/data/invoices?pageSize=500", linked.company);
    let before = codat.get(&path).await.expect(200).body;
    world.advance(Duration::from_secs(3600));
    codat
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
    world.run_jobs().await;
    assert_eq!(
        codat.get(&path).await.expect(200).body,
        before,
        "no record was written, so no modifiedDate moved"
    );
    world.end().await;
}
