use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::codat::Linked;

/// The first read of a company under the limits that Xero really has; how many minutes of virtual time it took.
async fn first_read(world: &World, invoices: u32) -> (Linked, u64) {
    let codat = world.codat();
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 36, "invoices": invoices, "limits": "real", "latency_ms": 0,
    });
    let linked = codat.linked_to(wanted, "Acme").await;
    let mut minutes = 0;
    loop {
        world.run_jobs().await;
        let statuses = codat
            .get(&format!("/companies/{}/dataStatus", linked.company))
            .await
            .json();
        let running = statuses.as_object().unwrap().values().any(|status| {
            matches!(
                status["currentStatus"].as_str(),
                Some("Queued" | "Fetching" | "Processing")
            )
        });
        if !running {
            return (linked, minutes);
        }
        minutes += 1;
        assert!(minutes < 3 * 24 * 60, "{statuses}");
        world.advance(Duration::from_secs(60));
    }
}

/// Every request that the platform saw, and no violation among them.
async fn requests(world: &World, linked: &Linked) -> Vec<Value> {
    let path = format!("organisations/{}/requests", linked.organisation);
    let seen = world.control("GET", &path, Value::Null).await;
    assert_eq!(seen["violations"], json!([]), "limits were kept");
    seen["requests"].as_array().unwrap().clone()
}

fn assert_asked_once(requests: &[Value]) {
    let mut asked = HashSet::new();
    for request in requests {
        // From the first control total on the closing pass asks for what changed.
        if request["path"]
            .as_str()
            .unwrap()
            .ends_with("/Reports/BankSummary")
        {
            break;
        }
        let what = format!("{} {}", request["path"], request["query"]);
        // Its balances are of the moment: asked for by each read of the accounts.
        assert!(asked.insert(what.clone()), "asked for twice: {what}");
    }
}

/// Three reads in one minute are more than a minute has: the rest says until when it waits, and is read then.
#[tokio::test]
async fn what_a_minute_does_not_hold_waits_for_the_next() {
    let world = World::new().await;
    let codat = world.codat();
    let (linked, _) = first_read(&world, 20).await;
    let history = format!("/companies/{}/data/history?pageSize=200", linked.company);
    let mut held = 0;
    for _ in 0..6 {
        codat
            .send("POST", &format!("/companies/{}/data/all", linked.company), None)
            .await
            .expect(204);
        world.run_jobs().await;
        for pull in codat.get(&history).await.json()["results"].as_array().unwrap() {
            if let Some(described) = pull["statusDescription"].as_str() {
                assert!(
                    described.starts_with("Paused until 2026-03-10T09:0"),
                    "{described}"
                );
                held += 1;
            }
        }
    }
    assert!(held > 0, "six reads are more than 60 requests");
    for _ in 0..6 {
        world.advance(Duration::from_secs(63));
        world.run_jobs().await;
    }
    requests(&world, &linked).await;
    for pull in codat.get(&history).await.json()["results"].as_array().unwrap() {
        assert_eq!(pull["status"], "Complete", "{pull}");
    }
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn a_first_read_keeps_to_the_real_limits() {
    let world = World::new().await;
    let (linked, minutes) = first_read(&world, 3_000).await;
    let requests = requests(&world, &linked).await;
    assert_asked_once(&requests);
    println!("{} requests, {minutes} minutes", requests.len());
    assert_equal(&world, &linked).await;
    world.end().await;
}

/// `cargo test -p ledgerline-server --test it fifty_thousand -- --ignored --nocapture`
#[tokio::test]
#[ignore = "takes some minutes; the same with 3,000 invoices runs always"]
async fn a_first_read_of_fifty_thousand_invoices_keeps_to_the_real_limits() {
    let world = World::new().await;
    let (linked, minutes) = first_read(&world, 50_000).await;
    let requests = requests(&world, &linked).await;
    assert_asked_once(&requests);
    println!("{} requests, {minutes} minutes of virtual time", requests.len());
    world.end().await;
}

/// Ten requests a second, of which reads may use eight: they wait for moments, in their place, and not for the next second.
#[tokio::test]
async fn a_read_within_limits_of_a_second_goes_on_as_fast_as_they_allow() {
    let world = World::of_quickbooks().await;
    let wanted = json!({
        "platform": "quickbooks_online", "seed": 7, "months": 12, "invoices": 300, "currency": "GBP",
        "limits": "real", "latency_ms": 0, "page_size": 40,
    });
    let linked = world.codat().linked_to(wanted, "Acme").await;
    let began = world.now();
    world.run_jobs().await;
    let took = world.now().duration_since(began).as_secs_f64();
    let asked = requests(&world, &linked).await;
    let at = |request: &Value| {
        request["at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let mut at: Vec<_> = asked.iter().map(at).filter(|at| *at >= began).collect();
    at.sort_unstable();
    for (first, start) in at.iter().enumerate() {
        let end = *start + jiff::SignedDuration::from_secs(1);
        let within = at[first..].iter().take_while(|at| **at < end).count();
        assert!(within <= 10, "{within} in the second from {start}");
    }
    let a_second = at.len() as f64 / took;
    assert!(
        at.len() > 100 && a_second > 7.0,
        "{} requests in {took} s",
        at.len()
    );
    assert_equal(&world, &linked).await;
    world.end().await;
}
