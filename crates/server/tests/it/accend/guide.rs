//! "How to leverage connected customers", as its reader does it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::browser::Browser;
use crate::world::receiver::Receiver;

const DAY: Duration = Duration::from_secs(86_400);

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
    receiver.messages()[0].assert_signed(&secret);

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

/// "Accend pulls and stores up to 36 months of historical financial data"; "runs automatically on a monthly schedule
/// after the initial sync is complete", "updates the most recent month's financial data".
#[tokio::test]
async fn thirty_six_months_are_read_first_and_each_month_afterwards() {
    let world = World::new().await;
    let (receiver, _) = listen(&world).await;
    let accend = world.accend();
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 48, "invoices": 300, "limits": "off", "latency_ms": 0,
    });
    let made = world.control("POST", "organisations", wanted).await;
    let organisation = made["id"].as_str().unwrap();
    let connected = accend.connected_to("Kern", organisation).await;
    world.run_jobs().await;
    assert_eq!(in_brief(&receiver), ["link_sync_completion_event initial"]);
    let period = json!({ "start": "2023-03-01", "end": "2026-02-28" });
    assert_eq!(events(&receiver)[0]["data"]["data_period"], period);

    // Of 48 months of books 36 are stored, and of the older documents those that are still open.
    let company = connected.customer.trim_start_matches("sp_cust_");
    let stored = world
        .codat()
        .all(&format!("/companies/{company}/data/invoices"))
        .await;
    let books = world
        .control(
            "GET",
            &format!("organisations/{organisation}/ledger?dataType=invoices"),
            Value::Null,
        )
        .await;
    let total = books["results"].as_array().unwrap().len();
    assert!(
        stored.len() > 100 && stored.len() < total,
        "{} of {total}",
        stored.len()
    );
    for invoice in &stored {
        let is_recent = invoice["issueDate"].as_str().unwrap() >= "2023-03-01";
        let is_open = ["Submitted", "PartiallyPaid", "Draft"].contains(&invoice["status"].as_str().unwrap());
        assert!(is_recent || is_open, "{invoice}");
    }

    // The month turns: one sync, about the month that has ended.
    let link = accend.get(&connected.path()).await.expect(200).json();
    let next = link["next_sync_at"].as_str().unwrap().to_owned();
    assert!(("2026-03-31".."2026-04-02").contains(&next.as_str()), "{next}");
    for _ in 0..25 {
        world.advance(DAY);
        world.run_jobs().await;
    }
    let told = in_brief(&receiver);
    assert_eq!(told[1..], ["link_sync_completion_event recurring"]);
    let period = json!({ "start": "2026-03-01", "end": "2026-03-31" });
    assert_eq!(events(&receiver)[1]["data"]["data_period"], period);

    // The platform fails when the next month turns, for longer than can be waited out: one error.
    let faults = format!("organisations/{organisation}/faults");
    for _ in 0..25 {
        world.advance(DAY);
        world.run_jobs().await;
    }
    world
        .control(
            "POST",
            &faults,
            json!({ "kind": "5xx_before", "rate": 1, "count": 100_000 }),
        )
        .await;
    for _ in 0..40 {
        world.advance(DAY / 4);
        world.run_jobs().await;
    }
    let told = in_brief(&receiver);
    assert_eq!(told[2..], ["link_sync_error_event recurring"]);
    let error = &events(&receiver)[2]["data"];
    assert_eq!(error["customer"]["customer_id"], connected.customer.as_str());
    assert_eq!(error["error"]["code"], "provider_unavailable");
    assert_eq!(error["error"]["retryable"], true);
    world.control("DELETE", &faults, Value::Null).await;

    // The customer is still connected, and can be asked about at the platform itself.
    const CONNECTED: &str = r#"contains_any("link_connections", "all")"#;
    assert_eq!(accend.found_by(CONNECTED).await, ["Kern"]);
    let asked = json!({ "method": "GET", "path": "/Organisation" });
    let path = format!("{}/pass_through", connected.path());
    let answer = accend.post(&path, asked).await.expect(200).json();
    assert_eq!(
        answer["response"]["Organisations"][0]["OrganisationID"],
        organisation
    );
    accend
        .send("POST", &format!("{}/disconnect", connected.path()), None)
        .await
        .expect(200);
    assert_eq!(accend.found_by(CONNECTED).await, [""; 0]);
    let link = accend.get(&connected.path()).await.expect(200).json();
    assert_eq!(link["next_sync_at"], Value::Null);
    world.run_jobs().await;
    world.end().await;
}

/// "You should do so after receiving a Sync Completion webhook for a sync of type `initial`": it comes, even if a part
/// of the first sync failed.
#[tokio::test]
async fn after_a_first_sync_that_failed_in_part_the_next_one_is_initial() {
    let world = World::new().await;
    let (receiver, _) = listen(&world).await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    world.tamper.with(|path, answer| {
        if path.ends_with("/PurchaseOrders") {
            *answer.status_mut() = http::StatusCode::BAD_REQUEST;
            *answer.body_mut() = "{}".into();
        }
    });
    world.run_jobs().await;
    let told = &events(&receiver)[0];
    assert_eq!(told["type"], "link_sync_error_event");
    assert_eq!(told["data"]["failed_data_types"], json!(["purchaseOrders"]));
    let error = &told["data"]["error"];
    assert_eq!(
        (&error["code"], &error["retryable"]),
        (&json!("provider_error"), &json!(false))
    );
    assert_eq!(error["attempts"], 1);
    let completed = told["data"]["completed_data_types"].as_array().unwrap();
    assert!(completed.contains(&json!("invoices")), "{completed:?}");
    world.tamper.stop();
    for _ in 0..2 {
        accend
            .post(&format!("{}/sync", connected.path()), json!({}))
            .await
            .expect(202);
        world.run_jobs().await;
    }
    assert_eq!(
        in_brief(&receiver),
        [
            "link_sync_error_event initial",
            "link_sync_completion_event initial",
            "link_sync_completion_event recurring"
        ]
    );
    world.end().await;
}

/// A part that the customer may not see is no reason to wait for the first completion, nor for the next.
#[tokio::test]
async fn what_the_customer_may_not_see_keeps_no_sync_from_being_complete() {
    let world = World::new().await;
    let (receiver, _) = listen(&world).await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    let faults = format!("organisations/{organisation}/faults");
    let fault = json!({ "kind": "forbidden", "rate": 1, "data_type": "purchaseOrders" });
    world.control("POST", &faults, fault).await;
    world.run_jobs().await;
    let told = &events(&receiver)[0]["data"];
    assert_eq!(told["forbidden_data_types"], json!(["purchaseOrders"]));
    let read = told["data_types"].as_array().unwrap();
    assert!(
        read.iter().all(|of| of["data_type"] != "purchaseOrders"),
        "{read:?}"
    );
    let statements = told["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 2, "{statements:?}");
    assert_eq!(statements[0]["restated_periods"], json!([]));
    // The number of accounts is not that of bank accounts.
    let records = |name: &str| {
        let of = read.iter().find(|of| of["data_type"] == name);
        of.unwrap()["records"].as_i64().unwrap()
    };
    assert!(
        records("bankAccounts") < records("chartOfAccounts") / 4,
        "{read:?}"
    );

    accend
        .post(&format!("{}/sync", connected.path()), json!({}))
        .await
        .expect(202);
    world.run_jobs().await;
    assert_eq!(
        in_brief(&receiver),
        [
            "link_sync_completion_event initial",
            "link_sync_completion_event recurring"
        ]
    );
    let syncs = accend
        .get(&format!("{}/syncs", connected.path()))
        .await
        .expect(200)
        .json();
    for sync in syncs["data"].as_array().unwrap() {
        assert_eq!(
            (&sync["status"], &sync["error"]),
            (&json!("completed"), &Value::Null)
        );
    }
    world.end().await;
}
