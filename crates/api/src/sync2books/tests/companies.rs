use ledgerline_model::connection::State;
use serde_json::json;

use super::{BASE, text};
use crate::testing::World;

#[tokio::test]
async fn a_company_is_made_with_the_address_at_which_it_connects() {
    let world = World::new().await;
    let path = format!("{BASE}/companies");
    let made = world.post(&path, r#"{"name":" Kern & Söhne "}"#).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = made.json();
    let id = text(&body["company"]["id"]);
    assert_eq!(
        body["company"],
        json!({ "id": id, "name": "Kern & Söhne", "isActive": true })
    );
    let url = text(&body["authUrl"]);
    assert!(url.starts_with("https://books.example/link/s/"), "{url}");
    assert!(!url.contains('?'), "the customer chooses: {url}");

    // A name need not be unique; the software can be said beforehand.
    let again = world
        .post(&path, r#"{"name":"Kern & Söhne","integrationKey":"abacus"}"#)
        .await
        .json();
    assert_ne!(again["company"]["id"], id.as_str());
    assert!(text(&again["authUrl"]).ends_with("?platform=abacus"));
}

#[tokio::test]
async fn companies_are_listed_page_by_page_whichever_dialect_made_them() {
    let world = World::new().await;
    world.linked_company("Codat's").await;
    for name in ["B", "C"] {
        world.clock.advance(std::time::Duration::from_secs(1));
        world.made(name).await;
    }
    let page = world
        .get(&format!("{BASE}/companies?page=1&limit=2"))
        .await
        .json();
    assert_eq!(
        page["pagination"],
        json!({ "page": 1, "limit": 2, "total": 3, "totalPages": 2 })
    );
    assert_eq!(page["companies"][0]["name"], "Codat's");
    assert_eq!(page["companies"][1]["name"], "B");
    let page = world
        .get(&format!("{BASE}/companies?page=2&limit=2"))
        .await
        .json();
    assert_eq!(page["companies"].as_array().unwrap().len(), 1);
    assert_eq!(page["companies"][0]["name"], "C");
    let beyond = world
        .get(&format!("{BASE}/companies?page=4294967295&limit=100"))
        .await;
    assert_eq!(beyond.json()["companies"], json!([]));
}

#[tokio::test]
async fn an_auth_url_is_for_one_software_whatever_the_case_of_its_key() {
    let world = World::new().await;
    let id = world.made("Kern").await;
    let path = format!("{BASE}/companies/{id}/auth-url");
    let upper = world.get(&format!("{path}?integrationKey=ABACUS")).await;
    assert_eq!(upper.status, 200, "{}", upper.text);
    let lower = world.get(&format!("{path}?integrationKey=abacus")).await;
    assert_eq!(upper.json(), lower.json());
    assert!(text(&upper.json()["authUrl"]).ends_with("?platform=abacus"));
    for (query, expected) in [
        (
            "?integrationKey=SAGE",
            "integrationKey SAGE is not supported; supported are: ABACUS",
        ),
        (
            "?integrationKey=QUICKBOOKS_DESKTOP",
            "integrationKey QUICKBOOKS_DESKTOP is not supported; supported are: ABACUS",
        ),
        ("?integrationKey=", "integrationKey must be one of: ABACUS"),
        ("", "integrationKey must be one of: ABACUS"),
    ] {
        assert_eq!(world.get(&format!("{path}{query}")).await.message(400), expected);
    }
    let refused = world
        .post(
            &format!("{BASE}/companies"),
            r#"{"name":"x","integrationKey":"SAGE"}"#,
        )
        .await;
    assert!(
        refused
            .message(400)
            .starts_with("integrationKey SAGE is not supported")
    );
}

#[tokio::test]
async fn a_connected_company_gets_no_address_until_it_is_disconnected() {
    let world = World::new().await;
    let (company, connection) = world.linked_company("Kern").await;
    let auth_url = format!("{BASE}/companies/{}/auth-url?integrationKey=ABACUS", company.id);
    let refused = world.get(&auth_url).await.message(409);
    assert!(refused.contains(&connection.id.to_string()), "{refused}");

    let list = format!("{BASE}/companies/{}/connections", company.id);
    let shown = world.get(&list).await.json();
    assert_eq!(
        shown,
        json!({ "connections": [{
            "id": connection.id.to_string(), "integrationKey": "ABACUS", "companyId": company.id.to_string(),
            "status": "CONNECTED", "created": "2027-03-05T12:00:00.0000000Z",
        }] })
    );
    let one = format!("{list}/{}", connection.id);
    for body in [
        r#"{"status":"CONNECTED"}"#,
        r#"{"status":"disconnected"}"#,
        r#"{"status":"ERROR"}"#,
    ] {
        let refused = world.send("PATCH", &one, body).await;
        assert_eq!(refused.message(400), "status must be one of: DISCONNECTED");
    }
    for _ in 0..2 {
        let cut = world.send("PATCH", &one, r#"{"status":"DISCONNECTED"}"#).await;
        assert_eq!(cut.status, 200, "{}", cut.text);
        assert_eq!(cut.json()["status"], "DISCONNECTED");
    }
    assert_eq!(world.get(&auth_url).await.status, 200);
}

#[tokio::test]
async fn states_have_three_words_and_without_a_consent_there_is_no_connection() {
    let world = World::new().await;
    let (company, mut connection) = world.linked_company("Kern").await;
    let list = format!("{BASE}/companies/{}/connections", company.id);
    for (state, expected) in [
        (State::Linked, Some("CONNECTED")),
        (State::NeedsReauth, Some("ERROR")),
        (State::Faulty, Some("ERROR")),
        (State::Unlinked, Some("DISCONNECTED")),
        (State::PendingAuth, None),
    ] {
        connection.state = state;
        let mut tx = world.engine.store.write().await.unwrap();
        ledgerline_store::connections::update(&mut tx, &connection)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let shown = world.get(&list).await.json();
        let statuses: Vec<_> = shown["connections"].as_array().unwrap().iter().collect();
        match expected {
            Some(expected) => assert_eq!(statuses[0]["status"], expected),
            None => assert!(statuses.is_empty()),
        }
    }
    let one = format!("{list}/{}", connection.id);
    let refused = world.send("PATCH", &one, r#"{"status":"DISCONNECTED"}"#).await;
    assert!(refused.message(404).starts_with("Connection with ID"));
}
