use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::world::{CLIENT, World, add, parameter};
use crate::Limits;
use crate::state::StateFile;

#[tokio::test]
async fn page_offers_each_company_and_a_refusal() {
    let world = World::new();
    let other = add(&world.sandbox, Limits::Off, "USD", 9);
    let page = "/quickbooks_online/connect/oauth2?response_type=code&client_id=sandbox-client&redirect_uri=http%3A%2F%2Fapp.test%2Fx&scope=com.intuit.quickbooks.accounting&state=s";
    let answer = world.send(Request::get(page).body(Body::empty()).unwrap()).await;
    let text = answer.text();
    for organisation in [&world.organisation, &other] {
        assert!(text.contains(&organisation.name) && text.contains(&organisation.id.to_string()));
        assert!(text.contains(&organisation.ledger().facts.realm_id()));
    }
    assert!(text.contains(r#"value="refuse""#));
    let refused = world.decide("refuse").await;
    assert_eq!(
        (parameter(&refused, "error"), parameter(&refused, "state")),
        ("access_denied".to_owned(), "state & all".to_owned())
    );
    let wrong = page.replace("sandbox-client", "somebody");
    let answer = world.send(Request::get(wrong).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn code_comes_with_the_realm_and_is_good_once() {
    let world = World::new();
    let callback = world.decide("allow").await;
    assert_eq!(parameter(&callback, "realmId"), world.realm);
    assert_eq!(parameter(&callback, "tenant"), "a b");
    assert_eq!(world.realm.len(), 16);
    let code = parameter(&callback, "code");
    let answer = world.redeem(&code).await;
    let body = answer.json();
    assert_eq!(body["expires_in"], 3_600);
    assert_eq!(body["x_refresh_token_expires_in"], 8_726_400);
    let again = world.redeem(&code).await;
    assert_eq!(
        (again.status, again.json()),
        (
            StatusCode::BAD_REQUEST,
            json!({ "error": "invalid_grant", "error_description": "Token invalid" })
        )
    );
    let fields = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let stranger = world
        .form("/oauth2/v1/tokens/bearer", &fields, Some("sandbox-client:wrong"))
        .await;
    assert_eq!(
        (stranger.status, &stranger.json()["error"]),
        (StatusCode::UNAUTHORIZED, &json!("invalid_client"))
    );
}

#[tokio::test]
async fn access_token_lives_an_hour() {
    let world = World::new();
    let tokens = world.link().await;
    let path = format!("/companyinfo/{}", world.realm);
    world.advance(59);
    assert_eq!(world.get(&tokens, &path).await.status, StatusCode::OK);
    world.advance(1);
    let late = world.get(&tokens, &path).await;
    assert_eq!(late.fault(), (401, "3200".to_owned()));
    let text = late.json()["fault"]["error"][0]["detail"].to_string();
    assert!(text.contains("Token expired"), "{text}");
    let tokens = world.refresh(&tokens.refresh).await.tokens();
    assert_eq!(world.get(&tokens, &path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refresh_token_gets_another_value_after_a_day_and_the_former_is_dead() {
    let world = World::new();
    let first = world.link().await;
    world.advance(23 * 60);
    let same = world.refresh(&first.refresh).await.tokens();
    assert_eq!(same.refresh, first.refresh);
    assert_ne!(same.access, first.access);
    world.advance(60);
    let other = world.refresh(&first.refresh).await.tokens();
    assert_ne!(other.refresh, first.refresh);
    let dead = world.refresh(&first.refresh).await;
    assert_eq!(dead.json()["error"], "invalid_grant");
    let violations = world.organisation.requests.snapshot().violations;
    assert_eq!(violations[0].rule, "refresh_token.dead");
    // Every use gives it another 101 days.
    world.advance(100 * 24 * 60);
    let late = world.refresh(&other.refresh).await.tokens();
    world.advance(102 * 24 * 60);
    assert_eq!(
        world.refresh(&late.refresh).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn five_years_after_the_consent_it_is_over() {
    let world = World::new();
    let mut tokens = world.link().await;
    for _ in 0..18 {
        world.advance(100 * 24 * 60);
        tokens = world.refresh(&tokens.refresh).await.tokens();
    }
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
    ];
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(CLIENT);
    let request = Request::post("/quickbooks_online/oauth2/v1/tokens/bearer")
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header("x-include-refresh-token-hard-expires-in", "true")
        .body(Body::from(body.finish()))
        .unwrap();
    let answer = world.send(request).await.json();
    assert_eq!(answer["x_refresh_token_hard_expires_in"], 25 * 86_400);
    world.advance(26 * 24 * 60);
    let over = world.refresh(&tokens.refresh).await;
    assert_eq!(over.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn consent_again_takes_the_place_of_the_former() {
    let world = World::new();
    let first = world.link().await;
    let second = world.link().await;
    assert_eq!(world.get(&first, "/preferences").await.fault().0, 401);
    assert_eq!(
        world.refresh(&first.refresh).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(world.get(&second, "/preferences").await.status, StatusCode::OK);
}

#[tokio::test]
async fn revocation_and_the_customer_end_the_grant() {
    let world = World::new();
    let tokens = world.link().await;
    let revoke = |token: String| {
        use base64::Engine;
        let basic = base64::engine::general_purpose::STANDARD.encode(CLIENT);
        Request::post("/quickbooks_online/v2/oauth2/tokens/revoke")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .body(Body::from(json!({ "token": token }).to_string()))
            .unwrap()
    };
    assert_eq!(
        world.send(revoke(tokens.refresh.clone())).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.get(&tokens, "/preferences").await.fault(),
        (401, "3200".to_owned())
    );
    assert_eq!(
        world.refresh(&tokens.refresh).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        world.send(revoke(tokens.refresh)).await.status,
        StatusCode::BAD_REQUEST
    );
    let tokens = world.link().await;
    world.organisation.revoke_access();
    assert_eq!(
        world.get(&tokens, "/preferences").await.fault(),
        (401, "3200".to_owned())
    );
    assert_eq!(
        world.refresh(&tokens.refresh).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn token_is_for_its_company_only() {
    let world = World::new();
    let tokens = world.link().await;
    let other = add(&world.sandbox, Limits::Off, "USD", 9);
    let realm = other.ledger().facts.realm_id();
    let at_other = World {
        sandbox: world.sandbox.clone(),
        realm,
        organisation: other,
    };
    assert_eq!(
        at_other.get(&tokens, "/preferences").await.fault(),
        (403, "3100".to_owned())
    );
    let nowhere = World {
        sandbox: world.sandbox.clone(),
        organisation: world.organisation.clone(),
        realm: "1234567890123456".to_owned(),
    };
    assert_eq!(
        nowhere.get(&tokens, "/preferences").await.fault(),
        (403, "3100".to_owned())
    );
}

#[tokio::test]
async fn lost_rotation_leaves_the_client_with_a_dead_token() {
    let world = World::new();
    let tokens = world.link().await;
    world.plan(json!({ "kind": "rotation_reply_lost", "count": 1 }));
    world.advance(25 * 60);
    let lost = world.refresh(&tokens.refresh).await;
    assert!(lost.body.is_empty());
    assert_eq!(
        world.refresh(&tokens.refresh).await.json()["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn restart_keeps_grants_and_answers() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let world = World::new();
    let tokens = world.link().await;
    let body = super::world::purchase(&world, "12.30");
    let first = world.post(&tokens, "/purchase?requestid=r1", &body).await.json();
    StateFile::open(&path, &world.sandbox)
        .unwrap()
        .save(&world.sandbox)
        .unwrap();
    let sandbox = crate::Sandbox::new(crate::SandboxClock::frozen(world.sandbox.clock.now()));
    StateFile::open(&path, &sandbox).unwrap();
    let again = World {
        organisation: sandbox.organisation(world.organisation.id).unwrap(),
        sandbox,
        realm: world.realm.clone(),
    };
    let answer = again.post(&tokens, "/purchase?requestid=r1", &body).await.json();
    assert_eq!(answer["Purchase"], first["Purchase"]);
    assert_eq!(
        again.organisation.ledger().bank_transactions.len(),
        world.organisation.ledger().bank_transactions.len()
    );
}
