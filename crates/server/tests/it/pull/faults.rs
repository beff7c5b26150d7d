use std::time::Duration;

use serde_json::json;

use super::equals_the_ledger::assert_equal;
use crate::world::World;

/// Whatever a platform does wrong for a while, in the end the store equals its ledger.
#[tokio::test]
async fn after_faults_of_every_kind_the_store_equals_the_ledger() {
    for kind in ["429", "5xx_before", "reset", "truncated", "malformed", "html"] {
        let world = World::new().await;
        let codat = world.codat();
        let linked = codat.linked("Acme", 150).await;
        let faults = format!("organisations/{}/faults", linked.organisation);
        world
            .control("POST", &faults, json!({ "kind": kind, "rate": 0.5, "count": 12 }))
            .await;
        for _ in 0..60 {
            world.run_jobs().await;
            world.advance(Duration::from_secs(300));
        }
        let statuses = codat
            .get(&format!("/companies/{}/dataStatus", linked.company))
            .await
            .json();
        for (data_type, status) in statuses.as_object().unwrap() {
            let status = status["currentStatus"].as_str().unwrap();
            assert!(
                matches!(status, "Complete" | "NotSupported"),
                "{kind}: {data_type} is {status}"
            );
        }
        assert_equal(&world, &linked).await;
        world.end().await;
    }
}

#[tokio::test]
async fn a_forbidden_type_ends_with_permissions_error_and_the_others_go_on() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 10).await;
    let faults = format!("organisations/{}/faults", linked.organisation);
    world
        .control(
            "POST",
            &faults,
            json!({ "kind": "forbidden", "rate": 1, "data_type": "purchaseOrders" }),
        )
        .await;
    world.run_jobs().await;
    let statuses = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .json();
    assert_eq!(statuses["purchaseOrders"]["currentStatus"], "PermissionsError");
    assert_eq!(statuses["invoices"]["currentStatus"], "Complete");
    world.end().await;
}

#[tokio::test]
async fn a_customer_who_cuts_access_has_to_link_again() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 10).await;
    world.run_jobs().await;
    world
        .control(
            "POST",
            &format!("organisations/{}/revoke", linked.organisation),
            json!({}),
        )
        .await;
    world.advance(Duration::from_secs(3600));
    codat
        .send(
            "POST",
            &format!("/companies/{}/data/queue/invoices", linked.company),
            None,
        )
        .await
        .expect(200);
    world.run_jobs().await;
    let path = format!("/companies/{}/connections/{}", linked.company, linked.connection);
    assert_eq!(codat.get(&path).await.json()["status"], "Deauthorized");
    let statuses = codat
        .get(&format!("/companies/{}/dataStatus", linked.company))
        .await
        .json();
    assert_eq!(statuses["invoices"]["currentStatus"], "AuthError");
    let invoices = codat
        .get(&format!("/companies/{}/data/invoices", linked.company))
        .await
        .expect(200);
    assert!(
        invoices.json()["totalResults"].as_u64().unwrap() > 0,
        "what was read stays readable"
    );
    world.end().await;
}
