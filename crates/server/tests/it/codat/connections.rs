use insta::assert_snapshot;
use serde_json::json;

use crate::world::World;
use crate::world::browser::Browser;

#[tokio::test]
async fn a_connection_is_made_linked_unlinked_and_linked_again() {
    let world = World::new().await;
    let codat = world.codat();
    let organisation = world.organisation(20).await;
    let company = codat.company("Acme").await;
    let made = codat
        .post(
            &format!("/companies/{company}/connections"),
            json!({ "platformKey": "gbol" }),
        )
        .await
        .expect(200);
    assert_snapshot!(made);
    let link = made.json()["linkUrl"].as_str().unwrap().to_owned();
    let path = format!(
        "/companies/{company}/connections/{}",
        made.json()["id"].as_str().unwrap()
    );

    codat
        .send("PATCH", &path, Some(json!({ "status": "Unlinked" })))
        .await
        .expect(400);

    assert_eq!(
        Browser::new(&world).approve(&link, &organisation).await.outcome(),
        "linked"
    );
    world.run_jobs().await;
    assert_eq!(codat.get(&path).await.expect(200).json()["status"], "Linked");

    let unlinked = codat
        .send("PATCH", &path, Some(json!({ "status": "Unlinked" })))
        .await
        .expect(200)
        .json();
    assert_eq!(unlinked["status"], "Unlinked");
    world.run_jobs().await;
    let invoices = codat
        .get(&format!("/companies/{company}/data/invoices"))
        .await
        .expect(200)
        .json();
    assert!(
        invoices["totalResults"].as_u64().unwrap() > 0,
        "data already read stays readable"
    );

    assert_eq!(
        Browser::new(&world).approve(&link, &organisation).await.outcome(),
        "linked"
    );
    assert_eq!(
        codat.get(&path).await.expect(200).json()["status"],
        "Linked",
        "the same connection is linked again"
    );
    world.run_jobs().await;

    codat.send("DELETE", &path, None).await.expect(200);
    codat.get(&path).await.expect(404);
    world.run_jobs().await;
    world.end().await;
}

#[tokio::test]
async fn a_second_accounting_connection_is_refused() {
    let world = World::new().await;
    let linked = world.codat().linked("Acme", 5).await;
    world.run_jobs().await;
    let path = format!("/companies/{}/connections", linked.company);
    let refused = world
        .codat()
        .post(&path, json!({ "platformKey": "gbol" }))
        .await
        .expect(409);
    assert_snapshot!(refused);
    world.end().await;
}
