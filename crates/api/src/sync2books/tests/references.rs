use ledgerline_model::DataType;
use serde_json::json;

use super::BASE;
use crate::testing::World;

const ACCOUNTS: [(&str, &str); 3] = [
    (
        "60",
        r#"{"id":"60","nominalCode":"429","name":"Office","type":"Expense","status":"Active","isBankAccount":false,
            "fullyQualifiedCategory":"Expense.Overhead.Supplies","fullyQualifiedName":"Costs:Office"}"#,
    ),
    (
        "61",
        r#"{"id":"61","name":"Old office","type":"Expense","status":"Archived","isBankAccount":false}"#,
    ),
    (
        "62",
        r#"{"id":"62","type":"Unknown","status":"Pending","isBankAccount":false}"#,
    ),
];

#[tokio::test]
async fn lists_are_what_was_read_without_what_is_deleted() {
    let world = World::new().await;
    let (_, connection) = world.linked_company("Kern").await;
    let base = format!("{BASE}/connections/{}", connection.id);
    world
        .publish(&connection, DataType::ChartOfAccounts, &ACCOUNTS)
        .await;
    world
        .change(&connection, DataType::ChartOfAccounts, &[], &["62"])
        .await;
    let shown = world.get(&format!("{base}/accounts")).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(
        shown.json(),
        json!({
            "accounts": [
                { "id": "60", "name": "Office", "type": "Expense", "subType": "Supplies", "status": "Active",
                  "fullyQualifiedName": "Costs:Office" },
                { "id": "61", "name": "Old office", "type": "Expense", "status": "Inactive",
                  "fullyQualifiedName": "Old office" },
            ],
            "pagination": { "page": 1, "limit": 5000, "total": 2, "totalPages": 1 },
        })
    );
    let second = world.get(&format!("{base}/accounts?limit=1&page=2")).await.json();
    assert_eq!(second["accounts"][0]["id"], "61");
    assert_eq!(second["pagination"]["totalPages"], 2);
    let found = world.get(&format!("{base}/accounts?query=OLD")).await.json();
    assert_eq!(found["pagination"]["total"], 1);

    let rates = [
        (
            "T2",
            r#"{"id":"T2","name":"Sales","effectiveTaxRate":10.0,"totalTaxRate":9.5,"status":"Active","components":[]}"#,
        ),
        (
            "T3",
            r#"{"id":"T3","name":"None","totalTaxRate":0,"status":"Active","components":[]}"#,
        ),
    ];
    world.publish(&connection, DataType::TaxRates, &rates).await;
    let shown = world.get(&format!("{base}/tax-rates")).await;
    // Digit for digit.
    assert!(
        shown.text.starts_with(
            r#"{"taxRates":[{"id":"T2","name":"Sales","rate":10.0,"status":"Active"},{"id":"T3","name":"None","rate":0,"status":"Active"}],"#
        ),
        "{}",
        shown.text
    );
    for (data_type, list, name) in [
        (DataType::Suppliers, "suppliers", "supplierName"),
        (DataType::Customers, "customers", "customerName"),
    ] {
        let record = format!(r#"{{"id":"c1","{name}":"Müller","status":"Active","addresses":[]}}"#);
        world.publish(&connection, data_type, &[("c1", &record)]).await;
        let shown = world.get(&format!("{base}/{list}?query=m%C3%BCll")).await.json();
        assert_eq!(
            shown[list],
            json!([{ "id": "c1", "name": "Müller", "status": "Active" }])
        );
    }
    let categories = [
        (
            "r",
            r#"{"id":"r","name":"Region","status":"Active","hasChildren":true}"#,
        ),
        (
            "n",
            r#"{"id":"n","name":"North","status":"Active","parentId":"r","hasChildren":false}"#,
        ),
        (
            "s",
            r#"{"id":"s","name":"South","status":"Archived","parentId":"r","hasChildren":false}"#,
        ),
        (
            "c",
            r#"{"id":"c","name":"Class","status":"Active","hasChildren":false}"#,
        ),
    ];
    world
        .publish(&connection, DataType::TrackingCategories, &categories)
        .await;
    let shown = world.get(&format!("{base}/tracking-categories")).await.json();
    assert_eq!(
        shown["trackingCategories"],
        json!([
            { "id": "c", "name": "Class", "options": [] },
            { "id": "r", "name": "Region", "options": [{ "id": "n", "name": "North" }] },
        ])
    );
    let found = world
        .get(&format!("{base}/tracking-categories?query=reg&limit=1"))
        .await
        .json();
    assert_eq!(found["pagination"]["total"], 1);
}

#[tokio::test]
async fn a_list_that_was_never_read_is_not_an_empty_one() {
    let world = World::new().await;
    let (_, connection) = world.linked_company("Kern").await;
    let base = format!("{BASE}/connections/{}", connection.id);
    assert_eq!(
        world.get(&format!("{base}/accounts")).await.message(409),
        "chartOfAccounts of this connection have not been read yet: try again shortly"
    );
    for (query, expected) in [
        ("limit=5001", "limit must be a whole number from 1 to 5000"),
        ("page=0", "page must be a whole number from 1 to 4294967295"),
        ("page=x", "page must be"),
    ] {
        let refused = world.get(&format!("{base}/accounts?{query}")).await.message(400);
        assert!(refused.starts_with(expected), "{refused}");
    }
}
