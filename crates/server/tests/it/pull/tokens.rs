use std::time::Duration;

use serde_json::{Value, json};

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::browser::Browser;
use crate::world::codat::Linked;

const HALF_AN_HOUR: Duration = Duration::from_secs(31 * 60);

async fn fault(world: &World, linked: &Linked, fault: Value) {
    let path = format!("organisations/{}/faults", linked.organisation);
    world.control("POST", &path, fault).await;
}

async fn ask_for_all(world: &World, linked: &Linked) {
    let path = format!("/companies/{}/data/all", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
}

async fn connection(world: &World, linked: &Linked) -> Value {
    let path = format!("/companies/{}/connections/{}", linked.company, linked.connection);
    world.codat().get(&path).await.expect(200).json()
}

async fn status(world: &World, linked: &Linked, data_type: &str) -> String {
    let path = format!("/companies/{}/dataStatus", linked.company);
    let statuses = world.codat().get(&path).await.expect(200).json();
    statuses[data_type]["currentStatus"].as_str().unwrap().to_owned()
}

/// The refreshes that the platform saw: which token, and what became of it. No rule of tokens was broken.
async fn refreshes(world: &World, linked: &Linked) -> Vec<(String, u64)> {
    let path = format!("organisations/{}/requests", linked.organisation);
    let seen = world.control("GET", &path, Value::Null).await;
    assert_eq!(seen["violations"], json!([]));
    let requests = seen["requests"].as_array().unwrap().iter();
    requests
        .filter(|request| request["path"] == "/identity/connect/token")
        .map(|request| {
            (
                request["query"].as_str().unwrap().to_owned(),
                request["status"].as_u64().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn an_answer_that_was_lost_with_new_tokens_costs_nothing() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 20).await;
    world.run_jobs().await;
    let lost = json!({ "kind": "rotation_reply_lost", "count": 1, "data_type": "tokens" });
    fault(&world, &linked, lost).await;
    world.advance(HALF_AN_HOUR);
    ask_for_all(&world, &linked).await;
    world.run_jobs().await;
    assert_eq!(status(&world, &linked, "invoices").await, "Complete");
    assert_eq!(connection(&world, &linked).await["status"], "Linked");
    let refreshes = refreshes(&world, &linked).await;
    assert_eq!(refreshes.len(), 2, "{refreshes:?}");
    assert_eq!(
        refreshes[0].0, refreshes[1].0,
        "the same token again, in its time of grace"
    );
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn a_token_endpoint_that_fails_disconnects_nobody() {
    for kind in ["429", "5xx_before", "reset", "html", "malformed", "truncated"] {
        let world = World::new().await;
        let linked = world.codat().linked("Acme", 5).await;
        world.run_jobs().await;
        fault(
            &world,
            &linked,
            json!({ "kind": kind, "count": 7, "data_type": "tokens" }),
        )
        .await;
        world.advance(HALF_AN_HOUR);
        ask_for_all(&world, &linked).await;
        for _ in 0..20 {
            world.run_jobs().await;
            assert_eq!(connection(&world, &linked).await["status"], "Linked", "{kind}");
            world.advance(Duration::from_secs(60));
        }
        world.advance(Duration::from_secs(900));
        world.run_jobs().await;
        assert_eq!(status(&world, &linked, "invoices").await, "Complete", "{kind}");
        refreshes(&world, &linked).await;
        world.end().await;
    }
}

/// The platform's clock is ahead of ours: it refuses a token that we believe to be good.
#[tokio::test]
async fn a_refused_token_is_refreshed_once_and_the_same_request_sent_again() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 20).await;
    world.sandbox.clock.advance(HALF_AN_HOUR);
    world.run_jobs().await;
    assert_eq!(status(&world, &linked, "invoices").await, "Complete");
    assert_eq!(
        refreshes(&world, &linked).await.len(),
        1,
        "for all feeds together"
    );
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn who_links_again_gets_the_same_organisation_and_everything_goes_on() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 20).await;
    world.run_jobs().await;
    let revoke = format!("organisations/{}/revoke", linked.organisation);
    world.control("POST", &revoke, json!({})).await;
    world.advance(HALF_AN_HOUR);
    ask_for_all(&world, &linked).await;
    world.run_jobs().await;
    let lost = connection(&world, &linked).await;
    assert_eq!(lost["status"], "Deauthorized");
    let link = lost["linkUrl"].as_str().unwrap().to_owned();

    let another = world.organisation(5).await;
    let page = Browser::new(&world).approve(&link, &another).await;
    assert_ne!(
        page.outcome(),
        "linked",
        "a connection's link takes only its own organisation"
    );
    assert_eq!(connection(&world, &linked).await["status"], "Deauthorized");

    let page = Browser::new(&world).approve(&link, &linked.organisation).await;
    assert_eq!(page.outcome(), "linked");
    assert_eq!(connection(&world, &linked).await["status"], "Linked");
    world.run_jobs().await;
    assert_eq!(
        status(&world, &linked, "invoices").await,
        "Complete",
        "it was read again"
    );
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn one_consent_serves_several_companies_and_outlives_each() {
    let world = World::new().await;
    let codat = world.codat();
    let wanted = json!({
        "platform": "xero", "seed": 3, "months": 6, "invoices": 5, "limits": "off", "organisations_in_grant": 2,
    });
    let made = world.control("POST", "organisations", wanted).await;
    let mut companies = Vec::new();
    for (organisation, name) in made["organisations"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["One", "Two"])
    {
        let organisation = organisation["id"].as_str().unwrap().to_owned();
        let company = codat.company(name).await;
        let (connection, link) = codat.connection(&company).await;
        let page = Browser::new(&world).approve(&link, &organisation).await;
        assert_eq!(page.outcome(), "linked", "{}", page.body);
        companies.push(Linked {
            company,
            connection,
            organisation,
        });
    }
    world.run_jobs().await;
    let [one, two] = companies.as_slice() else {
        panic!("two organisations were made");
    };
    assert_equal(&world, one).await;
    assert_equal(&world, two).await;
    let path = format!("/companies/{}/connections/{}", one.company, one.connection);
    codat
        .send("PATCH", &path, Some(json!({ "status": "Unlinked" })))
        .await
        .expect(200);
    world.run_jobs().await;
    assert_eq!(connection(&world, one).await["status"], "Unlinked");
    assert_eq!(connection(&world, two).await["status"], "Linked");
    world.advance(HALF_AN_HOUR);
    ask_for_all(&world, two).await;
    world.run_jobs().await;
    assert_eq!(status(&world, two, "invoices").await, "Complete");
    assert_equal(&world, two).await;
    world.end().await;
}
