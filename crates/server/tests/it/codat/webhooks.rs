use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::receiver::Receiver;

const ALL: [&str; 6] = [
    "connection.connected",
    "connection.reconnected",
    "connection.disconnected",
    "connection.failed",
    "read.completed",
    "read.completed.initial",
];

async fn subscribe(world: &World, receiver: &Receiver) -> String {
    let wanted = json!({ "url": receiver.url, "eventTypes": ALL });
    let made = world.codat().post("/webhooks", wanted).await.expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

fn types(receiver: &Receiver) -> Vec<String> {
    let type_of = |body: &str| {
        serde_json::from_str::<Value>(body).unwrap()["eventType"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    receiver
        .messages()
        .iter()
        .map(|message| type_of(&message.body))
        .collect()
}

#[tokio::test]
async fn linking_reading_and_unlinking_are_told_once_each_and_signed() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let secret = subscribe(&world, &receiver).await;
    let linked = world.codat().linked("Acme", 10).await;
    world.run_jobs().await;
    world
        .codat()
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
    world.run_jobs().await;
    let path = format!("/companies/{}/connections/{}", linked.company, linked.connection);
    world
        .codat()
        .send("PATCH", &path, Some(json!({ "status": "Unlinked" })))
        .await
        .expect(200);
    world.run_jobs().await;

    assert_eq!(
        types(&receiver),
        [
            "connection.connected",
            "read.completed.initial",
            "read.completed",
            "connection.disconnected"
        ]
    );
    for message in receiver.messages() {
        message.assert_signed(&secret);
        assert_eq!(message.headers["webhook-id"], message.headers["svix-id"]);
        let body: Value = serde_json::from_str(&message.body).unwrap();
        assert_eq!(body["payload"]["referenceCompany"]["id"], linked.company.as_str());
    }
    let initial: Value = serde_json::from_str(&receiver.messages()[1].body).unwrap();
    let types = initial["payload"]["dataTypes"].as_array().unwrap();
    assert!(
        types
            .iter()
            .any(|read| read["dataType"] == "invoices" && read["status"] == "Complete")
    );
    world.end().await;
}

#[tokio::test]
async fn a_receiver_that_was_down_for_a_day_misses_nothing() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    subscribe(&world, &receiver).await;
    receiver.answer_with(500);
    world.codat().linked("Acme", 5).await;
    for _ in 0..48 {
        world.run_jobs().await;
        world.advance(Duration::from_secs(1800));
    }
    let attempts = receiver.messages();
    let ids: std::collections::BTreeSet<_> = attempts
        .iter()
        .map(|message| message.headers["webhook-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2, "the same id on every attempt");
    assert!(attempts.len() > 4, "{} attempts in a day", attempts.len());

    receiver.answer_with(204);
    let before = receiver.messages().len();
    world.advance(Duration::from_secs(15 * 60 + 1));
    world.run_jobs().await;
    let after: Vec<_> = receiver.messages().split_off(before);
    let heard: std::collections::BTreeSet<_> = after
        .iter()
        .map(|message| message.headers["webhook-id"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(heard, ids, "one probe pulls all of them forward");
    let told = receiver.messages().len();
    world.advance(Duration::from_secs(86_400));
    world.run_jobs().await;
    assert_eq!(
        receiver.messages().len(),
        told,
        "what was heard is not told again"
    );
    world.end().await;
}

#[tokio::test]
async fn only_what_was_subscribed_is_told() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let wanted =
        json!({ "url": receiver.url, "eventTypes": ["connection.connected"], "companyTags": ["region:uk"] });
    world.codat().post("/webhooks", wanted).await.expect(201);
    world.codat().linked("No tags", 5).await;
    world.run_jobs().await;
    assert_eq!(types(&receiver), Vec::<String>::new());
    world.end().await;
}
