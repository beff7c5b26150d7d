//! Expenses are configured, handed over, and written.

use serde_json::{Value, json};

use super::booking::{configured, expense};
use crate::world::World;

#[tokio::test]
async fn what_expenses_are_booked_on_is_set_piece_by_piece_and_has_to_exist() {
    let world = World::new().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let (api, choices, _) = configured(&world, &connected).await;
    let path = format!("/companies/{}/expense-config", connected.company);
    let refused = api
        .send(
            "PATCH",
            &path,
            Some(json!({ "supplier": { "id": "nobody" }, "defaultTaxRate": { "id": "X" } })),
        )
        .await
        .expect(400)
        .json();
    assert_eq!(
        refused["message"],
        json!([
            "supplier.id nobody does not exist in the books",
            "defaultTaxRate.id X does not exist in the books"
        ])
    );
    let cleared = api
        .send("PATCH", &path, Some(json!({ "supplier": null })))
        .await
        .expect(200)
        .json();
    assert_eq!(cleared["supplier"], Value::Null);
    assert_eq!(cleared["bankAccount"]["id"], choices.bank.as_str());
    assert_eq!(api.get(&path).await.expect(200).json(), cleared);
    world.end().await;
}

#[tokio::test]
async fn expenses_that_make_no_sense_are_refused_before_anything_is_kept() {
    let world = World::new().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let (api, choices, currency) = configured(&world, &connected).await;
    let path = format!("/expenses/{}", connected.connection);
    let mut wrong = expense("exp-001", &choices, &currency);
    wrong["issueDate"] = json!("yesterday");
    let refused = api
        .post(&path, json!([expense("exp-000", &choices, &currency), wrong]))
        .await
        .expect(400);
    assert_eq!(
        refused.json()["message"],
        json!(["[1].issueDate must be a valid ISO 8601 date"])
    );
    api.post(&path, json!([])).await.expect(400);
    api.post(&path, json!({ "id": "exp-001" })).await.expect(400);
    api.get("/expenses/exp-000").await.expect(404);
    let one = format!(
        "/companies/{}/connections/{}",
        connected.company, connected.connection
    );
    api.send("PATCH", &one, Some(json!({ "status": "DISCONNECTED" })))
        .await
        .expect(200);
    let refused = api
        .post(&path, expense("exp-001", &choices, &currency))
        .await
        .expect(409)
        .json();
    assert_eq!(
        refused["message"],
        "The connection is DISCONNECTED: nothing can be written through it"
    );
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn batches_are_listed_and_those_that_wait_are_pending() {
    let world = World::new().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let (api, choices, currency) = configured(&world, &connected).await;
    let path = format!("/expenses/{}", connected.connection);
    let mut ids = Vec::new();
    for number in 1..=2 {
        let made = api
            .post(
                &path,
                json!([expense(&format!("exp-00{number}"), &choices, &currency)]),
            )
            .await;
        let made = made.expect(201).json();
        assert_eq!(made["totalExpenses"], 1);
        ids.push(made["syncBatchId"].as_str().unwrap().to_owned());
        world.advance(std::time::Duration::from_millis(10));
    }
    let stranger = world.another_app().await;
    for (id, status, item) in [
        (&ids[0], "processing", "processing"),
        (&ids[1], "pending", "pending"),
    ] {
        let shown = api.get(&format!("/sync/batches/{id}")).await.expect(200).json();
        assert_eq!(shown["batch"]["status"], status);
        assert_eq!(shown["batch"]["totalItems"], 1);
        assert_eq!(shown["batch"]["completedAt"], Value::Null);
        assert_eq!(shown["items"][0]["status"], item);
        assert_eq!(shown["items"][0]["entityType"], "Expense");
        let failed = api
            .get(&format!("/sync/batches/{id}/failed-items"))
            .await
            .expect(200)
            .json();
        assert_eq!(failed, json!({ "items": [] }));
        api.send("POST", &format!("/sync/batches/{id}/retry"), None)
            .await
            .expect(409);
        stranger
            .sync2books(&world)
            .get(&format!("/sync/batches/{id}"))
            .await
            .expect(404);
    }
    let list = format!("/sync/companies/{}/batches", connected.company);
    let all = api.get(&list).await.expect(200).json();
    assert_eq!(all["pagination"]["total"], 2);
    assert_eq!(all["batches"][0]["id"], ids[1].as_str(), "the newest first");
    for (query, expected) in [
        ("status=pending", vec![&ids[1]]),
        ("status=processing", vec![&ids[0]]),
        ("status=completed", vec![]),
        ("status=failed", vec![]),
        ("startDate=2026-03-10&endDate=2026-03-10", vec![&ids[1], &ids[0]]),
        ("startDate=2026-03-11", vec![]),
        ("endDate=2026-03-09", vec![]),
    ] {
        let shown = api.get(&format!("{list}?{query}")).await.expect(200).json();
        let shown: Vec<&str> = shown["batches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| batch["id"].as_str().unwrap())
            .collect();
        assert_eq!(shown, expected, "{query}");
    }
    api.get(&format!("{list}?status=done")).await.expect(400);
    api.get(&format!("{list}?startDate=soon")).await.expect(400);
    let shown = api.get("/expenses/exp-001").await.expect(200);
    assert!(shown.body.contains(r#""netAmount":42.4"#), "{shown}");
    assert_eq!(shown.json()["status"], "pending");
    let listed = api
        .get(&format!("/expenses/connection/{}", connected.connection))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["pagination"]["total"], 1);
    assert_eq!(listed["expenses"][0]["id"], "exp-001");
    world.end().await;
}

/// "Batches queue": those of a company are written one after the other, and each expense once.
#[tokio::test]
async fn expenses_are_written_once_and_their_batches_complete_in_turn() {
    for platform in ["xero", "quickbooks_online"] {
        let world = World::of_all().await;
        let connected = world.sync2books().connected("Kern", platform).await;
        let (api, choices, currency) = configured(&world, &connected).await;
        let path = format!("/expenses/{}", connected.connection);
        let mut wrong = expense("exp-003", &choices, &currency);
        wrong["lines"][0]["accountRef"] = json!({ "id": "no-such-account" });
        let mut batches = Vec::new();
        for list in [
            json!([
                expense("exp-001", &choices, &currency),
                expense("exp-002", &choices, &currency)
            ]),
            json!(expense("exp-001", &choices, &currency)),
            json!([wrong, expense("exp-004", &choices, &currency)]),
        ] {
            let made = api.post(&path, list).await.expect(201).json();
            batches.push(made["syncBatchId"].as_str().unwrap().to_owned());
            world.advance(std::time::Duration::from_millis(10));
        }
        world.run_slowly().await;
        let mut shown = Vec::new();
        for id in &batches {
            shown.push(api.get(&format!("/sync/batches/{id}")).await.expect(200).json());
        }
        let statuses = |batch: &Value| -> Vec<String> {
            let items = batch["items"].as_array().unwrap().iter();
            items
                .map(|item| item["status"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(shown[0]["batch"]["status"], "completed", "{}", shown[0]);
        assert_eq!(statuses(&shown[0]), ["success", "success"]);
        assert_eq!(statuses(&shown[1]), ["skipped"], "{}", shown[1]);
        assert_eq!(statuses(&shown[2]), ["failed", "success"], "{}", shown[2]);
        assert_eq!(shown[2]["batch"]["status"], "completed");
        assert_eq!(shown[2]["batch"]["successfulItems"], 1);
        assert_eq!(shown[2]["batch"]["failedItems"], 1);
        let first = &shown[0]["items"][0];
        assert!(first["integrationResponse"]["id"].is_string(), "{first}");
        let message = shown[2]["items"][0]["syncErrorMessage"].as_str().unwrap();
        assert!(message.contains("no-such-account"), "{message}");

        // Where the account exists by now, the retry writes it; here it fails again, in a batch of its own.
        let retry = format!("/sync/batches/{}/retry", batches[2]);
        api.post(&retry, json!({ "itemIds": ["exp-004"] }))
            .await
            .expect(400);
        let retried = api.send("POST", &retry, None).await.expect(201).json();
        assert_eq!(retried["retriedItems"], 1);
        world.run_slowly().await;
        let again = retried["newBatchId"].as_str().unwrap();
        let again = api
            .get(&format!("/sync/batches/{again}"))
            .await
            .expect(200)
            .json();
        assert_eq!(again["batch"]["status"], "failed", "{again}");
        // Corrected under the same id, it is written.
        let made = api
            .post(&path, expense("exp-003", &choices, &currency))
            .await
            .expect(201)
            .json();
        world.run_slowly().await;
        let corrected = made["syncBatchId"].as_str().unwrap();
        let corrected = api
            .get(&format!("/sync/batches/{corrected}"))
            .await
            .expect(200)
            .json();
        assert_eq!(statuses(&corrected), ["success"], "{corrected}");

        let one = api.get("/expenses/exp-001").await.expect(200).json();
        assert_eq!(one["status"], "success");
        assert_eq!(
            one["integrationResponse"]["id"],
            first["integrationResponse"]["id"]
        );
        let ids: std::collections::BTreeSet<String> = [
            &shown[0]["items"][0],
            &shown[0]["items"][1],
            &shown[2]["items"][1],
            &corrected["items"][0],
        ]
        .iter()
        .map(|item| item["integrationResponse"]["id"].as_str().unwrap().to_owned())
        .collect();
        assert_eq!(ids.len(), 4, "each is a document of its own");
        let path = format!(
            "organisations/{}/ledger?dataType=directCosts",
            connected.organisation
        );
        let books = world.control("GET", &path, json!(null)).await;
        let written = books["results"].as_array().unwrap().iter();
        let written = written.filter(|document| ids.iter().any(|id| document["id"] == id.as_str()));
        assert_eq!(written.count(), 4);
        world.end().await;
    }
}

#[tokio::test]
async fn what_waits_when_the_connection_is_cut_fails_and_says_so() {
    let world = World::new().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let (api, choices, currency) = configured(&world, &connected).await;
    let path = format!("/expenses/{}", connected.connection);
    let mut batches = Vec::new();
    for number in 1..=2 {
        let made = api
            .post(&path, expense(&format!("exp-{number}"), &choices, &currency))
            .await
            .expect(201)
            .json();
        batches.push(made["syncBatchId"].as_str().unwrap().to_owned());
        world.advance(std::time::Duration::from_millis(10));
    }
    let one = format!(
        "/companies/{}/connections/{}",
        connected.company, connected.connection
    );
    api.send("PATCH", &one, Some(json!({ "status": "DISCONNECTED" })))
        .await
        .expect(200);
    world.run_slowly().await;
    for id in &batches {
        let shown = api.get(&format!("/sync/batches/{id}")).await.expect(200).json();
        assert_eq!(shown["batch"]["status"], "failed", "{shown}");
        assert!(shown["batch"]["completedAt"].is_string());
        let failed = api
            .get(&format!("/sync/batches/{id}/failed-items"))
            .await
            .expect(200)
            .json();
        assert!(failed["items"][0]["syncErrorMessage"].is_string(), "{failed}");
    }
    world.end().await;
}
