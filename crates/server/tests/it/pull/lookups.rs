//! What a mapping looks up in another list than its own: that list may come too short, or be older than what hangs on
//! it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::codat::Linked;

/// Every list that others look something up in leaves out what they need, in one answer each, while changes are read.
/// The read after it, of what changed since and of nothing else, leaves the store as the books are.
#[tokio::test]
async fn what_a_short_list_has_spoiled_is_right_again_after_the_next_read_of_changes() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 120).await;
    world.run_jobs().await;
    for (path, list, leave_out) in [
        ("/Accounts", "Accounts", is_bank as fn(&Value) -> bool),
        ("/Accounts", "Accounts", |account| !is_bank(account)),
        ("/Organisation", "Organisations", |_| true),
        ("/Reports/TrialBalance", "Rows", |_| true),
        ("/TaxRates", "TaxRates", |_| true),
        ("/TrackingCategories", "TrackingCategories", |_| true),
    ] {
        change_books(&world, &linked, 31).await;
        let spared = AtomicBool::new(false);
        world.tamper.with(move |asked, answer| {
            if asked.ends_with(path) && !spared.swap(true, Ordering::Relaxed) {
                leave_out_of(answer, list, leave_out);
            }
        });
        refresh(&world, &linked).await;
        world.tamper.stop();
        world.advance(Duration::from_secs(3600));
        refresh(&world, &linked).await;
        assert_equal(&world, &linked).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_payment_waits_until_its_bank_account_is_known() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 40).await;
    world.run_jobs().await;
    change_books(&world, &linked, 31).await;
    world.tamper.with(|asked, answer| {
        if asked.ends_with("/Accounts") {
            leave_out_of(answer, "Accounts", is_bank);
        }
    });
    let all = format!("/companies/{}/data/all", linked.company);
    codat.send("POST", &all, None).await.expect(204);
    world.run_jobs().await;
    let statuses = format!("/companies/{}/dataStatus", linked.company);
    let statuses = codat.get(&statuses).await.json();
    for data_type in ["payments", "billPayments", "accountTransactions"] {
        assert_eq!(statuses[data_type]["currentStatus"], "Fetching", "{data_type}");
    }
    world.tamper.stop();
    world.advance(Duration::from_secs(900));
    world.run_jobs().await;
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn quickbooks_payments_wait_until_their_bank_account_is_known() {
    let world = World::of_quickbooks().await;
    let organisation = json!({
        "platform": "quickbooks_online", "seed": 7, "months": 12, "invoices": 40, "currency": "GBP",
        "limits": "off", "latency_ms": 0,
    });
    let linked = world.codat().linked_to(organisation, "Acme").await;
    refresh(&world, &linked).await;
    for list in ["Account", "TaxRate"] {
        change_books(&world, &linked, 12).await;
        let spared = AtomicBool::new(false);
        world.tamper.with(move |_, answer| {
            let holds = String::from_utf8_lossy(answer.body()).contains(&format!("\"{list}\":["));
            if holds && !spared.swap(true, Ordering::Relaxed) {
                leave_out_of(answer, list, |_| true);
            }
        });
        let codat = world.codat();
        let all = format!("/companies/{}/data/all", linked.company);
        codat.send("POST", &all, None).await.expect(204);
        run(&world).await;
        let kept = format!(
            "/companies/{}/connections/{}/data/accountTransactions?query=metadata.isDeleted=true",
            linked.company, linked.connection
        );
        let gone = codat.all(&kept).await.len();
        world.tamper.stop();
        world.advance(Duration::from_secs(3600));
        refresh(&world, &linked).await;
        assert_equal(&world, &linked).await;
        assert_eq!(
            codat.all(&kept).await.len(),
            gone,
            "{list}: some had been taken for deleted"
        );
    }
    world.end().await;
}

fn is_bank(account: &Value) -> bool {
    account["Type"] == "BANK"
}

/// Changes longer ago than any overlap of two reads.
async fn change_books(world: &World, linked: &Linked, edits: u32) {
    let changes = json!({ "seed": edits, "creates": 45, "edits": edits });
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    world.control("POST", &mutate, changes).await;
    world.advance(Duration::from_secs(3600));
}

/// Read what changed, to the end.
async fn refresh(world: &World, linked: &Linked) {
    let all = format!("/companies/{}/data/all", linked.company);
    world.codat().send("POST", &all, None).await.expect(204);
    run(world).await;
}

async fn run(world: &World) {
    for _ in 0..30 {
        world.run_jobs().await;
        world.advance(Duration::from_secs(5));
    }
    world.run_jobs().await;
}

/// The lists of this name, wherever in the answer, without some of their elements.
fn leave_out_of(answer: &mut http::Response<Bytes>, list: &str, left_out: impl Fn(&Value) -> bool + Copy) {
    let mut body: Value = serde_json::from_slice(answer.body()).unwrap();
    shorten(&mut body, list, left_out);
    *answer.body_mut() = body.to_string().into();
}

fn shorten(value: &mut Value, list: &str, left_out: impl Fn(&Value) -> bool + Copy) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Array(elements) if name == list => elements.retain(|element| !left_out(element)),
                    other => shorten(other, list, left_out),
                }
            }
        }
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| shorten(element, list, left_out)),
        _ => {}
    }
}
