//! Each kind of fault, on reads and on refreshes.

use http::StatusCode;
use serde_json::{Value, json};

use super::world::{Answer, Tokens, World};

fn plan(world: &World, fault: Value) {
    let fault = serde_json::from_value(fault).unwrap();
    world.organisation.faults.plan(fault);
}

/// What a client makes of an answer.
#[derive(Debug, PartialEq)]
enum Seen {
    Json(StatusCode),
    NotJson(StatusCode),
    CutOff,
}

fn seen(answer: &Answer) -> Seen {
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(_) => Seen::Json(answer.status),
        // The test's client takes a cut answer for an empty one.
        Err(_) if answer.body.is_empty() && answer.status == StatusCode::OK => Seen::CutOff,
        Err(_) => Seen::NotJson(answer.status),
    }
}

const INVOICES: &str = "/api.xro/2.0/Invoices?page=1";

#[tokio::test]
async fn every_kind_strikes_a_read_as_often_as_planned() {
    let world = World::new();
    let tokens = world.link().await;
    for (kind, expected) in [
        ("429", Seen::Json(StatusCode::TOO_MANY_REQUESTS)),
        ("5xx_before", Seen::NotJson(StatusCode::SERVICE_UNAVAILABLE)),
        ("5xx_after_commit", Seen::NotJson(StatusCode::SERVICE_UNAVAILABLE)),
        ("reset", Seen::CutOff),
        ("truncated", Seen::NotJson(StatusCode::OK)),
        ("malformed", Seen::NotJson(StatusCode::OK)),
        ("html", Seen::NotJson(StatusCode::OK)),
        ("revoked", Seen::Json(StatusCode::FORBIDDEN)),
        ("forbidden", Seen::Json(StatusCode::UNAUTHORIZED)),
    ] {
        let before = world.organisation.requests.snapshot().total;
        plan(
            &world,
            json!({ "kind": kind, "count": 1, "after": 1, "data_type": "invoices" }),
        );
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(seen(&world.get(&tokens, INVOICES).await));
        }
        let fine = || Seen::Json(StatusCode::OK);
        assert_eq!(answers, [fine(), expected, fine()], "{kind}");
        let snapshot = world.organisation.requests.snapshot();
        let struck: Vec<_> = snapshot.requests.iter().filter_map(|one| one.fault).collect();
        assert_eq!(struck.last(), Some(&kind), "the log names it");
        assert_eq!(snapshot.total, before + 3);
    }
}

#[tokio::test]
async fn a_short_list_still_tells_how_long_it_should_be() {
    let world = World::new();
    let tokens = world.link().await;
    let whole = world.get(&tokens, INVOICES).await.json();
    plan(&world, json!({ "kind": "short_list", "count": 1 }));
    let short = world.get(&tokens, INVOICES).await.json();
    let rows = |answer: &Value| answer["Invoices"].as_array().unwrap().len();
    assert_eq!(rows(&short), rows(&whole) - rows(&whole).div_ceil(10));
    assert_eq!(short["pagination"], whole["pagination"]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_takes_two_seconds_or_what_was_planned() {
    let world = World::new();
    let tokens = world.link().await;
    for (fault, expected) in [
        (json!({ "kind": "slow", "count": 1 }), 2_000),
        (json!({ "kind": "slow", "count": 1, "ms": 70 }), 70),
    ] {
        plan(&world, fault);
        let start = tokio::time::Instant::now();
        world.get(&tokens, INVOICES).await;
        assert_eq!(start.elapsed().as_millis(), expected);
    }
}

#[tokio::test]
async fn a_refresh_is_struck_by_what_names_tokens() {
    let world = World::new();
    let Tokens { mut refresh, .. } = world.link().await;
    for (kind, expected, rotated) in [
        ("429", Seen::NotJson(StatusCode::TOO_MANY_REQUESTS), false),
        (
            "5xx_before",
            Seen::NotJson(StatusCode::SERVICE_UNAVAILABLE),
            false,
        ),
        (
            "5xx_after_commit",
            Seen::NotJson(StatusCode::SERVICE_UNAVAILABLE),
            true,
        ),
        ("reset", Seen::CutOff, true),
        ("truncated", Seen::NotJson(StatusCode::OK), true),
        ("malformed", Seen::NotJson(StatusCode::OK), true),
        ("html", Seen::NotJson(StatusCode::OK), false),
        ("revoked", Seen::Json(StatusCode::BAD_REQUEST), false),
        ("forbidden", Seen::Json(StatusCode::BAD_REQUEST), false),
        ("rotation_reply_lost", Seen::CutOff, true),
    ] {
        // A fault for reads leaves refreshes alone.
        plan(&world, json!({ "kind": "5xx_before", "data_type": "bills" }));
        plan(&world, json!({ "kind": kind, "count": 1, "data_type": "tokens" }));
        let struck = world.refresh(&refresh).await;
        assert_eq!(seen(&struck), expected, "{kind}");
        world.advance(20);
        let again = world.refresh(&refresh).await;
        assert_eq!(
            again.status,
            StatusCode::OK,
            "{kind}: the old token is good for half an hour more"
        );
        world.advance(20);
        // Used for the first time with the second call, it lives 30 minutes from there.
        let third = world.refresh(&refresh).await;
        assert_eq!(third.status != StatusCode::OK, rotated, "{kind}");
        refresh = again.tokens().refresh;
        world.organisation.faults.clear();
    }
}

#[tokio::test]
async fn an_older_token_used_beside_a_newer_one_is_a_violation() {
    let world = World::new();
    let first = world.link().await;
    let second = world.refresh(&first.refresh).await.tokens();
    // Its answer could have been lost.
    world.refresh(&first.refresh).await.tokens();
    assert_eq!(world.organisation.requests.snapshot().violations, []);
    world.refresh(&second.refresh).await.tokens();
    world.refresh(&first.refresh).await.tokens();
    let snapshot = world.organisation.requests.snapshot();
    let rules: Vec<_> = snapshot.violations.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["refresh_token.superseded"]);
    let mut shown: Vec<_> = snapshot.requests.iter().map(|one| one.query.clone()).collect();
    assert!(shown.iter().all(|query| !query.contains(&first.refresh)));
    shown.sort();
    shown.dedup();
    assert_eq!(
        shown.len(),
        2,
        "the log tells two tokens from each other: {shown:?}"
    );
}

#[tokio::test]
async fn a_change_planned_for_a_read_happens_between_its_pages() {
    let world = World::new();
    let tokens = world.link().await;
    let mutation = serde_json::from_value(json!({ "seed": 1, "creates": 15 })).unwrap();
    world.organisation.plan_change(2, mutation);
    let mut counts = Vec::new();
    for _ in 0..3 {
        let page = world.get(&tokens, INVOICES).await.json();
        counts.push(page["pagination"]["itemCount"].as_u64().unwrap());
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[2] > counts[1], "{counts:?}");
}
