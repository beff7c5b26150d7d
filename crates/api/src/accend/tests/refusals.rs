use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use ledgerline_model::app::Environment;

use super::BASE;
use crate::testing::World;

#[tokio::test]
async fn a_key_opens_in_three_spellings_and_nothing_else_does() {
    let world = World::new().await;
    let key = world.key.expose();
    let path = format!("{BASE}/customers");
    let get = async |name: &str, value: String| {
        let request = Request::get(&path).header(name, value);
        world.raw(request.body(Body::empty()).unwrap()).await
    };
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("Basic {}", STANDARD.encode(key))),
        ("x-api-key", key.to_owned()),
    ] {
        assert_eq!(get(name, value).await.status, 200);
    }
    for value in ["", "Bearer sk_test_unknown", "Bearer", "Basic ?"] {
        let answer = get("authorization", value.to_owned()).await;
        assert_eq!(answer.detail(401), "Not authenticated");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
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
        "sp_cust_",
        "sp_cust_0196b6a0000070008000000000000000",
        "0196b6a0-0000-7000-8000-000000000000",
        "%ff",
        "a%2fb",
        &connection.id.to_string(),
    ] {
        for rest in ["", "?x=y"] {
            let path = format!("{BASE}/customers/{id}{rest}");
            assert_eq!(world.get(&path).await.detail(404), "Customer not found", "{id}");
        }
        let path = format!("{BASE}/link/customers/{id}/link_connections");
        assert_eq!(world.get(&path).await.detail(404), "Customer not found", "{id}");
        let path = format!(
            "{BASE}/link/customers/{}/link_connections/{id}/disconnect",
            company.id
        );
        if id != connection.id.to_string() {
            let detail = world.post(&path, "").await.detail(404);
            // In a path that is not UTF-8 no id is looked at.
            let expected = if id == "%ff" {
                "Customer not found"
            } else {
                "Link connection not found"
            };
            assert_eq!(detail, expected, "{id}");
        }
    }
    let path = format!(
        "{BASE}/link/customers/{}/link_connections/{}",
        company.id, foreign.id
    );
    assert_eq!(world.get(&path).await.detail(404), "Link connection not found");
    // A live key sees nothing of the test world.
    let request = Request::get(format!("{BASE}/customers/{}", company.id)).header("x-api-key", live.expose());
    let answer = world.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.detail(404), "Customer not found");
    let body = format!(r#"{{"customer_id":"{}","legal_name":"x"}}"#, connection.id);
    let answer = world.send("PUT", &format!("{BASE}/customers"), &body).await;
    assert_eq!(answer.detail(404), "Customer not found");
}

#[tokio::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let world = World::new().await;
    let path = format!("{BASE}/customers");
    let long = format!(r#"{{"legal_name":"{}"}}"#, "x".repeat(501));
    let huge = format!(r#"{{"legal_name":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    let deep = format!(
        r#"{{"legal_name":"x","metadata":{}1{}}}"#,
        "[".repeat(300),
        "]".repeat(300)
    );
    for (body, status, expected) in [
        ("{", 422, "body: "),
        ("[]", 422, "body: "),
        ("null", 422, "body: "),
        ("{} {}", 422, "body: "),
        ("{}", 422, "body: "),
        (r#"{"legal_name":5}"#, 422, "body.legal_name: "),
        (r#"{"legal_name":"  "}"#, 422, "body.legal_name: "),
        (r#"{"legal_name":"a\u0000b"}"#, 422, "body.legal_name: "),
        (long.as_str(), 422, "body.legal_name: "),
        (r#"{"legal_name":"x","currency":"EURO"}"#, 422, "body.currency: "),
        (r#"{"legal_name":"x","currency":"€€€"}"#, 422, "body.currency: "),
        (
            r#"{"legal_name":"x","fiscal_year_start_month":13}"#,
            422,
            "body.fiscal_year_start_month: ",
        ),
        (
            r#"{"legal_name":"x","fiscal_year_start_month":-1}"#,
            422,
            "body.fiscal_year_start_month: ",
        ),
        (r#"{"legal_name":"x","metadata":[1]}"#, 422, "body.metadata: "),
        (deep.as_str(), 422, "body"),
        (r#"{"legal_name":"x","website":{"a":1}}"#, 422, "body.website: "),
        (huge.as_str(), 413, "The body is larger"),
    ] {
        let detail = world.post(&path, body).await.detail(status);
        assert!(detail.starts_with(expected), "{detail}");
    }
    let request = Request::post(&path).header("x-api-key", world.key.expose());
    let answer = world.raw(request.body(Body::from("legal_name=x")).unwrap()).await;
    assert!(answer.detail(415).contains("application/json"));
    let request = Request::post(&path)
        .header("x-api-key", world.key.expose())
        .header("content-type", "application/json");
    let answer = world
        .raw(request.body(Body::from(vec![0xff, 0xfe])).unwrap())
        .await;
    answer.detail(422);
}

#[tokio::test]
async fn parameters_of_the_list_are_checked() {
    let world = World::new().await;
    world.customer(r#"{"legal_name":"x"}"#).await;
    for (query, expected) in [
        ("limit=0", "query.limit: a whole number from 1 to 200"),
        ("limit=201", "query.limit: "),
        ("limit=-1", "query.limit: "),
        ("limit=99999999999999999999", "query.limit: "),
        ("limit=x", "query.limit: "),
        ("order_by=name", "query.order_by: "),
        ("cursor=x", "query.cursor: "),
        ("cursor=AAAA", "query.cursor: "),
        ("filter=eq(", "query.filter: position 4: "),
        ("filter=%00", "query.filter: position 1: "),
        ("filter=%ff", "query.filter: position 1: "),
        ("filter=1%20or%201=1", "query.filter: position 3: "),
    ] {
        let detail = world.get(&format!("{BASE}/customers?{query}")).await.detail(422);
        assert!(detail.starts_with(expected), "{query}: {detail}");
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_the_same_shape() {
    let world = World::new().await;
    for path in ["", "/", "/nothing", "/customers/x/y/z", "/link"] {
        assert_eq!(
            world.get(&format!("{BASE}{path}")).await.detail(404),
            "Not Found",
            "{path}"
        );
    }
    let answer = world.send("DELETE", &format!("{BASE}/customers"), "").await;
    assert_eq!(answer.detail(405), "Method Not Allowed");
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
}
