use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::world::World;
use crate::Limits;
use crate::mutate::Mutation;

/// Entities, standard data type.
const TYPES: [(&[&str], &str); 15] = [
    (&["Account"], "chartOfAccounts"),
    (&["Customer"], "customers"),
    (&["Vendor"], "suppliers"),
    (&["Item"], "items"),
    (&["TaxCode"], "taxRates"),
    (&["Invoice"], "invoices"),
    (&["Bill"], "bills"),
    (&["CreditMemo"], "creditNotes"),
    (&["VendorCredit"], "billCreditNotes"),
    (&["Payment"], "payments"),
    (&["BillPayment"], "billPayments"),
    (&["Purchase"], "directCosts"),
    (&["Deposit", "SalesReceipt"], "directIncomes"),
    (&["Transfer"], "transfers"),
    (&["JournalEntry"], "journalEntries"),
];

async fn say_the_same(world: &World) {
    let tokens = world.link().await;
    for (entities, data_type) in TYPES {
        let mut records = BTreeMap::new();
        for entity in entities {
            let active = if ["Account", "Customer", "Vendor", "Item", "TaxCode"].contains(entity) {
                "where Active in (true, false)"
            } else {
                ""
            };
            let text = format!("select * from {entity} {active} maxresults 1000");
            for record in world.query(&tokens, &text).await {
                records.insert(record["Id"].as_str().unwrap().to_owned(), record);
            }
        }
        let today = crate::generate::today(world.sandbox.clock.now());
        let rows = world.organisation.ledger().rows(data_type, today).unwrap();
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| serde_json::to_value(row).unwrap())
            .filter(|row| row["deleted"] == false)
            .collect();
        let wanted: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        let found: BTreeSet<&str> = records.keys().map(String::as_str).collect();
        assert_eq!(found, wanted, "{data_type}");
        assert!(!rows.is_empty(), "{data_type}");
        for row in &rows {
            agree(data_type, &records[row["id"].as_str().unwrap()], row);
        }
    }
}

fn agree(data_type: &str, record: &Value, row: &Value) {
    let money = |value: &Value| value.as_f64().unwrap_or_default();
    let same = |ours: &Value, theirs: &Value, what: &str| {
        if !theirs.is_null() {
            assert!(
                (money(ours) - money(theirs)).abs() < 1e-9,
                "{data_type} {what}: {record}\n{row}"
            );
        }
    };
    match data_type {
        "invoices" | "bills" | "creditNotes" | "billCreditNotes" => {
            same(&record["TotalAmt"], &row["totalAmount"], "total");
            same(&record["Balance"], &row["amountDue"], "due");
            same(&record["TxnTaxDetail"]["TotalTax"], &row["totalTax"], "tax");
            let net: f64 = record["Line"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|line| line["DetailType"] != "SubTotalLineDetail")
                .map(|line| money(&line["Amount"]))
                .sum();
            assert!((net - money(&row["subTotal"])).abs() < 0.005, "{record}\n{row}");
        }
        "payments" | "billPayments" => same(&record["TotalAmt"], &row["totalAmount"], "total"),
        "directCosts" | "directIncomes" => {
            same(&record["TotalAmt"], &row["totalAmount"], "total");
        }
        "transfers" => same(&record["Amount"], &row["totalAmount"], "amount"),
        _ => {}
    }
    if let Some(date) = row["date"].as_str() {
        assert_eq!(record["TxnDate"], date, "{data_type}");
    }
    let name = record.get("DisplayName").or_else(|| record.get("Name"));
    if let (Some(name), Some(wanted)) = (name, row["name"].as_str()) {
        assert_eq!(name, wanted, "{data_type}");
    }
}

#[tokio::test]
async fn records_say_what_the_ledger_says() {
    for currency in ["GBP", "USD"] {
        say_the_same(&World::with(Limits::Off, currency)).await;
    }
}

#[tokio::test]
async fn records_say_what_the_ledger_says_after_changes() {
    let world = World::new();
    for seed in 0..3 {
        world.advance(60);
        let now = world.sandbox.clock.now();
        let mutation = Mutation {
            seed,
            creates: 40,
            edits: 40,
            deletes: 26,
            voids: 6,
            restores: 4,
            adjustments: 0,
        };
        let changes = world.organisation.change(|ledger| mutation.apply(ledger, now));
        assert_eq!(changes.len(), 116);
        every_change_is_told(&world, &changes);
        say_the_same(&world).await;
    }
}

fn every_change_is_told(world: &World, changes: &[crate::mutate::Change]) {
    let ledger = world.organisation.ledger();
    let today = crate::generate::today(world.sandbox.clock.now());
    for change in changes {
        let rows = ledger.rows(change.data_type, today).unwrap();
        assert!(rows.iter().any(|row| row.id == change.id), "{change:?}");
    }
}

#[tokio::test]
async fn every_list_is_told_in_neutral_names() {
    let world = World::new();
    for data_type in crate::ledger::rows::DATA_TYPES {
        let rows = world
            .organisation
            .ledger()
            .rows(data_type, jiff::civil::Date::constant(2026, 3, 15))
            .unwrap();
        assert_eq!(rows.is_empty(), data_type == "bankTransactions", "{data_type}");
        let ids: BTreeSet<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "{data_type}: an id twice");
    }
}

#[tokio::test]
async fn company_and_preferences_are_read() {
    let world = World::new();
    let tokens = world.link().await;
    let path = format!("/companyinfo/{}?minorversion=75", world.realm);
    let info = world.get(&tokens, &path).await.json();
    let facts = world.organisation.ledger().facts.clone();
    assert_eq!(info["CompanyInfo"]["CompanyName"], facts.name);
    assert_eq!(info["CompanyInfo"]["FiscalYearStartMonth"], "April");
    let found = world.query(&tokens, "select * from CompanyInfo").await;
    assert_eq!(found[0], info["CompanyInfo"]);
    let preferences = world.get(&tokens, "/preferences").await.json();
    assert_eq!(
        preferences["Preferences"]["CurrencyPrefs"]["HomeCurrency"]["value"],
        "GBP"
    );
    let part = world
        .query(&tokens, "select * from Account where SubAccount = true")
        .await;
    assert!(
        part.iter()
            .all(|account| account["FullyQualifiedName"].as_str().unwrap().contains(':'))
    );
    assert_eq!(
        world.get(&tokens, "/bill/999999").await.fault(),
        (400, "610".to_owned())
    );
}
