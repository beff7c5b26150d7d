//! "How to leverage connected customers", as its reader does it.

use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::world::World;
use crate::world::browser::Browser;
use crate::world::receiver::Receiver;

/// The bodies that a receiver heard, in order.
fn events(receiver: &Receiver) -> Vec<Value> {
    let messages = receiver.messages();
    messages
        .iter()
        .map(|message| serde_json::from_str(&message.body).unwrap())
        .collect()
}

/// What happened, in brief: `link_sync_completion_event initial`.
fn in_brief(receiver: &Receiver) -> Vec<String> {
    let told = |event: &Value| {
        let (name, kind) = (&event["type"], &event["data"]["sync_type"]);
        format!("{} {}", name.as_str().unwrap(), kind.as_str().unwrap())
    };
    events(receiver).iter().map(told).collect()
}

async fn listen(world: &World) -> (Receiver, String) {
    let receiver = Receiver::start().await;
    let made = world
        .accend()
        .post("/webhooks", json!({ "url": receiver.url }))
        .await;
    let secret = made.expect(201).json()["secret"].as_str().unwrap().to_owned();
    (receiver, secret)
}

/// "Sent when a data sync (initial or recurring) has successfully finished. The payload includes information about
/// the sync type and the customer it pertains to and the data period we retrieved."
#[tokio::test]
async fn a_first_sync_that_succeeds_is_told_once_and_signed() {
    let world = World::new().await;
    let (receiver, secret) = listen(&world).await;
    let accend = world.accend();
    let organisation = world.organisation(20).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    assert!(
        events(&receiver).is_empty(),
        "a customer that never synced is told of nothing"
    );
    world.run_jobs().await;

    assert_eq!(in_brief(&receiver), ["link_sync_completion_event initial"]);
    let told = &events(&receiver)[0];
    let data = &told["data"];
    assert_eq!(data["customer"]["customer_id"], connected.customer.as_str());
    assert_eq!(data["link_connection_id"], connected.connection.as_str());
    assert_eq!(data["platform"], "xero");
    assert_eq!(data["data_period"]["end"], "2026-02-28");
    let read = data["data_types"].as_array().unwrap();
    let invoices = read.iter().find(|read| read["data_type"] == "invoices").unwrap();
    assert!(invoices["records"].as_i64().unwrap() > 0);
    let message = &receiver.messages()[0];
    let header = |name: &str| message.headers[name].to_str().unwrap();
    let signed = Webhook::new(&secret).unwrap().sign(
        header("webhook-id"),
        header("webhook-timestamp").parse().unwrap(),
        message.body.as_bytes(),
    );
    assert_eq!(header("webhook-signature"), signed.unwrap());

    // The same sync stands in the history, and in the link connection.
    let syncs = accend
        .get(&format!("{}/syncs", connected.path()))
        .await
        .expect(200)
        .json();
    assert_eq!(syncs["data"].as_array().unwrap().len(), 1);
    assert_eq!(syncs["data"][0]["sync_id"], data["sync_id"]);
    assert_eq!(syncs["data"][0]["status"], "completed");
    let link = accend.get(&connected.path()).await.expect(200).json();
    assert_eq!(link["last_sync"]["sync_id"], data["sync_id"]);
    assert_eq!(link["last_sync"]["data_period"], data["data_period"]);
    assert!(link["base_currency"].is_string(), "{link}");
    world.end().await;
}

/// "Sent if a data sync fails due to an error. The payload includes details about the error and the affected customer,
/// which can be used for debugging or retry logic."
#[tokio::test]
async fn a_first_sync_that_fails_is_told_and_the_next_one_is_still_initial() {
    let world = World::new().await;
    let (receiver, _) = listen(&world).await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    world
        .control("POST", &format!("organisations/{organisation}/revoke"), json!({}))
        .await;
    world.run_jobs().await;
    assert_eq!(in_brief(&receiver), ["link_sync_error_event initial"]);
    let told = &events(&receiver)[0]["data"];
    assert_eq!(told["customer"]["customer_id"], connected.customer.as_str());
    assert_eq!(told["error"]["code"], "auth_revoked");
    assert_eq!(told["error"]["action_required"], "reconnect");
    assert_eq!(told["error"]["retryable"], false);
    assert!(!told["failed_data_types"].as_array().unwrap().is_empty());
    assert_eq!(told["completed_data_types"], json!([]));

    let link = accend.get(&connected.path()).await.expect(200).json();
    assert_eq!(link["status"], "needs_reauth");
    assert_eq!(link["last_sync"]["status"], "failed");
    assert!(link["error"]["message"].is_string());
    // The customer connects again where the app is told to send it.
    let page = Browser::new(&world)
        .approve(link["reconnect_url"].as_str().unwrap(), &organisation)
        .await;
    assert_eq!(page.outcome(), "linked", "{}", page.body);
    world.run_jobs().await;
    assert_eq!(
        in_brief(&receiver),
        [
            "link_sync_error_event initial",
            "link_sync_completion_event initial"
        ]
    );
    world.end().await;
}

#[tokio::test]
async fn a_later_sync_that_fails_is_told_as_recurring_and_a_relink_is_not_told() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    world.run_jobs().await;
    let (receiver, _) = listen(&world).await;
    accend
        .post(&format!("{}/sync", connected.path()), json!({}))
        .await
        .expect(202);
    world.run_jobs().await;
    accend
        .post(&format!("{}/sync", connected.path()), json!({}))
        .await
        .expect(202);
    world
        .control("POST", &format!("organisations/{organisation}/revoke"), json!({}))
        .await;
    world.run_jobs().await;
    let expected = [
        "link_sync_completion_event recurring",
        "link_sync_error_event recurring",
    ];
    assert_eq!(in_brief(&receiver), expected);
    let link = accend.get(&connected.path()).await.expect(200).json();
    let page = Browser::new(&world)
        .approve(link["reconnect_url"].as_str().unwrap(), &organisation)
        .await;
    assert_eq!(page.outcome(), "linked", "{}", page.body);
    world.run_jobs().await;
    assert_eq!(
        in_brief(&receiver),
        expected,
        "the read after a re-link is none of its own"
    );
    // Nor is a refresh that another dialect asks for.
    let company = connected.customer.trim_start_matches("sp_cust_");
    world
        .codat()
        .send("POST", &format!("/companies/{company}/data/all"), None)
        .await
        .expect(204);
    world.run_jobs().await;
    assert_eq!(in_brief(&receiver), expected);
    world.end().await;
}

/// "This returns all customers with at least one active accounting software connection."
#[tokio::test]
async fn the_filter_finds_exactly_the_connected_customers() {
    let world = World::new().await;
    let accend = world.accend();
    const CONNECTED: &str = r#"contains_any("link_connections", "all")"#;
    accend.customer("Never connected").await;
    let waiting = accend.customer("Opened the link only").await;
    let link = accend.link_url(&waiting).await;
    Browser::new(&world).open(&link).await;
    assert_eq!(accend.found_by(CONNECTED).await, [""; 0]);
    let organisation = world.organisation(5).await;
    let kern = accend.connected_to("Kern", &organisation).await;
    // A company that was made and linked through the other dialect is a customer, too.
    world.codat().linked("Codat's", 5).await;
    world.run_jobs().await;
    assert_eq!(accend.found_by(CONNECTED).await, ["Codat's", "Kern"]);
    let xero = r#"contains_any("link_connections", ["xero", "sage"])"#;
    assert_eq!(accend.found_by(xero).await, ["Codat's", "Kern"]);
    let none = r#"contains_none("link_connections", "all")"#;
    assert_eq!(
        accend.found_by(none).await,
        ["Never connected", "Opened the link only"]
    );
    let synced = r#"is_not_null("link_connections.last_sync_at")"#;
    assert_eq!(accend.found_by(synced).await, ["Codat's", "Kern"]);

    let cut = accend
        .send("POST", &format!("{}/disconnect", kern.path()), None)
        .await
        .expect(200)
        .json();
    assert_eq!(cut["status"], "disconnected");
    assert_eq!(cut["disconnected_by"], "app");
    assert_eq!(accend.found_by(CONNECTED).await, ["Codat's"]);
    world.run_jobs().await;
    let after = accend.get(&kern.path()).await.expect(200).json();
    assert_eq!(after["revocation"], "revoked", "{after}");
    // What the other dialect calls it.
    let company = kern.customer.trim_start_matches("sp_cust_");
    let seen = world
        .codat()
        .get(&format!("/companies/{company}"))
        .await
        .expect(200)
        .json();
    assert_eq!(seen["name"], "Kern");
    assert_eq!(seen["dataConnections"][0]["status"], "Unlinked");
    world.end().await;
}

#[tokio::test]
async fn a_sync_that_a_disconnect_cut_short_is_told_of_as_nothing() {
    let world = World::new().await;
    let (receiver, _) = listen(&world).await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    accend
        .send("POST", &format!("{}/disconnect", connected.path()), None)
        .await
        .expect(200);
    world.run_jobs().await;
    assert_eq!(in_brief(&receiver), [""; 0]);
    world.end().await;
}
