use crate::world::World;

#[tokio::test]
async fn pages_hold_every_record_once() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 120).await;
    world.run_jobs().await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    let whole = codat
        .get(&format!("{list}?pageSize=5000"))
        .await
        .expect(200)
        .json();
    let mut ids = Vec::new();
    for page in 1..=40 {
        let answer = codat
            .get(&format!("{list}?page={page}&pageSize=7"))
            .await
            .expect(200)
            .json();
        let results = answer["results"].as_array().unwrap().clone();
        assert_eq!(answer["totalResults"], whole["totalResults"]);
        assert_eq!(
            answer["_links"].get("next").is_some(),
            page * 7 < answer["totalResults"].as_u64().unwrap()
        );
        ids.extend(
            results
                .iter()
                .map(|record| record["id"].as_str().unwrap().to_owned()),
        );
    }
    let all: Vec<_> = whole["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, all);
    world.end().await;
}

#[tokio::test]
async fn queries_and_orders_compare_values_not_texts() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 120).await;
    world.run_jobs().await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    let all = codat.all(&list).await;
    let find = async |query: &str| {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        codat.all(&format!("{list}?query={query}")).await
    };
    let count = |keep: &dyn Fn(&serde_json::Value) -> bool| all.iter().filter(|record| keep(record)).count();

    assert_eq!(
        find("status = paid").await.len(),
        count(&|record| record["status"] == "Paid")
    );
    assert_eq!(
        find("totalAmount>1000&&amountDue=0").await.len(),
        count(&|record| record["totalAmount"].as_f64() > Some(1000.0)
            && record["amountDue"].as_f64() == Some(0.0))
    );
    assert_eq!(
        find("{status=Paid||status=Draft}&&issueDate>=2025-10-01")
            .await
            .len(),
        count(&|record| {
            (record["status"] == "Paid" || record["status"] == "Draft")
                && record["issueDate"].as_str() >= Some("2025-10-01")
        })
    );
    let deleted = count(&|record| record["metadata"]["isDeleted"] == true);
    assert_eq!(find("metadata.isDeleted!=true").await.len(), all.len() - deleted);

    let ordered = codat.all(&format!("{list}?orderBy=-totalAmount")).await;
    let totals: Vec<_> = ordered
        .iter()
        .map(|record| record["totalAmount"].as_f64().unwrap())
        .collect();
    assert!(totals.is_sorted_by(|one, next| one >= next), "{totals:?}");
    world.end().await;
}

#[tokio::test]
async fn polling_by_modified_date_finds_what_changed() {
    let world = World::new().await;
    let codat = world.codat();
    let linked = codat.linked("Acme", 60).await;
    world.run_jobs().await;
    world.advance(std::time::Duration::from_secs(3600));
    let since = world.now();
    let wanted = serde_json::json!({ "seed": 5, "creates": 6, "edits": 8, "deletes": 2, "voids": 2 });
    world
        .control(
            "POST",
            &format!("organisations/{}/mutate", linked.organisation),
            wanted,
        )
        .await;
    codat
        .send("POST", &format!("/companies/{}/data/all", linked.company), None)
        .await
        .expect(204);
    world.run_jobs().await;
    let list = format!("/companies/{}/data/invoices", linked.company);
    let all = codat.all(&list).await;
    let changed = codat
        .all(&format!(
            "{list}?query=modifiedDate%3E%3D{}",
            since.strftime("%Y-%m-%dT%H:%M:%SZ")
        ))
        .await;
    assert!(
        !changed.is_empty() && changed.len() < all.len(),
        "{} of {}",
        changed.len(),
        all.len()
    );
    world.end().await;
}
