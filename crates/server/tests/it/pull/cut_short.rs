use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::Linked;

/// Everything that belongs to a company, but for its events.
const TABLES: [&str; 15] = [
    "company",
    "connection",
    "run",
    "pull",
    "feed_read",
    "feed_mark",
    "pull_seen",
    "data_status",
    "publication",
    "record",
    "record_version",
    "pull_change",
    "validation_issue",
    "link_session",
    "oauth_state",
];

/// What the platform was asked for, in order.
async fn requests(world: &World, linked: &Linked) -> Vec<String> {
    let path = format!("organisations/{}/requests", linked.organisation);
    let asked = world.control("GET", &path, Value::Null).await;
    let requests = asked["requests"].as_array().unwrap().iter();
    let text = |request: &Value, name: &str| request[name].as_str().unwrap().to_owned();
    requests
        .map(|request| format!("{} {}", text(request, "method"), text(request, "path")))
        .collect()
}

/// How a consent ends.
const REMOVAL: [&str; 1] = ["POST /identity/connect/revocation"];

/// After any number of its steps.
#[tokio::test]
async fn who_unlinks_in_mid_read_is_asked_nothing_more() {
    for steps in [0, 1, 3, 7, 12, 20] {
        let world = World::new().await;
        let codat = world.codat();
        let linked = codat.linked("Acme", 10).await;
        run(&world, steps).await;
        let path = format!("/companies/{}/connections/{}", linked.company, linked.connection);
        codat
            .send("PATCH", &path, Some(json!({ "status": "Unlinked" })))
            .await
            .expect(200);
        let before = requests(&world, &linked).await.len();
        settle(&world).await;
        let after = requests(&world, &linked).await.split_off(before);
        assert_eq!(after, REMOVAL, "after {steps} steps");
        let statuses = codat
            .get(&format!("/companies/{}/dataStatus", linked.company))
            .await;
        for (data_type, status) in statuses.json().as_object().unwrap() {
            let status = status["currentStatus"].as_str().unwrap();
            assert!(
                matches!(status, "Complete" | "Cancelled" | "NotSupported" | "Initial"),
                "after {steps} steps: {data_type} is {status}"
            );
        }
        world.end().await;
    }
}

#[tokio::test]
async fn a_company_deleted_in_mid_read_leaves_nothing() {
    for steps in [1, 5, 13] {
        let world = World::new().await;
        let codat = world.codat();
        let linked = codat.linked("Acme", 10).await;
        run(&world, steps).await;
        codat
            .send("DELETE", &format!("/companies/{}", linked.company), None)
            .await
            .expect(204);
        let before = requests(&world, &linked).await.len();
        settle(&world).await;
        let after = requests(&world, &linked).await.split_off(before);
        assert_eq!(after, REMOVAL, "after {steps} steps");
        for table in TABLES {
            assert_eq!(world.count(table).await, 0, "{table} after {steps} steps");
        }
        world.end().await;
    }
}

/// A pause that the platform announced is told to whoever asks, and ends with the connection.
#[tokio::test]
async fn a_paused_read_says_until_when_and_can_be_cut() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    world.tamper.with(|path, answer| {
        if path.contains("/api.xro/") {
            *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
            answer.headers_mut().insert("retry-after", 5400.into());
        }
    });
    world.run_jobs().await;
    world.tamper.stop();
    let before = requests(&world, &linked).await.len();
    let history = format!("/companies/{}/data/history", linked.company);
    for pull in codat.get(&history).await.json()["results"].as_array().unwrap() {
        assert_eq!(pull["status"], "Fetching", "{pull}");
        let described = pull["statusDescription"].as_str().unwrap();
        assert!(
            described.starts_with("Paused until 2026-03-10T10:30:00"),
            "{described}"
        );
    }
    world.advance(Duration::from_secs(5399));
    world.run_jobs().await;
    assert_eq!(
        requests(&world, &linked).await.len(),
        before,
        "nobody asks before"
    );
    world.advance(Duration::from_secs(1));
    run(&world, 1).await;
    assert!(requests(&world, &linked).await.len() > before);
    codat
        .send("DELETE", &format!("/companies/{}", linked.company), None)
        .await
        .expect(204);
    settle(&world).await;
    world.end().await;
}

async fn run(world: &World, steps: usize) {
    for _ in 0..steps {
        ledgerline_engine::jobs::run_one(&world.engine).await.unwrap();
    }
}

async fn settle(world: &World) {
    for _ in 0..4 {
        world.run_jobs().await;
        world.advance(Duration::from_secs(900));
    }
}
