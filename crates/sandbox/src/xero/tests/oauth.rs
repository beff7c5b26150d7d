use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request, StatusCode, header};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::world::{REDIRECT, SCOPE, World, add};
use crate::Limits;

#[tokio::test]
async fn the_consent_page_offers_every_organisation_and_a_refusal() {
    let world = World::new();
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", "sandbox-client"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPE),
            ("state", "\"><script>"),
        ])
        .finish();
    let request = Request::get(format!("/xero/identity/connect/authorize?{query}"))
        .body(Body::empty())
        .unwrap();
    let page = world.send(request).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains(&world.organisation.id.to_string()) && text.contains(r#"value="refuse""#));
    assert!(!text.contains("<script"), "what the app sent is escaped");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn a_refusal_leads_back_with_access_denied() {
    let world = World::new();
    let fields = [
        ("response_type", "code"),
        ("client_id", "sandbox-client"),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
        ("state", "s"),
        ("decision", "refuse"),
    ];
    let answer = world
        .form("/xero/identity/connect/authorize", &fields, None)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location = answer.header("location");
    assert!(
        location.starts_with("http://app.test/oauth/callback/xero?tenant=a%20b&error=access_denied"),
        "{location}"
    );
    assert!(location.ends_with("&state=s"), "{location}");
}

#[tokio::test]
async fn an_unknown_app_is_not_led_back() {
    let world = World::new();
    for query in [
        "",
        "client_id=other&response_type=code",
        "client_id=sandbox-client&response_type=code&redirect_uri=javascript:1&scope=a",
    ] {
        let request = Request::get(format!("/xero/identity/connect/authorize?{query}"))
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            world.send(request).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_for_five_minutes() {
    let world = World::new();
    let code = world.consent(None).await;
    assert_eq!(world.redeem(&code).await.status, StatusCode::OK);
    let again = world.redeem(&code).await;
    assert_eq!(
        (again.status, again.text().as_str()),
        (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#)
    );
    let late = world.consent(None).await;
    world.advance(6);
    assert_eq!(world.redeem(&late).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_challenged_code_needs_its_verifier() {
    let world = World::new();
    let verifier = "v".repeat(64);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    for (sent, status) in [(Some(verifier.as_str()), 200), (Some("other"), 400), (None, 400)] {
        let code = world.consent(Some(&challenge)).await;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT),
            ("client_id", "sandbox-client"),
        ];
        fields.extend(sent.map(|verifier| ("code_verifier", verifier)));
        let answer = world.form("/xero/identity/connect/token", &fields, None).await;
        assert_eq!(answer.status.as_u16(), status, "{sent:?} {}", answer.text());
    }
}

#[tokio::test]
async fn a_client_has_to_show_who_it_is() {
    let world = World::new();
    let code = world.consent(None).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
    ];
    for pair in ["sandbox-client:wrong", "other:sandbox-secret", "nonsense"] {
        let answer = world
            .form("/xero/identity/connect/token", &fields, Some(pair))
            .await;
        assert_eq!(answer.text(), r#"{"error":"invalid_client"}"#);
    }
    let without_secret = [fields.as_slice(), &[("client_id", "sandbox-client")]].concat();
    let answer = world
        .form("/xero/identity/connect/token", &without_secret, None)
        .await;
    assert_eq!(
        answer.text(),
        r#"{"error":"invalid_grant"}"#,
        "no secret and no challenge"
    );
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_half_an_hour_more() {
    let world = World::new();
    let first = world.link().await;
    world.advance(40);
    let second = world.refresh(&first.refresh).await.tokens();
    assert_ne!(first.refresh, second.refresh);
    world.advance(29);
    let again = world.refresh(&first.refresh).await.tokens();
    assert_ne!(again.refresh, second.refresh);
    world.advance(2);
    assert_eq!(
        world.refresh(&first.refresh).await.text(),
        r#"{"error":"invalid_grant"}"#
    );
    assert_eq!(world.refresh(&second.refresh).await.status, StatusCode::OK);
    let violations = world.organisation.requests.snapshot().violations;
    assert_eq!(
        violations.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(),
        ["refresh_token.dead"]
    );
}

#[tokio::test]
async fn a_refresh_token_unused_for_sixty_days_is_dead() {
    let world = World::new();
    let first = world.link().await;
    world.advance(59 * 24 * 60);
    let second = world.refresh(&first.refresh).await.tokens();
    world.advance(60 * 24 * 60 + 1);
    assert_eq!(
        world.refresh(&second.refresh).await.text(),
        r#"{"error":"invalid_grant"}"#
    );
}

#[tokio::test]
async fn an_access_token_lives_half_an_hour() {
    let world = World::new();
    let tokens = world.link().await;
    world.advance(29);
    assert_eq!(
        world.get(&tokens, "/api.xro/2.0/Organisation").await.status,
        StatusCode::OK
    );
    world.advance(1);
    let answer = world.get(&tokens, "/api.xro/2.0/Organisation").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.json()["Detail"],
        "TokenExpired: token expired at 03/15/2026 10:30:30"
    );
    let forged = super::world::Tokens {
        access: format!("{}x", tokens.access),
        refresh: String::new(),
    };
    assert_eq!(
        world.get(&forged, "/connections").await.json()["Detail"],
        "AuthenticationUnsuccessful"
    );
}

#[tokio::test]
async fn connections_are_found_with_a_capital_too() {
    let world = World::new();
    let tokens = world.link().await;
    let small = world.get(&tokens, "/connections").await;
    let capital = world.get(&tokens, "/Connections").await;
    assert_eq!((capital.status, capital.text()), (StatusCode::OK, small.text()));
    let path = format!("/Connections/{}", small.json()[0]["id"].as_str().unwrap());
    let deleted = world.ask(&tokens, Method::DELETE, &path, &[]).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn organisations_of_one_person_are_connected_together() {
    let world = World::new();
    let sibling = add(&world.sandbox, Limits::Off, 3, 9, Uuid::from_u128(1));
    let stranger = add(&world.sandbox, Limits::Off, 3, 10, Uuid::from_u128(2));
    let tokens = world.link().await;
    let connections = world.get(&tokens, "/connections").await.json();
    let tenants: Vec<&str> = connections
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["tenantId"].as_str().unwrap())
        .collect();
    assert_eq!(
        tenants,
        [world.organisation.id.to_string(), sibling.id.to_string()]
    );
    assert_eq!(connections[0]["createdDateUtc"], "2026-03-15T10:00:30.0000000");
    let event = connections[0]["authEventId"].as_str().unwrap();
    let of_event = world
        .get(&tokens, &format!("/connections?authEventId={event}"))
        .await
        .json();
    assert_eq!(of_event.as_array().unwrap().len(), 2);
    let of_other = world
        .get(&tokens, &format!("/connections?authEventId={}", stranger.id))
        .await
        .json();
    assert_eq!(of_other.as_array().unwrap().len(), 0);

    let path = format!("/connections/{}", connections[1]["id"].as_str().unwrap());
    assert_eq!(
        world.ask(&tokens, Method::DELETE, &path, &[]).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world.ask(&tokens, Method::DELETE, &path, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        world
            .get(&tokens, "/connections")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn cut_access_is_forbidden_until_the_next_consent() {
    let world = World::new();
    let tokens = world.link().await;
    world.organisation.revoke_access();
    let answer = world.get(&tokens, "/api.xro/2.0/Invoices?page=1").await;
    assert_eq!(
        (answer.status, answer.json()["detail"].as_str()),
        (StatusCode::FORBIDDEN, Some("AuthenticationUnsuccessful"))
    );
    assert_eq!(world.get(&tokens, "/connections").await.text(), "[]");
    let tokens = world.link().await;
    assert_eq!(
        world.get(&tokens, "/api.xro/2.0/Invoices?page=1").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn revocation_ends_tokens_and_connections() {
    let world = World::new();
    let tokens = world.link().await;
    let fields = [("token", tokens.refresh.as_str())];
    let revoke = world
        .form(
            "/xero/identity/connect/revocation",
            &fields,
            Some("sandbox-client:sandbox-secret"),
        )
        .await;
    assert_eq!((revoke.status, revoke.body.len()), (StatusCode::OK, 0));
    assert_eq!(
        world.refresh(&tokens.refresh).await.text(),
        r#"{"error":"invalid_grant"}"#
    );
    assert_eq!(world.get(&tokens, "/connections").await.text(), "[]");
}

#[tokio::test]
async fn grants_survive_a_restart() {
    let world = World::new();
    let tokens = world.link().await;
    let saved = world.sandbox.xero.snapshot();
    let other = World::new();
    other.sandbox.xero.restore(saved).unwrap();
    assert_eq!(
        other.get(&tokens, "/api.xro/2.0/Organisation").await.status,
        StatusCode::OK
    );
    assert_eq!(other.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_lost_rotation_leaves_the_old_token_usable() {
    let world = World::new();
    let tokens = world.link().await;
    let fault = serde_json::from_str(r#"{"kind": "rotation_reply_lost", "count": 1}"#).unwrap();
    world.organisation.faults.plan(fault);
    let lost = world.refresh(&tokens.refresh).await;
    assert!(lost.body.is_empty());
    assert_eq!(world.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let world = World::new();
    for path in ["/xero/connections", "/xero/api.xro/2.0/Invoices"] {
        for token in ["", "Bearer ", "Bearer a.b.c", "Basic x"] {
            let request = Request::get(path)
                .header(header::AUTHORIZATION, token)
                .body(Body::empty())
                .unwrap();
            assert_eq!(world.send(request).await.status, StatusCode::UNAUTHORIZED);
        }
    }
}
