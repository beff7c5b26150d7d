//! "Configure Customer" and what it is for, as an app does it for one customer: from the first request to the last.

use std::time::Duration;

use serde_json::{Value, json};

use super::booking::{Choices, base_currency};
use crate::world::World;
use crate::world::browser::Browser;
use crate::world::receiver::Receiver;
use crate::world::sync2books::Connected;

/// What the platform was asked for, in order.
async fn asked(world: &World, connected: &Connected) -> Vec<String> {
    let path = format!("organisations/{}/requests", connected.organisation);
    let answer = world.control("GET", &path, json!(null)).await;
    assert_eq!(answer["violations"], json!([]));
    let requests = answer["requests"].as_array().unwrap().iter();
    let text = |request: &Value, name: &str| request[name].as_str().unwrap_or_default().to_owned();
    requests
        .map(|request| format!("{} {}", text(request, "method"), text(request, "path")))
        .collect()
}

#[tokio::test]
async fn a_customer_is_configured_its_expense_written_with_its_receipt_and_let_go() {
    for (platform, key) in [("quickbooks_online", "QUICKBOOKS"), ("xero", "XERO")] {
        let world = World::of_all().await;
        let api = world.sync2books();
        let receiver = Receiver::start().await;
        api.post("/webhooks", json!({ "url": receiver.url }))
            .await
            .expect(201);
        let wanted = json!({
            "platform": platform, "seed": 11, "months": 3, "invoices": 5, "limits": "off", "latency_ms": 0,
        });
        let organisation = world.control("POST", "organisations", wanted).await["id"].clone();
        let organisation = organisation.as_str().unwrap();

        // "To create it, use our Create company endpoint. It returns a JSON response containing the company id."
        let made = api
            .post(
                "/companies",
                json!({ "name": "Harbour Bakery", "integrationKey": key }),
            )
            .await
            .expect(201)
            .json();
        let company = made["company"]["id"].as_str().unwrap();

        // "Direct your customer to the authUrl to initiate our Link auth flow."
        let auth_url = made["authUrl"].as_str().unwrap();
        let page = Browser::new(&world).approve(auth_url, organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);

        // "After authorization, the connection is automatically created." "CONNECTED: ready to sync."
        let connections = api.connections(company).await;
        let [(connection, integration, status)] = &connections[..] else {
            panic!("{connections:?}");
        };
        assert_eq!((integration.as_str(), status.as_str()), (key, "CONNECTED"));
        let connected = Connected {
            company: company.to_owned(),
            connection: connection.clone(),
            organisation: organisation.to_owned(),
        };
        world.run_slowly().await;

        // "Configure the company to associate the expenses with correct accounts, suppliers, and customers."
        let currency = base_currency(&world, &connected).await;
        let choices = Choices::of(&world, &connected, &currency).await;
        let config = json!({
            "bankAccount": { "id": choices.bank }, "defaultAccount": { "id": choices.account },
            "supplier": { "id": choices.supplier }, "defaultTaxRate": { "id": choices.tax_rate },
        });
        let path = format!("/companies/{company}/expense-config");
        api.send("PATCH", &path, Some(config)).await.expect(200);

        // An expense that says no more than the customer knows.
        let before = asked(&world, &connected).await.len();
        let batch = api
            .written(
                &connected,
                json!({
                    "id": "exp-001", "type": "Payment", "issueDate": "2026-03-09", "currency": currency,
                    "currencyRate": 1, "merchantName": "Stationery Hut",
                    "lines": [{ "netAmount": 42.40, "taxAmount": 0 }],
                }),
            )
            .await;
        let shown = api
            .get(&format!("/sync/batches/{batch}"))
            .await
            .expect(200)
            .json();
        assert_eq!(shown["batch"]["status"], "completed", "{shown}");
        let item = &shown["items"][0];
        assert_eq!(item["status"], "success");
        let document = item["integrationResponse"]["id"].as_str().unwrap();

        // The receipt.
        let path = format!("/connections/{connection}/syncs/{batch}/transactions/exp-001/attachments");
        let file = api
            .form(&path, &[("note", "Pens")], &[("receipt.pdf", "%PDF-1.7 pens")])
            .await
            .expect(201)
            .json();
        assert_eq!(file["entityBookId"], document);
        world.run_slowly().await;
        let writes = asked(&world, &connected).await.split_off(before);
        let writes = writes.iter().filter(|request| {
            let is_write = !request.starts_with("GET ") && !request.contains("/token");
            is_write && !request.ends_with("/query")
        });
        assert_eq!(writes.count(), 2, "one document, one file");
        let kept = world
            .control(
                "GET",
                &format!("organisations/{organisation}/attachments"),
                json!(null),
            )
            .await;
        assert_eq!(kept["results"][0]["documents"], json!([document]));
        let books = world
            .control(
                "GET",
                &format!("organisations/{organisation}/ledger?dataType=directCosts"),
                json!(null),
            )
            .await;
        let written = books["results"].as_array().unwrap().iter();
        assert_eq!(written.filter(|cost| cost["id"] == document).count(), 1);

        // "If your customer wants to revoke their approval …, use the Unlink connection endpoint."
        let before = asked(&world, &connected).await.len();
        let one = format!("/companies/{company}/connections/{connection}");
        let cut = api
            .send("PATCH", &one, Some(json!({ "status": "DISCONNECTED" })))
            .await
            .expect(200)
            .json();
        assert_eq!(cut["status"], "DISCONNECTED");
        // Whatever is asked of us, and however long it takes, the platform sees the removal and nothing else.
        let refused = api.post(&format!("/expenses/{connection}"), json!([])).await;
        assert!(refused.status.is_client_error());
        api.form(&path, &[], &[("late.pdf", "%PDF-1.7 late")])
            .await
            .expect(409);
        for _ in 0..8 {
            world.run_jobs().await;
            world.advance(Duration::from_secs(86_400));
        }
        world.run_jobs().await;
        let after = asked(&world, &connected).await.split_off(before);
        let is_removal = |request: &String| {
            request.starts_with("DELETE ") || request.ends_with("/revoke") || request.ends_with("/revocation")
        };
        assert!(!after.is_empty() && after.iter().all(is_removal), "{after:?}");
        assert_eq!(api.connections(company).await[0].2, "DISCONNECTED");

        let heard = receiver.messages();
        let heard: Vec<Value> = heard
            .iter()
            .map(|message| serde_json::from_str(&message.body).unwrap())
            .collect();
        let heard: Vec<&str> = heard
            .iter()
            .map(|event| event["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            heard,
            [
                "connection.created",
                "connection.connected",
                "sync.batch.started",
                "expense.synced",
                "sync.batch.completed",
                "attachment.uploaded",
                "connection.disconnected",
            ]
        );
        world.end().await;
    }
}

/// "ERROR: Connection has an error and needs attention": found out by the expense that could not be written.
#[tokio::test]
async fn a_customer_who_revokes_access_at_the_platform_is_an_error_at_the_next_expense() {
    for platform in ["quickbooks_online", "xero"] {
        let world = World::of_all().await;
        let connected = world.sync2books().connected("Kern", platform).await;
        let (api, choices, currency) = super::booking::configured(&world, &connected).await;
        let path = format!("organisations/{}/revoke", connected.organisation);
        world.control("POST", &path, json!({})).await;
        let expense = super::booking::expense("exp-001", &choices, &currency);
        let batch = api.written(&connected, expense.clone()).await;
        assert_eq!(api.connections(&connected.company).await[0].2, "ERROR");
        let shown = api
            .get(&format!("/sync/batches/{batch}"))
            .await
            .expect(200)
            .json();
        assert_eq!(shown["batch"]["status"], "failed", "{shown}");
        let message = shown["items"][0]["syncErrorMessage"].as_str().unwrap();
        assert!(message.starts_with("Connection expired: "), "{message}");
        let refused = api
            .post(&format!("/expenses/{}", connected.connection), expense)
            .await;
        assert_eq!(
            refused.expect(409).json()["message"],
            "The connection is ERROR: nothing can be written through it"
        );

        // The customer consents again, and the app tries again.
        let auth_url = api
            .auth_url(
                &connected.company,
                &api.connections(&connected.company).await[0].1,
            )
            .await;
        let page = Browser::new(&world)
            .approve(&auth_url, &connected.organisation)
            .await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        let retried = api
            .send("POST", &format!("/sync/batches/{batch}/retry"), None)
            .await
            .expect(201)
            .json();
        world.run_slowly().await;
        let again = retried["newBatchId"].as_str().unwrap();
        let shown = api
            .get(&format!("/sync/batches/{again}"))
            .await
            .expect(200)
            .json();
        assert_eq!(shown["batch"]["status"], "completed", "{shown}");
        world.end().await;
    }
}
