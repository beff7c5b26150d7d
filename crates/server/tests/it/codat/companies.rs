use insta::assert_snapshot;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_company_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let codat = world.codat();
    let made = codat
        .post(
            "/companies",
            json!({ "name": "Example Company (Codat[1])", "tags": { "region": "uk" } }),
        )
        .await
        .expect(200);
    assert_snapshot!(made);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/companies/{id}");
    assert_eq!(codat.get(&path).await.expect(200).body, made.body);

    let updated = codat
        .send("PATCH", &path, Some(json!({ "description": "A bakery" })))
        .await
        .expect(200)
        .json();
    assert_eq!(updated["description"], "A bakery");
    assert_eq!(
        updated["tags"],
        json!({ "region": "uk" }),
        "what a PATCH does not name stays"
    );

    let replaced = codat
        .send("PUT", &path, Some(json!({ "name": "Kern" })))
        .await
        .expect(200)
        .json();
    assert_eq!(replaced["name"], "Kern");
    assert_eq!(replaced["tags"], json!({}), "what a PUT does not name is cleared");

    codat.send("DELETE", &path, None).await.expect(204);
    world.run_jobs().await;
    codat.get(&path).await.expect(404);
    world.end().await;
}

#[tokio::test]
async fn foreign_absent_and_malformed_ids_have_the_same_answer() {
    let world = World::new().await;
    let stranger = world.another_app().await;
    let foreign = world.codat().company("Acme").await;
    for id in [
        foreign.as_str(),
        "0195f000-0000-7000-8000-000000000000",
        "nonsense",
        "..%2f..%2fetc",
    ] {
        let answer = stranger
            .codat(&world)
            .get(&format!("/companies/{id}"))
            .await
            .expect(404)
            .json();
        assert_eq!(answer["service"], "ClientsApi");
        let shown = answer["error"].as_str().unwrap();
        assert!(shown.starts_with("No company was found with ID "), "{shown}");
    }
    assert_eq!(stranger.codat(&world).all("/companies").await.len(), 0);
    world.end().await;
}

#[tokio::test]
async fn companies_are_found_by_query_tags_and_connection_status() {
    let world = World::new().await;
    let codat = world.codat();
    let harbour = codat
        .post(
            "/companies",
            json!({ "name": "Harbour", "tags": { "region": "uk" } }),
        )
        .await
        .json();
    let orchard = codat.company("Orchard").await;
    codat.connection(&orchard).await;
    let ids = async |path: &str| -> Vec<String> {
        codat
            .all(path)
            .await
            .iter()
            .map(|company| company["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        ids("/companies?query=name=harbour").await,
        [harbour["id"].as_str().unwrap()]
    );
    assert_eq!(
        ids("/companies?query=dataConnections.status%3DPendingAuth").await,
        std::slice::from_ref(&orchard)
    );
    assert_eq!(
        ids("/companies?tags=region%20%3D%20uk").await,
        [harbour["id"].as_str().unwrap()]
    );
    assert_eq!(ids("/companies?orderBy=-name").await[0], orchard);
    assert_eq!(
        ids("/Companies?OrderBy=name").await[0],
        harbour["id"].as_str().unwrap(),
        "case does not matter"
    );
    world.end().await;
}
