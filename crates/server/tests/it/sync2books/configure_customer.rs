//! "Configure Customer", as its reader does it.

use serde_json::{Value, json};

use crate::world::World;
use crate::world::browser::Browser;
use crate::world::receiver::Receiver;
use crate::world::sync2books::Connected;

/// The names of the events that a receiver heard, in order, with the status of the connection.
fn heard(receiver: &Receiver) -> Vec<(String, String)> {
    let messages = receiver.messages();
    messages
        .iter()
        .map(|message| {
            let event: Value = serde_json::from_str(&message.body).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&event["type"]), text(&event["data"]["connection"]["status"]))
        })
        .collect()
}

/// What the platform was asked for, all organisations together, in order.
async fn asked(world: &World, connected: &Connected) -> Vec<String> {
    let path = format!("organisations/{}/requests", connected.organisation);
    let answer = world.control("GET", &path, json!(null)).await;
    assert_eq!(answer["violations"], json!([]));
    let requests = answer["requests"].as_array().unwrap().iter();
    requests
        .map(|request| {
            let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("method"), text("path"))
        })
        .collect()
}

/// "Open the authUrl in a browser. Complete the OAuth authorization flow with QuickBooks. After authorization, the
/// connection is automatically created."
#[tokio::test]
async fn a_company_connects_its_books_and_is_disconnected() {
    for (platform, key) in [("quickbooks_online", "QUICKBOOKS"), ("xero", "XERO")] {
        let world = World::of_all().await;
        let api = world.sync2books();
        let receiver = Receiver::start().await;
        api.post("/webhooks", json!({ "url": receiver.url }))
            .await
            .expect(201);
        let wanted = json!({
            "platform": platform, "seed": 7, "months": 3, "invoices": 5, "limits": "off", "latency_ms": 0,
        });
        let organisation = world.control("POST", "organisations", wanted).await["id"]
            .as_str()
            .unwrap()
            .to_owned();

        let made = api
            .post("/companies", json!({ "name": "Harbour Bakery" }))
            .await
            .expect(201)
            .json();
        let company = made["company"]["id"].as_str().unwrap();
        assert_eq!(made["company"]["isActive"], true);
        assert!(made["authUrl"].is_string());

        // The address for one software leads to no other.
        let auth_url = api.auth_url(company, &key.to_lowercase()).await;
        let page = Browser::new(&world).open(&auth_url).await;
        let buttons = page.form().unwrap().buttons;
        assert_eq!(buttons, [("platform".to_owned(), platform.to_owned())]);
        assert_eq!(api.connections(company).await, []);

        // Who refuses has no connection.
        let refuses_first = platform == "xero";
        if refuses_first {
            let page = Browser::new(&world).refuse(&auth_url).await;
            assert_eq!(page.outcome(), "refused", "{}", page.body);
            assert_eq!(api.connections(company).await, []);
        }

        let page = Browser::new(&world).approve(&auth_url, &organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        let connections = api.connections(company).await;
        let [(connection, integration, status)] = &connections[..] else {
            panic!("{connections:?}");
        };
        assert_eq!((integration.as_str(), status.as_str()), (key, "CONNECTED"));
        let connected = Connected {
            company: company.to_owned(),
            connection: connection.clone(),
            organisation: organisation.clone(),
        };
        api.get(&format!("/companies/{company}/auth-url?integrationKey={key}"))
            .await
            .expect(409);
        // A list that was not read yet is not an empty one.
        let accounts = format!("/connections/{connection}/accounts");
        api.get(&accounts).await.expect(409);
        world.run_slowly().await;
        assert_equal_to_the_books(&world, &connected).await;

        // Deauthorize: the platform sees the removal, and nothing else.
        let before = asked(&world, &connected).await.len();
        let one = format!("/companies/{company}/connections/{connection}");
        let cut = api
            .send("PATCH", &one, Some(json!({ "status": "DISCONNECTED" })))
            .await
            .expect(200)
            .json();
        assert_eq!(cut["status"], "DISCONNECTED");
        assert_eq!(cut["id"], connection.as_str());
        world.run_jobs().await;
        for _ in 0..4 {
            world.advance(std::time::Duration::from_secs(86_400));
            world.run_jobs().await;
        }
        let after = asked(&world, &connected).await.split_off(before);
        let is_removal = |request: &String| {
            request.starts_with("DELETE ") || request.ends_with("/revoke") || request.ends_with("/revocation")
        };
        assert!(
            matches!(after.len(), 1..=2) && after.iter().all(is_removal),
            "{after:?}"
        );
        assert_eq!(api.connections(company).await[0].2, "DISCONNECTED");
        api.get(&accounts).await.expect(200);
        let mut expected = vec![
            ("connection.created", "CONNECTED"),
            ("connection.connected", "CONNECTED"),
            ("connection.disconnected", "DISCONNECTED"),
        ];
        if refuses_first {
            // The refusal was noted with the connection that a consent completes.
            expected.remove(0);
        }
        let heard = heard(&receiver);
        let heard: Vec<(&str, &str)> = heard.iter().map(|(name, status)| (&**name, &**status)).collect();
        assert_eq!(heard, expected);
        world.end().await;
    }
}

/// The lists that expenses are booked by are those of the books.
async fn assert_equal_to_the_books(world: &World, connected: &Connected) {
    let api = world.sync2books();
    for (list, member, data_type) in [
        ("accounts", "accounts", "chartOfAccounts"),
        ("suppliers", "suppliers", "suppliers"),
        ("customers", "customers", "customers"),
        ("tax-rates", "taxRates", "taxRates"),
    ] {
        let path = format!("/connections/{}/{list}", connected.connection);
        let shown = api.get(&path).await.expect(200).json();
        let path = format!(
            "organisations/{}/ledger?dataType={data_type}",
            connected.organisation
        );
        let books = world.control("GET", &path, json!(null)).await;
        let ids = |values: &Value| {
            let values = values.as_array().unwrap().iter();
            let kept = values.filter(|value| value["deleted"] != true);
            let mut ids: Vec<String> = kept
                .map(|value| value["id"].as_str().unwrap().to_owned())
                .collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&shown[member]), ids(&books["results"]), "{list}");
        assert!(!ids(&shown[member]).is_empty(), "{list}");
        assert!(shown[member][0]["name"].is_string());
    }
    let path = format!("/connections/{}/tracking-categories", connected.connection);
    let shown = api.get(&path).await.expect(200).json();
    assert!(shown["trackingCategories"].is_array());
}

/// "ERROR: Connection has an error and needs attention."
#[tokio::test]
async fn a_customer_who_revokes_access_at_the_platform_is_shown_as_an_error_until_he_consents_again() {
    for platform in ["quickbooks_online", "xero"] {
        let world = World::of_all().await;
        let api = world.sync2books();
        let connected = api.connected("Kern", platform).await;
        world.run_slowly().await;
        let receiver = Receiver::start().await;
        api.post("/webhooks", json!({ "url": receiver.url }))
            .await
            .expect(201);
        let path = format!("organisations/{}/revoke", connected.organisation);
        world.control("POST", &path, json!({})).await;
        // It is found out when the platform is asked next.
        world
            .codat()
            .send(
                "POST",
                &format!("/companies/{}/data/all", connected.company),
                None,
            )
            .await
            .expect(204);
        world.run_slowly().await;
        let (id, key, status) = api.connections(&connected.company).await.remove(0);
        assert_eq!(
            (id.as_str(), status.as_str()),
            (connected.connection.as_str(), "ERROR")
        );
        let (name, status) = heard(&receiver).remove(0);
        assert_eq!((name.as_str(), status.as_str()), ("connection.error", "ERROR"));

        let auth_url = api.auth_url(&connected.company, &key).await;
        let page = Browser::new(&world)
            .approve(&auth_url, &connected.organisation)
            .await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        world.run_jobs().await;
        let connections = api.connections(&connected.company).await;
        assert_eq!(
            connections,
            [(id, key, "CONNECTED".to_owned())],
            "the same connection"
        );
        assert_eq!(heard(&receiver).last().unwrap().0, "connection.connected");
        world.end().await;
    }
}

/// "It returns a JSON response containing the company id": the address in it serves every software.
#[tokio::test]
async fn the_address_of_a_new_company_lets_the_customer_choose() {
    let world = World::of_all().await;
    let api = world.sync2books();
    let made = api
        .post("/companies", json!({ "name": "Kern" }))
        .await
        .expect(201)
        .json();
    let auth_url = made["authUrl"].as_str().unwrap();
    let page = Browser::new(&world).open(auth_url).await;
    // It says what the consent covers.
    assert!(page.body.contains(", and to write into it."), "{}", page.body);
    let buttons = page.form().unwrap().buttons;
    let platforms: Vec<&str> = buttons.iter().map(|(_, platform)| platform.as_str()).collect();
    assert_eq!(platforms, ["quickbooks_online", "xero"]);
    // A company of this dialect is one of the others' too, and a stranger's key sees none of it.
    let company = made["company"]["id"].as_str().unwrap();
    world
        .codat()
        .get(&format!("/companies/{company}"))
        .await
        .expect(200);
    let stranger = world.another_app().await.sync2books(&world);
    stranger
        .get(&format!("/companies/{company}/connections"))
        .await
        .expect(404);
    assert_eq!(
        stranger.get("/companies").await.expect(200).json()["companies"],
        json!([])
    );
    world.end().await;
}
