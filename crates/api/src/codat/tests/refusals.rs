use axum::body::Body;
use http::Request;
use ledgerline_model::app::Environment;

use crate::testing::World;

#[tokio::test]
async fn without_a_key_nobody_gets_in() {
    let world = World::new().await;
    for authorization in ["", "Basic eDp5", "Bearer sk_test_unknown", "Basic ?"] {
        let request = Request::get("/profile").header("authorization", authorization);
        let answer = world.raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.error(401), "Unauthorized");
    }
}

#[tokio::test]
async fn foreign_absent_and_malformed_ids_are_the_same_404() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let foreign = world.linked_company("Other").await.1;
    let live = world.new_key(world.app, Environment::Live).await;

    let absent = "0196b6a0-0000-7000-8000-00000000ffff";
    for id in [absent, "nonsense", "%00", "0"] {
        let shown = if id == "%00" { "\0" } else { id };
        let answer = world.get(&format!("/companies/{id}/dataStatus")).await;
        assert_eq!(answer.error(404), format!("No company was found with ID {shown}"));
        let path = format!("/companies/{}/connections/{id}/data/transfers", company.id);
        let answer = world.get(&path).await;
        assert_eq!(answer.error(404), format!("Data connection {shown} not found"));
    }
    let path = format!(
        "/companies/{}/connections/{}/data/transfers",
        company.id, foreign.id
    );
    assert_eq!(
        world.get(&path).await.error(404),
        format!("Data connection {} not found", foreign.id)
    );
    // A live key sees nothing of the test world.
    let path = format!(
        "/companies/{}/connections/{}/data/transfers",
        company.id, connection.id
    );
    let request = Request::get(path).header("x-api-key", live.expose());
    let answer = world.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.error(404),
        format!("No company was found with ID {}", company.id)
    );
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_the_same_shape() {
    let world = World::new().await;
    assert_eq!(world.get("/nothing/here").await.error(404), "NotFound");
    let answer = world.send("PATCH", "/apiKeys", "{}").await;
    assert!(answer.error(405).contains("Allow"));
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let world = World::new().await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let cases = [
        ("{\"name\":5}", 400, "The field `name` is not valid"),
        ("{", 400, "The body is not valid"),
        ("[]", 400, "The body is not valid"),
        ("{} {}", 400, "The body is not valid"),
        (long.as_str(), 413, "larger than"),
    ];
    for (body, status, text) in cases {
        let error = world.post("/apiKeys", body).await.error(status);
        assert!(error.contains(text), "{error}");
    }
    let basic = format!("Bearer {}", world.key.expose());
    let request = Request::post("/apiKeys").header("authorization", basic);
    let answer = world.raw(request.body(Body::from("name=x")).unwrap()).await;
    assert!(answer.error(415).contains("application/json"));
}

#[tokio::test]
async fn pages_and_queries_are_checked() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    world
        .publish(&connection, ledgerline_model::DataType::Invoices, &[])
        .await;
    let invoices = format!("/companies/{}/data/invoices", company.id);
    for (query, text) in [
        ("page=0", "`page`"),
        ("page=x", "`page`"),
        ("page=99999999999", "`page`"),
        ("pageSize=5001", "`pageSize`"),
        ("PAGESIZE=-1", "`pageSize`"),
        ("query=status", "Error parsing query - Malformed query."),
        (
            "query=lineItems.x%3D1",
            "Could not resolve property lineItems.x on Dataset",
        ),
        ("orderBy=nothing", "Could not resolve property nothing on Dataset"),
    ] {
        let error = world.get(&format!("{invoices}?{query}")).await.error(400);
        assert!(error.contains(text), "{query}: {error}");
    }
    let history = format!("/companies/{}/data/history?query=isCompleted%3Dtrue", company.id);
    assert_eq!(
        world.get(&history).await.error(400),
        "Error parsing query - Could not resolve property isCompleted on Dataset"
    );
}

#[tokio::test]
async fn a_companys_token_reaches_that_company_and_nothing_else() {
    let world = World::new().await;
    let (company, _) = world.linked_company("Kern").await;
    let (other, _) = world.linked_company("Other").await;
    let answer = world.get(&format!("/companies/{}/accessToken", company.id)).await;
    assert_eq!(answer.json()["expiresIn"], 86400);
    assert_eq!(answer.json()["tokenType"], "Bearer");
    let token = answer.json()["accessToken"].as_str().unwrap().to_owned();
    let get = async |path: String| {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        world.raw(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(get("/integrations".to_owned()).await.status, 200);
    for path in ["/companies", "/apiKeys", "/profile", "/webhooks"] {
        get(path.to_owned()).await.error(403);
    }
    get(format!("/companies/{}/dataStatus", company.id))
        .await
        .error(403);
    get(format!("/companies/{}/accessToken", company.id))
        .await
        .error(403);
    get(format!("/companies/{}/dataStatus", other.id))
        .await
        .error(403);
}

#[tokio::test]
async fn an_app_with_a_daily_limit_is_refused_beyond_it_and_told_when_to_come_back() {
    let world = World::new().await;
    let settings = ledgerline_model::app::Settings {
        extra: [("rateLimit.daily".to_owned(), "2".to_owned())].into(),
        ..Default::default()
    };
    let mut tx = world.engine.store.write().await.unwrap();
    ledgerline_store::apps::save_settings(&mut tx, world.app, &settings)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for left in ["1", "0"] {
        let answer = world.get("/profile").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["x-rate-limit-remaining"], left);
    }
    let answer = world.get("/profile").await;
    assert!(answer.error(429).starts_with("You have made too many requests"));
    assert_eq!(answer.headers["retry-after"], "43200");
    assert_eq!(
        answer.headers["x-rate-limit-reset"],
        "2027-03-06T00:00:00.0000000Z"
    );
    world.clock.advance(std::time::Duration::from_hours(12));
    assert_eq!(world.get("/profile").await.status, 200);
}
