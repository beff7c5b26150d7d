use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{Sandbox, SandboxClock, clock::Report, router, state::StateFile};

fn sandbox() -> Arc<Sandbox> {
    Sandbox::new(SandboxClock::frozen(
        "2026-03-17T10:00:00Z".parse().expect("an instant"),
    ))
}

async fn ask(sandbox: &Arc<Sandbox>, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let body = if body.is_null() {
        Body::empty()
    } else {
        Body::from(body.to_string())
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .body(body)
        .expect("a request");
    let answer = router(sandbox.clone()).oneshot(request).await.expect("an answer");
    let status = answer.status();
    let bytes = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn organisation(sandbox: &Arc<Sandbox>, wanted: Value) -> String {
    let (status, answer) = ask(sandbox, "POST", "/_sandbox/organisations", wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    answer["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn organisation_is_made_changed_and_read() {
    let sandbox = sandbox();
    let id = organisation(
        &sandbox,
        json!({ "platform": "xero", "seed": 7, "invoices": 50, "months": 6 }),
    )
    .await;
    let base = format!("/_sandbox/organisations/{id}");
    let (_, list) = ask(&sandbox, "GET", "/_sandbox/organisations", Value::Null).await;
    assert_eq!(list["results"][0]["id"], json!(id));
    let (_, before) = ask(
        &sandbox,
        "GET",
        &format!("{base}/ledger?dataType=invoices"),
        Value::Null,
    )
    .await;
    assert_eq!(before["results"].as_array().expect("rows").len(), 50);
    let wanted = json!({ "seed": 1, "creates": 15, "edits": 16, "deletes": 5, "voids": 2 });
    let (status, done) = ask(&sandbox, "POST", &format!("{base}/mutate"), wanted).await;
    assert_eq!(
        (status, &done["creates"], &done["voids"]),
        (StatusCode::OK, &json!(15), &json!(2))
    );
    let (_, after) = ask(
        &sandbox,
        "GET",
        &format!("{base}/ledger?dataType=invoices"),
        Value::Null,
    )
    .await;
    assert_eq!(after["results"].as_array().expect("rows").len(), 51);
    for data_type in crate::ledger::rows::DATA_TYPES {
        let (status, rows) = ask(
            &sandbox,
            "GET",
            &format!("{base}/ledger?dataType={data_type}"),
            Value::Null,
        )
        .await;
        assert_eq!(status, StatusCode::OK);
        // Statement lines arrive only by feeds.
        let is_empty = rows["results"].as_array().expect("rows").is_empty();
        assert_eq!(is_empty, data_type == "bankTransactions", "{data_type}");
    }
    let (_, requests) = ask(&sandbox, "GET", &format!("{base}/requests"), Value::Null).await;
    assert_eq!(requests, json!({ "requests": [], "violations": [], "total": 0 }));
}

#[tokio::test]
async fn siblings_are_consented_together_and_seeds_may_repeat() {
    let sandbox = sandbox();
    let first = organisation(
        &sandbox,
        json!({ "seed": 3, "organisations_in_grant": 3, "invoices": 5 }),
    )
    .await;
    let (_, answer) = ask(
        &sandbox,
        "GET",
        &format!("/_sandbox/organisations/{first}"),
        Value::Null,
    )
    .await;
    assert_eq!(answer["organisations"].as_array().expect("siblings").len(), 3);
    let again = organisation(&sandbox, json!({ "seed": 3, "invoices": 5 })).await;
    assert_ne!(first, again);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let sandbox = sandbox();
    let id = organisation(&sandbox, json!({ "invoices": 0 })).await;
    let base = format!("/_sandbox/organisations/{id}");
    for (method, path, body, status, named) in [
        (
            "POST",
            "/_sandbox/organisations".to_owned(),
            json!({ "platform": "abacus" }),
            400,
            "platform",
        ),
        (
            "POST",
            "/_sandbox/organisations".to_owned(),
            json!({ "invoice": 5 }),
            400,
            "invoice",
        ),
        (
            "POST",
            "/_sandbox/organisations".to_owned(),
            json!({ "invoices": -5 }),
            400,
            "integer",
        ),
        (
            "POST",
            "/_sandbox/organisations".to_owned(),
            json!({ "months": 9999 }),
            400,
            "months",
        ),
        (
            "GET",
            "/_sandbox/organisations/x/requests".to_owned(),
            Value::Null,
            404,
            "`x`",
        ),
        (
            "GET",
            format!("{base}/ledger?dataType=cheese"),
            Value::Null,
            400,
            "cheese",
        ),
        ("GET", format!("{base}/ledger"), Value::Null, 400, "dataType"),
        (
            "POST",
            format!("{base}/faults"),
            json!({ "kind": "gremlin" }),
            400,
            "gremlin",
        ),
        (
            "POST",
            format!("{base}/faults"),
            json!({ "kind": "429", "rate": 2 }),
            400,
            "rate",
        ),
        (
            "POST",
            "/_sandbox/clock".to_owned(),
            json!({ "advance": "soon" }),
            400,
            "soon",
        ),
        (
            "POST",
            "/_sandbox/clock".to_owned(),
            json!({ "advance": "-3d" }),
            400,
            "-3d",
        ),
    ] {
        let (answered, answer) = ask(&sandbox, method, &path, body.clone()).await;
        let text = answer["error"].as_str().unwrap_or_default();
        assert_eq!(answered.as_u16(), status, "{path} {body}: {text}");
        assert!(text.contains(named), "{path} {body}: {text}");
    }
}

#[tokio::test]
async fn clock_jumps_and_settles() {
    let sandbox = sandbox();
    let (_, answer) = ask(
        &sandbox,
        "POST",
        "/_sandbox/clock",
        json!({ "advance": "31d", "settle": true }),
    )
    .await;
    assert_eq!(answer["now"], json!("2026-04-17T10:00:00Z"));
    let (_, answer) = ask(&sandbox, "GET", "/_sandbox/clock", Value::Null).await;
    assert_eq!(
        answer,
        json!({ "now": "2026-04-17T10:00:00Z", "offsetMicros": 2_678_400_000_000_i64 })
    );
    let behind = "/_sandbox/clock?follower=s&offset=0&busy=true&wait=20";
    let (_, answer) = ask(&sandbox, "GET", behind, Value::Null).await;
    assert_eq!(
        answer["offsetMicros"],
        json!(2_678_400_000_000_i64),
        "a follower that is behind is told at once"
    );
}

#[tokio::test(start_paused = true)]
async fn settling_waits_for_busy_followers() {
    let sandbox = sandbox();
    let report = |offset_micros, busy| Report {
        follower: "server".to_owned(),
        offset_micros,
        busy,
    };
    let none = std::time::Duration::ZERO;
    sandbox.clock.follow(report(0, false), none).await;
    sandbox.clock.advance(std::time::Duration::from_secs(1));
    let waiting = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.clock.settle(std::time::Duration::from_secs(4)).await }
    });
    sandbox.clock.follow(report(1_000_000, true), none).await;
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert!(!waiting.is_finished(), "the follower has work left");
    sandbox.clock.follow(report(1_000_000, false), none).await;
    assert_eq!(waiting.await.expect("settled"), Ok(()));
    sandbox.clock.advance(std::time::Duration::from_secs(1));
    let left = sandbox.clock.settle(std::time::Duration::from_secs(4)).await;
    assert_eq!(left, Err(vec!["server has not seen the new time".to_owned()]));
    tokio::time::advance(std::time::Duration::from_secs(6)).await;
    assert_eq!(
        sandbox.clock.settle(none).await,
        Ok(()),
        "who is gone is not waited for"
    );
}

#[tokio::test]
async fn faults_strike_as_planned() {
    use crate::faults::Kind;
    let sandbox = sandbox();
    let id = organisation(&sandbox, json!({ "invoices": 0 })).await;
    let path = format!("/_sandbox/organisations/{id}/faults");
    let fault = json!({ "kind": "5xx_before", "count": 2, "after": 1, "data_type": "invoices" });
    let (status, _) = ask(&sandbox, "POST", &path, fault).await;
    assert_eq!(status, StatusCode::OK);
    let organisation = sandbox
        .organisation(id.parse().expect("an id"))
        .expect("the organisation");
    let strike = |data_type| {
        organisation
            .faults
            .strike(&[Kind::FailBefore], &[data_type])
            .is_some()
    };
    assert!(!strike("bills"));
    assert_eq!(
        [
            strike("invoices"),
            strike("invoices"),
            strike("invoices"),
            strike("invoices")
        ],
        [false, true, true, false]
    );
    let (_, answer) = ask(&sandbox, "DELETE", &path, Value::Null).await;
    assert_eq!(answer, json!({ "results": [] }));
}

#[tokio::test]
async fn restart_keeps_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("state.json");
    let first = sandbox();
    let mut file = StateFile::open(&path, &first).expect("a new file");
    let id = organisation(&first, json!({ "seed": 5, "invoices": 40 })).await;
    ask(&first, "POST", "/_sandbox/clock", json!({ "advance": "2h" })).await;
    file.save(&first).expect("saved");
    ask(
        &first,
        "POST",
        &format!("/_sandbox/organisations/{id}/mutate"),
        json!({ "seed": 2, "edits": 9, "creates": 9 }),
    )
    .await;
    file.save(&first).expect("saved again");

    let second = sandbox();
    StateFile::open(&path, &second).expect("the same file");
    assert_eq!(second.clock.offset_micros(), 7_200_000_000);
    for path in [
        "ledger?dataType=invoices",
        "ledger?dataType=accountTransactions",
        "ledger?dataType=chartOfAccounts",
    ] {
        let path = format!("/_sandbox/organisations/{id}/{path}");
        let rows = ask(&first, "GET", &path, Value::Null).await;
        assert_eq!(ask(&second, "GET", &path, Value::Null).await, rows);
    }
    std::fs::write(&path, "{").expect("spoiled");
    let error = StateFile::open(&path, &sandbox()).expect_err("no state");
    assert!(error.to_string().contains("state.json"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn settling_does_not_believe_an_old_report() {
    let sandbox = sandbox();
    let second = std::time::Duration::from_secs(1);
    let report = |busy| Report {
        follower: "server".to_owned(),
        offset_micros: 0,
        busy,
    };
    let held = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.clock.follow(report(false), second * 600).await }
    });
    tokio::time::advance(second).await;
    let waiting = tokio::spawn({
        let sandbox = sandbox.clone();
        async move { sandbox.clock.settle(second * 60).await }
    });
    held.await
        .expect("the poll is answered, so that the follower says how it is now");
    assert!(!waiting.is_finished());
    sandbox.clock.follow(report(true), second).await;
    assert!(!waiting.is_finished(), "it has work by now");
    sandbox
        .clock
        .follow(report(false), std::time::Duration::ZERO)
        .await;
    assert_eq!(waiting.await.expect("settled"), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn follower_whose_connection_is_cut_is_forgotten() {
    let sandbox = sandbox();
    let second = std::time::Duration::from_secs(1);
    let report = Report {
        follower: "server".to_owned(),
        offset_micros: 0,
        busy: false,
    };
    let cut = tokio::time::timeout(second, sandbox.clock.follow(report, second * 600)).await;
    assert!(cut.is_err());
    let left = sandbox.clock.settle(second).await;
    assert_eq!(left, Err(vec!["server has not been heard of since".to_owned()]));
    assert_eq!(sandbox.clock.settle(second * 6).await, Ok(()));
}
