//! Records that name others which are not there.

use std::time::Duration;

use serde_json::{Value, json};

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::codat::Linked;

#[tokio::test]
async fn a_bill_whose_supplier_is_not_there_is_listed_until_the_supplier_arrives() {
    let world = World::new().await;
    let codat = world.codat();
    // One of those who sent bills is in no answer.
    let supplier = std::sync::Arc::new(std::sync::Mutex::new(None::<String>));
    let hidden = supplier.clone();
    world.tamper.with(move |asked, answer| {
        if !asked.ends_with("/Contacts") {
            return;
        }
        let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
        let contacts = body["Contacts"].as_array_mut().unwrap();
        let mut hidden = hidden.lock().unwrap();
        let supplier = contacts.iter().find(|contact| contact["IsSupplier"] == true);
        let supplier = supplier.map(|contact| contact["ContactID"].as_str().unwrap().to_owned());
        let hidden = hidden.get_or_insert_with(|| supplier.unwrap());
        let before = contacts.len();
        contacts.retain(|contact| contact["ContactID"] != hidden.as_str());
        let left_out = (before - contacts.len()) as u64;
        if let Some(count) = body["pagination"]["itemCount"].as_u64() {
            body["pagination"]["itemCount"] = (count - left_out).into();
        }
        *answer.body_mut() = body.to_string().into();
    });
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let supplier = supplier.lock().unwrap().clone().unwrap();
    let bills = codat
        .all(&format!("/companies/{}/data/bills", linked.company))
        .await;
    let bills = bills
        .iter()
        .filter(|bill| bill["supplierRef"]["id"] == supplier.as_str());
    let bills: Vec<&str> = bills.map(|bill| bill["id"].as_str().unwrap()).collect();
    assert!(!bills.is_empty());

    let mut listed = warnings(&world, &linked, "bills").await;
    listed.sort();
    let mut expected: Vec<(String, String)> = bills
        .iter()
        .map(|bill| {
            (
                (*bill).to_owned(),
                format!("supplierRef.id: `{supplier}` is not among the suppliers that were read."),
            )
        })
        .collect();
    expected.sort();
    assert_eq!(listed, expected);
    // Only what refers to it is listed.
    assert_eq!(warnings(&world, &linked, "invoices").await, []);

    // What has not changed is looked at no more, and what was found still holds.
    world.advance(Duration::from_secs(3600));
    refresh(&world, &linked, "all").await;
    assert_eq!(warnings(&world, &linked, "bills").await.len(), bills.len());

    world.tamper.stop();
    world.advance(Duration::from_secs(3600));
    refresh(&world, &linked, "all?full=true").await;
    assert_eq!(warnings(&world, &linked, "bills").await, []);
    assert_equal(&world, &linked).await;
    assert_eq!(
        world.count("page_reference").await,
        0,
        "what pages named is forgotten with their Run"
    );
    world.end().await;
}

#[tokio::test]
async fn a_record_that_was_deleted_is_one_that_existed() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    // Items are named by lines of documents that stay.
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    world.advance(Duration::from_secs(3600));
    world
        .control("POST", &mutate, json!({ "seed": 9, "edits": 60, "deletes": 40 }))
        .await;
    refresh(&world, &linked, "all?full=true").await;
    let deleted = format!(
        "/companies/{}/data/items?query=metadata.isDeleted=true",
        linked.company
    );
    assert!(!codat.all(&deleted).await.is_empty());
    for data_type in ["invoices", "bills", "payments", "accountTransactions", "items"] {
        assert_eq!(warnings(&world, &linked, data_type).await, [], "{data_type}");
    }
    world.end().await;
}

/// The records whose references lead nowhere, and what is said of them, as the last read of the type left them.
async fn warnings(world: &World, linked: &Linked, data_type: &str) -> Vec<(String, String)> {
    let codat = world.codat();
    let statuses = format!("/companies/{}/dataStatus", linked.company);
    let statuses = codat.get(&statuses).await.json();
    let latest = statuses[data_type]["latestSyncId"].as_str().unwrap();
    let path = format!("/companies/{}/sync/{latest}/validation", linked.company);
    let found = codat.get(&path).await.expect(200).json();
    let warnings = found["warnings"].as_array().unwrap().iter();
    warnings
        .filter(|warning| warning["ruleId"] == "reference-not-found")
        .map(|warning| {
            let text = |name: &str| warning[name].as_str().unwrap().to_owned();
            (text("itemId"), text("message"))
        })
        .collect()
}

async fn refresh(world: &World, linked: &Linked, what: &str) {
    let path = format!("/companies/{}/data/{what}", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
    world.run_jobs().await;
}
