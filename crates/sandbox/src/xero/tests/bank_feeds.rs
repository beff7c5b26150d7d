use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Tokens, World};

const FEEDS: &str = "/bankfeeds.xro/1.0/FeedConnections";
const STATEMENTS: &str = "/bankfeeds.xro/1.0/Statements";

async fn post(world: &World, tokens: &Tokens, path: &str, item: Value) -> Value {
    let body = Body::from(json!({ "items": [item] }).to_string());
    let answer = world.ask_with(tokens, Method::POST, path, &[], body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    answer.json()["items"][0].clone()
}

/// The bank accounts of the books.
fn banks(world: &World) -> Vec<Uuid> {
    let ledger = world.organisation.ledger();
    let banks = ledger.accounts.iter().filter(|account| account.bank.is_some());
    banks.map(|account| account.meta.id).collect()
}

fn statement(feed: &Value, transaction: &str, end: &str) -> Value {
    json!({
        "feedConnectionId": feed, "startDate": "2026-03-10", "endDate": "2026-03-10",
        "startBalance": { "amount": 100, "creditDebitIndicator": "CREDIT" },
        "endBalance": { "amount": end, "creditDebitIndicator": "CREDIT" },
        "statementLines": [{ "postedDate": "2026-03-10", "description": "Pens", "amount": 24.60,
            "creditDebitIndicator": "DEBIT", "transactionId": transaction }],
    })
}

/// The answer once it is judged.
async fn fate(world: &World, tokens: &Tokens, sent: Value) -> (Value, Value) {
    let taken = post(world, tokens, STATEMENTS, sent).await;
    assert_eq!(taken["status"], "PENDING");
    let path = format!("{STATEMENTS}/{}", taken["id"].as_str().unwrap());
    assert_eq!(world.get(tokens, &path).await.json()["status"], "PENDING");
    world.sandbox.clock.advance(Duration::from_secs(2));
    let judged = world.get(tokens, &path).await.json();
    (judged["status"].clone(), judged["errors"][0]["type"].clone())
}

#[tokio::test]
async fn statements_reach_a_connected_account_once() {
    let world = World::new();
    let tokens = world.link().await;
    let connected = post(
        &world,
        &tokens,
        FEEDS,
        json!({ "accountToken": "card-1", "accountId": banks(&world)[0], "accountType": "BANK" }),
    )
    .await;
    assert_eq!(connected["status"], "PENDING");
    let feed = &connected["id"];
    let nothing = Value::Null;
    assert_eq!(
        fate(&world, &tokens, statement(feed, "t1", "75.40")).await,
        (json!("DELIVERED"), nothing.clone())
    );
    assert_eq!(
        fate(&world, &tokens, statement(feed, "t1", "75.40")).await,
        (json!("REJECTED"), json!("duplicate-statement"))
    );
    assert_eq!(
        fate(&world, &tokens, statement(feed, "t2", "75.41")).await,
        (json!("REJECTED"), json!("invalid-end-balance"))
    );
    assert_eq!(
        fate(&world, &tokens, statement(feed, "t2", "75.40")).await,
        (json!("DELIVERED"), nothing)
    );
    let delivered = world
        .organisation
        .ledger()
        .rows("bankTransactions", "2026-03-15".parse().unwrap());
    let told: Vec<_> = delivered
        .unwrap()
        .into_iter()
        .map(|row| row.reference.unwrap())
        .collect();
    assert_eq!(told, ["t1", "t2"]);
    let stranger = post(
        &world,
        &tokens,
        STATEMENTS,
        statement(&json!(Uuid::nil()), "t3", "75.40"),
    )
    .await;
    assert_eq!(stranger["errors"][0]["type"], "invalid-feed-connection");
}

#[tokio::test]
async fn an_account_that_is_fed_elsewhere_is_not_connected() {
    let world = World::new();
    let tokens = world.link().await;
    let fed = banks(&world)[1];
    world.organisation.change(|ledger| {
        if let Some(bank) = ledger
            .accounts
            .get_mut(fed)
            .and_then(|account| account.bank.as_mut())
        {
            bank.fed = true;
        }
    });
    let refused = post(
        &world,
        &tokens,
        FEEDS,
        json!({ "accountToken": "card-1", "accountId": fed }),
    )
    .await;
    assert_eq!(refused["status"], "REJECTED");
    let error = &refused["error"];
    assert_eq!(
        (&error["title"], &error["status"]),
        (&json!("Feed Connection failed"), &json!(409))
    );
    assert!(
        error["detail"]
            .as_str()
            .unwrap()
            .ends_with("Xero Bank Account in the selected Xero Organization.")
    );
    let unknown = post(
        &world,
        &tokens,
        FEEDS,
        json!({ "accountToken": "x", "accountNumber": "none" }),
    )
    .await;
    assert_eq!(unknown["error"]["type"], "account-not-valid");
}

#[tokio::test]
async fn a_connection_ends_and_can_be_made_again() {
    let world = World::new();
    let tokens = world.link().await;
    let asked = json!({ "accountToken": "card-1", "accountId": banks(&world)[0] });
    let first = post(&world, &tokens, FEEDS, asked.clone()).await;
    assert_eq!(
        post(&world, &tokens, FEEDS, asked.clone()).await["status"],
        "REJECTED"
    );
    let listed = world.get(&tokens, FEEDS).await.json();
    assert_eq!(listed["items"][0]["id"], first["id"]);
    post(
        &world,
        &tokens,
        &format!("{FEEDS}/DeleteRequests"),
        json!({ "id": first["id"] }),
    )
    .await;
    assert_eq!(world.get(&tokens, FEEDS).await.json()["items"], json!([]));
    assert_ne!(post(&world, &tokens, FEEDS, asked).await["id"], first["id"]);
    let broken = Body::from("{\"items\": [{}]}");
    let answer = world.ask_with(&tokens, Method::POST, FEEDS, &[], broken).await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (StatusCode::BAD_REQUEST, &json!("invalid-request"))
    );
}
