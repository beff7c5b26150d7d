use serde_json::json;

use super::{books, transaction};
use crate::world::World;

#[tokio::test]
async fn there_is_one_sync_at_a_time_and_datasets_can_always_be_made() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let datasets = format!("{}/data/expense-transactions", books.base);
    let syncs = format!("{}/syncs", books.base);
    let hand_over = async |number| {
        let items = json!({ "items": [books.payment(number)] });
        codat.post(&datasets, items).await.expect(200);
    };
    hand_over(1).await;
    let first = codat.send("POST", &syncs, None).await.expect(202).json();
    let running = first["syncId"].as_str().unwrap();
    let status = codat.get(&format!("{syncs}/{running}/status")).await.json();
    assert_eq!(status["syncStatusCode"], 1000);
    assert_eq!(status["syncStatus"], "Started");
    assert_eq!(status["dataPushed"], false);
    hand_over(2).await;
    let refused = codat.send("POST", &syncs, None).await.expect(422).json();
    assert_eq!(
        refused["error"],
        format!(
            "Cannot start a sync for {} as sync {running} is still in progress",
            books.linked.company
        )
    );
    world.run_jobs().await;
    codat
        .post(&syncs, json!({ "datasetIds": null }))
        .await
        .expect(202);
    world.run_jobs().await;
    assert_eq!(books.written(&world).await, 2);
    // Nothing waits any more.
    codat.post(&syncs, json!({})).await.expect(202);
    world.run_jobs().await;
    let latest = codat.get(&format!("{syncs}/latest/status")).await.json();
    assert_eq!(latest["syncStatusCode"], 2040);
    assert_eq!(latest["syncStatus"], "Complete");
    world.end().await;
}

#[tokio::test]
async fn what_is_in_the_books_is_not_written_twice() {
    let world = World::new().await;
    let books = books(&world, 0).await;
    books.sync(&world, vec![books.payment(1)]).await;
    let (_, status) = books.sync(&world, vec![books.payment(1), books.payment(2)]).await;
    let status = status.json();
    assert_eq!(status["syncStatusCode"], 5080, "{status}");
    assert_eq!(
        status["errorMessage"],
        format!(
            "One or more transactions have previously been processed: {}",
            transaction(1)
        )
    );
    assert_eq!(books.written(&world).await, 2);
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_booked_is_told_by_transaction_and_can_be_corrected() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let mut wrong = books.payment(1);
    wrong["lines"][0]["accountRef"]["id"] = json!("00000000-0000-4000-8000-000000000000");
    let (sync, status) = books.sync(&world, vec![wrong, books.payment(2)]).await;
    let status = status.json();
    assert_eq!(status["syncStatusCode"], 5120, "{status}");
    assert_eq!(status["dataPushed"], true);
    let path = format!("{}/syncs/{sync}/transactions/{}", books.base, transaction(1));
    let row = codat.get(&path).await.expect(200).json();
    assert_eq!(row[0]["status"], "ValidationError");
    assert_eq!(row[0]["integrationType"], "expense");
    assert!(
        row[0]["message"]
            .as_str()
            .unwrap()
            .contains("00000000-0000-4000-8000-000000000000"),
        "{row}"
    );
    let (_, status) = books.sync(&world, vec![books.payment(1)]).await;
    assert_eq!(status.json()["syncStatusCode"], 2000, "{status}");
    assert_eq!(books.written(&world).await, 2);
    world.end().await;
}

#[tokio::test]
async fn a_posted_expense_is_changed_by_a_sync_of_its_own() {
    let world = World::new().await;
    let codat = world.codat();
    let books = books(&world, 0).await;
    let path = format!("{}/expense-transactions/{}", books.base, transaction(1));
    codat.send("PUT", &path, Some(books.payment(1))).await.expect(404);
    books.sync(&world, vec![books.payment(1)]).await;
    let mut changed = books.payment(1);
    changed["lines"][0]["netAmount"] = json!(41.5);
    changed.as_object_mut().unwrap().remove("currency");
    let made = codat.send("PUT", &path, Some(changed)).await.expect(202).json();
    world.run_jobs().await;
    let path = format!("{}/syncs/{}/status", books.base, made["syncId"].as_str().unwrap());
    let status = codat.get(&path).await.json();
    assert_eq!(status["syncStatusCode"], 2000, "{status}");
    assert_eq!(books.written(&world).await, 1);
    world.end().await;
}

#[tokio::test]
async fn a_stranger_sees_nothing_of_it() {
    let world = World::new().await;
    let books = books(&world, 0).await;
    let (sync, _) = books.sync(&world, vec![books.payment(1)]).await;
    let stranger = world.another_app().await;
    for path in [
        format!("{}/config", books.base),
        format!("{}/syncs/{sync}/status", books.base),
        format!("{}/syncs/{sync}/transactions", books.base),
        format!("/companies/{}/push/{sync}", books.linked.company),
    ] {
        stranger.codat(&world).get(&path).await.expect(404);
    }
    // Nor does another company of the same app.
    let other = world.codat().company("Other").await;
    let path = format!("/companies/{other}/sync/expenses/syncs/{sync}/status");
    world.codat().get(&path).await.expect(404);
    world.end().await;
}
