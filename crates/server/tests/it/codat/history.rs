use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;

const TYPES: [&str; 5] = ["invoices", "bills", "payments", "items", "customers"];

#[tokio::test]
async fn pages_that_were_begun_before_a_refresh_go_on_as_they_began() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 120).await;
    world.run_jobs().await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    let before = codat.all(&list).await;

    let mut found = Vec::new();
    let mut next = Some(format!("{list}?pageSize=17&asOf=latest"));
    while let Some(path) = next {
        let page = codat.get(&path).await.expect(200).json();
        found.extend(page["results"].as_array().unwrap().iter().cloned());
        if found.len() == 17 {
            change(&world, &linked.organisation, 11).await;
            refresh(&world, &linked.company).await;
        }
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(found, before, "a reader saw two states");
    assert_ne!(codat.all(&list).await, before);
    world.end().await;
}

#[tokio::test]
async fn every_refresh_can_be_read_again_and_the_feed_leads_from_one_to_the_next() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    let company = &linked.company;
    // What a client knows: the lists once, then the feed alone.
    let mut known = state(&world, company, "latest").await;
    let mut cursor = codat.get("/changes?since=latest").await.expect(200).json()["next"].clone();
    let mut remembered = Vec::new();
    for seed in 21..25 {
        change(&world, &linked.organisation, seed).await;
        refresh(&world, company).await;
        let feed = codat.get("/changes?since=latest").await.expect(200).json();
        assert_eq!(feed["results"], json!([]));
        loop {
            let path = format!("/changes?limit=9&cursor={}", cursor.as_str().unwrap());
            let page = codat.get(&path).await.expect(200).json();
            for change in page["results"].as_array().unwrap() {
                follow(&world, company, &mut known, change).await;
            }
            cursor = page["next"].clone();
            if page["hasMore"] == false {
                break;
            }
        }
        let now = state(&world, company, "").await;
        assert_eq!(known, now, "after the refresh of seed {seed}");
        let status = codat
            .get(&format!("/companies/{company}/dataStatus"))
            .await
            .expect(200)
            .json();
        let datasets = TYPES.map(|data_type| status[data_type]["latestSyncId"].as_str().unwrap().to_owned());
        remembered.push((datasets, now));
    }
    for (datasets, expected) in remembered {
        for (data_type, dataset) in TYPES.into_iter().zip(datasets) {
            let list = format!("/companies/{company}/data/{data_type}");
            let then: Vec<_> = codat.all(&format!("{list}?asOf={dataset}")).await;
            let expected: Vec<_> = expected.iter().filter(|((of, _), _)| of == data_type).collect();
            assert_eq!(then.len(), expected.len());
            for (record, ((_, id), known)) in then.iter().zip(expected) {
                assert_eq!(record["id"], **id);
                assert_eq!(record, known);
            }
        }
    }
    let one = &known.iter().find(|((of, _), _)| of == "invoices").unwrap().0.1;
    let versions = codat
        .get(&format!("/companies/{company}/data/invoices/{one}/versions"))
        .await
        .expect(200);
    assert_eq!(
        versions.json()["results"][0]["record"],
        known[&("invoices".to_owned(), one.clone())]
    );
    world.end().await;
}

/// By type and id.
type State = BTreeMap<(String, String), Value>;

async fn state(world: &World, company: &str, as_of: &str) -> State {
    let mut state = State::new();
    for data_type in TYPES {
        let list = format!("/companies/{company}/data/{data_type}?asOf={as_of}");
        for record in world.codat().all(&list).await {
            let id = record["id"].as_str().unwrap().to_owned();
            state.insert((data_type.to_owned(), id), record);
        }
    }
    state
}

/// Do as a client does that hears of a change: read the record.
async fn follow(world: &World, company: &str, known: &mut State, change: &Value) {
    let field = |name: &str| change[name].as_str().unwrap().to_owned();
    let (data_type, id) = (field("dataType"), field("recordId"));
    if !TYPES.contains(&data_type.as_str()) {
        return;
    }
    let path = format!("/companies/{company}/data/{data_type}/{id}");
    let record = world.codat().get(&path).await.expect(200).json();
    let is_deleted = record["metadata"]["isDeleted"] == true;
    let before = known.insert((data_type, id), record);
    let was_live = before.is_some_and(|record| record["metadata"]["isDeleted"] == false);
    let expected = match (was_live, is_deleted) {
        (_, true) => "removed",
        (true, false) => "changed",
        (false, false) => "added",
    };
    assert_eq!(change["kind"], expected);
}

async fn change(world: &World, organisation: &str, seed: u64) {
    let changes = json!({ "seed": seed, "creates": 6, "edits": 12, "deletes": 4, "voids": 2 });
    world
        .control("POST", &format!("organisations/{organisation}/mutate"), changes)
        .await;
}

async fn refresh(world: &World, company: &str) {
    world.advance(Duration::from_secs(3600));
    let path = format!("/companies/{company}/data/all");
    world.codat().send("POST", &path, None).await.expect(204);
    world.run_jobs().await;
}
