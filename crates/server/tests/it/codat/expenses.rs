//! "Syncing expenses", as its reader does it: datasets, a sync, its status, its transactions.

/// Files on what was written.
mod attachments;
/// What is told of syncs.
mod events;
/// What cannot be synced, and how the customer learns of it.
mod refusals;
/// The document, step by step.
mod steps;

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::codat::Linked;
use crate::world::{Answer, World};

/// A company that is ready to be handed expenses.
pub struct Books {
    pub linked: Linked,
    /// `/companies/{id}/sync/expenses`
    pub base: String,
    pub bank_account: String,
    pub other_bank_account: String,
    pub account: String,
    pub supplier: String,
    pub customer: String,
}

/// Link a company to simulated Xero, and set it up as the guide says. `fed`: so many of its bank accounts are fed by
/// somebody else already.
pub async fn books(world: &World, fed: usize) -> Books {
    let codat = world.codat();
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 2, "invoices": 5, "limits": "off", "latency_ms": 0,
        "fed_accounts": fed,
    });
    let linked = codat.linked_to(wanted, "Acme").await;
    world.run_jobs().await;
    let base = format!("/companies/{}/sync/expenses", linked.company);
    codat
        .send("POST", &format!("{base}/connections/partnerExpense"), None)
        .await
        .expect(200);
    let options = codat
        .get(&format!("{base}/mappingOptions"))
        .await
        .expect(200)
        .json();
    let accounts = options["accounts"].as_array().unwrap();
    let id = |account: &Value| account["id"].as_str().unwrap().to_owned();
    let banks: Vec<String> = {
        let mut banks: Vec<&Value> = accounts
            .iter()
            .filter(|account| account["isBankAccount"] == true)
            .collect();
        banks.sort_by_key(|account| account["nominalCode"].as_str().unwrap().to_owned());
        banks.into_iter().map(id).collect()
    };
    let expense = accounts
        .iter()
        .find(|account| account["accountType"] == "Expense" && account["nominalCode"].is_string());
    let first = async |list: &str| {
        let path = format!("/companies/{}/data/{list}", linked.company);
        let found = codat.get(&path).await.expect(200).json();
        id(&found["results"][0])
    };
    let books = Books {
        base,
        bank_account: banks[0].clone(),
        other_bank_account: banks[1].clone(),
        account: id(expense.unwrap()),
        supplier: first("suppliers").await,
        customer: first("customers").await,
        linked,
    };
    let config = json!({
        "bankAccount": { "id": books.bank_account },
        "supplier": { "id": books.supplier },
        "customer": { "id": books.customer },
    });
    codat
        .post(&format!("{}/config", books.base), config)
        .await
        .expect(200);
    books
}

impl Books {
    /// A payment with this number for an id.
    pub fn payment(&self, number: u8) -> Value {
        json!({
            "id": transaction(number),
            "type": "Payment",
            "issueDate": "2026-03-05T00:00:00Z",
            "currency": "GBP",
            "merchantName": "Harbour Stationers",
            "lines": [{
                "netAmount": 40.5,
                "taxAmount": 0,
                "accountRef": { "id": self.account },
            }],
            "notes": "paper",
        })
    }

    /// Hand these over, sync them, and run all to the end: the answer of the status.
    pub async fn sync(&self, world: &World, items: Vec<Value>) -> (String, Answer) {
        let codat = world.codat();
        let path = format!("{}/data/expense-transactions", self.base);
        let made = codat.post(&path, json!({ "items": items })).await.expect(200);
        let dataset = made.json()["datasetId"].clone();
        let path = format!("{}/syncs", self.base);
        let wanted = json!({ "datasetIds": [dataset] });
        let sync = codat.post(&path, wanted).await.expect(202).json();
        let sync = sync["syncId"].as_str().unwrap().to_owned();
        let status = format!("{path}/{sync}/status");
        // Lines of the bank feed are decided on later.
        for _ in 0..20 {
            world.run_jobs().await;
            let answer = codat.get(&status).await.expect(200);
            if answer.json()["syncStatusCode"].as_i64().unwrap() >= 2000 {
                return (sync, answer);
            }
            world.advance(Duration::from_secs(30));
        }
        panic!("the sync does not end");
    }

    /// How many bank transactions the platform has that this server wrote.
    pub async fn written(&self, world: &World) -> usize {
        let path = format!(
            "organisations/{}/ledger?dataType=directCosts",
            self.linked.organisation
        );
        let rows = world.control("GET", &path, Value::Null).await;
        let rows = rows["results"].as_array().unwrap();
        rows.iter()
            .filter(|row| row.to_string().contains("Harbour Stationers"))
            .count()
    }
}

/// The id of the transaction with this number.
pub fn transaction(number: u8) -> String {
    format!("0331d9b9-a1cd-4d46-84d3-5a17dc6ad4{number:02x}")
}
