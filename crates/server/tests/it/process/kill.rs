use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::world::{Processes, Running};
use crate::pull::equals_the_ledger::{BothSides, assert_equal};

/// Killed ten times at random points of the first read; a reader sees nothing of a type, or all of it.
#[tokio::test]
async fn ten_times_during_the_first_read() {
    let mut world = Processes::start().await;
    let mut server = world.server().await;
    let linked = world.linked(&server, "Acme", 1500, 15).await;
    let mut random = StdRng::seed_from_u64(11);
    let mut totals = BTreeSet::new();
    for _ in 0..10 {
        let asked = world.requests(&linked.organisation).await;
        let enough = asked + random.random_range(1..4);
        let list = format!(
            "{}/companies/{}/data/invoices?pageSize=1",
            server.base, linked.company
        );
        let done = format!("{}/companies/{}/dataStatus", server.base, linked.company);
        world
            .until("the server has read on", async || {
                if let Some(page) = world.get(&list).await {
                    totals.insert(page["totalResults"].as_u64().unwrap());
                }
                let read_on = world.requests(&linked.organisation).await >= enough;
                (read_on || all_settled(&world.get(&done).await)).then_some(())
            })
            .await;
        server.kill();
        server = world.server().await;
    }
    world.until_complete(&server, &linked.company).await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    world.asks(server);
    let count = world.list(&list).await.len() as u64;
    assert!(
        totals.is_subset(&[count].into()),
        "a reader saw {totals:?} of {count} invoices"
    );
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// Killed while changes come in: a reader sees the old state or the new one, and in the end the ledger's.
#[tokio::test]
async fn five_times_during_a_refresh() {
    let mut world = Processes::start().await;
    let mut server = world.server().await;
    let linked = world.linked(&server, "Acme", 1200, 10).await;
    world.until_complete(&server, &linked.company).await;
    let path = format!("/companies/{}/data/invoices?pageSize=5000", linked.company);
    let before = world.get(&format!("{}{path}", server.base)).await.unwrap()["results"].clone();
    let changes = json!({ "seed": 4, "creates": 40, "edits": 60, "deletes": 20, "voids": 10 });
    let mutate = format!(
        "{}/_sandbox/organisations/{}/mutate",
        world.sandbox, linked.organisation
    );
    world.call("POST", &mutate, Some(changes)).await.unwrap();
    let mut random = StdRng::seed_from_u64(12);
    refresh(&world, &server, &linked.company).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let enough = world.requests(&linked.organisation).await + random.random_range(1..5);
        let done = format!("{}/companies/{}/dataStatus", server.base, linked.company);
        world
            .until("the server has read on", async || {
                if let Some(page) = world.get(&format!("{}{path}", server.base)).await {
                    seen.push(page["results"].clone());
                }
                let read_on = world.requests(&linked.organisation).await >= enough;
                (read_on || all_settled(&world.get(&done).await)).then_some(())
            })
            .await;
        server.kill();
        server = world.server().await;
    }
    world.until_complete(&server, &linked.company).await;
    let after = world.get(&format!("{}{path}", server.base)).await.unwrap()["results"].clone();
    assert_ne!(before, after);
    for state in seen {
        assert!(
            state == before || state == after,
            "a reader saw a state that was never published"
        );
    }
    world.asks(server);
    assert_equal(&world, &linked).await;
    world.end().await;
}

async fn refresh(world: &Processes, server: &Running, company: &str) {
    let url = format!("{}/companies/{company}/data/all", server.base);
    world.call("POST", &url, None).await.unwrap();
}

fn all_settled(statuses: &Option<Value>) -> bool {
    statuses
        .as_ref()
        .and_then(Value::as_object)
        .is_some_and(|statuses| {
            statuses.values().all(|status| {
                matches!(
                    status["currentStatus"].as_str(),
                    Some("Complete" | "NotSupported")
                )
            })
        })
}
