use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use super::{BASE, text};
use crate::testing::World;

#[tokio::test]
async fn a_connection_of_another_dialect_is_seen_in_full_and_disconnected_once() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let company_record = r#"{"baseCurrency":"EUR"}"#;
    world
        .publish(
            &connection,
            ledgerline_model::DataType::Company,
            &[("1", company_record)],
        )
        .await;
    let customer = format!("sp_cust_{}", company.id.0.simple());
    let list = format!("{BASE}/link/customers/{customer}/link_connections");
    let one = format!("{list}/link_conn_{}", connection.id.0.simple());

    let seen = world.get(&list).await.json()["data"][0].clone();
    assert_eq!(seen["status"], "active");
    assert_eq!(seen["platform"], "abacus");
    assert_eq!(seen["platform_company_id"], "org-1");
    assert_eq!(seen["base_currency"], "EUR");
    assert_eq!(seen["disconnected_at"], Value::Null);
    assert_eq!(seen["reconnect_url"], Value::Null);
    assert_eq!(seen["last_sync"]["sync_type"], "initial");
    assert_eq!(seen["last_sync"]["status"], "completed");
    assert_eq!(world.get(&one).await.json(), seen);
    let plain = format!(
        "{BASE}/link/customers/{}/link_connections/{}",
        company.id, connection.id
    );
    assert_eq!(world.get(&plain).await.json(), seen);
    assert_eq!(
        world.get(&format!("{list}?status=pending")).await.json()["data"],
        json!([])
    );
    assert_eq!(
        world.get(&format!("{list}?platform=xero")).await.json()["data"],
        json!([])
    );
    world.get(&format!("{list}?status=linked")).await.detail(422);

    world.clock.advance(std::time::Duration::from_secs(60));
    for _ in 0..2 {
        let cut = world.post(&format!("{one}/disconnect"), "").await.json();
        assert_eq!(cut["status"], "disconnected");
        assert_eq!(cut["disconnected_at"], "2027-03-05T12:01:00Z");
        assert_eq!(cut["disconnected_by"], "app");
        assert!(text(&cut["reconnect_url"]).starts_with("https://books.example/link/s/"));
        world.clock.advance(std::time::Duration::from_secs(60));
    }
    // What was read stays.
    let syncs = world.get(&format!("{one}/syncs")).await.json();
    assert_eq!(syncs["data"][0]["data_types"][0]["data_type"], "company");
    assert_eq!(
        world.named(r#"contains_any("link_connections", "all")"#).await,
        [""; 0]
    );
    let refused = world.post(&format!("{one}/sync"), "{}").await;
    assert_eq!(refused.detail(409), "The link connection is not active");
}

#[tokio::test]
async fn a_sync_is_asked_for_and_only_one_runs() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let sync = format!(
        "{BASE}/link/customers/{}/link_connections/{}/sync",
        company.id, connection.id
    );
    let started = world.post(&sync, r#"{"sync_type":"recurring"}"#).await;
    assert_eq!(started.status, 202, "{}", started.text);
    let id = text(&started.json()["sync_id"]);
    let again = world.post(&sync, "{}").await;
    assert_eq!(again.detail(409), format!("Sync {id} is still running"));
    let listed = world.get(&format!("{sync}s")).await.json();
    assert_eq!(listed["data"][0]["sync_id"], id);
    assert_eq!(listed["data"][0]["status"], "queued");
    assert_eq!(
        world.post(&sync, r#"{"sync_type":"initial"}"#).await.detail(422),
        "body.sync_type: only `recurring` can be asked for"
    );
}

#[tokio::test]
async fn webhooks_are_made_listed_and_deleted() {
    let world = World::new().await;
    let path = format!("{BASE}/webhooks");
    let made = world
        .post(
            &path,
            r#"{"url":"https://hooks.example/in","event_types":["link_sync_error_event"]}"#,
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert!(text(&made["secret"]).starts_with("whsec_"));
    assert_eq!(made["event_types"], json!(["link_sync_error_event"]));
    world
        .post(
            "/webhooks",
            r#"{"url":"https://hooks.example/codat","eventTypes":["read.completed"]}"#,
        )
        .await;
    let listed = world.get(&path).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["id"], made["id"]);
    assert_eq!(listed["data"][0].get("secret"), None);
    for (body, expected) in [
        (r#"{"url":"ftp://x"}"#, "body.url"),
        (
            r#"{"url":"https://hooks.example","event_types":["read.completed"]}"#,
            "body.event_types",
        ),
        (r#"{"url":5}"#, "body.url"),
        (r#"{}"#, "body: "),
    ] {
        let refused = world.post(&path, body).await.detail(422);
        assert!(refused.starts_with(expected), "{refused}");
    }
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(world.send("DELETE", &one, "").await.status, 204);
    assert_eq!(
        world.send("DELETE", &one, "").await.detail(404),
        "Webhook not found"
    );
}

#[tokio::test]
async fn a_customers_token_reaches_its_own_link_connections_and_nothing_else() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let (other, _) = world.linked_company("Other").await;
    let token = world.get(&format!("/companies/{}/accessToken", company.id)).await;
    let token = text(&token.json()["accessToken"]);
    let send = async |method: &str, path: String| {
        let request = Request::builder().method(method).uri(format!("{BASE}{path}"));
        let request = request.header("authorization", format!("Bearer {token}"));
        world.raw(request.body(Body::empty()).unwrap()).await
    };
    let own = format!("/link/customers/{}/link_connections", company.id);
    assert_eq!(send("GET", own.clone()).await.status, 200);
    send("GET", format!("/link/customers/{}/link_connections", other.id))
        .await
        .detail(404);
    for path in [
        "/customers".to_owned(),
        "/webhooks".to_owned(),
        format!("/customers/{}", company.id),
    ] {
        send("GET", path).await.detail(403);
    }
    send("GET", format!("{own}/{}/syncs", connection.id))
        .await
        .detail(403);
    let cut = send("POST", format!("{own}/{}/disconnect", connection.id))
        .await
        .json();
    assert_eq!(cut["disconnected_by"], "customer");
}
