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
            &format!("/companies/{}/data/queue/invoices", linked.company),
            None,
        )
        .await
        .expect(200);
    world.run_jobs().await;
    assert_eq!(live(&codat.all(&list).await), before);
    world.end().await;
}
