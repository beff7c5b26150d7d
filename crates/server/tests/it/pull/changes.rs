use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::equals_the_ledger::assert_equal;
use crate::world::World;
use crate::world::codat::Linked;

const HOUR: Duration = Duration::from_secs(3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

async fn refresh(world: &World, linked: &Linked, query: &str) {
    let path = format!("/companies/{}/data/all{query}", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
    world.run_jobs().await;
}

async fn mutate(world: &World, linked: &Linked, changes: Value) -> Value {
    let path = format!("organisations/{}/mutate", linked.organisation);
    world.control("POST", &path, changes).await
}

/// What each endpoint of the API was asked for since the last call: the changes from when on, in whichever way.
async fn asked(world: &World, linked: &Linked, before: &mut usize) -> BTreeMap<String, Option<String>> {
    let path = format!("organisations/{}/requests", linked.organisation);
    let answer = world.control("GET", &path, json!(null)).await;
    let requests = answer["requests"].as_array().unwrap();
    let fresh = &requests[*before..];
    *before = requests.len();
    // From the first control total on the closing pass asks for what changed meanwhile.
    let is_read = |request: &&Value| {
        !request["path"]
            .as_str()
            .unwrap()
            .ends_with("/Reports/BankSummary")
    };
    let of_the_api = fresh.iter().take_while(is_read).filter_map(|request| {
        let path = request["path"].as_str()?;
        let (_, endpoint) = path.split_once("/api.xro/2.0/")?;
        let query = request["query"].as_str().unwrap_or_default();
        let filter = url::form_urlencoded::parse(query.as_bytes())
            .find(|(name, value)| name == "where" && value.contains("UpdatedDateUTC"))
            .map(|(_, value)| value.into_owned());
        let header = request["ifModifiedSince"].as_str().map(str::to_owned);
        Some((endpoint.to_owned(), header.or(filter)))
    });
    of_the_api.collect()
}

/// `recordsRead` of the newest Pull of a type.
async fn read(world: &World, linked: &Linked, data_type: &str) -> u64 {
    let path = format!(
        "/companies/{}/data/history?query=dataType={data_type}",
        linked.company
    );
    let history = world.codat().all(&path).await;
    history[0]["recordsRead"].as_u64().unwrap()
}

#[tokio::test]
async fn a_refresh_asks_for_what_changed_since_the_one_before() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 120).await;
    world.run_jobs().await;
    let mut before = 0;
    let first = asked(&world, &linked, &mut before).await;
    assert!(first.values().all(Option::is_none), "{first:?}");
    world.advance(HOUR);
    mutate(&world, &linked, json!({ "seed": 1, "creates": 10, "edits": 10 })).await;
    refresh(&world, &linked, "").await;
    assert_equal(&world, &linked).await;
    let second = asked(&world, &linked, &mut before).await;
    let since = |endpoint: &str| second[endpoint].as_deref();
    for endpoint in [
        "Contacts",
        "Invoices",
        "CreditNotes",
        "PurchaseOrders",
        "Payments",
        "BankTransactions",
    ] {
        // Five minutes before the first answer, to the whole second.
        assert_eq!(since(endpoint), Some("2026-03-10T08:55:00Z"), "{endpoint}");
    }
    assert_eq!(
        since("ManualJournals"),
        Some("UpdatedDateUTC>=DateTime(2026,03,10,08,55,00)")
    );
    for endpoint in [
        "Accounts",
        "Items",
        "TaxRates",
        "TrackingCategories",
        "BankTransfers",
        "Organisation",
        "Reports/BalanceSheet",
    ] {
        assert_eq!(since(endpoint), None, "{endpoint}");
    }
    assert!(read(&world, &linked, "invoices").await < 20);
    world.end().await;
}

#[tokio::test]
async fn once_a_week_everything_is_read_and_whenever_the_app_wants() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 60).await;
    world.run_jobs().await;
    let mut before = 0;
    asked(&world, &linked, &mut before).await;
    world.advance(HOUR);
    refresh(&world, &linked, "?full=true").await;
    let forced = asked(&world, &linked, &mut before).await;
    assert!(
        forced.contains_key("Invoices") && forced.values().all(Option::is_none),
        "{forced:?}"
    );
    let all = read(&world, &linked, "invoices").await;
    assert!(all > 40);

    world.advance(HOUR);
    let queue = format!("/companies/{}/data/queue/bills", linked.company);
    world
        .codat()
        .send("POST", &format!("{queue}?full=true"), None)
        .await
        .expect(200);
    world.run_jobs().await;
    assert_eq!(asked(&world, &linked, &mut before).await["Invoices"], None);
    let refused = world
        .codat()
        .send("POST", &format!("{queue}?full=maybe"), None)
        .await;
    assert!(refused.expect(400).body.contains("`full`"));

    // Six days on only changes are read; the week is over for the invoices before it is for the bills.
    world.advance(WEEK - HOUR - HOUR);
    refresh(&world, &linked, "").await;
    assert!(asked(&world, &linked, &mut before).await["Invoices"].is_some());
    world.advance(HOUR);
    refresh(&world, &linked, "").await;
    assert_eq!(asked(&world, &linked, &mut before).await["Invoices"], None);
    assert_eq!(read(&world, &linked, "invoices").await, all);
    world.end().await;
}

#[tokio::test]
async fn more_changes_of_one_second_than_fit_on_a_page_are_all_read() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 1100).await;
    world.run_jobs().await;
    world.advance(HOUR);
    let organisation: Uuid = linked.organisation.parse().unwrap();
    let organisation = world.sandbox.organisation(organisation).unwrap();
    let now = world.now();
    let touched = organisation.change(|ledger| {
        let ids: Vec<Uuid> = ledger.invoices.iter().map(|invoice| invoice.meta.id).collect();
        for id in &ids {
            let invoice = ledger.invoices.get_mut(*id).unwrap();
            invoice.reference = "All at once".into();
            invoice.meta.touch(now);
        }
        ids.len()
    });
    assert!(touched > 1000);
    // While the first page is read, more are changed, within the same second.
    let more = json!({ "seed": 3, "after": 8, "creates": 20, "edits": 60, "deletes": 10 });
    mutate(&world, &linked, more).await;
    refresh(&world, &linked, "").await;
    let read = read(&world, &linked, "invoices").await + read(&world, &linked, "bills").await;
    assert!(read >= touched as u64, "{read} of {touched}");
    world.advance(Duration::from_secs(1));
    refresh(&world, &linked, "").await;
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn books_that_change_between_the_pages_are_read_to_the_last_change() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 150).await;
    let mut seed = 10;
    for after in [1, 4, 9, 14] {
        seed += 1;
        let changes = json!({
            "seed": seed, "after": after, "creates": 6, "edits": 16, "deletes": 8, "voids": 4, "restores": 2,
        });
        mutate(&world, &linked, changes).await;
    }
    world.run_jobs().await;
    for after in [1, 5, 11, 17] {
        seed += 1;
        let changes = json!({
            "seed": seed, "after": after, "creates": 6, "edits": 16, "deletes": 8, "voids": 4, "restores": 6,
        });
        mutate(&world, &linked, changes).await;
        world.advance(HOUR);
        refresh(&world, &linked, "").await;
    }
    // One quiet sync, and all is as in the books.
    world.advance(Duration::from_secs(1));
    refresh(&world, &linked, "").await;
    assert_equal(&world, &linked).await;
    world.end().await;
}

#[tokio::test]
async fn a_clock_of_ours_that_is_wrong_loses_nothing() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 60).await;
    world.run_jobs().await;
    // Marks are of the platform's clock: ours may be hours ahead of it.
    for seed in 0..3 {
        world.sandbox.clock.advance(Duration::from_secs(60));
        mutate(
            &world,
            &linked,
            json!({ "seed": seed, "creates": 5, "edits": 10, "deletes": 4 }),
        )
        .await;
        refresh(&world, &linked, "").await;
        assert_equal(&world, &linked).await;
    }
    world.end().await;
}
