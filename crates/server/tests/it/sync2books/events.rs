//! What is told of batches and their expenses.

use serde_json::{Value, json};

use super::booking::{configured, expense};
use crate::world::World;
use crate::world::receiver::Receiver;
use crate::world::sync2books::Sync2Books;

async fn listen(api: &Sync2Books<'_>, types: Value) -> (Receiver, String) {
    let receiver = Receiver::start().await;
    let wanted = json!({ "url": receiver.url, "event_types": types });
    let made = api.post("/webhooks", wanted).await.expect(201).json();
    (receiver, made["secret"].as_str().unwrap().to_owned())
}

fn events(receiver: &Receiver) -> Vec<Value> {
    let messages = receiver.messages();
    let events = messages
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap());
    events.collect()
}

/// Type, and what it is about: the status of a batch, or expense and status.
fn in_brief(events: &[Value]) -> Vec<String> {
    let brief = events.iter().map(|event| {
        let (name, data) = (event["type"].as_str().unwrap(), &event["data"]);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match data.get("batch") {
            Some(batch) => format!("{name} {}", text(&batch["status"])),
            None => {
                let item = &data["item"];
                format!("{name} {} {}", text(&item["entityId"]), text(&item["status"]))
            }
        }
    });
    brief.collect()
}

#[tokio::test]
async fn a_batch_is_told_from_its_beginning_to_its_end_and_each_expense_once() {
    for platform in ["quickbooks_online", "xero"] {
        let world = World::of_all().await;
        let connected = world.sync2books().connected("Kern", platform).await;
        let (api, choices, currency) = configured(&world, &connected).await;
        let (receiver, secret) = listen(&api, json!([])).await;
        let (failures, _) = listen(&api, json!(["expense.failed", "sync.batch.failed"])).await;
        let mut wrong = expense("exp-002", &choices, &currency);
        wrong["lines"][0]["accountRef"]["id"] = json!("no-such-account");
        let list = json!([expense("exp-001", &choices, &currency), wrong]);
        let first = api.written(&connected, list).await;
        let told = events(&receiver);
        let mut brief = in_brief(&told);
        // Which of them is settled first is nobody's business.
        brief[1..3].sort();
        assert_eq!(
            brief,
            [
                "sync.batch.started processing",
                "expense.failed exp-002 failed",
                "expense.synced exp-001 success",
                "sync.batch.completed completed",
            ]
        );
        receiver
            .messages()
            .iter()
            .for_each(|message| message.assert_signed(&secret));
        // As the batch shows them.
        let shown = api
            .get(&format!("/sync/batches/{first}"))
            .await
            .expect(200)
            .json();
        assert_eq!(told[3]["data"]["batch"], shown["batch"]);
        let of = |id: &str| {
            let found = told.iter().find(|event| event["data"]["item"]["entityId"] == id);
            found.unwrap()["data"].clone()
        };
        for (place, id) in [(0, "exp-001"), (1, "exp-002")] {
            let told = of(id);
            assert_eq!(told["syncBatchId"], first.as_str());
            assert_eq!(told["connectionId"], connected.connection.as_str());
            assert_eq!(told["company"]["id"], connected.company.as_str());
            let shown = &shown["items"][place];
            for member in [
                "id",
                "status",
                "integrationResponse",
                "syncErrorMessage",
                "entityType",
            ] {
                assert_eq!(told["item"][member], shown[member], "{member}");
            }
        }
        assert_eq!(
            of("exp-002")["item"]["syncErrorMessage"],
            "Invalid account ID: no-such-account does not exist (lines[0].accountRef)"
        );

        // What is there already is told as that; nothing is written again.
        let again = api
            .written(&connected, expense("exp-001", &choices, &currency))
            .await;
        let told = events(&receiver).split_off(4);
        assert_eq!(
            in_brief(&told),
            [
                "sync.batch.started processing",
                "expense.synced exp-001 skipped",
                "sync.batch.completed completed",
            ]
        );
        assert_eq!(told[1]["data"]["syncBatchId"], again.as_str());
        assert!(told[1]["data"]["item"]["integrationResponse"]["id"].is_string());
        assert_eq!(in_brief(&events(&failures)), ["expense.failed exp-002 failed"]);
        world.end().await;
    }
}

#[tokio::test]
async fn batches_that_a_disconnect_cuts_short_fail_with_each_of_their_expenses() {
    let world = World::new().await;
    let connected = world.sync2books().connected("Kern", "xero").await;
    let (api, choices, currency) = configured(&world, &connected).await;
    let types = json!([
        "sync.batch.started",
        "sync.batch.failed",
        "expense.failed",
        "expense.synced"
    ]);
    let (receiver, _) = listen(&api, types).await;
    let path = format!("/expenses/{}", connected.connection);
    for number in 1..=2 {
        api.post(&path, expense(&format!("exp-{number}"), &choices, &currency))
            .await
            .expect(201);
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
    let told = events(&receiver);
    assert_eq!(
        in_brief(&told),
        [
            "sync.batch.started processing",
            "expense.failed exp-1 failed",
            "sync.batch.failed failed",
            // Its turn came when nothing could be written any more.
            "expense.failed exp-2 failed",
            "sync.batch.failed failed",
        ]
    );
    for event in [&told[1], &told[3]] {
        assert_eq!(
            event["data"]["item"]["syncErrorMessage"],
            "Connection expired: The connection is not linked any more."
        );
    }
    world.end().await;
}

#[tokio::test]
async fn what_another_dialect_hands_over_is_no_batch() {
    let world = World::new().await;
    let books = crate::codat::expenses::books(&world, 0).await;
    let (receiver, _) = listen(&world.sync2books(), json!([])).await;
    books.sync(&world, vec![books.payment(1)]).await;
    world.run_slowly().await;
    assert_eq!(books.written(&world).await, 1);
    assert_eq!(events(&receiver), [] as [Value; 0]);
    world.end().await;
}

#[tokio::test]
async fn what_is_no_event_is_refused_with_the_names_of_all_that_are() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let wanted = json!({ "url": receiver.url, "event_types": ["expense.pushed"] });
    let refused = world
        .sync2books()
        .post("/webhooks", wanted)
        .await
        .expect(400)
        .json();
    let message = refused["message"].to_string();
    for name in [
        "connection.created",
        "connection.connected",
        "connection.disconnected",
        "connection.error",
        "sync.batch.started",
        "sync.batch.completed",
        "sync.batch.failed",
        "expense.synced",
        "expense.failed",
        "attachment.uploaded",
    ] {
        assert!(message.contains(name), "{message}");
    }
    world.end().await;
}
