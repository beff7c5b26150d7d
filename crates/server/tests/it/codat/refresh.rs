use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
async fn second_refresh_while_one_runs_is_refused() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 5).await;
    world.run_jobs().await;
    let path = format!("/companies/{}/data/queue/invoices", linked.company);
    world.codat().send("POST", &path, None).await.expect(200);
    let refused = world.codat().send("POST", &path, None).await.expect(400);
    assert_snapshot!(refused);
    world.run_jobs().await;
    world.codat().send("POST", &path, None).await.expect(200);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn data_status_tells_how_fresh_each_type_is() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    let path = format!("/companies/{}/dataStatus", linked.company);

    let queued = codat.get(&path).await.expect(200).json();
    assert_eq!(queued.as_object().unwrap().len(), 28, "every data type is listed");
    assert_eq!(queued["invoices"]["currentStatus"], "Queued");
    assert_eq!(queued["salesOrders"]["currentStatus"], "NotSupported");
    assert!(
        queued["invoices"].get("lastSuccessfulSync").is_none(),
        "omitted, not null"
    );
    codat
        .get(&format!("/companies/{}/data/invoices", linked.company))
        .await
        .expect(409);

    world.run_jobs().await;
    let complete = codat.get(&path).await.expect(200).json();
    for (data_type, status) in complete.as_object().unwrap() {
        let found = status["currentStatus"].as_str().unwrap();
        assert!(
            matches!(found, "Complete" | "NotSupported"),
            "{data_type}: {found}"
        );
        if found == "Complete" {
            assert_eq!(
                status["latestSyncId"], status["latestSuccessfulSyncId"],
                "{data_type}"
            );
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_type_that_was_never_read_is_not_an_empty_list() {
    let world = World::new().await;
    let company = world.codat().company("Acme").await;
    let answer = world
        .codat()
        .get(&format!("/companies/{company}/data/invoices"))
        .await;
    assert_snapshot!(answer);
    world.end().await;
}

#[tokio::test]
async fn history_keeps_every_pull() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 5).await;
    world.run_jobs().await;
    // Pulls of one instant would be listed in any order.
    world.advance(std::time::Duration::from_secs(1));
    codat
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
    world.run_jobs().await;
    let history = codat
        .all(&format!(
            "/companies/{}/data/history?query=dataType=invoices",
            linked.company
        ))
        .await;
    assert_eq!(history.len(), 2);
    let invoices = format!("/companies/{}/data/invoices", linked.company);
    let listed = codat.all(&invoices).await.len() as u64;
    assert!(listed > 0);
    let read: Vec<u64> = history
        .iter()
        .map(|pull| pull["recordsRead"].as_u64().unwrap())
        .collect();
    assert!(read[1] >= listed, "deleted ones are read as well: {read:?}");
    assert_eq!(read[0], 0, "nothing has changed since");
    for pull in &history {
        assert_eq!(pull["status"], "Complete");
        assert_eq!(pull["progress"], 100);
        assert_eq!(pull["isCompleted"], true);
        let one = codat
            .get(&format!(
                "/companies/{}/data/history/{}",
                linked.company,
                pull["id"].as_str().unwrap()
            ))
            .await
            .expect(200)
            .json();
        assert_eq!(&one, pull);
    }
    world.end().await;
}
