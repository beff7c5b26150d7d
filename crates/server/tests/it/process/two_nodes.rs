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
            let pulls = format!(
                "{}/companies/{}/data/history?query=dataType=invoices",
                first.base, linked.company
            );
            let pulls = world.get(&pulls).await.unwrap()["totalResults"].as_u64().unwrap();
            assert!((2..=3).contains(&pulls), "{pulls} reads of invoices");
        }
        world.asks(first);
        world.asks(second);
        for linked in &companies {
            assert_equal(&world, linked).await;
        }
        world.end().await;
    }
}
