use serde_json::{Value, json};

use crate::world::World;

/// Every answer to bad input has Codat's shape, names what is wrong, and is never a 500.
#[tokio::test]
async fn bad_input_is_answered_clearly() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    let company = &linked.company;
    let data = format!("/companies/{company}/data");
    let long = "a".repeat(2100);
    let cases: Vec<(&str, String, Option<Value>, u16, &str)> = vec![
        ("GET", format!("{data}/invoices?page=0"), None, 400, "page"),
        ("GET", format!("{data}/invoices?page=-1"), None, 400, "page"),
        (
            "GET",
            format!("{data}/invoices?page=99999999999999999999"),
            None,
            400,
            "page",
        ),
        (
            "GET",
            format!("{data}/invoices?pageSize=0"),
            None,
            400,
            "pageSize",
        ),
        (
            "GET",
            format!("{data}/invoices?pageSize=5001"),
            None,
            400,
            "pageSize",
        ),
        (
            "GET",
            format!("{data}/invoices?pageSize=ten"),
            None,
            400,
            "pageSize",
        ),
        (
            "GET",
            format!("{data}/invoices?query=status"),
            None,
            400,
            "Error parsing query",
        ),
        (
            "GET",
            format!("{data}/invoices?query=nothing=1"),
            None,
            400,
            "nothing",
        ),
        (
            "GET",
            format!("{data}/invoices?query=lineItems.x=1"),
            None,
            400,
            "lineItems",
        ),
        (
            "GET",
            format!("{data}/invoices?query=status={long}"),
            None,
            400,
            "2048",
        ),
        (
            "GET",
            format!("{data}/invoices?orderBy=nothing"),
            None,
            400,
            "nothing",
        ),
        ("GET", format!("{data}/invoices/nonsense"), None, 404, ""),
        ("GET", format!("{data}/salesOrders"), None, 404, "not supported"),
        ("POST", format!("{data}/queue/nonsense"), None, 404, "nonsense"),
        (
            "POST",
            format!("{data}/queue/salesOrders"),
            None,
            404,
            "not supported",
        ),
        ("GET", format!("{data}/history/nonsense"), None, 404, ""),
        ("POST", "/companies".into(), Some(json!({})), 400, "name"),
        (
            "POST",
            "/companies".into(),
            Some(json!({ "name": 7 })),
            400,
            "name",
        ),
        (
            "POST",
            "/companies".into(),
            Some(json!({ "name": "()" })),
            400,
            "name",
        ),
        ("POST", "/companies".into(), Some(json!([])), 400, ""),
        (
            "POST",
            format!("/companies/{company}/connections"),
            Some(json!({ "platformKey": "zzzz" })),
            400,
            "platformKey",
        ),
        (
            "POST",
            format!("/companies/{company}/connections"),
            Some(json!({})),
            400,
            "platformKey",
        ),
        (
            "POST",
            "/webhooks".into(),
            Some(json!({ "url": "nowhere", "eventTypes": ["read.completed"] })),
            400,
            "url",
        ),
        (
            "POST",
            "/webhooks".into(),
            Some(json!({ "url": "http://127.0.0.1:8099/", "eventTypes": [] })),
            400,
            "eventTypes",
        ),
        ("DELETE", "/webhooks/nonsense".into(), None, 404, ""),
        ("GET", "/nothing".into(), None, 404, ""),
        ("TRACE", "/companies".into(), None, 405, ""),
        ("PUT", "/companies".into(), None, 405, ""),
        (
            "GET",
            format!("{data}/financials/balanceSheet"),
            None,
            400,
            "periodLength",
        ),
        (
            "GET",
            format!("{data}/financials/balanceSheet?periodLength=0&periodsToCompare=1"),
            None,
            400,
            "periodLength",
        ),
        (
            "GET",
            format!("{data}/financials/balanceSheet?periodLength=1&periodsToCompare=1&startMonth=soon"),
            None,
            400,
            "startMonth",
        ),
    ];
    for (method, path, body, status, names) in cases {
        let answer = codat.send(method, &path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {answer}");
        let json = answer.json();
        assert_eq!(json["statusCode"], status, "{method} {path}");
        assert!(
            json["error"].as_str().unwrap().contains(names),
            "{method} {path} names `{names}`: {answer}"
        );
        assert!(
            json.as_object().unwrap().contains_key("validation"),
            "{method} {path}"
        );
        assert_eq!(json["correlationId"].as_str().unwrap().len(), 32);
    }
    world.end().await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let world = World::new().await;
    let send = async |body: &str, content_type: &str| {
        let request = http::Request::post("http://ledgerline.test/companies")
            .header("authorization", format!("Bearer {}", world.key.expose()))
            .header("content-type", content_type)
            .body(body.to_owned())
            .unwrap();
        world.request(request).await.status.as_u16()
    };
    assert_eq!(send("{\"name\":", "application/json").await, 400);
    assert_eq!(send("name=Acme", "application/x-www-form-urlencoded").await, 415);
    assert_eq!(send(&"[".repeat(100_000), "application/json").await, 400);
    assert_eq!(
        send(
            &format!("{{\"name\":\"{}\"}}", "a".repeat(3_000_000)),
            "application/json"
        )
        .await,
        413
    );
    world.end().await;
}

#[tokio::test]
async fn every_spelling_of_a_key_opens_and_no_other_does() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let world = World::new().await;
    let key = world.key.expose().to_owned();
    let send = async |header: &str, value: String| {
        let request = http::Request::get("http://ledgerline.test/companies").header(header, value);
        world
            .request(request.body(String::new()).unwrap())
            .await
            .status
            .as_u16()
    };
    assert_eq!(
        send("authorization", format!("Basic {}", STANDARD.encode(&key))).await,
        200
    );
    assert_eq!(
        send(
            "authorization",
            format!("Basic {}", STANDARD.encode(format!("{key}:")))
        )
        .await,
        200
    );
    assert_eq!(send("authorization", format!("Bearer {key}")).await, 200);
    assert_eq!(send("x-api-key", key.clone()).await, 200);
    assert_eq!(send("authorization", format!("Bearer {key}x")).await, 401);
    assert_eq!(send("authorization", "Bearer".into()).await, 401);
    assert_eq!(send("authorization", "Basic !!!".into()).await, 401);
    assert_eq!(send("x-other", key).await, 401);
    world.end().await;
}
