use axum::body::Body;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use http::request::Builder;
use ledgerline_engine::signing;
use ledgerline_model::app::Environment;
use sha2::Sha256;

use super::BASE;
use crate::testing::{Answer, World};

#[tokio::test]
async fn a_key_opens_in_the_vendors_header_and_nothing_else_does() {
    let world = World::new().await;
    let path = format!("{BASE}/companies");
    let get = async |key: &str| {
        let request = Request::get(&path).header("X-API-Key", key);
        world.raw(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(get(world.key.expose()).await.status, 200);
    for key in ["", "sk_test_unknown", "sk_live_unknown"] {
        let refused = get(key).await;
        assert!(refused.message(401).contains("X-API-Key"));
        assert_eq!(refused.headers["x-ratelimit-limit"], "100");
    }
}

#[tokio::test]
async fn foreign_absent_and_malformed_ids_are_the_same_404() {
    let world = World::new().await;
    let live = world.new_key(world.app, Environment::Live).await;
    let (company, connection) = world.linked_company("Kern").await;
    let (_, foreign) = world.linked_company("Other").await;
    for id in [
        "x",
        "0196b6a0-0000-7000-8000-000000000000",
        &connection.id.to_string(),
    ] {
        for rest in ["/connections", "/auth-url?integrationKey=ABACUS"] {
            let refused = world
                .get(&format!("{BASE}/companies/{id}{rest}"))
                .await
                .message(404);
            assert_eq!(refused, format!("Company with ID {id} not found"));
        }
    }
    for id in [
        "x",
        "0196b6a0-0000-7000-8000-000000000000",
        &company.id.to_string(),
    ] {
        let refused = world
            .get(&format!("{BASE}/connections/{id}/accounts"))
            .await
            .message(404);
        assert_eq!(refused, format!("Connection with ID {id} not found"));
    }
    assert!(
        world
            .get(&format!("{BASE}/companies/%ff/connections"))
            .await
            .message(404)
            .starts_with("Company")
    );
    // A connection of another company, and a live key, which sees nothing of the test world.
    let path = format!("{BASE}/companies/{}/connections/{}", company.id, foreign.id);
    let refused = world.send("PATCH", &path, r#"{"status":"DISCONNECTED"}"#).await;
    assert_eq!(
        refused.message(404),
        format!("Connection with ID {} not found", foreign.id)
    );
    let path = format!("{BASE}/companies/{}/connections", company.id);
    let request = Request::get(&path).header("x-api-key", live.expose());
    world.raw(request.body(Body::empty()).unwrap()).await.message(404);
}

#[tokio::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let world = World::new().await;
    let path = format!("{BASE}/companies");
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(501));
    let huge = format!(r#"{{"name":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    for (body, status, expected) in [
        ("{", 400, "The body is not valid"),
        ("[]", 400, "The body is not valid"),
        ("{}", 400, "The body is not valid: missing field `name`"),
        (r#"{"name":5}"#, 400, "The field `name` is not valid"),
        (r#"{"name":"  "}"#, 400, "name should not be empty"),
        (
            r#"{"name":"a\u0000b"}"#,
            400,
            "name must not hold control characters",
        ),
        (
            long.as_str(),
            400,
            "name must be shorter than or equal to 500 characters",
        ),
        (huge.as_str(), 413, "The body is larger"),
    ] {
        let message = world.post(&path, body).await.message(status);
        assert!(message.starts_with(expected), "{message}");
    }
    let request = Request::post(&path).header("x-api-key", world.key.expose());
    let refused = world.raw(request.body(Body::from("name=x")).unwrap()).await;
    assert!(refused.message(415).contains("application/json"));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_the_same_shape() {
    let world = World::new().await;
    for path in ["", "/", "/nothing", "/companies/x/y/z/a"] {
        let refused = world.get(&format!("{BASE}{path}")).await;
        assert_eq!(refused.message(404), format!("Cannot GET {BASE}{path}"));
    }
    let refused = world.send("DELETE", &format!("{BASE}/companies"), "").await;
    assert_eq!(refused.message(405), "Method Not Allowed");
    assert!(refused.headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn every_answer_tells_the_limit_and_only_a_set_one_refuses() {
    let world = World::new().await;
    let path = format!("{BASE}/companies");
    let told = |answer: &Answer| {
        ["limit", "remaining", "reset"].map(|name| {
            let value = answer.headers[format!("x-ratelimit-{name}").as_str()]
                .to_str()
                .unwrap();
            value.parse::<i64>().unwrap()
        })
    };
    let now = world.engine.now().as_second();
    assert_eq!(told(&world.get(&path).await), [100, 100, now]);
    assert_eq!(
        told(&world.get(&format!("{BASE}/nothing")).await),
        [100, 100, now]
    );
    for _ in 0..220 {
        assert_eq!(
            world.get(&path).await.status,
            200,
            "a limit that is not set refuses nothing"
        );
    }
    assert_eq!(told(&world.get(&path).await), [100, 0, now + 60]);

    let mut tx = world.engine.store.write().await.unwrap();
    let mut app = ledgerline_store::apps::find(&mut tx, world.app)
        .await
        .unwrap()
        .unwrap();
    app.settings
        .extra
        .insert("rateLimit.minute".to_owned(), "2".to_owned());
    ledgerline_store::apps::save_settings(&mut tx, app.id, &app.settings)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(600));
    let statuses = [
        world.get(&path).await,
        world.get(&path).await,
        world.get(&path).await,
        world.get(&path).await,
    ];
    assert!(statuses.iter().all(|answer| answer.status == 200));
    let refused = world.get(&path).await;
    assert_eq!(refused.message(429), "Too many requests: try again in 30 s");
    assert_eq!(refused.headers["retry-after"], "30");
    assert_eq!(told(&refused)[..2], [2, 0]);
    world.clock.advance(std::time::Duration::from_secs(30));
    assert_eq!(world.get(&path).await.status, 200);
}

/// A request signed over these parts.
fn signed(world: &World, secret: &str, parts: [&str; 4], path: &str) -> Builder {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    let digest = mac.finalize().into_bytes();
    let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Request::builder()
        .method(parts[0])
        .uri(path)
        .header("x-api-key", world.key.expose())
        .header("content-type", "application/json")
        .header("x-signature", signature)
        .header("x-timestamp", parts[3])
}

#[tokio::test]
async fn a_request_that_is_signed_has_to_be_signed_right() {
    let world = World::new().await;
    let path = format!("{BASE}/companies");
    let body = r#"{ "name": "Kern" }"#;
    let now = world.engine.real_now().as_millisecond().to_string();
    let send = async |request: Builder, body: &str| {
        let request = request.body(Body::from(body.to_owned())).unwrap();
        world.raw(request).await
    };
    let before = signed(&world, "cs_test_guessed", ["POST", &path, body, &now], &path);
    let refused = send(before, body).await.message(401);
    assert_eq!(
        refused,
        "Invalid request signature: this app has no client secret"
    );

    let mut tx = world.engine.store.write().await.unwrap();
    let secret = signing::client_secret(&mut tx, world.app, Environment::Test)
        .await
        .unwrap();
    let other = signing::client_secret(&mut tx, world.app, Environment::Live)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (secret, other) = (secret.expose(), other.expose());
    assert!(secret.starts_with("cs_test_") && other.starts_with("cs_live_"));

    let right = signed(&world, secret, ["POST", &path, body, &now], &path);
    assert_eq!(send(right, body).await.status, 201);
    let listed = format!("{path}?limit=1");
    for target in [&path, &listed] {
        let right = signed(&world, secret, ["GET", target, "", &now], &listed);
        assert_eq!(send(right, "").await.status, 200, "{target}");
    }
    for wrong in [
        signed(&world, other, ["POST", &path, body, &now], &path),
        signed(&world, secret, ["POST", &path, r#"{"name":"Kern"}"#, &now], &path),
        signed(&world, secret, ["POST", "/companies", body, &now], &path),
    ] {
        let refused = send(wrong, body).await.message(401);
        assert!(
            refused.starts_with("Invalid request signature: X-Signature has to be"),
            "{refused}"
        );
    }
    let old = (world.engine.real_now().as_millisecond() - 300_001).to_string();
    let late = signed(&world, secret, ["POST", &path, body, &old], &path);
    let refused = send(late, body).await.message(401);
    assert_eq!(
        refused,
        "Invalid request signature: X-Timestamp is more than 5 minutes off"
    );
    for half in ["x-signature", "x-timestamp"] {
        let request = Request::get(&path)
            .header("x-api-key", world.key.expose())
            .header(half, "1");
        let refused = send(request, "").await.message(401);
        assert_eq!(
            refused,
            "Invalid request signature: X-Signature and X-Timestamp go together"
        );
    }
    // The key comes first: without one there is nobody whose signature it could be.
    let nobody = Request::get(&path)
        .header("x-signature", "00")
        .header("x-timestamp", &now);
    assert!(send(nobody, "").await.message(401).contains("X-API-Key"));
}

#[tokio::test]
async fn the_reference_stands_where_the_vendor_has_it() {
    let world = World::new().await;
    for path in ["/docs/sync2books", "/api", "/v1/api", "/v1/docs"] {
        let page = world.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text.contains("auth-url"), "{path}");
    }
    for path in ["/openapi/sync2books.json", "/api-json", "/v1/api-json"] {
        let document = world.get(path).await.json();
        assert!(document["paths"]["/v1/companies"]["post"].is_object(), "{path}");
    }
}
