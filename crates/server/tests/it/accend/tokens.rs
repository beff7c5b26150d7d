use std::time::Duration;

use serde_json::json;

use crate::world::World;
use crate::world::browser::Browser;

#[tokio::test]
async fn a_token_opens_the_link_page_until_it_ends() {
    let world = World::new().await;
    let accend = world.accend();
    let organisation = world.organisation(5).await;
    let customer = accend.customer("Kern").await;
    let path = format!("/link/customers/{customer}/access_tokens");
    let made = accend
        .post(
            &path,
            json!({ "ttl_seconds": 600, "platforms": ["xero"], "redirect_url": "https://app.example/done?a=b" }),
        )
        .await
        .expect(201)
        .json();
    let token = made["customer_access_token"].as_str().unwrap();
    assert!(
        token.starts_with("cust_token_") && token.len() == "cust_token_".len() + 43,
        "{token}"
    );
    let link = made["link_url"].as_str().unwrap().to_owned();

    world.advance(Duration::from_secs(590));
    let page = Browser::new(&world).approve(&link, &organisation).await;
    assert_eq!(page.outcome(), "linked", "{}", page.body);
    assert!(
        page.body.contains("https://app.example/done?a=b"),
        "{}",
        page.body
    );
    world.advance(Duration::from_secs(20));
    let page = Browser::new(&world).open(&link).await;
    assert_eq!(page.status, 404, "it has ended: {}", page.body);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_revoked_token_opens_nothing() {
    let world = World::new().await;
    let accend = world.accend();
    let customer = accend.customer("Kern").await;
    let link = accend.link_url(&customer).await;
    assert_eq!(Browser::new(&world).open(&link).await.status, 200);
    accend
        .send(
            "DELETE",
            &format!("/link/customers/{customer}/access_tokens"),
            None,
        )
        .await
        .expect(204);
    assert_eq!(Browser::new(&world).open(&link).await.status, 404);
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_named() {
    let world = World::new().await;
    let accend = world.accend();
    let customer = accend.customer("Kern").await;
    let path = format!("/link/customers/{customer}/access_tokens");
    for (body, field) in [
        (json!({ "ttl_seconds": 59 }), "ttl_seconds"),
        (json!({ "ttl_seconds": 604801 }), "ttl_seconds"),
        (json!({ "ttl_seconds": "soon" }), "ttl_seconds"),
        (json!({ "platforms": ["abacus"] }), "platforms"),
        (json!({ "redirect_url": "javascript:alert(1)" }), "redirect_url"),
        (
            json!({ "redirect_url": "https://user:pass@app.example" }),
            "redirect_url",
        ),
        (json!({ "redirect_url": "https://{host}/" }), "redirect_url"),
        (json!({ "redirect_url": "//app.example" }), "redirect_url"),
        (
            json!({ "allowed_origins": ["https://app.example/"] }),
            "allowed_origins",
        ),
        (json!({ "allowed_origins": ["null"] }), "allowed_origins"),
    ] {
        let refused = accend.post(&path, body).await.expect(422).json();
        assert_eq!(refused["detail"][0]["loc"], json!(["body", field]));
    }
    world.end().await;
}

#[tokio::test]
async fn a_page_of_another_origin_may_use_the_token_only_where_the_app_said_so() {
    let world = World::new().await;
    let accend = world.accend();
    let customer = accend.customer("Kern").await;
    let path = format!("/link/customers/{customer}/access_tokens");
    let body = json!({ "allowed_origins": ["https://app.example"] });
    let made = accend.post(&path, body).await.expect(201).json();
    let token = made["customer_access_token"].as_str().unwrap();
    let list = format!("/api/v1/financials/link/customers/{customer}/link_connections");
    for (origin, status) in [("https://app.example", 200), ("https://evil.example", 403)] {
        let request = http::Request::get(&list)
            .header("origin", origin)
            .header("authorization", format!("Bearer {token}"));
        let answer = world
            .request(request.body(String::new()).unwrap())
            .await
            .expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
    let preflight = http::Request::options(&list)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET");
    let answer = world
        .request(preflight.body(String::new()).unwrap())
        .await
        .expect(204);
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    world.end().await;
}
