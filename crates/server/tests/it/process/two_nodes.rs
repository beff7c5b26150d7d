use ledgerline_torture::{Length, Options, Store};
use serde_json::json;

use super::world::Processes;
use crate::pull::equals_the_ledger::assert_equal;

/// Two nodes share the work of several companies: nothing is read twice, no limit or token rule is broken.
#[tokio::test]
async fn share_the_work_and_never_do_it_twice() {
    if std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres") {
        let mut world = Processes::start().await;
        let first = world.server().await;
        let second = world.server().await;
        let mut companies = Vec::new();
        for number in 0..6 {
            let through = if number % 2 == 0 { &first } else { &second };
            companies.push(world.linked(through, &format!("Company {number}"), 150, 2).await);
        }
        for linked in &companies {
            world.until_complete(&second, &linked.company).await;
        }
        // Everybody's access token has ended: both nodes have to refresh.
        let clock = format!("{}/_sandbox/clock", world.sandbox);
        world
            .call("POST", &clock, Some(json!({ "advance": "2h", "settle": true })))
            .await
            .unwrap();
        for linked in &companies {
            for server in [&first, &second] {
                let url = format!("{}/companies/{}/data/all", server.base, linked.company);
                world.call("POST", &url, None).await;
            }
        }
        for linked in &companies {
            world.until_complete(&first, &linked.company).await;
            let path = format!("organisations/{}/requests", linked.organisation);
            let asked = world.try_control(&path).await.unwrap();
            assert_eq!(asked["violations"], json!([]), "{}", linked.company);
            let requests = asked["requests"].as_array().unwrap();
            let tokens = requests
                .iter()
                .filter(|request| request["path"].as_str().unwrap().ends_with("/connect/token"));
            assert_eq!(tokens.count(), 1, "one refresh, which both nodes share");
        }
        world.asks(first);
        world.asks(second);
        for linked in &companies {
            assert_equal(&world, linked).await;
        }
        world.end().await;
    }
}

/// Hourly schedules of many connections fall due at once on two nodes: each Run happens exactly once, no
/// refresh token is used twice, and no limit of the platform is broken. `script/torture --connections 200
/// --nodes 4` does the same on a larger scale.
#[tokio::test]
async fn each_run_happens_once_however_many_nodes_see_that_it_is_due() {
    if let Some(server) = postgres() {
        let options = Options {
            ledgerline: env!("CARGO_BIN_EXE_ledgerline").into(),
            store: Store::Postgres(server.parse().unwrap()),
            seed: 5,
            length: Length::Rounds(1),
            steps: 0,
            companies: 0,
            invoices: 0,
            nodes: 2,
            planted: None,
            talk: false,
        };
        let held = ledgerline_torture::nodes::run(&options, 8).await.unwrap();
        assert!(held.is_ok(), "{}", held.unwrap_err());
    }
}

fn postgres() -> Option<String> {
    let on_postgres = std::env::var("LEDGERLINE_TEST_STORE").is_ok_and(|store| store == "postgres");
    let server = on_postgres.then(|| std::env::var("LEDGERLINE_TEST_POSTGRES"));
    server.map(|server| server.expect("LEDGERLINE_TEST_POSTGRES names a server"))
}
