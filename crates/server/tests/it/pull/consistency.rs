//! Do the types that were read together show the same books?

use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::{Codat, Linked};

/// The data status of one type.
async fn consistency(codat: &Codat<'_>, linked: &Linked, data_type: &str) -> Value {
    let status = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .expect(200)
        .json();
    status[data_type]["consistency"].clone()
}

fn check<'a>(consistency: &'a Value, name: &str) -> &'a Value {
    let checks = consistency["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["name"] == name)
        .unwrap_or_else(|| panic!("no `{name}` in {consistency:#}"))
}

async fn refresh_all(codat: &Codat<'_>, linked: &Linked) {
    codat
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
}

#[tokio::test]
async fn quiet_books_are_consistent_and_the_control_totals_agree() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(found["status"], "consistent", "{found:#}");
    assert_eq!(found["passes"], 1);
    for check in found["checks"].as_array().unwrap() {
        assert_eq!(
            check["difference"]
                .as_str()
                .unwrap()
                .trim_matches(['0', '.', '-']),
            "",
            "{check}"
        );
    }
    for name in [
        "trial_balance",
        "ar_control",
        "ap_control",
        "current_year_earnings",
    ] {
        check(&found, name);
    }
    assert_ne!(check(&found, "ar_control")["expected"], "0");
    // All types of the set say the same.
    assert_eq!(consistency(&codat, &linked, "balanceSheet").await, found);

    // A type that is read alone says nothing of the others.
    codat
        .send(
            "POST",
            &format!("/companies/{}/data/queue/bills", linked.company),
            None,
        )
        .await
        .expect(200);
    world.run_jobs().await;
    let alone = consistency(&codat, &linked, "bills").await;
    assert_eq!(alone["status"], "perType");
    assert_ne!(alone["runId"], found["runId"]);
    assert_eq!(consistency(&codat, &linked, "invoices").await, found);
    world.end().await;
}

#[tokio::test]
async fn what_is_changed_while_it_is_read_is_collected() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    world.advance(std::time::Duration::from_secs(3600));
    for (after, seed) in [(6, 1), (12, 2), (16, 3)] {
        let changes = json!({ "after": after, "seed": seed, "creates": 15, "edits": 15, "voids": 2 });
        let path = format!("organisations/{}/mutate", linked.organisation);
        world.control("POST", &path, changes).await;
    }
    refresh_all(&codat, &linked).await;
    world.run_jobs().await;
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(found["status"], "consistent", "{found:#}");
    assert!(found["passes"].as_u64().unwrap() > 1, "{found:#}");

    // Read as of the Run, every type is as the closing pass left it.
    for list in ["invoices", "bills", "payments", "accounts", "journalEntries"] {
        let path = format!("/companies/{}/data/{list}", linked.company);
        let as_of = format!("{path}?asOf={}", found["runId"].as_str().unwrap());
        assert_eq!(codat.all(&path).await, codat.all(&as_of).await, "{list}");
    }
    super::equals_the_ledger::assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn receivables_that_no_document_shows_are_told_to_the_cent() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let path = format!("organisations/{}/mutate", linked.organisation);
    world.control("POST", &path, json!({ "adjustments": 1 })).await;
    world.advance(std::time::Duration::from_secs(3600));
    refresh_all(&codat, &linked).await;
    world.run_jobs().await;
    let found = consistency(&codat, &linked, "balanceSheet").await;
    assert_eq!(found["status"], "inconsistent", "{found:#}");
    assert_eq!(found["reason"], "Control totals differ: ar_control.");
    assert_eq!(check(&found, "ar_control")["difference"], "-12.34");
    assert_eq!(check(&found, "ap_control")["difference"], "0.00");
    // Nothing has failed for it.
    let status = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .expect(200)
        .json();
    assert_eq!(status["invoices"]["currentStatus"], "Complete");
    world.end().await;
}

#[tokio::test]
async fn a_set_that_lacks_a_type_is_bounded_and_says_why() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 40).await;
    world.run_jobs().await;

    codat
        .send(
            "POST",
            &format!("/companies/{}/data/queue/bills", linked.company),
            None,
        )
        .await
        .expect(200);
    refresh_all(&codat, &linked).await;
    world.run_jobs().await;
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(found["status"], "bounded", "{found:#}");
    assert_eq!(
        found["reason"],
        "1 data types were being read already and are no part of it."
    );
    assert_eq!(consistency(&codat, &linked, "bills").await["status"], "perType");

    let fault = json!({ "kind": "forbidden", "rate": 1, "count": 1, "data_type": "purchaseOrders" });
    let path = format!("organisations/{}/faults", linked.organisation);
    world.control("POST", &path, fault).await;
    refresh_all(&codat, &linked).await;
    world.run_jobs().await;
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(found["status"], "bounded", "{found:#}");
    assert_eq!(found["reason"], "1 data types could not be read.");
    check(&found, "ar_control");
    world.end().await;
}

#[tokio::test]
async fn the_webhook_of_a_read_says_how_far_its_types_agree() {
    let world = World::new().await;
    let receiver = crate::world::receiver::Receiver::start().await;
    let wanted = json!({ "url": receiver.url, "eventTypes": ["read.completed.initial"] });
    world.codat().post("/webhooks", wanted).await.expect(201);
    let codat = world.codat();
    let linked = codat.linked("Acme", 20).await;
    world.run_jobs().await;
    let messages = receiver.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let told: Value = serde_json::from_str(&messages[0].body).unwrap();
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(told["payload"]["consistency"], found);
    assert_eq!(found["status"], "consistent");
    world.end().await;
}

/// A company in QuickBooks Online, whose closing passes take some time at its limits.
async fn quickbooks(world: &World, currency: &str) -> Linked {
    let wanted = json!({
        "platform": "quickbooks_online", "seed": 7, "months": 12, "invoices": 80, "currency": currency,
        "limits": "off", "latency_ms": 0,
    });
    let linked = world.codat().linked_to(wanted, "Acme").await;
    world.run_slowly().await;
    linked
}

async fn refresh_all_slowly(world: &World, linked: &Linked) {
    world.advance(std::time::Duration::from_secs(3600));
    refresh_all(&world.codat(), linked).await;
    world.run_slowly().await;
}

#[tokio::test]
async fn quiet_books_in_quickbooks_are_consistent_and_the_control_totals_agree() {
    for currency in ["GBP", "USD"] {
        let world = World::of_quickbooks().await;
        let codat = world.codat();
        let linked = quickbooks(&world, currency).await;
        let found = consistency(&codat, &linked, "invoices").await;
        assert_eq!(found["status"], "consistent", "{found:#}");
        assert_eq!(found["passes"], 1);
        for name in ["ar_control", "ap_control", "current_year_earnings"] {
            let stated: f64 = check(&found, name)["expected"].as_str().unwrap().parse().unwrap();
            assert_ne!(stated, 0.0, "{name}");
        }
        check(&found, "trial_balance");
        let banks = found["checks"].as_array().unwrap().iter().filter(|check| {
            let name = check["name"].as_str().unwrap();
            name.starts_with("bank_balance:") && check["expected"] != "0"
        });
        assert!(banks.count() >= 3, "two banks and a card: {found:#}");
        assert_eq!(consistency(&codat, &linked, "cashFlowStatement").await, found);
        world.end().await;
    }
}

#[tokio::test]
async fn what_is_changed_in_quickbooks_while_it_is_read_is_collected() {
    let world = World::of_quickbooks().await;
    let codat = world.codat();
    let linked = quickbooks(&world, "GBP").await;
    for (after, seed) in [(6, 1), (12, 2), (40, 3)] {
        let changes =
            json!({ "after": after, "seed": seed, "creates": 15, "edits": 15, "voids": 2, "deletes": 3 });
        let path = format!("organisations/{}/mutate", linked.organisation);
        world.control("POST", &path, changes).await;
    }
    refresh_all_slowly(&world, &linked).await;
    let found = consistency(&codat, &linked, "invoices").await;
    assert_eq!(found["status"], "consistent", "{found:#}");
    assert!(found["passes"].as_u64().unwrap() > 1, "{found:#}");
    super::equals_the_ledger::assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn totals_of_quickbooks_that_differ_are_told_to_the_cent() {
    let world = World::of_quickbooks().await;
    let codat = world.codat();
    let linked = quickbooks(&world, "USD").await;
    let bank = {
        let found = consistency(&codat, &linked, "invoices").await;
        let names = found["checks"].as_array().unwrap().iter();
        let mut names = names.map(|check| check["name"].as_str().unwrap().to_owned());
        names.find(|name| name.starts_with("bank_balance:")).unwrap()
    };

    // The balance sheet states ten dollars more in the bank than the accounts hold.
    let account = bank.strip_prefix("bank_balance:").unwrap().to_owned();
    world.tamper.with(move |path, answer| {
        if path.ends_with("/reports/BalanceSheet") {
            let mut report: Value = serde_json::from_slice(answer.body()).unwrap();
            add_to_account(&mut report["Rows"], &account);
            *answer.body_mut() = report.to_string().into();
        }
    });
    refresh_all_slowly(&world, &linked).await;
    let found = consistency(&codat, &linked, "balanceSheet").await;
    assert_eq!(found["status"], "inconsistent", "{found:#}");
    assert_eq!(found["reason"], format!("Control totals differ: {bank}."));
    assert_eq!(check(&found, &bank)["difference"], "-10.00");
    world.tamper.stop();

    // A journal of 12.34 on receivables, that no document shows.
    let path = format!("organisations/{}/mutate", linked.organisation);
    world.control("POST", &path, json!({ "adjustments": 1 })).await;
    refresh_all_slowly(&world, &linked).await;
    let found = consistency(&codat, &linked, "balanceSheet").await;
    assert_eq!(found["status"], "inconsistent", "{found:#}");
    assert_eq!(found["reason"], "Control totals differ: ar_control.");
    assert_eq!(check(&found, "ar_control")["difference"], "-12.34");
    assert_eq!(check(&found, "ap_control")["difference"], "0.00");
    assert_eq!(check(&found, &bank)["difference"], "0.00");
    world.end().await;
}

/// Ten more in every column of an account's row.
fn add_to_account(rows: &mut Value, account: &str) {
    for row in rows["Row"].as_array_mut().into_iter().flatten() {
        if row["ColData"][0]["id"] == account {
            for cell in row["ColData"].as_array_mut().unwrap().iter_mut().skip(1) {
                let amount: f64 = cell["value"].as_str().unwrap().parse().unwrap_or_default();
                cell["value"] = format!("{:.2}", amount + 10.0).into();
            }
        }
        if row.get("Rows").is_some() {
            add_to_account(&mut row["Rows"], account);
        }
    }
}
