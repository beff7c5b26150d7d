use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn deleted_records_stay_and_say_so() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 60).await;
    world.run_jobs().await;
    let before = codat
        .all(&format!("/companies/{}/data/items", linked.company))
        .await;
    world
        .control(
            "POST",
            &format!("organisations/{}/mutate", linked.organisation),
            json!({ "seed": 9, "creates": 0, "edits": 0, "deletes": 30, "voids": 0 }),
        )
        .await;
    world.advance(std::time::Duration::from_secs(60));
    codat
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
    world.run_jobs().await;
    let after = codat
        .all(&format!("/companies/{}/data/items", linked.company))
        .await;
    assert_eq!(before.len(), after.len(), "nothing is lost");
    let mut deleted = 0;
    for path in ["invoices", "bills", "payments", "items", "purchaseOrders"] {
        let list = format!(
            "/companies/{}/data/{path}?query=metadata.isDeleted=true",
            linked.company
        );
        for record in codat.all(&list).await {
            assert_eq!(record["metadata"]["isDeleted"], true);
            assert!(record["modifiedDate"].is_string());
            deleted += 1;
        }
    }
    assert!(deleted > 0, "some of what was deleted is listed as deleted");
    world.end().await;
}

#[tokio::test]
async fn a_short_list_never_deletes_at_once() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 400).await;
    world.run_jobs().await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    let live = |records: &[serde_json::Value]| {
        records
            .iter()
            .filter(|record| record["metadata"]["isDeleted"] == false)
            .count()
    };
    let before = live(&codat.all(&list).await);
    world
        .control(
            "POST",
            &format!("organisations/{}/faults", linked.organisation),
            json!({ "kind": "short_list", "rate": 1, "count": 1, "data_type": "invoices" }),
        )
        .await;
    codat
        .send(
            "POST",
            &format!("/companies/{}/data/queue/invoices?full=true", linked.company),
            None,
        )
        .await
        .expect(200);
    world.run_jobs().await;
    assert_eq!(live(&codat.all(&list).await), before);
    world.end().await;
}

#[tokio::test]
async fn what_is_deleted_before_the_first_read_is_never_seen_and_what_comes_back_is_live_again() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    let early = json!({ "seed": 2, "deletes": 26 });
    let early = ids(&world.control("POST", &mutate, early).await);
    world.run_jobs().await;
    for (path, id) in &early {
        let list = format!("/companies/{}/data/{path}", linked.company);
        let list = if path.starts_with("direct") || path == "transfers" {
            format!(
                "/companies/{}/connections/{}/data/{path}",
                linked.company, linked.connection
            )
        } else {
            list
        };
        let records = codat.all(&list).await;
        assert!(records.iter().all(|record| record["id"] != *id), "{path} {id}");
    }

    let refresh = format!("/companies/{}/data/all", linked.company);
    let read = async |path: &str, id: &str| {
        let list = format!("/companies/{}/data/{path}?query=id={id}", linked.company);
        codat.all(&list).await.remove(0)
    };
    world.advance(std::time::Duration::from_secs(3600));
    let late = json!({ "seed": 3, "deletes": 26 });
    let late = ids(&world.control("POST", &mutate, late).await);
    codat.send("POST", &refresh, None).await.expect(204);
    world.run_jobs().await;
    let (path, id) = late.iter().find(|(path, _)| path == "purchaseOrders").unwrap();
    let deleted = read(path, id).await;
    assert_eq!(deleted["metadata"]["isDeleted"], true);

    world.advance(std::time::Duration::from_secs(3600));
    for seed in 4..8 {
        world
            .control("POST", &mutate, json!({ "seed": seed, "restores": 40 }))
            .await;
    }
    codat.send("POST", &refresh, None).await.expect(204);
    world.run_jobs().await;
    let restored = read(path, id).await;
    assert_eq!(restored["metadata"]["isDeleted"], false);
    assert!(restored["modifiedDate"].as_str() > deleted["modifiedDate"].as_str());
    let (path, id) = early.iter().find(|(path, _)| path == "items").unwrap();
    assert_eq!(read(path, id).await["metadata"]["isDeleted"], false);
    super::equals_the_ledger::assert_equal(&world, &linked).await;
    world.end().await;
}

/// Our path of its list, and the id, of each change that was made.
fn ids(made: &serde_json::Value) -> Vec<(String, String)> {
    let changes = made["results"].as_array().unwrap().iter();
    changes
        .map(|change| {
            let text = |name: &str| change[name].as_str().unwrap().to_owned();
            let path = match text("dataType").as_str() {
                "chartOfAccounts" => "accounts".to_owned(),
                other => other.to_owned(),
            };
            (path, text("id"))
        })
        .collect()
}

#[tokio::test]
async fn void_and_archived_are_states_of_records_that_are_there() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 80).await;
    world.run_jobs().await;
    world.advance(std::time::Duration::from_secs(3600));
    let mutate = format!("organisations/{}/mutate", linked.organisation);
    let made = world
        .control("POST", &mutate, json!({ "seed": 5, "voids": 8, "edits": 32 }))
        .await;
    let refresh = format!("/companies/{}/data/all", linked.company);
    codat.send("POST", &refresh, None).await.expect(204);
    world.run_jobs().await;
    let voided = made["results"].as_array().unwrap().iter();
    let mut seen = 0;
    for change in voided.filter(|change| change["what"] == "void" && change["dataType"] == "invoices") {
        let id = change["id"].as_str().unwrap();
        let list = format!("/companies/{}/data/invoices?query=id={id}", linked.company);
        let record = codat.all(&list).await.remove(0);
        assert_eq!(record["status"], "Void");
        assert_eq!(record["metadata"]["isDeleted"], false);
        seen += 1;
    }
    assert!(seen > 0);
    let list = format!(
        "/companies/{}/data/customers?query=status=Archived",
        linked.company
    );
    for archived in codat.all(&list).await {
        assert_eq!(archived["metadata"]["isDeleted"], false);
    }
    world.end().await;
}
