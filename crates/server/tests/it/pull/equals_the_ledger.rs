use std::time::Duration;

use ledgerline_torture::ledger::{TYPES, differences};
use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::Linked;

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
    for data_type in TYPES {
        let ours = both
            .list(&data_type.list(&linked.company, &linked.connection))
            .await;
        let ledger = format!(
            "organisations/{}/ledger?dataType={}",
            linked.organisation, data_type.key
        );
        let theirs = both.control(&ledger).await;
        let wrong = differences(data_type, &ours, theirs["results"].as_array().unwrap());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
        // From the first control total on the closing pass asks for what changed.
        if path.ends_with("/Reports/BankSummary") {
            break;
        }
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

/// A company in QuickBooks Online of so many invoices.
///
/// Its pages are short, so that most lists have several.
fn quickbooks(invoices: u32, currency: &str) -> Value {
    json!({
        "platform": "quickbooks_online", "seed": 7, "months": 12, "invoices": invoices, "currency": currency,
        "limits": "off", "latency_ms": 0, "page_size": 90,
    })
}

#[tokio::test]
async fn quickbooks_after_the_first_read() {
    for currency in ["GBP", "USD"] {
        let world = World::of_quickbooks().await;
        let linked = world.codat().linked_to(quickbooks(300, currency), "Acme").await;
        world.run_slowly().await;
        assert_equal(&world, &linked).await;
        world.end().await;
    }
}

#[tokio::test]
async fn quickbooks_after_changes_and_refreshes() {
    let world = World::of_quickbooks().await;
    let codat = world.codat();
    let linked = codat.linked_to(quickbooks(200, "GBP"), "Acme").await;
    world.run_slowly().await;
    for seed in 0..4 {
        let changes = json!({ "seed": seed, "creates": 15, "edits": 25, "deletes": 8, "voids": 3 });
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
        world.run_slowly().await;
        assert_equal(&world, &linked).await;
    }
    world.end().await;
}
