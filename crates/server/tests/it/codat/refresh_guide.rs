//! The vendor's page "Refresh company data", as its reader would try it. What it says is shown
//!
//! | of | by |
//! |---|---|
//! | freshness: a first sync that succeeded, that failed, a later one that failed, none | here |
//! | `data/all`: what is marked to be fetched on first link | here |
//! | `data/queue/{dataType}`, and its exception | `refresh`, and `schedules` for many at once |
//! | webhooks when a read has ended | `webhooks` |
//! | deleted records, and how to leave them out | here, and `pull::deletions` for every type |
//! | what was created and deleted before the first sync | `pull::deletions` |
//! | schedules, from hourly to monthly | `schedules`, and a virtual year in the engine |
//! | a connection that lives on without syncs, unless only one was wanted | `schedules` |
//! | reports of several types that have to agree | `pull::consistency` |
//! | all history, 24 months of statements, other settings | here, and `schedules` |

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::World;
use crate::world::codat::{Codat, Linked};

async fn status(codat: &Codat<'_>, company: &str, data_type: &str) -> Value {
    let path = format!("/companies/{company}/dataStatus");
    codat.get(&path).await.expect(200).json()[data_type].clone()
}

/// The vendor's members; ours are left out.
fn members(status: &Value) -> BTreeSet<&str> {
    let all = status.as_object().unwrap().keys().map(String::as_str);
    all.filter(|name| !matches!(*name, "consistency" | "issues"))
        .collect()
}

/// The platform refuses what is asked of contacts.
fn refuse_contacts(world: &World) {
    world.tamper.with(|path, answer| {
        if path.ends_with("/Contacts") {
            *answer.status_mut() = http::StatusCode::BAD_REQUEST;
            *answer.body_mut() = "{}".into();
        }
    });
}

async fn refresh_all(world: &World, linked: &Linked) {
    let path = format!("/companies/{}/data/all", linked.company);
    world.codat().send("POST", &path, None).await.expect(204);
    world.run_jobs().await;
}

#[tokio::test]
async fn whether_a_sync_was_successful_shows_in_the_members_that_there_are() {
    let world = World::new().await;
    let codat = world.codat();
    // Never synced.
    let company = codat.company("Acme").await;
    let never = status(&codat, &company, "suppliers").await;
    assert_eq!(
        never,
        json!({ "dataType": "suppliers", "currentStatus": "Initial" })
    );

    // An unsuccessful first sync.
    refuse_contacts(&world);
    let linked = codat.linked("Bakery", 5).await;
    world.run_jobs().await;
    let failed = status(&codat, &linked.company, "suppliers").await;
    assert_eq!(
        members(&failed),
        ["currentStatus", "dataType", "latestSyncId"].into()
    );
    assert_eq!(failed["currentStatus"], "FetchError");
    let path = format!("/companies/{}/data/suppliers", linked.company);
    codat.get(&path).await.expect(409);

    // A successful first sync.
    world.tamper.stop();
    refresh_all(&world, &linked).await;
    let all = [
        "currentStatus",
        "dataType",
        "lastSuccessfulSync",
        "latestSuccessfulSyncId",
        "latestSyncId",
    ];
    let first = status(&codat, &linked.company, "suppliers").await;
    assert_eq!(members(&first), all.into());
    assert_eq!(first["currentStatus"], "Complete");
    assert_eq!(first["latestSyncId"], first["latestSuccessfulSyncId"]);
    assert_ne!(first["latestSyncId"], failed["latestSyncId"]);
    let before = codat.all(&path).await;
    assert!(!before.is_empty());

    // A later one that fails says so, and what was read before stays.
    refuse_contacts(&world);
    world.advance(std::time::Duration::from_secs(60));
    refresh_all(&world, &linked).await;
    let later = status(&codat, &linked.company, "suppliers").await;
    assert_eq!(members(&later), all.into());
    assert_eq!(later["currentStatus"], "FetchError");
    for member in ["lastSuccessfulSync", "latestSuccessfulSyncId"] {
        assert_eq!(later[member], first[member], "{member}");
    }
    assert_ne!(later["latestSyncId"], first["latestSyncId"]);
    assert_eq!(codat.all(&path).await, before);
    world.end().await;
}

#[tokio::test]
async fn a_refresh_of_all_reads_what_is_marked_for_the_first_link_and_the_platform_has() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    let path = format!("/companies/{}/syncSettings", linked.company);
    let settings: Value = codat.get(&path).await.expect(200).json();
    let marked: Vec<Value> = settings["settings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|setting| ["bills", "salesOrders"].contains(&setting["dataType"].as_str().unwrap()))
        .map(|setting| {
            let mut setting = setting.clone();
            setting["fetchOnFirstLink"] = json!(setting["dataType"] == "salesOrders");
            setting
        })
        .collect();
    assert_eq!(marked.len(), 2);
    let body = json!({ "clientId": "mine", "overridesDefaults": true, "settings": marked });
    codat.post(&path, body).await.expect(204);
    world.advance(std::time::Duration::from_secs(60));
    let before = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .json();
    refresh_all(&world, &linked).await;
    let after = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .json();
    for (data_type, status) in after.as_object().unwrap() {
        let is_read = status["latestSyncId"] != before[data_type]["latestSyncId"];
        let is_there = status["currentStatus"] != "NotSupported";
        assert_eq!(is_read, is_there && data_type != "bills", "{data_type}: {status}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_was_deleted_between_two_syncs_is_stored_and_can_be_left_out() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 40).await;
    world.run_jobs().await;
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    world
        .control("POST", &mutate, json!({ "seed": 3, "deletes": 12 }))
        .await;
    world.advance(std::time::Duration::from_secs(3600));
    let refresh = format!("/companies/{}/data/all?full=true", linked.company);
    codat.send("POST", &refresh, None).await.expect(204);
    world.run_jobs().await;
    let mut deleted = 0;
    for list in [
        "suppliers",
        "customers",
        "invoices",
        "bills",
        "payments",
        "items",
        "journalEntries",
    ] {
        let path = format!("/companies/{}/data/{list}", linked.company);
        let all = codat.all(&path).await;
        let kept = codat.all(&format!("{path}?query=metadata.isDeleted!=true")).await;
        assert!(
            kept.iter().all(|record| record["metadata"]["isDeleted"] == false),
            "{list}"
        );
        let flagged = all
            .iter()
            .filter(|record| record["metadata"]["isDeleted"] == true)
            .count();
        assert_eq!(all.len(), kept.len() + flagged, "{list}");
        deleted += flagged;
    }
    assert!(deleted > 0, "nothing was deleted");
    world.end().await;
}

#[tokio::test]
async fn all_history_is_read_and_24_months_of_statements() {
    let world = World::new().await;
    let codat = world.codat();
    let wanted = json!({
        "platform": "xero", "seed": 7, "months": 40, "invoices": 120, "limits": "off", "latency_ms": 0,
    });
    let linked = codat.linked_to(wanted, "Acme").await;
    world.run_jobs().await;
    let company = &linked.company;
    for statement in ["balanceSheet", "profitAndLoss"] {
        let months = "periodLength=1&periodsToCompare=24";
        let path = format!("/companies/{company}/data/financials/{statement}?{months}");
        let reports = codat.get(&path).await.expect(200).json();
        assert_eq!(reports["reports"].as_array().unwrap().len(), 24, "{statement}");
        assert_eq!(
            &reports["earliestAvailableMonth"].as_str().unwrap()[..7],
            "2024-04",
            "{statement}"
        );
    }
    let path = format!("/companies/{company}/data/invoices?orderBy=issueDate&pageSize=1");
    let oldest = codat.get(&path).await.expect(200).json();
    let oldest = oldest["results"][0]["issueDate"].as_str().unwrap().to_owned();
    assert!(*oldest < *"2023-03", "{oldest} is not of the first of 40 months");
    world.end().await;
}
