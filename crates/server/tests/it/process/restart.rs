use serde_json::json;

use super::world::Processes;
use crate::pull::equals_the_ledger::assert_equal;

/// SIGTERM during a read ends well, and the next process goes on at once.
#[tokio::test]
async fn a_server_that_is_told_to_end_hands_its_work_on() {
    let mut world = Processes::start().await;
    // What it did not hand back, nobody could take for an hour.
    let server = world.server_with_leases_of(3600).await;
    let linked = world.linked(&server, "Acme", 600, 20).await;
    let asked = world.requests(&linked.organisation).await;
    world
        .until("the read has begun", async || {
            (world.requests(&linked.organisation).await > asked).then_some(())
        })
        .await;
    assert_eq!(server.terminate(), Some(0));
    let server = world.server().await;
    world.until_complete(&server, &linked.company).await;
    world.asks(server);
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// The clock of the test world is known from the first moment after a restart.
#[tokio::test]
async fn a_moved_clock_stays_moved() {
    let mut world = Processes::start().await;
    let server = world.server().await;
    let linked = world.linked(&server, "Acme", 20, 0).await;
    world.until_complete(&server, &linked.company).await;
    let clock = format!("{}/_sandbox/clock", world.sandbox);
    world
        .call("POST", &clock, Some(json!({ "advance": "36h", "settle": true })))
        .await
        .unwrap();
    server.kill();
    let server = world.server().await;
    let made = world
        .call(
            "POST",
            &format!("{}/companies", server.base),
            Some(json!({ "name": "Later" })),
        )
        .await;
    let created = made.unwrap()["created"].as_str().unwrap()[..19].to_owned();
    let now = world.try_control("clock").await.unwrap()["now"].as_str().unwrap()[..19].to_owned();
    assert!(
        created[..13] >= now[..13] || created[..10] == now[..10],
        "{created} but the world has {now}"
    );
    world.asks(server);
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// A store that has seen a later time than its sandbox is not served, and says why.
#[tokio::test]
async fn a_sandbox_that_lost_its_time_is_named() {
    let mut world = Processes::start().await;
    let server = world.server().await;
    let clock = format!("{}/_sandbox/clock", world.sandbox);
    world
        .call("POST", &clock, Some(json!({ "advance": "36h", "settle": true })))
        .await
        .unwrap();
    // A server that answers has been heard of by its sandbox, which waited for it.
    let now = world.try_control("clock").await.unwrap()["now"].as_str().unwrap()[..10].to_owned();
    let companies = format!("{}/companies", server.base);
    let made = world
        .call("POST", &companies, Some(json!({ "name": "Later" })))
        .await;
    assert!(made.unwrap()["created"].as_str().unwrap()[..10] >= now[..]);
    world.new_sandbox().await;
    world
        .until("the server says so", async || {
            let (status, _) = world.ask("GET", &format!("{}/readyz", server.base), None).await?;
            (status == 503).then_some(())
        })
        .await;
    drop(server);
    world.end().await;
}
