use serde_json::{Value, json};

use super::{books, transaction};
use crate::world::World;
use crate::world::receiver::Receiver;

fn bodies(receiver: &Receiver) -> Vec<Value> {
    let messages = receiver.messages();
    messages
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap())
        .collect()
}

#[tokio::test]
async fn rules_tell_of_a_sync_with_the_apps_own_authorization() {
    let world = World::new().await;
    let codat = world.codat();
    let profile = json!({ "name": "Test App", "alertAuthHeader": "Bearer of the app" });
    codat.send("PUT", "/profile", Some(profile)).await.expect(200);
    let receiver = Receiver::start().await;
    let mut rules = Vec::new();
    for kind in ["sync-started", "sync-complete", "sync-failed"] {
        let rule = json!({ "type": kind, "notifiers": { "webhook": receiver.url } });
        let made = codat.post("/rules", rule).await.expect(200).json();
        rules.push(made["id"].clone());
    }
    let books = books(&world, 0).await;
    let (sync, _) = books.sync(&world, vec![books.payment(1)]).await;
    world.run_jobs().await;
    let company = &books.linked.company;
    let told = bodies(&receiver);
    assert_eq!(told.len(), 2, "{told:?}");
    for (body, rule, kind, message) in [
        (
            &told[0],
            &rules[0],
            "Sync Started",
            format!("Sync {sync} for company {company} of type Expense has started."),
        ),
        (
            &told[1],
            &rules[1],
            "Sync Completed",
            format!("Sync {sync} for company {company} of type Expense completed successfully."),
        ),
    ] {
        assert_eq!(body["RuleId"], *rule);
        assert_eq!(body["RuleType"], kind);
        assert_eq!(body["Message"], message);
        assert_eq!(body["ClientId"], world.app.to_string());
        assert_eq!(body["ClientName"], "Test App");
        assert_eq!(body["CompanyId"], *company);
        assert_eq!(body["Data"], json!({ "syncId": sync, "syncType": "Expense" }));
    }
    for message in receiver.messages() {
        assert_eq!(message.headers["authorization"], "Bearer of the app");
        assert_eq!(message.headers["x-codat-clientid"], world.app.to_string());
    }

    let mut wrong = books.payment(2);
    wrong["lines"][0]["accountRef"]["id"] = json!("00000000-0000-4000-8000-000000000000");
    let (sync, _) = books.sync(&world, vec![wrong]).await;
    world.run_jobs().await;
    let told = bodies(&receiver);
    let failed = told.last().unwrap();
    assert_eq!(failed["RuleType"], "Sync Failed");
    assert_eq!(
        failed["Message"],
        format!("Sync {sync} for company {company} of type Expense has failed at step Pushing.")
    );
    assert_eq!(
        failed["Data"],
        json!({ "syncId": sync, "syncType": "Expense", "FailureStage": "Pushing" })
    );
    world.end().await;
}

#[tokio::test]
async fn webhooks_tell_of_a_sync_by_transaction() {
    let world = World::new().await;
    let receiver = Receiver::start().await;
    let wanted = json!({
        "url": receiver.url,
        "eventTypes": ["expenses.sync.successful", "expenses.sync.unsuccessful"],
    });
    world.codat().post("/webhooks", wanted).await.expect(201);
    let books = books(&world, 0).await;
    let (sync, _) = books.sync(&world, vec![books.payment(1)]).await;
    world.run_jobs().await;
    let told = bodies(&receiver);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["eventType"], "expenses.sync.successful");
    let payload = &told[0]["payload"];
    assert_eq!(payload["referenceCompany"]["id"], books.linked.company);
    assert_eq!(payload["syncId"], sync);
    assert_eq!(
        payload["transactions"],
        json!([{ "id": transaction(1), "status": "Completed", "errorMessage": null }])
    );
    world.end().await;
}
