//! Syncs of certain days: `data_period` of a sync on demand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::receiver::Receiver;

/// By id, what readers see of each invoice.
async fn stored(world: &World, customer: &str) -> BTreeMap<String, Value> {
    let company = customer.trim_start_matches("sp_cust_");
    let path = format!("/companies/{company}/data/invoices");
    let all = world.codat().all(&path).await;
    all.into_iter()
        .map(|invoice| (invoice["id"].as_str().unwrap().to_owned(), invoice))
        .collect()
}

fn is_within(invoice: &Value, from: &str, to: &str) -> bool {
    let date = &invoice["issueDate"].as_str().unwrap()[..10];
    (from..=to).contains(&date)
}

#[tokio::test]
async fn certain_days_are_read_on_demand_and_all_else_stays() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let accend = world.accend();
    accend
        .post("/webhooks", json!({ "url": receiver.url }))
        .await
        .expect(201);
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 48, "invoices": 300, "limits": "off", "latency_ms": 0,
    });
    let made = world.control("POST", "organisations", wanted).await;
    let organisation = made["id"].as_str().unwrap();
    let connected = accend.connected_to("Kern", organisation).await;
    world.run_jobs().await;
    let before = stored(&world, &connected.customer).await;

    // Three months from before the 36 that were read.
    let (start, end) = ("2022-06-01", "2022-08-20");
    let sync = format!("{}/sync", connected.path());
    let asked = json!({ "data_period": { "start": start, "end": end } });
    let started = accend.post(&sync, asked.clone()).await.expect(202).json();
    world.run_jobs().await;
    let told: Value = serde_json::from_str(&receiver.messages()[1].body).unwrap();
    assert_eq!(told["type"], "link_sync_completion_event");
    let data = &told["data"];
    assert_eq!(data["sync_id"], started["sync_id"]);
    assert_eq!(data["data_period"], asked["data_period"]);
    for statement in data["statements"].as_array().unwrap() {
        assert_eq!(statement["periods"], 3, "{statement}");
        assert_eq!(
            statement["restated_periods"],
            json!(["2022-06", "2022-07"]),
            "{statement}"
        );
    }
    let syncs = accend.get(&format!("{}/syncs", connected.path())).await;
    let syncs = syncs.expect(200).json();
    assert_eq!(syncs["data"][0]["data_period"], asked["data_period"]);

    // Exactly these days are there now, and nothing that was there has gone or changed.
    let after = stored(&world, &connected.customer).await;
    let fresh: Vec<&Value> = after
        .iter()
        .filter(|(id, _)| !before.contains_key(*id))
        .map(|(_, invoice)| invoice)
        .collect();
    assert!(!fresh.is_empty());
    for invoice in fresh {
        assert!(is_within(invoice, start, end), "{invoice}");
    }
    for (id, invoice) in &before {
        assert_eq!(&after[id], invoice);
    }
    let ledger = format!("organisations/{organisation}/ledger?dataType=invoices");
    let books = world.control("GET", &ledger, Value::Null).await;
    for invoice in books["results"].as_array().unwrap() {
        let date = &invoice["date"].as_str().unwrap()[..10];
        if (start..=end).contains(&date) && invoice["deleted"] != true {
            assert!(after.contains_key(invoice["id"].as_str().unwrap()), "{invoice}");
        }
    }

    // What the platform no longer has is gone, but of these days alone.
    let lost = after.iter().find(|(_, invoice)| is_within(invoice, start, end));
    let (lost, _) = lost.unwrap();
    let left_out = lost.clone();
    world.tamper.with(move |path, answer| {
        if path.ends_with("/Invoices") {
            let mut page: Value = serde_json::from_slice(answer.body()).unwrap();
            if let Some(invoices) = page["Invoices"].as_array_mut() {
                invoices.retain(|invoice| invoice["InvoiceID"] != left_out.as_str());
            }
            let count = page["pagination"]["itemCount"].as_u64().unwrap();
            page["pagination"]["itemCount"] = json!(count - 1);
            *answer.body_mut() = page.to_string().into();
        }
    });
    accend.post(&sync, asked).await.expect(202);
    world.run_jobs().await;
    world.tamper.stop();
    let told: Value = serde_json::from_str(&receiver.messages()[2].body).unwrap();
    assert_eq!(told["type"], "link_sync_completion_event");
    let swept = stored(&world, &connected.customer).await;
    for (id, invoice) in &swept {
        assert_eq!(
            invoice["metadata"]["isDeleted"] == true,
            after[id]["metadata"]["isDeleted"] == true || id == lost,
            "{invoice}"
        );
    }
    assert_eq!(swept.len(), after.len());

    // The next sync without days reads what it always does.
    accend.post(&sync, json!({})).await.expect(202);
    world.run_jobs().await;
    let told: Value = serde_json::from_str(&receiver.messages()[3].body).unwrap();
    let period = json!({ "start": "2023-03-01", "end": "2026-02-28" });
    assert_eq!(told["data"]["data_period"], period);
    assert_eq!(told["data"]["statements"][0]["periods"], 37);
    world.end().await;
}

#[tokio::test]
async fn days_are_refused_with_the_place_of_what_is_wrong_and_before_the_first_sync_has_completed() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    let sync = format!("{}/sync", connected.path());
    for (period, place) in [
        (json!({ "start": "2025-01-01" }), "end"),
        (json!({ "start": "2025-13-01", "end": "2025-12-31" }), "start"),
        (json!({ "start": "2025-02-01", "end": "2025-01-31" }), "end"),
        (json!({ "start": "2026-01-01", "end": "2026-04-01" }), "end"),
    ] {
        let answer = accend
            .post(&sync, json!({ "data_period": period }))
            .await
            .expect(422)
            .json();
        let loc = json!(["body", "data_period", place]);
        assert_eq!(answer["detail"][0]["loc"], loc, "{answer}");
    }
    let faults = format!("organisations/{organisation}/faults");
    let fault = json!({ "kind": "5xx_before", "rate": 1, "count": 100_000 });
    world.control("POST", &faults, fault).await;
    for _ in 0..8 {
        world.advance(std::time::Duration::from_secs(6 * 3600));
        world.run_jobs().await;
    }
    world.control("DELETE", &faults, Value::Null).await;
    let asked = json!({ "data_period": { "start": "2025-01-01", "end": "2025-01-31" } });
    let refused = accend.post(&sync, asked).await.expect(409).json();
    assert_eq!(
        refused["detail"],
        "The first sync has not completed; it is asked for without `data_period`"
    );
    accend.post(&sync, json!({})).await.expect(202);
    world.run_jobs().await;
    world.end().await;
}
