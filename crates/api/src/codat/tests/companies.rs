use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::Value;

use crate::testing::World;

impl World {
    async fn company(&self, body: &str) -> Value {
        let made = self.post("/companies", body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        made.json()
    }
}

fn id(of: &Value) -> &str {
    of["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_company_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let made = world
        .company(r#"{"name":"Example Company (Codat[1])","description":"A first","tags":{"uid":"7"}}"#)
        .await;
    assert_eq!(made["name"], "Example Company Codat1");
    assert_eq!(made["platform"], "");
    assert_eq!(made["created"], "2027-03-05T12:00:00.0000000Z");
    assert_eq!(made["createdByUserName"], "tests");
    for list in ["dataConnections", "products", "referenceSubsidiaryCompanies"] {
        assert_eq!(made[list], Value::Array(vec![]), "{list}");
    }
    assert!(made.get("lastSync").is_none());
    let link = made["redirect"].as_str().unwrap();
    assert!(link.starts_with("https://books.example/link/s/"), "{link}");

    let path = format!("/companies/{}", id(&made));
    assert_eq!(world.get(&path).await.json(), made);
    let without_hyphens = format!("/COMPANIES/{}", id(&made).replace('-', ""));
    assert_eq!(world.get(&without_hyphens).await.json(), made);

    let patched = world
        .send("PATCH", &path, r#"{"description":"Another"}"#)
        .await
        .json();
    assert_eq!(patched["description"], "Another");
    assert_eq!(patched["tags"]["uid"], "7");
    assert_eq!(patched["redirect"], made["redirect"]);
    let patched = world.send("PATCH", &path, r#"{"tags":null}"#).await.json();
    assert_eq!(patched["tags"], serde_json::json!({}));
    let put = world
        .send("PUT", &path, r#"{"name":"Kern","tags":{"a":"b"}}"#)
        .await
        .json();
    assert_eq!((&put["name"], &put["description"]), (&"Kern".into(), &"".into()));

    let deleted = world.send("DELETE", &path, "").await;
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    let gone = format!("No company was found with ID {}", id(&made));
    assert_eq!(world.get(&path).await.error(404), gone);
    assert_eq!(world.send("DELETE", &path, "").await.error(404), gone);
    assert_eq!(world.get("/companies").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn what_a_company_cannot_be_is_refused_by_field() {
    let world = World::new().await;
    let many: Vec<String> = (0..11).map(|n| format!("\"k{n}\":\"v\"")).collect();
    let many = format!(r#"{{"name":"x","tags":{{{}}}}}"#, many.join(","));
    let long = format!(r#"{{"name":"x","tags":{{"k":"{}"}}}}"#, "v".repeat(101));
    for (body, field) in [
        ("{}", "name"),
        (r#"{"name":"[]"}"#, "name"),
        (r#"{"name":null}"#, "name"),
        (r#"{"name":"x","tags":{"k":1}}"#, "tags.k"),
        (many.as_str(), "tags"),
        (long.as_str(), "tags.k"),
    ] {
        let error = world.post("/companies", body).await.error(400);
        assert!(error.contains(&format!("`{field}`")), "{body}: {error}");
    }
}

#[tokio::test]
async fn companies_are_listed_by_page_query_and_tags() {
    let world = World::new().await;
    assert_eq!(world.get("/companies").await.json()["totalResults"], 0);
    for (name, region) in [("Alder", "uk"), ("Birch", "us"), ("Cedar", "uk")] {
        let body = format!(r#"{{"name":"{name}","tags":{{"region":"{region}","team":"a"}}}}"#);
        world.company(&body).await;
        world.clock.advance(Duration::from_millis(1));
    }
    let (linked, _) = world.linked_company("Damson").await;
    let names = async |query: &str| {
        let answer = world.get(&format!("/companies?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let answer = answer.json();
        let rows = answer["results"].as_array().unwrap();
        let names: Vec<String> = rows
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(" "), answer["totalResults"].as_u64().unwrap())
    };
    assert_eq!(names("pageSize=2&page=2").await, ("Cedar Damson".to_owned(), 4));
    assert_eq!(names("page=9").await, (String::new(), 4));
    assert_eq!(
        names("query=name%20~%20ED&orderBy=-name").await,
        ("Cedar".to_owned(), 1)
    );
    assert_eq!(names("orderBy=-name&pageSize=1").await, ("Damson".to_owned(), 4));
    assert_eq!(
        names("tags=Region%20%3D%20uk%20%26%26%20team%20!%3D%20b").await,
        ("Alder Cedar Damson".to_owned(), 3)
    );
    assert_eq!(
        names("query=dataConnections.status%3Dlinked").await,
        ("Damson".to_owned(), 1)
    );
    assert_eq!(
        names("query=dataConnections.status!%3DLinked").await,
        ("Alder Birch Cedar".to_owned(), 3)
    );
    let by_id = format!("query=id%3D{}", linked.id);
    assert_eq!(names(&by_id).await, ("Damson".to_owned(), 1));
    let error = world.get("/companies?query=size%3D1").await.error(400);
    assert_eq!(
        error,
        "Error parsing query - Could not resolve property size on Company"
    );
    assert!(
        world
            .get("/companies?tags=region%3E1")
            .await
            .error(400)
            .starts_with("Error parsing query")
    );
}

#[tokio::test]
async fn a_connection_is_made_unlinked_and_deleted() {
    let world = World::new().await;
    let company = world.company(r#"{"name":"Kern"}"#).await;
    let path = format!("/companies/{}/connections", id(&company));
    let made = world.post(&path, r#"{"platformKey":"ABCD"}"#).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let made = made.json();
    assert_eq!(made["status"], "PendingAuth");
    assert_eq!(made["integrationKey"], "abcd");
    assert_eq!(made["sourceType"], "Accounting");
    assert_eq!(made["platformName"], "Abacus");
    assert_eq!(made["dataConnectionErrors"], Value::Array(vec![]));
    assert!(
        made["linkUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://books.example/link/s/")
    );
    let one = format!("{path}/{}", id(&made));
    assert_eq!(world.get(&one).await.json(), made);
    assert_eq!(world.get(&path).await.json()["results"][0], made);
    let of_company = world.get(&format!("/companies/{}", id(&company))).await.json();
    assert_eq!(of_company["dataConnections"][0], made);

    let error = world
        .send("PATCH", &one, r#"{"status":"Unlinked"}"#)
        .await
        .error(400);
    assert!(error.contains("`Linked`"), "{error}");
    let error = world
        .send("PATCH", &one, r#"{"status":"Linked"}"#)
        .await
        .error(400);
    assert!(error.contains("`status`"), "{error}");
    let error = world.post(&path, r#"{"platformKey":"zzzz"}"#).await.error(400);
    assert!(error.contains("`platformKey`"), "{error}");
    let error = world.post(&path, "{}").await.error(400);
    assert!(error.contains("`platformKey`"), "{error}");

    let deleted = world.send("DELETE", &one, "").await;
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (200, ""));
    let gone = format!("Data connection {} not found", id(&made));
    assert_eq!(world.get(&one).await.error(404), gone);
    assert_eq!(world.get(&path).await.json()["totalResults"], 0);
}

#[tokio::test]
async fn a_linked_connection_is_unlinked_once_and_stays_readable() {
    let world = World::new().await;
    world.company(r#"{"name":"First"}"#).await;
    let (company, connection) = world.linked_company("Kern").await;
    let invoices = [("1", "{\"id\":\"1\"}")];
    world
        .publish(&connection, ledgerline_model::DataType::Invoices, &invoices)
        .await;
    let path = format!("/companies/{}/connections", company.id);
    let error = world.post(&path, r#"{"platformKey":"abcd"}"#).await.error(409);
    assert!(error.contains(&connection.id.to_string()), "{error}");

    let one = format!("{path}/{}", connection.id);
    let unlinked = world.send("PATCH", &one, r#"{"status":"Unlinked"}"#).await;
    assert_eq!(unlinked.status, 200, "{}", unlinked.text);
    assert_eq!(unlinked.json()["status"], "Unlinked");
    world
        .send("PATCH", &one, r#"{"status":"Unlinked"}"#)
        .await
        .error(400);
    let read = world
        .get(&format!("/companies/{}/data/invoices", company.id))
        .await;
    assert_eq!(read.json()["totalResults"], 1);
    let error = world
        .post(&format!("/companies/{}/data/all", company.id), "")
        .await
        .error(400);
    assert_eq!(error, "The company has no linked connection to read from.");
    let error = world
        .post(&format!("/companies/{}/data/queue/bills", company.id), "")
        .await;
    assert_eq!(
        error.error(400),
        "The company has no linked connection to read from."
    );
}

#[tokio::test]
async fn a_companys_token_may_connect_it() {
    let world = World::new().await;
    let company = world.company(r#"{"name":"Kern"}"#).await;
    let answer = world
        .get(&format!("/companies/{}/accessToken", id(&company)))
        .await
        .json();
    let token = format!("Bearer {}", answer["accessToken"].as_str().unwrap());
    let request = |method: &str, path: String, body: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", &token)
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let path = format!("/companies/{}", id(&company));
    assert_eq!(world.raw(request("GET", path.clone(), "")).await.status, 200);
    world.raw(request("DELETE", path.clone(), "")).await.error(403);
    world
        .raw(request("GET", "/companies".to_owned(), ""))
        .await
        .error(403);
    let connections = format!("{path}/connections");
    let made = world
        .raw(request("POST", connections, r#"{"platformKey":"efgh"}"#))
        .await;
    assert_eq!(made.json()["status"], "PendingAuth");
}
