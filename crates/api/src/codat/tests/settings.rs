use axum::body::Body;
use http::Request;

use crate::testing::World;

#[tokio::test]
async fn a_key_is_shown_once_and_can_be_revoked() {
    let world = World::new().await;
    let made = world.post("/apiKeys", r#"{"name":"second"}"#).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    let whole = made["apiKey"].as_str().unwrap();
    assert!(whole.starts_with("sk_test_"));
    let get = async || {
        let request = Request::get("/profile").header("x-api-key", whole);
        world.raw(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(get().await.json()["name"], "Lender");

    let listed = world.get("/apikeys").await;
    assert!(!listed.text.contains(whole));
    assert_eq!(listed.json()["results"].as_array().unwrap().len(), 2);
    let path = format!("/apiKeys/{}", made["id"].as_str().unwrap());
    assert_eq!(world.send("DELETE", &path, "").await.status, 204);
    assert_eq!(get().await.error(401), "Unauthorized");
    assert!(
        world
            .send("DELETE", &path, "")
            .await
            .error(404)
            .contains("API key")
    );

    let error = world
        .post("/apiKeys", &format!(r#"{{"name":"{}"}}"#, "x".repeat(51)))
        .await;
    assert_eq!(error.error(400), "Max string length (50) for `name` reached.");
    for _ in 0..9 {
        assert_eq!(world.post("/apiKeys", "{}").await.status, 201);
    }
    assert!(
        world
            .post("/apiKeys", "{}")
            .await
            .error(409)
            .starts_with("Maximum number")
    );
}

#[tokio::test]
async fn a_webhook_is_made_with_a_secret_and_deleted() {
    let world = World::new().await;
    let body =
        r#"{"url":"http://127.0.0.1:9000/hook","eventTypes":["read.completed"],"companyTags":["region:uk"]}"#;
    let made = world.post("/webhooks", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(made.json()["secret"].as_str().unwrap().starts_with("whsec_"));
    let listed = world.get("/webhooks").await.json();
    assert_eq!(listed["results"][0]["url"], "http://127.0.0.1:9000/hook");
    assert!(listed["results"][0].get("secret").is_none());
    let path = format!("/webhooks/{}", made.json()["id"].as_str().unwrap());
    assert_eq!(world.send("DELETE", &path, "").await.status, 204);
    world.send("DELETE", &path, "").await.error(404);

    for (body, field) in [
        (r#"{"url":"ftp://x","eventTypes":["a"]}"#, "url"),
        (r#"{"url":"https://x.example","eventTypes":[]}"#, "eventTypes"),
        (r#"{"url":"https://x.example"}"#, "eventTypes"),
        (
            r#"{"url":"https://x.example","eventTypes":["a"],"companyTags":["x"]}"#,
            "companyTags",
        ),
    ] {
        let error = world.post("/webhooks", body).await.error(400);
        assert!(error.contains(&format!("`{field}`")), "{error}");
    }
}

#[tokio::test]
async fn integrations_are_found_by_key_and_by_query() {
    let world = World::new().await;
    let all = world
        .get("/integrations?query=sourceType%3Daccounting%26%26enabled%3Dtrue")
        .await;
    let first = &all.json()["results"][0];
    assert_eq!(first["key"], "abcd");
    assert_eq!(first["datatypeFeatures"][0]["datatype"], "accountTransactions");
    assert_eq!(first["datatypeFeatures"][0]["dataType"], "accountTransactions");
    assert_eq!(world.get("/integrations/EFGH").await.json()["key"], "abcd");
    world.get("/integrations/zzzz").await.error(404);
    let branding = world.get("/integrations/abcd/branding").await.json();
    let logo = branding["logo"]["square"]["image"]["src"]
        .as_str()
        .unwrap()
        .to_owned();
    let picture = world
        .get(logo.strip_prefix("https://books.example").unwrap())
        .await;
    assert_eq!(picture.headers["content-type"], "image/svg+xml");
}

#[tokio::test]
async fn the_profile_is_replaced() {
    let world = World::new().await;
    let body = r#"{"name":"ignored","redirectUrl":"https://app.example/{companyId}","logoUrl":"https://app.example/logo.png"}"#;
    let put = world.send("PUT", "/profile", body).await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(
        world.get("/profile").await.json()["redirectUrl"],
        "https://app.example/{companyId}"
    );
    let error = world
        .send(
            "PUT",
            "/profile",
            r#"{"name":"x","redirectUrl":"javascript:alert(1)"}"#,
        )
        .await;
    assert!(error.error(400).contains("`redirectUrl`"));
}

#[tokio::test]
async fn the_description_and_its_page_are_served() {
    let world = World::new().await;
    let description = world.get("/openapi/codat.json").await.json();
    for path in [
        "/apiKeys",
        "/companies/{companyId}/data/invoices",
        "/companies/{companyId}/data/financials/balanceSheet",
        "/companies/{companyId}/connections/{connectionId}/data/transfers/{recordId}",
    ] {
        assert!(description["paths"].get(path).is_some(), "{path}");
    }
    let mut ids = std::collections::BTreeSet::new();
    for item in description["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "two operations are called {id}");
        }
    }
    let page = world.get("/docs").await;
    assert!(page.text.starts_with("<!DOCTYPE html>"));
    assert!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert_eq!(world.get("/healthz").await.text, "ok\n");
    assert_eq!(world.get("/readyz").await.status, 200);
    assert_eq!(world.get("/metrics").await.status, 200);
}

#[tokio::test]
async fn the_commits_of_the_store_are_counted() {
    let world = World::new().await;
    let commits = async || {
        let text = world.get("/metrics").await.text;
        let line = text.lines().find(|line| line.starts_with("store_commits_total "));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
    };
    let before = commits().await;
    for name in ["Kern", "Aster"] {
        let made = world.post("/companies", &format!(r#"{{"name":"{name}"}}"#)).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    // Other tests of this process commit as well.
    assert!(commits().await >= before + 2);
}

#[tokio::test]
async fn rules_are_made_by_any_spelling_of_their_type_and_taken_back() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let hook = r#"{"webhook":"http://127.0.0.1:9000/hook"}"#;
    let body = format!(
        r#"{{"type":"sync-failed","companyId":"{}","notifiers":{hook}}}"#,
        company.id
    );
    let made = world.post("/rules", &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made.text,
        format!(
            r#"{{"id":"{id}","type":"sync-failed","companyId":"{}","notifiers":{hook}}}"#,
            company.id
        )
    );
    let general = format!(r#"{{"type":"Data sync completed","notifiers":{hook}}}"#);
    assert_eq!(world.post("/Rules", &general).await.status, 200);
    let listed = world.get("/rules?query=type=sync-failed").await.json();
    assert_eq!(listed["totalResults"], 1);
    assert_eq!(listed["results"][0], made.json());
    // Webhooks and rules are two lists.
    assert_eq!(world.get("/webhooks").await.text, r#"{"results":[]}"#);
    world
        .send("DELETE", &format!("/webhooks/{id}"), "")
        .await
        .error(404);
    let path = format!("/rules/{id}");
    assert_eq!(world.get(&path).await.text, made.text);
    assert_eq!(world.send("DELETE", &path, "").await.status, 204);
    world.get(&path).await.error(404);

    for (body, field) in [
        (format!(r#"{{"type":"moon-rises","notifiers":{hook}}}"#), "type"),
        (
            r#"{"type":"sync-failed","notifiers":{}}"#.to_owned(),
            "notifiers.webhook",
        ),
        (
            r#"{"type":"sync-failed","notifiers":{"emails":["a@b.example"]}}"#.to_owned(),
            "notifiers.emails",
        ),
    ] {
        let error = world.post("/rules", &body).await.error(400);
        assert!(error.contains(&format!("`{field}`")), "{error}");
    }
    let foreign = format!(r#"{{"type":"sync-failed","companyId":"{id}","notifiers":{hook}}}"#);
    world.post("/rules", &foreign).await.error(404);
}

#[tokio::test]
async fn the_authorization_of_rules_is_part_of_the_profile() {
    let world = World::new().await;
    let profile = r#"{"name":"Lender","redirectUrl":"","alertAuthHeader":"Bearer of the app"}"#;
    let put = world.send("PUT", "/profile", profile).await.json();
    assert_eq!(put["alertAuthHeader"], "Bearer of the app");
    assert_eq!(world.get("/profile").await.json(), put);
    let broken = r#"{"name":"Lender","alertAuthHeader":"a\nb"}"#;
    let error = world.send("PUT", "/profile", broken).await.error(400);
    assert!(error.contains("`alertAuthHeader`"), "{error}");
    let put = world.send("PUT", "/profile", r#"{"name":"Lender"}"#).await.json();
    assert!(put.get("alertAuthHeader").is_none());
}
