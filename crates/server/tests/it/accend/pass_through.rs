use std::time::Duration;

use ledgerline_model::Secret;
use ledgerline_model::app::Scope;
use serde_json::{Value, json};

use crate::world::{Stranger, World};

#[tokio::test]
async fn the_platforms_own_json_comes_back() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(20).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    let path = format!("{}/pass_through", connected.path());
    let body = json!({
        "method": "GET", "path": "/Invoices", "query": { "page": 1, "pageSize": 2, "order": "InvoiceNumber ASC" },
    });
    let answer = accend.post(&path, body).await.expect(200);
    let told = answer.json();
    assert_eq!(told["status"], 200);
    assert_eq!(told["response_type"], "JSON");
    assert_eq!(told["method"], "GET");
    assert_eq!(told["path"], "/Invoices");
    assert_eq!(told["response"]["Invoices"].as_array().unwrap().len(), 2);
    assert!(told["response"]["Invoices"][0]["InvoiceID"].is_string());
    assert_eq!(
        told["request_id"].as_str().unwrap(),
        answer.header("x-request-id")
    );
    assert!(
        told["response_headers"]["content-type"]
            .as_str()
            .unwrap()
            .contains("json")
    );

    // The platform's refusals stand inside of a 200.
    for (method, wanted, status) in [
        ("GET", "/Invoices/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "/Nothing", 404),
    ] {
        let told = accend
            .post(&path, json!({ "method": method, "path": wanted }))
            .await
            .expect(200)
            .json();
        assert_eq!(told["status"], status, "{told}");
    }
    // Nothing secret is told, and every call stands in the log.
    assert!(!answer.body.to_ascii_lowercase().contains("bearer"));
    let mut tx = world.engine.store.read().await.unwrap();
    let app = ledgerline_store::api_keys::find_by_secret(&mut tx, world.key.expose())
        .await
        .unwrap()
        .unwrap()
        .app;
    let entries = ledgerline_store::audit::recent(&mut tx, app, 10).await.unwrap();
    let results: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.action == "connection.passed_through")
        .map(|entry| entry.result.as_str())
        .collect();
    assert_eq!(results.len(), 3);
    assert!(results.contains(&"GET /Invoices: 200"), "{results:?}");
    drop(tx);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_platforms_401_is_told() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    world.run_jobs().await;
    let path = format!("{}/pass_through", connected.path());
    let ask = async || {
        let body = json!({ "method": "GET", "path": "/Organisation" });
        accend.post(&path, body).await
    };
    // Access tokens live for 30 minutes.
    world.advance(Duration::from_secs(3600));
    assert_eq!(ask().await.expect(200).json()["status"], 200);

    // Consent is gone: the platform's own refusal, then none at all.
    world
        .control("POST", &format!("organisations/{organisation}/revoke"), json!({}))
        .await;
    let gone = ask().await;
    assert!(matches!(gone.status.as_u16(), 200 | 409), "{gone}");
    if gone.status.as_u16() == 200 {
        assert!(gone.json()["status"].as_u64().unwrap() >= 400);
    }
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn every_escape_is_refused_and_asks_the_platform_nothing() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let connected = accend.connected_to("Kern", &organisation).await;
    world.run_jobs().await;
    let path = format!("{}/pass_through", connected.path());
    let asked = async || {
        let requests = world
            .control(
                "GET",
                &format!("organisations/{organisation}/requests"),
                Value::Null,
            )
            .await;
        requests["total"].as_u64().unwrap()
    };
    let before = asked().await;
    let get = |path: &str| json!({ "method": "GET", "path": path });
    let with = |name: &str, value: Value| {
        let mut body = get("/Invoices");
        body[name] = value;
        body
    };
    for (body, field) in [
        (get("https://evil.example/"), "path"),
        (get("//evil.example/"), "path"),
        (get("/../../connections"), "path"),
        (get("/%2e%2e/%2e%2e/connections"), "path"),
        (get("/%252e%252e/connections"), "path"),
        (get("/..%2fconnections"), "path"),
        (get("/..\\connections"), "path"),
        (get("/%5c..%5cconnections"), "path"),
        (get("@evil.example/"), "path"),
        (get("/@evil.example"), "path"),
        (get("/Invoices\r\nHost: evil.example"), "path"),
        (get("/Invoices%0d%0aHost:%20evil.example"), "path"),
        (get("/Invoices?x=/../../y"), "path"),
        (get("/Invoices#x"), "path"),
        (get(""), "path"),
        (with("method", json!("TRACE")), "method"),
        (with("method", json!("CONNECT")), "method"),
        (with("method", json!("OPTIONS")), "method"),
        (with("method", json!("HEAD")), "method"),
        (with("method", json!("GET / HTTP/1.1\r\nX: y")), "method"),
        (with("headers", json!({ "Authorization": "Bearer x" })), "headers"),
        (with("headers", json!({ "Host": "evil.example" })), "headers"),
        (with("headers", json!({ "Cookie": "a=b" })), "headers"),
        (with("headers", json!({ "Xero-Tenant-Id": "other" })), "headers"),
        (
            with("headers", json!({ "Accept": "x\r\nHost: evil.example" })),
            "headers",
        ),
        (with("idempotency_key", json!("x\r\ny")), "headers"),
        (with("query", json!({ "a": { "b": 1 } })), "query"),
        (with("data", json!({})), "data"),
        (with("response_format", json!("xml")), "response_format"),
        (
            json!({ "method": "POST", "path": "/Invoices", "data": 5, "request_format": "XML" }),
            "data",
        ),
        (
            json!({ "method": "POST", "path": "/Invoices", "data": [], "request_format": "FORM" }),
            "data",
        ),
        (
            json!({ "method": "POST", "path": "/Invoices", "data": {}, "request_format": "YAML" }),
            "request_format",
        ),
        (
            json!({ "method": "POST", "path": "/Invoices", "data": "x".repeat(5 * 1024 * 1024 + 1) }),
            "data",
        ),
    ] {
        let refused = accend.post(&path, body.clone()).await;
        assert_eq!(refused.status, 422, "{body}: {refused}");
        assert_eq!(
            refused.json()["detail"][0]["loc"],
            json!(["body", field]),
            "{refused}"
        );
    }
    let huge = json!({ "method": "POST", "path": "/Invoices", "data": "x".repeat(9 * 1024 * 1024) });
    accend.post(&path, huge).await.expect(413);
    assert_eq!(asked().await, before);

    // Nobody else's, and none that is not active.
    let stranger = world.another_app().await;
    stranger
        .accend(&world)
        .post(&path, get("/Invoices"))
        .await
        .expect(404);
    accend
        .send("POST", &format!("{}/disconnect", connected.path()), None)
        .await
        .expect(200);
    accend.post(&path, get("/Invoices")).await.expect(409);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_key_asks_the_platform_what_its_scopes_allow() {
    let world = World::new().await;
    let organisation = world.organisation(5).await;
    let connected = world.accend().connected_to("Kern", &organisation).await;
    world.run_jobs().await;
    let path = format!("{}/pass_through", connected.path());
    let (read, write) = (Scope::PassThroughRead, Scope::PassThroughWrite);
    let contact = json!({ "Contacts": [{ "Name": "Schmidt" }] });
    let reading = json!({ "method": "GET", "path": "/Organisation" });
    let writing = json!({ "method": "POST", "path": "/Contacts", "data": contact });
    for (scopes, may_read, may_write) in [
        (&[][..], 403, 403),
        (&[read][..], 200, 403),
        (&[write][..], 403, 200),
        (&[read, write][..], 200, 200),
    ] {
        let key = world.key_with(scopes).await;
        let accend = key.accend(&world);
        accend.get(&connected.path()).await.expect(200);
        accend.post(&path, reading.clone()).await.expect(may_read);
        let answer = accend.post(&path, writing.clone()).await.expect(may_write);
        if may_write == 403 {
            assert_eq!(
                answer.json()["detail"],
                "The API key lacks the scope `link:pass_through:write`"
            );
        }
        // A key that it makes may do no more.
        let made = key
            .codat(&world)
            .post("/apiKeys", json!({ "name": "child" }))
            .await
            .expect(201)
            .json();
        let child = Stranger {
            key: Secret::new(made["apiKey"].as_str().unwrap()),
        };
        child
            .accend(&world)
            .post(&path, writing.clone())
            .await
            .expect(may_write);
    }
    // What is wrong with the request is said first.
    let key = world.key_with(&[]).await;
    key.accend(&world)
        .post(&path, json!({ "method": "GET", "path": "//evil.example" }))
        .await
        .expect(422);
    world.run_jobs().await;
    world.end().await;
}
