use serde_json::json;

use super::{BASE, text};
use crate::testing::World;

#[tokio::test]
async fn a_customer_is_made_read_replaced_changed_and_deleted() {
    let world = World::new().await;
    let made = world
        .post(
            &format!("{BASE}/customers"),
            r#"{"legal_name":" Bäckerei Kern ","external_customer_id":"CUST-001","currency":"eur",
                "fiscal_year_start_month":4,"website":"","metadata":{"tier":1.10}}"#,
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(made.text.contains(r#""metadata":{"tier":1.10}"#), "{}", made.text);
    let body = made.json();
    let id = text(&body["customer_id"]);
    assert_eq!(id.len(), "sp_cust_".len() + 32);
    assert_eq!(body["legal_name"], "Bäckerei Kern");
    assert_eq!(body["currency"], "EUR");
    assert_eq!(body["website"], serde_json::Value::Null);
    assert_eq!(body["link_connections"], json!([]));
    assert_eq!(body["created_at"], "2027-03-05T12:00:00Z");
    assert_eq!(body["updated_at"], "2027-03-05T12:00:00Z");

    // Both forms of the id find it.
    let path = format!("{BASE}/customers/{id}");
    assert_eq!(world.get(&path).await.json(), body);
    let plain = uuid::Uuid::try_parse(&id["sp_cust_".len()..]).unwrap();
    assert_eq!(world.get(&format!("{BASE}/customers/{plain}")).await.json(), body);

    world.clock.advance(std::time::Duration::from_secs(60));
    let changed = world
        .send("PATCH", &path, r#"{"currency":null,"dba_name":"Kern"}"#)
        .await
        .json();
    assert_eq!(changed["currency"], serde_json::Value::Null);
    assert_eq!(changed["dba_name"], "Kern");
    assert_eq!(changed["external_customer_id"], "CUST-001");
    assert_eq!(changed["updated_at"], "2027-03-05T12:01:00Z");

    let body = format!(r#"{{"customer_id":"{id}","legal_name":"Kern GmbH"}}"#);
    let replaced = world
        .send("PUT", &format!("{BASE}/customers"), &body)
        .await
        .json();
    assert_eq!(replaced["legal_name"], "Kern GmbH");
    assert_eq!(replaced["external_customer_id"], serde_json::Value::Null);
    assert_eq!(replaced["dba_name"], serde_json::Value::Null);

    assert_eq!(world.send("DELETE", &path, "").await.status, 204);
    assert_eq!(world.get(&path).await.detail(404), "Customer not found");
    let mut tx = world.engine.store.read().await.unwrap();
    let audited = ledgerline_store::audit::recent(&mut tx, world.app, 10)
        .await
        .unwrap();
    let mut actions: Vec<&str> = audited.iter().map(|entry| entry.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "customer.created",
            "customer.deleted",
            "customer.updated",
            "customer.updated"
        ]
    );
    assert!(audited[0].actor.starts_with("key sk_test_"));
}

#[tokio::test]
async fn an_external_id_is_one_customers() {
    let world = World::new().await;
    let first = world
        .customer(r#"{"legal_name":"One","external_customer_id":"CUST-001"}"#)
        .await;
    let again = world
        .post(
            &format!("{BASE}/customers"),
            r#"{"legal_name":"Two","external_customer_id":"CUST-001"}"#,
        )
        .await;
    assert_eq!(again.detail(409), "external_customer_id already used");
    assert_eq!(again.json()["customer_id"], first);
    let second = world.customer(r#"{"legal_name":"Two"}"#).await;
    let path = format!("{BASE}/customers/{second}");
    let taken = world
        .send("PATCH", &path, r#"{"external_customer_id":"CUST-001"}"#)
        .await;
    taken.detail(409);
    // It is free once its owner is gone.
    world
        .send("DELETE", &format!("{BASE}/customers/{first}"), "")
        .await;
    let taken = world
        .send("PATCH", &path, r#"{"external_customer_id":"CUST-001"}"#)
        .await;
    assert_eq!(taken.status, 200);
}

#[tokio::test]
async fn the_list_is_paged_in_three_orders() {
    let world = World::new().await;
    for name in ["delta", "Alpha", "charlie", "Bravo", "Écho"] {
        world.customer(&format!(r#"{{"legal_name":"{name}"}}"#)).await;
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    for (order, expected) in [
        ("created_at", ["delta", "Alpha", "charlie", "Bravo", "Écho"]),
        ("-created_at", ["Écho", "Bravo", "charlie", "Alpha", "delta"]),
        ("legal_name", ["Alpha", "Bravo", "charlie", "delta", "Écho"]),
    ] {
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("{BASE}/customers?limit=2&order_by={order}&cursor={cursor}");
            let page = world.get(&path).await.json();
            assert_eq!(page["total"], 5);
            let data = page["data"].as_array().unwrap();
            names.extend(data.iter().map(|customer| text(&customer["legal_name"])));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(names, expected, "{order}");
    }
    let page = world.get(&format!("{BASE}/customers?limit=2")).await.json();
    let cursor = text(&page["next_cursor"]);
    let other = world
        .get(&format!("{BASE}/customers?order_by=-created_at&cursor={cursor}"))
        .await;
    assert!(other.detail(422).starts_with("query.cursor: "));
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let world = World::new().await;
    for body in [
        r#"{"legal_name":"Straße 50%_Café","external_customer_id":"CUST-001","currency":"EUR"}"#,
        r#"{"legal_name":"Kern","external_customer_id":"cust-002","currency":"USD"}"#,
        r#"{"legal_name":"kern Nord"}"#,
    ] {
        world.customer(body).await;
        world.clock.advance(std::time::Duration::from_secs(3600));
    }
    // Made through another dialect, and linked.
    world.linked_company("Codat's").await;
    let (street, kern, nord, codat) = ("Straße 50%_Café", "Kern", "kern Nord", "Codat's");
    for (filter, expected) in [
        (r#"contains_any("link_connections", "all")"#, vec![codat]),
        (r#"contains_any("link_connections", "abacus")"#, vec![codat]),
        (r#"contains_any("link_connections", "xero")"#, vec![]),
        (
            r#"contains_any("link_connections", ["xero","abacus"])"#,
            vec![codat],
        ),
        (
            r#"contains_all("link_connections", ["all","abacus"])"#,
            vec![codat],
        ),
        (r#"contains_all("link_connections", ["xero","abacus"])"#, vec![]),
        (
            r#"contains_none("link_connections", "all")"#,
            vec![street, kern, nord],
        ),
        (r#"is_not_null("link_connections")"#, vec![codat]),
        (r#"eq("link_connections.status", "active")"#, vec![codat]),
        (
            r#"ne("link_connections.status", "active")"#,
            vec![street, kern, nord],
        ),
        (r#"contains_any("link_connections.status", ["pending"])"#, vec![]),
        (r#"starts_with("link_connections.platform", "ABA")"#, vec![codat]),
        (
            r#"is_null("link_connections.last_sync_at")"#,
            vec![street, kern, nord, codat],
        ),
        (r#"eq("legal_name", "Kern")"#, vec![kern]),
        (r#"eq("legal_name", "kern")"#, vec![]),
        (r#"contains("legal_name", "KERN")"#, vec![kern, nord]),
        (r#"contains("legal_name", "strasse")"#, vec![street]),
        (r#"contains("legal_name", "%_")"#, vec![street]),
        (r#"contains("legal_name", "K%n")"#, vec![]),
        (r#"starts_with("legal_name", "KERN N")"#, vec![nord]),
        (
            r#"starts_with("external_customer_id", "CUST-00")"#,
            vec![street, kern],
        ),
        (r#"eq("currency", "EUR")"#, vec![street]),
        (r#"ne("currency", "EUR")"#, vec![kern, nord, codat]),
        (r#"not(eq("currency", "EUR"))"#, vec![kern, nord, codat]),
        (r#"in("currency", ["EUR","USD"])"#, vec![street, kern]),
        (r#"in("currency", [])"#, vec![]),
        (r#"eq("currency", null)"#, vec![nord, codat]),
        (r#"is_null("external_customer_id")"#, vec![nord, codat]),
        (r#"gt("legal_name", "Kern")"#, vec![street, nord]),
        (r#"gte("created_at", "2027-03-05T14:00:00Z")"#, vec![nord, codat]),
        (
            r#"between("created_at", "2027-03-05T13:00:00Z", "2027-03-05T16:00:00+02:00")"#,
            vec![kern, nord],
        ),
        (
            r#"and(contains("legal_name","kern"),ne("currency","USD"))"#,
            vec![nord],
        ),
        (
            r#"or(eq("currency","EUR"),eq("currency","USD"))"#,
            vec![street, kern],
        ),
        (r#"eq("legal_name", "'; drop table company; --")"#, vec![]),
    ] {
        assert_eq!(world.named(filter).await, expected, "{filter}");
    }
    let all = world.get(&format!("{BASE}/customers")).await.json();
    let id = text(&all["data"][1]["customer_id"]);
    assert_eq!(
        world.named(&format!(r#"eq("customer_id", "{id}")"#)).await,
        [kern]
    );
}
